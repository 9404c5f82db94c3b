//! Makes text of other people safe for a terminal and for logs.

use std::borrow::Cow;

/// Shows characters that move the cursor, change colours or reorder text as `\u{…}`.
///
/// Hosts, paths, process names and lines of a workspace's files go through here.
pub fn foreign(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// As [`foreign`], for a line of a file: tabs stay.
pub fn line(text: &str) -> String {
    text.split('\t').map(foreign).collect::<Vec<_>>().join("\t")
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(foreign("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(foreign("x\r\ny\u{9b}0m"), "x\\u{d}\\u{a}y\\u{9b}0m");
        assert_eq!(foreign("moc.\u{202e}live"), "moc.\\u{202e}live");
        assert_eq!(line("\ta\u{7}"), "\ta\\u{7}");
    }

    #[test]
    fn ordinary_text_is_untouched() {
        assert!(matches!(foreign("späte.example 日本"), Cow::Borrowed(_)));
    }
}
