//! A Dockerfile as instructions with their places. Builds are not evaluated.

use drawbridge_text::Span;

/// One instruction with its continuation lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instruction {
    /// In upper case.
    pub(crate) keyword: String,
    /// The rest, continuation lines joined by a space.
    pub(crate) rest: String,
    /// The first line.
    pub(crate) span: Span,
}

/// Reads every instruction in order; comments and parser directives are left out.
pub(crate) fn instructions(text: &str) -> Vec<Instruction> {
    let mut found: Vec<Instruction> = Vec::new();
    let mut open = false;
    let mut start = 0;
    for raw in text.split_inclusive('\n') {
        let line = raw.trim();
        let first = start + (raw.len() - raw.trim_start().len());
        start += raw.len();
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        let (body, goes_on) = match line.strip_suffix('\\') {
            Some(body) => (body.trim_end(), true),
            None => (line, false),
        };
        if let Some(last) = found.last_mut().filter(|_| open) {
            last.rest.push(' ');
            last.rest.push_str(body);
        } else {
            let (keyword, rest) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
            found.push(Instruction {
                keyword: keyword.to_ascii_uppercase(),
                rest: rest.trim().to_owned(),
                span: Span::new(first, first + line.len()),
            });
        }
        open = goes_on;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_lines() {
        let found = instructions("# syntax\nFROM a AS b\nrun x \\\n  # c\n  && y\nUSER me\n");
        let words: Vec<(&str, &str)> = found.iter().map(|i| (i.keyword.as_str(), i.rest.as_str())).collect();
        assert_eq!(words, [("FROM", "a AS b"), ("RUN", "x && y"), ("USER", "me")]);
    }
}
