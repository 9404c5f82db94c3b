//! The group that may change handed-over stores: a membership goes by the user's name, so it outlives the change
//! of the user's number with which the Dev Containers CLI ends a build.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use crate::file;

/// The group's name.
const NAME: &str = "drawbridge";
const FILE: &str = "/etc/group";
/// Numbers for groups of the system that a distribution's own tools give last.
const NUMBERS: std::ops::Range<u32> = 600..900;

/// Makes the group when it is missing and `user` a member of it; its number.
///
/// # Errors
///
/// `/etc/group` cannot be read or written, or has no free number.
pub fn admit(user: &str) -> io::Result<u32> {
    let path = Path::new(FILE);
    let text = String::from_utf8(file::read(path)?).map_err(io::Error::other)?;
    let (text, number) = with_member(&text, user).ok_or_else(|| io::Error::other("no free number"))?;
    file::replace(path, text.as_bytes(), 0o644)?;
    Ok(number)
}

fn with_member(text: &str, user: &str) -> Option<(String, u32)> {
    let number_of = |line: &str| line.split(':').nth(2)?.parse::<u32>().ok();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let known = lines.iter_mut().find(|line| line.split(':').next() == Some(NAME));
    let number = if let Some(line) = known {
        let members = line.rsplit(':').next().unwrap_or_default();
        if !members.split(',').any(|member| member == user) {
            let comma = if members.is_empty() { "" } else { "," };
            *line = format!("{line}{comma}{user}");
        }
        number_of(line)?
    } else {
        let taken: BTreeSet<u32> = text.lines().filter_map(number_of).collect();
        let number = NUMBERS.into_iter().find(|number| !taken.contains(number))?;
        lines.push(format!("{NAME}:x:{number}:{user}"));
        number
    };
    Some((lines.join("\n") + "\n", number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_added_once() {
        let (text, number) = with_member("root:x:0:\nother:x:600:\n", "me").unwrap();
        assert_eq!((text.as_str(), number), ("root:x:0:\nother:x:600:\ndrawbridge:x:601:me\n", 601));
        assert_eq!(with_member(&text, "me").unwrap(), (text.clone(), 601));
        let (text, _) = with_member(&text, "you").unwrap();
        assert!(text.ends_with("drawbridge:x:601:me,you\n"), "{text}");
    }
}
