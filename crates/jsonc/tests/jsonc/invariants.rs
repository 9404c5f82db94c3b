//! What no edit may change, read from the text without the crate's own parser.

use drawbridge_jsonc::parse;
use drawbridge_text::split_bom;

/// Every comment of `text` with what stands before it on its line, strings skipped.
pub(crate) fn comments(text: &str) -> Vec<(&str, &str)> {
    let bytes = text.as_bytes();
    let (mut found, mut line_start, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        let start = at;
        match (bytes[at], bytes.get(at + 1)) {
            (b'"', _) => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            (b'/', Some(b'/')) => {
                while at < bytes.len() && bytes[at] != b'\n' && bytes[at] != b'\r' {
                    at += 1;
                }
            }
            (b'/', Some(b'*')) => {
                at += 2;
                while at + 1 < bytes.len() && (bytes[at], bytes[at + 1]) != (b'*', b'/') {
                    at += 1;
                }
                at += 2;
            }
            (b'\n' | b'\r', _) => {
                at += 1;
                line_start = at;
            }
            _ => at += 1,
        }
        at = at.min(bytes.len());
        if bytes[start] == b'/' {
            found.push((&text[start..at], &text[line_start..start]));
        }
    }
    found
}

/// What the line `lead` ends with, commas aside.
fn last_token(lead: &str) -> &str {
    let lead = lead.trim_end_matches([' ', '\t', ',']);
    if lead.ends_with([']', '}']) {
        return &lead[lead.len() - 1..];
    }
    lead.rsplit(['[', '{', ':', ',', ' ', '\t']).next().unwrap_or_default()
}

/// The bytes of every comment, sorted.
fn bytes_of_comments(text: &str) -> Vec<&str> {
    let mut comments: Vec<&str> = comments(text).into_iter().map(|(comment, _)| comment).collect();
    comments.sort_unstable();
    comments
}

fn newline_kinds(text: &str) -> (bool, bool, bool) {
    let crlf = text.contains("\r\n");
    let rest = text.replace("\r\n", "");
    (rest.contains('\n'), crlf, rest.contains('\r'))
}

/// Indentation characters of the lines that are not inside a block comment.
fn indents(text: &str) -> Vec<String> {
    let mut code = text.to_owned();
    for (comment, _) in comments(text) {
        if comment.starts_with("/*") {
            code = code.replacen(comment, "comment", 1);
        }
    }
    let lines = code.split(['\n', '\r']);
    lines.map(|line| line[..line.len() - line.trim_start_matches([' ', '\t']).len()].to_owned()).collect()
}

/// What every successful edit must leave as it was, whatever the document.
#[track_caller]
pub(crate) fn check_bytes(before: &str, after: &str) {
    let context = format!("\n--- before\n{before}\n--- after\n{after}\n---");
    let parsed = parse(after);
    assert!(parsed.is_clean(), "not clean{context}");
    // Then first-key and last-key readers agree wherever they agreed before.
    let duplicates = parsed.duplicates.len();
    assert!(duplicates == 0 || duplicates <= parse(before).duplicates.len(), "duplicates{context}");
    assert_eq!(bytes_of_comments(before), bytes_of_comments(after), "comments{context}");
    assert_eq!(split_bom(before).0, split_bom(after).0, "byte order mark{context}");
    assert_eq!(before.ends_with(['\n', '\r']), after.ends_with(['\n', '\r']), "final newline{context}");
    let (old, new) = (newline_kinds(before), newline_kinds(after));
    if old != (false, false, false) {
        let kept = (!new.0 || old.0) && (!new.1 || old.1) && (!new.2 || old.2);
        assert!(kept, "a new kind of line ending{context}");
    }
}

/// The same, and the indentation of documents that are indented in one way.
#[track_caller]
pub(crate) fn check(before: &str, after: &str) {
    check_bytes(before, after);
    let has = |indents: &[String], char| indents.iter().any(|indent| indent.contains(char));
    let (old, new) = (indents(before), indents(after));
    for (char, other) in [(' ', '\t'), ('\t', ' ')] {
        let foreign = !has(&old, char) && has(&new, char) && (char == '\t' || has(&old, other));
        assert!(!foreign, "indented by {char:?}\n--- before\n{before}\n--- after\n{after}\n---");
    }
}

/// What an edit that only adds must leave as it was besides: each comment on the line of the
/// value that it is about.
#[track_caller]
pub(crate) fn check_addition(before: &str, after: &str) {
    let tokens = |text| -> Vec<(&str, &str)> {
        comments(text).into_iter().map(|(comment, lead)| (comment, last_token(lead))).collect()
    };
    assert_eq!(tokens(before), tokens(after), "\n--- before\n{before}\n--- after\n{after}\n---");
}
