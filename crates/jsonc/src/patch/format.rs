//! How new text looks: like what is around it.

use serde_json::Value;

use super::trivia::token_len;

/// Longest array of scalars that is written on one line, in bytes.
const ONE_LINE: usize = 80;

/// The layout at one value.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Spaces at the start of the line on which the value starts.
    pub(super) indent: String,
    /// What one level adds.
    pub(super) unit: String,
    /// The line ending.
    pub(super) newline: String,
    /// Whether the value shares its line with what is before it, so that it must not grow lines.
    pub(super) inline: bool,
}

impl Layout {
    /// The layout one level deeper, each value on its own line.
    pub(super) fn deeper(&self) -> Self {
        Self { indent: format!("{}{}", self.indent, self.unit), inline: false, ..self.clone() }
    }

    /// A line ending and the indentation of the next line.
    pub(super) fn line(&self) -> String {
        format!("{}{}", self.newline, self.indent)
    }

    /// `value` as text that starts at this layout.
    pub(super) fn format(&self, value: &Value) -> String {
        match value {
            Value::Array(elements) if !elements.is_empty() => {
                let flat = elements.iter().all(|element| !element.is_array() && !element.is_object());
                if self.inline || flat {
                    let line = one_line(value);
                    if self.inline || self.indent.len() + line.len() <= ONE_LINE {
                        return line;
                    }
                }
                let inner = self.deeper();
                self.lines('[', ']', elements.iter().map(|element| inner.format(element)))
            }
            Value::Object(members) if !members.is_empty() && !self.inline => {
                let inner = self.deeper();
                let member =
                    |(key, value): (&String, &Value)| format!("{}: {}", quote(key), inner.format(value));
                self.lines('{', '}', members.iter().map(member))
            }
            _ => one_line(value),
        }
    }

    fn lines(&self, open: char, close: char, items: impl Iterator<Item = String>) -> String {
        let before = self.deeper().line();
        let items: Vec<String> = items.map(|item| format!("{before}{item}")).collect();
        format!("{open}{}{}{close}", items.join(","), self.line())
    }

    /// Code from another place, its lines moved from indentation `from` to this one. Lines inside
    /// comments keep their bytes.
    pub(super) fn reindent(&self, code: &str, from: &str) -> String {
        let mut out = String::with_capacity(code.len());
        let mut rest = code;
        while let Some(at) = rest.find(['"', '/', '\n', '\r']) {
            let bytes = &rest.as_bytes()[at..];
            let newline = matches!(bytes[0], b'\n' | b'\r');
            let len = match bytes {
                [b'\r', b'\n', ..] => 2,
                _ if newline => 1,
                _ => token_len(bytes),
            };
            out.push_str(&rest[..at + len]);
            rest = &rest[at + len..];
            if newline && let Some(line) = rest.strip_prefix(from) {
                if !line.starts_with(['\n', '\r']) {
                    out.push_str(&self.indent);
                }
                rest = line;
            }
        }
        out + rest
    }
}

/// A string with its quotes.
pub(super) fn quote(text: &str) -> String {
    Value::from(text).to_string()
}

fn one_line(value: &Value) -> String {
    match value {
        Value::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(one_line).collect();
            format!("[{}]", elements.join(", "))
        }
        Value::Object(members) if !members.is_empty() => {
            let members: Vec<String> =
                members.iter().map(|(key, value)| format!("{}: {}", quote(key), one_line(value))).collect();
            format!("{{ {} }}", members.join(", "))
        }
        _ => value.to_string(),
    }
}
