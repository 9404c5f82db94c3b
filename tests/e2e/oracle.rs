//! The conversion oracle: protecting changes nothing about the container but its network.
//!
//! Each configuration is brought up by the official CLI, inspected and removed; then protected, brought
//! up by the official CLI again, and inspected again. `expected` lists what must differ, with the
//! reason; any other difference fails. `rows` lists what the configurations have to cover.
//! `DRAWBRIDGE_TEST_ORACLE=word` runs only the cases whose name has the word.

mod case;
mod check;
mod compare;
mod compose;
mod corpus;
mod dockerfiles;
mod expected;
mod facts;
mod images;
mod labels;
mod mounts;
mod rows;
mod run_args;
mod run_files;
mod siblings;
mod workers;

use std::collections::BTreeSet;

use case::Case;
use drawbridge_tests::Bed;

/// How many configurations run at the same time.
const WORKERS: usize = 2;

fn cases() -> Vec<&'static Case> {
    let tables = [
        images::CASES,
        mounts::CASES,
        run_args::CASES,
        run_files::CASES,
        dockerfiles::CASES,
        labels::CASES,
        compose::CASES,
        siblings::CASES,
    ];
    tables.into_iter().flatten().collect()
}

#[test]
fn the_same_container_before_and_after() {
    run(cases());
}

fn run(cases: Vec<&Case>) {
    let Some(bed) = Bed::get() else { return };
    let wanted = std::env::var("DRAWBRIDGE_TEST_ORACLE").unwrap_or_default();
    let cases: Vec<&Case> = cases.into_iter().filter(|case| case.name.contains(&wanted)).collect();
    // Built once, before the workers ask for it.
    bed.drawbridge();
    let failed = workers::each(WORKERS, &cases, |case| case.name.to_owned(), |case| check::check(bed, case));
    assert!(failed.is_empty(), "{} of {} cases:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

#[test]
fn every_row_has_a_case() {
    let cases = cases();
    assert!(cases.len() >= 60, "only {} cases", cases.len());
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), cases.len(), "two cases have the same name");
    let covered = |needle: &str| cases.iter().any(|case| case.texts().any(|text| text.contains(needle)));
    let missing: Vec<&&str> =
        rows::ROWS.iter().flat_map(|(_, needles)| *needles).filter(|needle| !covered(needle)).collect();
    assert!(missing.is_empty(), "no configuration has {missing:?}");
    for (needle, why) in rows::WITHOUT {
        assert!(!covered(needle), "`{needle}` has a case, and is listed without one: {why}");
    }
}
