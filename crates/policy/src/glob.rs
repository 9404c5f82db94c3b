//! Path patterns: `*` within a segment, `**` for any depth.

use crate::path::{self, PathError};

const MAX_GLOB: usize = 1024;

/// A compiled path pattern.
///
/// `**` is a whole segment: in the middle it stands for any number of segments, none included; at the
/// end for at least one, so `/a/**` matches `/a/` and `/a/b/c` but not `/a`. A segment that is only
/// `*` is not empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Glob {
    text: Box<str>,
    segments: Box<[Segment]>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Segment {
    Depth,
    Literal(Box<str>),
    /// The text between the stars.
    Stars(Box<[Box<str>]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GlobError {
    #[error("a path pattern is at most 1024 bytes long")]
    TooLong,
    #[error("`**` stands for whole segments and cannot be part of one")]
    PartialDepth,
    #[error("a path pattern holds no `;`, because servers disagree on what it means")]
    Parameters,
    #[error("the path pattern is not in canonical form")]
    NotCanonical,
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Whether case counts. Allow rules are exact; deny rules hold in every case, because many servers
/// fold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Exact,
    Ignored,
}

impl Glob {
    pub(crate) fn parse(text: &str) -> Result<Self, GlobError> {
        if text.len() > MAX_GLOB {
            return Err(GlobError::TooLong);
        }
        if text.contains(';') || text.contains("%3B") {
            return Err(GlobError::Parameters);
        }
        if path::canonical(text)?.as_str() != text {
            return Err(GlobError::NotCanonical);
        }
        let mut segments = Vec::new();
        for segment in text[1..].split('/') {
            segments.push(match segment {
                "**" => Segment::Depth,
                _ if segment.contains("**") => return Err(GlobError::PartialDepth),
                _ if segment.contains('*') => Segment::Stars(segment.split('*').map(Box::from).collect()),
                _ => Segment::Literal(segment.into()),
            });
        }
        segments.dedup_by(|next, previous| *next == Segment::Depth && *previous == Segment::Depth);
        Ok(Self { text: text.into(), segments: segments.into_boxed_slice() })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether one reading of a path, canonical but for what the reading changes, is meant.
    pub(crate) fn matches(&self, path: &str, case: Case) -> bool {
        let mut path = path.strip_prefix('/').unwrap_or(path).split('/');
        let mut at = 0;
        // Where to go on when a later segment fails: after the last `**`, one segment further.
        let mut retry = None;
        loop {
            match (self.segments.get(at), path.clone().next()) {
                (None, None) => return true,
                (Some(Segment::Depth), next) => {
                    if at + 1 == self.segments.len() {
                        return next.is_some();
                    }
                    at += 1;
                    retry = Some((at, path.clone()));
                    continue;
                }
                (Some(segment), Some(text)) if segment.matches(text, case) => {
                    at += 1;
                    path.next();
                    continue;
                }
                _ => {}
            }
            let Some((after, rest)) = &mut retry else {
                return false;
            };
            if rest.next().is_none() {
                return false;
            }
            at = *after;
            path = rest.clone();
        }
    }

    /// Whether every path that `other` matches is surely matched by `self`; false when unsure.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        let [prefix @ .., Segment::Depth] = &*self.segments else {
            return false;
        };
        prefix.iter().all(|segment| matches!(segment, Segment::Literal(_)))
            && other.segments.len() > prefix.len()
            && other.segments.starts_with(prefix)
    }
}

impl Segment {
    fn matches(&self, text: &str, case: Case) -> bool {
        match self {
            Self::Depth => true,
            Self::Literal(literal) => equal(literal.as_bytes(), text.as_bytes(), case),
            Self::Stars(parts) => stars_match(parts, text.as_bytes(), case),
        }
    }
}

/// The first part is a prefix, the last a suffix, the others follow one another.
fn stars_match(parts: &[Box<str>], text: &[u8], case: Case) -> bool {
    let [first, middle @ .., last] = parts else {
        return false;
    };
    if text.is_empty() || text.len() < first.len() + last.len() {
        return false;
    }
    let (head, rest) = text.split_at(first.len());
    let (mut rest, tail) = rest.split_at(rest.len() - last.len());
    if !equal(head, first.as_bytes(), case) || !equal(tail, last.as_bytes(), case) {
        return false;
    }
    for part in middle {
        let found = (0..=rest.len().saturating_sub(part.len())).find(|start| {
            rest.get(*start..start + part.len()).is_some_and(|slice| equal(slice, part.as_bytes(), case))
        });
        match found {
            Some(start) => rest = &rest[start + part.len()..],
            None => return false,
        }
    }
    true
}

fn equal(left: &[u8], right: &[u8], case: Case) -> bool {
    match case {
        Case::Exact => left == right,
        Case::Ignored => left.eq_ignore_ascii_case(right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pattern_covers_it_matches() {
        let texts = [
            "/", "/a", "/a/", "/a/b", "/a/*", "/a/**", "/**", "/*", "/**/b", "/a/**/b", "/a*", "/a/*b",
            "/a/b/**", "/*/b", "/**/*",
        ];
        let paths = [
            "/", "/a", "/a/", "/a/b", "/a/c", "/a/b/c", "/a/b/", "/b", "/ab", "/a/cb", "/a/c/b", "/x/b", "/x",
        ];
        let globs = texts.map(|text| Glob::parse(text).expect("a pattern"));
        let mut covered = 0;
        for wide in &globs {
            for narrow in globs.iter().filter(|narrow| wide.covers(narrow)) {
                covered += 1;
                for path in paths.iter().filter(|path| narrow.matches(path, Case::Exact)) {
                    assert!(wide.matches(path, Case::Exact), "{} {} {path}", wide.as_str(), narrow.as_str());
                }
            }
        }
        assert!(covered > globs.len() + 10, "more than each pattern itself");
    }
}
