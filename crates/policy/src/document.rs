//! The policy file as written: JSONC to typed entries, every mistake with its place.

use drawbridge_jsonc::{Node, parse};
use drawbridge_text::Span;

use crate::pattern::HostPattern;
use crate::report::{Note, Report};
use crate::rule::{Action, Target};
use crate::{Authority, DeniedNames, Host, Layer, LayerKind, Severity, UpstreamProxy};

pub(crate) use self::usage::{Access, Use, is_repo};

mod fields;
mod ignores;
mod rules;
mod usage;

/// Largest policy text of one layer in bytes.
const MAX_TEXT: usize = 1024 * 1024;
/// Most entries of one list.
const MAX_ENTRIES: usize = 10_000;
/// Most entries of `use`: each stands for many rules.
const MAX_USES: usize = 100;

const KEYS: [&str; 13] = [
    "$schema",
    "version",
    "use",
    "allow",
    "deny",
    "asks",
    "inspect",
    "mode",
    "deniedNames",
    "repositoryMay",
    "requireReview",
    "upstreamProxy",
    "ignores",
];

/// One layer's text, understood.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) uses: Vec<Use>,
    pub(crate) allow: Vec<Entry>,
    pub(crate) deny: Vec<Entry>,
    pub(crate) asks: Vec<AskEntry>,
    pub(crate) inspect_always: bool,
    pub(crate) mode: Option<Mode>,
    pub(crate) denied_names: Option<DeniedNames>,
    pub(crate) repository_may: Option<Vec<May>>,
    pub(crate) requires_review: bool,
    pub(crate) upstream_proxy: Option<(UpstreamProxy, Span)>,
    pub(crate) ignores: Vec<IgnoreEntry>,
}

/// One rule as written.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) target: Target,
    pub(crate) note: Note,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) enum AskEntry {
    Rule(Entry),
    Secret { name: String, host: Host, note: Note, span: Span },
    Observe { note: Note, span: Span },
}

#[derive(Debug)]
pub(crate) enum Mode {
    Enforce,
    Observe { note: Note, span: Span },
}

/// One entry of `ignores`: findings of the audit that somebody accepted.
#[derive(Debug)]
pub(crate) struct IgnoreEntry {
    pub(crate) rule: String,
    pub(crate) file: Option<String>,
    pub(crate) reason: String,
    pub(crate) until: Option<i64>,
    pub(crate) span: Span,
}

/// One entry of `repositoryMay`.
#[derive(Debug)]
pub(crate) enum May {
    Bundle(Use),
    Hosts(HostPattern),
}

/// Reads the text of `report`'s layer. What is wrong goes to the report; the rest is returned.
pub(crate) fn read(text: &str, report: &mut Report<'_>) -> Document {
    if text.len() > MAX_TEXT {
        report.error(Span::at(0), "too-large", "the policy is larger than 1 MiB", None);
        return Document::default();
    }
    let parsed = parse(text);
    for error in &parsed.errors {
        report.error(error.span, "syntax", error.message.clone(), None);
    }
    for duplicate in &parsed.duplicates {
        let last = duplicate.spans.last().copied().unwrap_or_default();
        let message = format!("`{}` is written more than once", duplicate.at);
        report.error(last, "duplicate-key", message, Some("keep one: readers differ on which one counts"));
    }
    match &parsed.root {
        Some(root) if !report.has_errors() => read_root(root, report),
        _ => Document::default(),
    }
}

/// Whether `rule`, as JSON, is an entry of `allow`; else the first mistake.
pub(crate) fn check_allow(rule: &serde_json::Value) -> Result<(), String> {
    let text = rule.to_string();
    let layer = Layer { kind: LayerKind::Personal, file: String::new(), text };
    let mut report = Report::new(&layer);
    if let Some(root) = &parse(&layer.text).root {
        rules::read(root, Action::Allow, &mut report);
    }
    let first = report.finish().into_iter().find(|one| one.severity == Severity::Error);
    first.map_or(Ok(()), |one| Err(one.message))
}

fn read_root(root: &Node, report: &mut Report<'_>) -> Document {
    let mut document = Document::default();
    if !fields::is_object(root, "a policy", report) {
        return document;
    }
    for member in root.members() {
        let value = &member.value;
        match member.key.as_str() {
            "$schema" => {
                fields::string(value, "$schema", report);
            }
            "version" if value.as_i64() == Some(1) => {}
            "version" => {
                report.error(value.span, "version", "the only version is 1", Some("write `\"version\": 1`"));
            }
            "use" => document.uses = list(value, "use", MAX_USES, report, usage::read),
            "allow" => {
                document.allow = list(value, "allow", MAX_ENTRIES, report, |node, report| {
                    rules::read(node, Action::Allow, report)
                });
            }
            "deny" => {
                document.deny = list(value, "deny", MAX_ENTRIES, report, |node, report| {
                    rules::read(node, Action::Deny, report)
                });
            }
            "asks" => document.asks = list(value, "asks", MAX_ENTRIES, report, rules::read_ask),
            "inspect" => {
                let choice = fields::choice(value, "inspect", &["when-needed", "always"], report);
                document.inspect_always = choice == Some(1);
            }
            "mode" => document.mode = read_mode(value, report),
            "deniedNames" => {
                let names = [DeniedNames::Nxdomain, DeniedNames::Explain];
                document.denied_names =
                    fields::choice(value, "deniedNames", &["nxdomain", "explain"], report)
                        .map(|at| names[at]);
            }
            "repositoryMay" if is_for_owners(member, report) => {
                document.repository_may = Some(list(value, "repositoryMay", MAX_ENTRIES, report, read_may));
            }
            "requireReview" if is_for_owners(member, report) => {
                document.requires_review =
                    fields::boolean(value, "requireReview", report).unwrap_or_default();
            }
            "upstreamProxy" if is_for_owners(member, report) => {
                document.upstream_proxy = read_proxy(value, report).map(|proxy| (proxy, value.span));
            }
            "ignores" => document.ignores = list(value, "ignores", MAX_USES, report, ignores::read),
            "repositoryMay" | "requireReview" | "upstreamProxy" => {}
            key => fields::unknown(key, member.key_span, &KEYS, report),
        }
    }
    document
}

fn is_for_owners(member: &drawbridge_jsonc::Member, report: &mut Report<'_>) -> bool {
    let fits = matches!(report.kind(), LayerKind::Organisation | LayerKind::Personal);
    if !fits {
        let message = format!("`{}` belongs in an organisation's or a personal policy", member.key);
        report.error(member.key_span, "wrong-layer", message, Some("remove it here"));
    }
    fits
}

fn list<T>(
    node: &Node,
    key: &str,
    most: usize,
    report: &mut Report<'_>,
    mut read: impl FnMut(&Node, &mut Report<'_>) -> Option<T>,
) -> Vec<T> {
    let Some(elements) = fields::array(node, key, report) else {
        return Vec::new();
    };
    if elements.len() > most {
        report.error(node.span, "too-many", format!("`{key}` has more than {most} entries"), None);
        return Vec::new();
    }
    elements.iter().filter_map(|element| read(element, report)).collect()
}

/// `"enforce"`, `"observe"` or `{ "observe": { "until": …, "reason": … } }`.
fn read_mode(node: &Node, report: &mut Report<'_>) -> Option<Mode> {
    if node.as_object().is_none() {
        return match fields::choice(node, "mode", &["enforce", "observe"], report)? {
            0 => Some(Mode::Enforce),
            _ => Some(Mode::Observe { note: Note::default(), span: node.span }),
        };
    }
    fields::check_keys(node, &["observe"], report);
    let inner = node.get("observe")?;
    if !fields::is_object(inner, "`observe`", report) {
        return None;
    }
    fields::check_keys(inner, &["until", "reason"], report);
    Some(Mode::Observe { note: fields::note(inner, report), span: node.span })
}

/// `"host:port"` or `{ "address": "host:port", "secret": … }`.
fn read_proxy(node: &Node, report: &mut Report<'_>) -> Option<UpstreamProxy> {
    let mut address = node;
    let mut secret = None;
    if node.as_object().is_some() {
        fields::check_keys(node, &["address", "secret"], report);
        let Some(inner) = node.get("address") else {
            report.error(node.span, "no-host", "the proxy has no `address`", None);
            return None;
        };
        (address, secret) = (inner, node.get("secret"));
    }
    let secret = match secret {
        Some(secret) => Some(fields::string(secret, "secret", report)?.to_owned()),
        None => None,
    };
    let text = fields::string(address, "upstreamProxy", report)?;
    match Authority::parse(text) {
        Ok(authority) if HostPattern::Exact(authority.host.clone()).is_unreachable() => {
            report.error(address.span, "never-allowed", format!("`{text}` can be no proxy"), None);
            None
        }
        Ok(authority) => Some(UpstreamProxy { authority, secret }),
        Err(error) => {
            let hint = "write its host and port, as in `proxy.corp.example:3128`";
            report.error(address.span, "bad-host", error.to_string(), Some(hint));
            None
        }
    }
}

fn read_may(node: &Node, report: &mut Report<'_>) -> Option<May> {
    let text = fields::string(node, "repositoryMay", report)?;
    if !text.contains('.') {
        return usage::read(node, report).map(May::Bundle);
    }
    match HostPattern::parse(text, true) {
        Ok(pattern) => Some(May::Hosts(pattern)),
        Err(error) => {
            report.error(node.span, "bad-host", error.to_string(), error.hint());
            None
        }
    }
}
