//! The string form of a rule: `[METHODS ]["scheme://"]host[":"ports][path-glob]`.

use crate::authority::parse_port;
use crate::glob::{Glob, GlobError};
use crate::pattern::{HostPattern, PatternError};
use crate::rule::{Action, Target};
use crate::{AuthorityError, Scheme};

/// Longest rule in string form, in bytes.
const MAX_RULE: usize = 2048;
const MAX_METHODS: usize = 16;
const MAX_PORTS: usize = 64;

/// Why a text, or a field of the object form, is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GrammarError {
    #[error("the rule is longer than 2048 bytes")]
    TooLong,
    #[error("the rule holds white space in a place where none belongs")]
    WhiteSpace,
    #[error("`{0}` is not a method")]
    Method(String),
    #[error("`{0}` is written twice")]
    Twice(String),
    #[error("more than {0} entries")]
    TooMany(usize),
    #[error("the list is empty")]
    EmptyList,
    #[error("the scheme `{0}` is not known")]
    Scheme(String),
    #[error("a `tcp` rule needs a port")]
    NoPort,
    #[error("`{0}` rules have no methods, paths or query")]
    NoRequests(Scheme),
    #[error("a query cannot be written in the string form")]
    Query,
    #[error("unexpected text after `]`")]
    AfterBracket,
    #[error(transparent)]
    Port(#[from] AuthorityError),
    #[error(transparent)]
    Host(#[from] PatternError),
    #[error(transparent)]
    Path(#[from] GlobError),
}

impl GrammarError {
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::WhiteSpace => Some(
                "the only space stands between the methods and the host, as in `GET,HEAD docs.example/guide/**`",
            ),
            Self::Method(_) => Some("methods are upper case and separated by commas, as in `GET,HEAD`"),
            Self::EmptyList => Some("leave the key out to mean any"),
            Self::Scheme(_) => Some("use `https`, `http`, `ssh` or `tcp`"),
            Self::NoPort => Some("write the port, as in `tcp://db.corp.example:5432`"),
            Self::NoRequests(_) => Some("only `https` and `http` have requests to look at"),
            Self::Query => Some("use the object form: `{ \"host\": …, \"paths\": […], \"query\": {…} }`"),
            Self::Host(error) => error.hint(),
            Self::Path(GlobError::PartialDepth) => Some("write `/**` for any depth, `*` within a segment"),
            Self::Path(GlobError::NotCanonical) => Some(
                "write it as the sidecar sends it: no `//`, no dot segments, no escapes of plain characters",
            ),
            _ => None,
        }
    }
}

/// The parts of a rule as written; what is not written is `None`.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) scheme: Option<Scheme>,
    pub(crate) ports: Option<Box<[u16]>>,
    pub(crate) methods: Option<Box<[Box<str>]>>,
    pub(crate) paths: Option<Box<[Glob]>>,
    pub(crate) query: Option<crate::query::Query>,
    pub(crate) private: bool,
}

/// Reads the string form.
pub(crate) fn parse(text: &str, action: Action) -> Result<Target, GrammarError> {
    if text.len() > MAX_RULE {
        return Err(GrammarError::TooLong);
    }
    let mut parts = Parts::default();
    let mut rest = text;
    if let Some((listed, behind)) = text.split_once(' ') {
        parts.methods = Some(methods(listed.split(','))?);
        rest = behind;
    }
    if rest.is_empty() || rest.contains(char::is_whitespace) {
        return Err(GrammarError::WhiteSpace);
    }
    if rest.contains('?') {
        return Err(GrammarError::Query);
    }
    if let Some((name, behind)) = rest.split_once("://") {
        parts.scheme = Some(scheme(name)?);
        rest = behind;
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if !path.is_empty() {
        parts.paths = Some(paths([path])?);
    }
    let bracket = if authority.starts_with('[') { authority.find(']').map_or(0, |end| end + 1) } else { 0 };
    let (host, listed) = match authority[bracket..].split_once(':') {
        Some((before, listed)) => (&authority[..bracket + before.len()], Some(listed)),
        None => (authority, None),
    };
    if bracket > 0 && host.len() > bracket {
        return Err(GrammarError::AfterBracket);
    }
    if let Some(listed) = listed {
        let numbers: Result<Vec<u16>, _> = listed.split(',').map(parse_port).collect();
        parts.ports = Some(ports(numbers?)?);
    }
    parts.complete(HostPattern::parse(host, action == Action::Deny)?, action)
}

pub(crate) fn scheme(name: &str) -> Result<Scheme, GrammarError> {
    Scheme::from_name(name).ok_or_else(|| GrammarError::Scheme(name.to_owned()))
}

pub(crate) fn methods<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Box<[Box<str>]>, GrammarError> {
    let mut methods: Vec<Box<str>> = Vec::new();
    for name in names {
        let is_method = (1..=32).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        if !is_method {
            return Err(GrammarError::Method(name.to_owned()));
        }
        if methods.iter().any(|method| **method == *name) {
            return Err(GrammarError::Twice(name.to_owned()));
        }
        methods.push(name.into());
    }
    bounded(methods, MAX_METHODS)
}

pub(crate) fn ports(numbers: Vec<u16>) -> Result<Box<[u16]>, GrammarError> {
    let mut sorted = numbers.clone();
    sorted.sort_unstable();
    if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(GrammarError::Twice(twice[0].to_string()));
    }
    bounded(numbers, MAX_PORTS)
}

pub(crate) fn paths<'a>(globs: impl IntoIterator<Item = &'a str>) -> Result<Box<[Glob]>, GrammarError> {
    let globs: Result<Vec<Glob>, _> = globs.into_iter().map(Glob::parse).collect();
    bounded(globs?, 256)
}

fn bounded<T>(list: Vec<T>, most: usize) -> Result<Box<[T]>, GrammarError> {
    match list.len() {
        0 => Err(GrammarError::EmptyList),
        len if len > most => Err(GrammarError::TooMany(most)),
        _ => Ok(list.into_boxed_slice()),
    }
}

impl Parts {
    /// Fills in what an allow leaves out: `https` and the scheme's port. A deny means any.
    pub(crate) fn complete(self, pattern: HostPattern, action: Action) -> Result<Target, GrammarError> {
        let Self { mut scheme, mut ports, methods, paths, query, private } = self;
        if action == Action::Allow {
            let used = *scheme.get_or_insert(Scheme::Https);
            if ports.is_none() {
                ports = Some(Box::new([used.default_port().ok_or(GrammarError::NoPort)?]));
            }
        }
        let target = Target { pattern, scheme, ports, methods, paths, query, private };
        match scheme {
            Some(scheme) if !scheme.has_requests() && target.is_constrained() => {
                Err(GrammarError::NoRequests(scheme))
            }
            _ => Ok(target),
        }
    }
}
