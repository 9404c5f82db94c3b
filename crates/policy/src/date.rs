//! Dates of the proleptic Gregorian calendar and unix seconds.

const DAY: i64 = 86_400;

/// The last moment that is accepted, in the year 9999.
pub(crate) const MAX: i64 = 253_402_300_800;

/// The first second after the day that `text` (`YYYY-MM-DD`, UTC) names; years 1970 to 9999.
pub(crate) fn end_of_day(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |range: std::ops::Range<usize>| {
        let digits = text.get(range)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<i64>().ok())?
    };
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    if year < 1970 || !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    Some((days_from_civil(year, month, day) + 1) * DAY)
}

/// `YYYY-MM-DD` when `until` ends a day (then the last day it includes), else with the time.
pub(crate) fn format(until: i64) -> String {
    let whole_day = until.rem_euclid(DAY) == 0;
    let last = if whole_day { until.saturating_sub(1) } else { until };
    let (year, month, day) = civil_from_days(last.div_euclid(DAY));
    if whole_day {
        return format!("{year:04}-{month:02}-{day:02}");
    }
    let second = until.rem_euclid(DAY);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", second / 3600, second / 60 % 60)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01. Counts years from March, so that the leap day is the last of its year.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days.saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_includes_its_whole_day() {
        assert_eq!(end_of_day("1970-01-01"), Some(DAY));
        assert_eq!(end_of_day("2027-01-31"), Some(1_801_440_000));
        assert_eq!(format(1_801_440_000), "2027-01-31");
        assert_eq!(format(1_801_440_000 + 3_660), "2027-02-01 01:01 UTC");
    }

    #[test]
    fn every_day_of_four_centuries_survives_the_way_back() {
        for day in 0..146_097 {
            let (year, month, day_of_month) = civil_from_days(day);
            let text = format!("{year:04}-{month:02}-{day_of_month:02}");
            assert_eq!(end_of_day(&text), Some((day + 1) * DAY), "{text}");
            assert_eq!(format((day + 1) * DAY), text);
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2027-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-1-1",
            "2027-01-32",
            "27-01-01",
            "2027/01/01",
            "+027-01-01",
            "2027-01-01T00:00",
            "1969-12-31",
            "２０２７-01-01",
        ] {
            assert_eq!(end_of_day(text), None, "{text}");
        }
    }
}
