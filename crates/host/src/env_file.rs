//! The `.env` beside the first Compose file: addresses and a project name of this machine.
//!
//! Only our own keys are written; every other byte stays. The file is read as Compose reads it, as
//! far as our keys need that.

use drawbridge_text::{BOM, newline_of};

/// Written above our first key.
const COMMENT: &str = "# drawbridge: free on this machine; written by `drawbridge up`";

/// The value of `key`; the last one wins, as in Compose.
pub fn get(text: &str, key: &str) -> Option<String> {
    text.lines().filter_map(|line| assignment(line, key)).next_back()
}

/// Sets the keys and keeps everything else, byte for byte.
#[must_use]
pub fn merge(text: &str, wanted: &[(String, String)]) -> String {
    let newline = newline_of(text).as_str();
    let mut merged = String::with_capacity(text.len() + 256);
    let mut missing: Vec<&(String, String)> = wanted.iter().collect();
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        match wanted.iter().find(|(key, _)| assignment(content, key).is_some()) {
            Some((key, value)) => {
                missing.retain(|(name, _)| name != key);
                if content.starts_with(BOM) {
                    merged.push(BOM);
                }
                merged.extend([key, "=", value]);
                merged.push_str(&line[content.len()..]);
            }
            None => merged.push_str(line),
        }
    }
    if missing.is_empty() {
        return merged;
    }
    if !merged.is_empty() && !merged.ends_with('\n') {
        merged.push_str(newline);
    }
    if !merged.contains(COMMENT) {
        merged.push_str(COMMENT);
        merged.push_str(newline);
    }
    for (key, value) in missing {
        merged.extend([key, "=", value, newline]);
    }
    merged
}

/// The value when `line` sets `key`.
fn assignment(line: &str, key: &str) -> Option<String> {
    let line = line.trim_start_matches(BOM).trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    if name.trim() != key {
        return None;
    }
    let value = value.trim();
    let quoted = ['"', '\''].iter().find_map(|quote| {
        let rest = value.strip_prefix(*quote)?;
        Some(rest.split(*quote).next().unwrap_or_default().to_owned())
    });
    Some(quoted.unwrap_or_else(|| value.split(" #").next().unwrap_or_default().trim_end().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn foreign_lines_keep_every_byte() {
        let text = "\u{feff}# mine\r\nPORT = 80 # web\r\nexport DRAWBRIDGE_IP='1'\r\nA=\"x=y\"";
        let merged = merge(text, &pairs(&[("DRAWBRIDGE_IP", "2"), ("DRAWBRIDGE_RANGE", "r")]));
        assert_eq!(
            merged,
            format!(
                "\u{feff}# mine\r\nPORT = 80 # web\r\nDRAWBRIDGE_IP=2\r\nA=\"x=y\"\r\n{COMMENT}\r\nDRAWBRIDGE_RANGE=r\r\n"
            )
        );
    }

    #[test]
    fn merging_again_changes_nothing() {
        let wanted = pairs(&[("DRAWBRIDGE_IP", "2"), ("DRAWBRIDGE_RANGE", "r")]);
        let once = merge("A=1\n", &wanted);
        assert_eq!(merge(&once, &wanted), once);
        let other = merge(&once, &pairs(&[("DRAWBRIDGE_PROJECT", "p")]));
        assert_eq!(other.matches(COMMENT).count(), 1);
    }

    #[test]
    fn values_are_read_as_compose_reads_them() {
        let text = "A=1\n#A=2\nB = \"x # y\" # z\nC=c # d\nA=3\nAB=4\n";
        let read = |key| get(text, key);
        assert_eq!(read("A").as_deref(), Some("3"));
        assert_eq!(read("B").as_deref(), Some("x # y"));
        assert_eq!(read("C").as_deref(), Some("c"));
        assert_eq!(read("D"), None);
    }
}
