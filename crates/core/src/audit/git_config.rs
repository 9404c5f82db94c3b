//! A git configuration file as far as the audit needs it: keys, values and their lines.
//!
//! Lenient where git is strict: a file that git refuses runs nothing.

use drawbridge_text::Span;

/// One `key = value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GitEntry {
    /// `core.fsmonitor`, `diff.NAME.textconv`; section and name in lower case.
    pub(crate) key: String,
    /// Without quotes and comments; `true` for a bare name.
    pub(crate) value: String,
    /// The line.
    pub(crate) span: Span,
}

/// Reads every entry in order.
pub(crate) fn entries(text: &str) -> Vec<GitEntry> {
    let mut found = Vec::new();
    let mut section = String::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let span = Span::new(start, start + line.trim_end().len());
        start += line.len();
        let mut line = line.trim();
        if let Some((head, rest)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            section = section_name(head);
            line = rest.trim();
        }
        if line.is_empty() || line.starts_with(['#', ';']) || section.is_empty() {
            continue;
        }
        let (name, value) = line.split_once('=').unwrap_or((line, "true"));
        let key = format!("{section}.{}", name.trim().to_ascii_lowercase());
        found.push(GitEntry { key, value: plain(value), span });
    }
    found
}

fn section_name(head: &str) -> String {
    match head.split_once('"') {
        Some((section, name)) => {
            let name = name.trim_end().trim_end_matches('"').replace("\\\"", "\"").replace("\\\\", "\\");
            format!("{}.{name}", section.trim().to_ascii_lowercase())
        }
        None => head.trim().to_ascii_lowercase(),
    }
}

/// The value without quotes and without a comment behind it.
fn plain(value: &str) -> String {
    let mut text = String::new();
    let mut quoted = false;
    let mut chars = value.trim().chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' => text.extend(chars.next()),
            '#' | ';' if !quoted => break,
            _ => text.push(c),
        }
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_git_reads() {
        let text = "[core]\n\tfsmonitor = \"./x #1\" ; c\n\tbare\n[diff \"a.B\"] textconv=run\n# c\n[Alias]\nST = !sh\n";
        let found: Vec<(String, String)> =
            entries(text).into_iter().map(|found| (found.key, found.value)).collect();
        let want = [
            ("core.fsmonitor", "./x #1"),
            ("core.bare", "true"),
            ("diff.a.B.textconv", "run"),
            ("alias.st", "!sh"),
        ];
        assert_eq!(found, want.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
}
