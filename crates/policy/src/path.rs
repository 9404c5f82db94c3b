//! One spelling of a request path, and every way an upstream might read it.
//!
//! A path rule is only as good as the agreement between the sidecar and the upstream on what the
//! path is. So a path is canonicalised once and the canonical form is what the sidecar sends. Where
//! servers still differ (is `%2F` a slash? does `;x` belong to the name?) the path keeps its bytes and
//! gets several [readings](CanonicalPath::readings): an allow rule must match all of them, a deny
//! rule one.

use std::borrow::Cow;

/// Longest accepted path in bytes.
pub const MAX_PATH: usize = 4096;

/// A path without dot segments, doubled slashes, encoded unreserved characters or raw odd bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalPath<'a> {
    wire: Cow<'a, str>,
    others: Vec<String>,
}

/// Why a path has no single canonical form. The answer to a client is 400 or 403.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// It does not start with `/`.
    #[error("the path does not start with `/`")]
    NotAbsolute,
    /// More than [`MAX_PATH`] bytes.
    #[error("the path is longer than 4096 bytes")]
    TooLong,
    /// A control character, a space, a raw non-ASCII byte, `?` or `#`; raw or encoded.
    #[error("the path holds a byte that does not belong in a path")]
    BadByte,
    /// `\`, raw or encoded: some servers read a slash.
    #[error("the path holds a backslash")]
    Backslash,
    /// `%` without two hexadecimal digits.
    #[error("the path holds a `%` that encodes nothing")]
    BadEscape,
    /// `%25` in front of two hexadecimal digits: what it means depends on how often it is decoded.
    #[error("the path is encoded twice")]
    DoubleEncoding,
    /// The encoded bytes are not UTF-8, for example an overlong `/`.
    #[error("the path's encoded bytes are not UTF-8")]
    NotUtf8,
    /// `..` steps above the root.
    #[error("the path steps above the root")]
    AboveRoot,
    /// `..;x`, `..%2F` and the like: a dot segment for some servers only.
    #[error("the path has a dot segment that only some servers see")]
    HiddenDots,
}

impl CanonicalPath<'_> {
    /// What goes to the upstream.
    pub fn as_str(&self) -> &str {
        &self.wire
    }

    /// The path as sent, and with `%2F` as slash, without `;parameters`, with encoded delimiters
    /// decoded, in every combination that makes a difference.
    pub fn readings(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.wire).chain(self.others.iter().map(String::as_str))
    }
}

/// Canonicalises `raw`, the path of a request target without its query.
///
/// Allocates nothing for the common path, which is canonical already.
pub fn canonical(raw: &str) -> Result<CanonicalPath<'_>, PathError> {
    if raw.len() > MAX_PATH {
        return Err(PathError::TooLong);
    }
    if !raw.starts_with('/') {
        return Err(PathError::NotAbsolute);
    }
    if is_plain(raw) {
        return Ok(CanonicalPath { wire: Cow::Borrowed(raw), others: Vec::new() });
    }
    let decoded = decode_unreserved(raw)?;
    let wire = resolve(&decoded)?;
    // Raw characters that are sent encoded take three bytes each.
    if wire.len() > MAX_PATH {
        return Err(PathError::TooLong);
    }
    let others = other_readings(&wire)?;
    Ok(CanonicalPath { wire: Cow::Owned(wire), others })
}

fn is_plain(raw: &str) -> bool {
    raw.bytes().all(|byte| is_segment_byte(byte) || byte == b'/')
        && !raw.contains("//")
        && !raw.split('/').any(is_dots)
}

/// `pchar` of RFC 3986 without `%` and `;`.
fn is_segment_byte(byte: u8) -> bool {
    is_unreserved(byte) || is_delimiter(byte)
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=' | b':' | b'@')
}

fn is_dots(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

/// Decodes escapes of unreserved characters, writes the others in upper case, encodes the few raw
/// characters that clients send although a URI has none, and refuses the rest.
fn decode_unreserved(raw: &str) -> Result<String, PathError> {
    let bytes = raw.as_bytes();
    let mut out = String::with_capacity(raw.len());
    let mut meaning = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let (byte, escaped) = if byte == b'%' { (unescape(bytes, at)?, true) } else { (byte, false) };
        at += if escaped { 3 } else { 1 };
        match byte {
            b'\\' => return Err(PathError::Backslash),
            0..=0x1f | 0x7f => return Err(PathError::BadByte),
            b' ' | b'?' | b'#' | 0x80.. if !escaped => return Err(PathError::BadByte),
            b'"' | b'<' | b'>' | b'[' | b']' | b'^' | b'`' | b'{' | b'|' | b'}' => {
                push_escape(&mut out, byte);
            }
            _ if escaped && !is_unreserved(byte) => push_escape(&mut out, byte),
            _ => out.push(char::from(byte)),
        }
        meaning.push(byte);
    }
    if std::str::from_utf8(&meaning).is_err() {
        return Err(PathError::NotUtf8);
    }
    // Looked for in the result: `%25%32%65` is `%252e` too.
    if out.match_indices("%25").any(|(at, _)| unescape(out.as_bytes(), at + 2).is_ok()) {
        return Err(PathError::DoubleEncoding);
    }
    Ok(out)
}

/// The byte that the escape at `at` means; the byte at `at` itself is not looked at.
fn unescape(bytes: &[u8], at: usize) -> Result<u8, PathError> {
    let digit = |index: usize| bytes.get(index).and_then(|byte| char::from(*byte).to_digit(16));
    match (digit(at + 1), digit(at + 2)) {
        (Some(high), Some(low)) => u8::try_from(high * 16 + low).map_err(|_| PathError::BadEscape),
        _ => Err(PathError::BadEscape),
    }
}

fn push_escape(out: &mut String, byte: u8) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    out.push('%');
    out.push(HEX[usize::from(byte >> 4)]);
    out.push(HEX[usize::from(byte & 15)]);
}

/// Removes dot segments and doubled slashes. Keeps a trailing slash.
fn resolve(path: &str) -> Result<String, PathError> {
    let mut kept: Vec<&str> = Vec::new();
    let mut directory = false;
    for segment in path[1..].split('/') {
        directory = segment.is_empty() || is_dots(segment);
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop().ok_or(PathError::AboveRoot)?;
            }
            _ if is_dots(without_parameters(segment)) => return Err(PathError::HiddenDots),
            _ => kept.push(segment),
        }
    }
    let mut out = String::with_capacity(path.len());
    for segment in &kept {
        out.push('/');
        out.push_str(segment);
    }
    if directory || out.is_empty() {
        out.push('/');
    }
    Ok(out)
}

fn without_parameters(segment: &str) -> &str {
    let end = [segment.find(';'), segment.find("%3B")].into_iter().flatten().min();
    &segment[..end.unwrap_or(segment.len())]
}

fn other_readings(wire: &str) -> Result<Vec<String>, PathError> {
    const PARAMETERS: u8 = 1;
    const SLASHES: u8 = 2;
    const DELIMITERS: u8 = 4;
    let mut differs = 0;
    if wire.contains(';') || wire.contains("%3B") {
        differs |= PARAMETERS;
    }
    if wire.contains("%2F") {
        differs |= SLASHES;
    }
    if decode_delimiters(wire) != wire {
        differs |= DELIMITERS;
    }
    let mut readings = Vec::new();
    for combination in 1..=7_u8 {
        if combination & !differs != 0 {
            continue;
        }
        let mut reading = Cow::Borrowed(wire);
        if combination & DELIMITERS != 0 {
            reading = Cow::Owned(decode_delimiters(&reading));
        }
        if combination & SLASHES != 0 {
            reading = Cow::Owned(reading.replace("%2F", "/"));
        }
        if combination & PARAMETERS != 0 {
            let segments: Vec<&str> = reading.split('/').map(without_parameters).collect();
            reading = Cow::Owned(segments.join("/"));
        }
        if reading.split('/').any(is_dots) {
            return Err(PathError::HiddenDots);
        }
        readings.push(collapse(&reading));
    }
    Ok(readings)
}

/// Writes `%40` as `@` and so on: the same path for most servers, another one for some.
fn decode_delimiters(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = String::with_capacity(path.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match unescape(bytes, at) {
            Ok(meant) if byte == b'%' && is_delimiter(meant) => {
                out.push(char::from(meant));
                at += 3;
            }
            _ => {
                out.push(char::from(byte));
                at += 1;
            }
        }
    }
    out
}

fn collapse(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for character in path.chars() {
        if character != '/' || !out.ends_with('/') {
            out.push(character);
        }
    }
    out
}
