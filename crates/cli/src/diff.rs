//! Unified diffs of planned changes.

use std::fmt::Write;

use drawbridge_core::protect::Change;
use similar::{ChangeTag, TextDiff};

use crate::escape;
use crate::session::Paint;

/// Lines around a change.
const CONTEXT: usize = 3;

/// The unified diff of one file.
pub(crate) fn unified(change: &Change, paint: Paint) -> String {
    let before = change.before.as_deref().unwrap_or_default();
    let after = change.after.as_deref().unwrap_or_default();
    let path = escape::foreign(change.path.as_str()).into_owned();
    let name = |side: char, text: &Option<String>| match text {
        Some(_) => format!("{side}/{path}"),
        None => "/dev/null".to_owned(),
    };
    let mut text = String::new();
    let _ = writeln!(text, "{}", paint.bold(&format!("--- {}", name('a', &change.before))));
    let _ = writeln!(text, "{}", paint.bold(&format!("+++ {}", name('b', &change.after))));
    let diff = TextDiff::from_lines(before, after);
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        let _ = writeln!(text, "{}", paint.cyan(&hunk.header().to_string()));
        for line in hunk.iter_changes() {
            let shown = escape::line(line.value().trim_end_matches(['\n', '\r']));
            let _ = match line.tag() {
                ChangeTag::Equal => writeln!(text, " {shown}"),
                ChangeTag::Delete => writeln!(text, "{}", paint.red(&format!("-{shown}"))),
                ChangeTag::Insert => writeln!(text, "{}", paint.green(&format!("+{shown}"))),
            };
        }
    }
    text
}

/// Added and removed lines.
pub(crate) fn counts(change: &Change) -> (usize, usize) {
    let before = change.before.as_deref().unwrap_or_default();
    let after = change.after.as_deref().unwrap_or_default();
    let diff = TextDiff::from_lines(before, after);
    let count = |tag| diff.iter_all_changes().filter(|line| line.tag() == tag).count();
    (count(ChangeTag::Insert), count(ChangeTag::Delete))
}

#[cfg(test)]
mod tests {
    use drawbridge_core::project::RelPath;

    use super::*;

    fn change(before: Option<&str>, after: Option<&str>) -> Change {
        let path = RelPath::new(".devcontainer/devcontainer.json").unwrap();
        Change { path, before: before.map(str::to_owned), after: after.map(str::to_owned) }
    }

    #[test]
    fn shows_what_changes_and_escapes_it() {
        let change = change(Some("{\n  \"a\": 1\n}\n"), Some("{\n  \"a\": \"\u{1b}[2J\"\n}\n"));
        insta::assert_snapshot!(unified(&change, Paint::plain()), @r#"
        --- a/.devcontainer/devcontainer.json
        +++ b/.devcontainer/devcontainer.json
        @@ -1,3 +1,3 @@
         {
        -  "a": 1
        +  "a": "\u{1b}[2J"
         }
        "#);
        assert_eq!(counts(&change), (1, 1));
    }

    #[test]
    fn a_new_file_comes_from_nowhere() {
        insta::assert_snapshot!(unified(&change(None, Some("x: 1\n")), Paint::plain()), @r"
        --- /dev/null
        +++ b/.devcontainer/devcontainer.json
        @@ -0,0 +1 @@
        +x: 1
        ");
    }
}
