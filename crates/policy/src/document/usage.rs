//! Entries of `use`: `"npm"`, `"npm:read"`, `"vscode:telemetry"`, or an object with options.
//!
//! Without a phase an entry means the phases that a tool needs to work (build, login, run). A phase,
//! in a suffix or in `phases`, means that phase only; write the bundle twice to have both.

use drawbridge_jsonc::Node;
use drawbridge_text::Span;

use super::fields;
use crate::catalogue::{self, Bundle, Phase};
use crate::report::{Note, Report};

const KEYS: [&str; 7] = ["bundle", "phases", "read", "repos", "access", "reason", "until"];
const MAX_REPOS: usize = 50;

/// One entry of `use`.
#[derive(Debug)]
pub(crate) struct Use {
    pub(crate) bundle: &'static Bundle,
    pub(crate) phases: Vec<Phase>,
    pub(crate) read: bool,
    /// `owner/name`, for bundles of forges; empty means the whole forge.
    pub(crate) repos: Vec<String>,
    pub(crate) access: Access,
    pub(crate) note: Note,
    pub(crate) span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

impl Use {
    /// Whether an owner who wrote `self` in `repositoryMay` permits `other`.
    pub(crate) fn permits(&self, other: &Self) -> bool {
        self.bundle.id == other.bundle.id
            && (!self.read || other.read)
            && other.phases.iter().all(|phase| self.phases.contains(phase))
    }

    /// As it would be written in string form.
    pub(crate) fn describe(&self) -> String {
        let read = if self.read { ":read" } else { "" };
        format!("{}{read}", self.bundle.id)
    }
}

pub(super) fn read(node: &Node, report: &mut Report<'_>) -> Option<Use> {
    if let Some(text) = node.as_str() {
        return read_name(text, node.span, report);
    }
    if node.as_object().is_none() {
        let message = format!("a bundle is a string or an object, not {}", node.describe());
        report.error(node.span, "wrong-type", message, None);
        return None;
    }
    fields::check_keys(node, &KEYS, report);
    let Some(name) = node.get("bundle") else {
        report.error(node.span, "no-bundle", "the entry has no `bundle`", None);
        return None;
    };
    let mut usage = read_name(fields::string(name, "bundle", report)?, name.span, report)?;
    usage.span = node.span;
    if let Some(phases) = node.get("phases") {
        usage.phases = read_phases(phases, report)?;
    }
    if let Some(read) = node.get("read") {
        usage.read = fields::boolean(read, "read", report)?;
    }
    if let Some(access) = node.get("access") {
        let both = [Access::Read, Access::Write];
        usage.access = both[fields::choice(access, "access", &["read", "write"], report)?];
    }
    if let Some(repos) = node.get("repos") {
        usage.repos = read_repos(repos, usage.bundle, report)?;
    } else if let Some(access) = node.get("access") {
        report.error(access.span, "no-repos", "`access` needs `repos`", Some("name the repositories"));
    }
    usage.note = fields::note(node, report);
    Some(usage)
}

fn read_phases(node: &Node, report: &mut Report<'_>) -> Option<Vec<Phase>> {
    let elements = fields::array(node, "phases", report)?;
    if elements.is_empty() {
        let hint = "leave the key out to mean the default";
        report.error(node.span, "empty-list", "the list is empty", Some(hint));
    }
    let names = Phase::ALL.map(Phase::name);
    let phase = |element, report: &mut Report<'_>| {
        fields::choice(element, "phases", &names, report).map(|at| Phase::ALL[at])
    };
    Some(elements.iter().filter_map(|element| phase(element, report)).collect())
}

fn read_name(text: &str, span: Span, report: &mut Report<'_>) -> Option<Use> {
    let mut parts = text.split(':');
    let id = parts.next().unwrap_or_default();
    let Some(bundle) = catalogue::bundle(id) else {
        let near = catalogue::bundles().iter().find(|bundle| fields::is_near(id, &bundle.id));
        let hint = near.map_or_else(
            || "`drawbridge catalogue list` shows the bundles".to_owned(),
            |bundle| format!("did you mean `{}`?", bundle.id),
        );
        report.error(span, "unknown-bundle", format!("there is no bundle `{id}`"), Some(&hint));
        return None;
    };
    let mut read = false;
    let mut phases = Vec::new();
    for suffix in parts {
        match Phase::ALL.into_iter().find(|phase| phase.name() == suffix) {
            Some(phase) if !phases.contains(&phase) => phases.push(phase),
            None if suffix == "read" && !read => read = true,
            _ => {
                let hint = "use `:read` or a phase: `:build`, `:login`, `:run`, `:telemetry`, `:update`";
                report.error(
                    span,
                    "unknown-suffix",
                    format!("`:{suffix}` is not understood here"),
                    Some(hint),
                );
                return None;
            }
        }
    }
    if phases.is_empty() {
        phases = Phase::ALL.into_iter().filter(|phase| phase.is_default()).collect();
    }
    if !bundle.hosts.iter().any(|entry| phases.contains(&entry.phase)) {
        report.warn(span, "nothing-used", format!("the bundle `{id}` has no host of this phase"), None);
    }
    Some(Use { bundle, phases, read, repos: Vec::new(), access: Access::Read, note: Note::default(), span })
}

fn read_repos(node: &Node, bundle: &Bundle, report: &mut Report<'_>) -> Option<Vec<String>> {
    if !bundle.hosts.iter().any(|entry| entry.repo.is_some()) {
        report.error(
            node.span,
            "no-repos",
            format!("the bundle `{}` knows no repositories", bundle.id),
            None,
        );
        return None;
    }
    let names = fields::strings(node, "repos", report)?;
    if names.is_empty() || names.len() > MAX_REPOS {
        report.error(node.span, "empty-list", format!("`repos` takes 1 to {MAX_REPOS} names"), None);
        return None;
    }
    for name in &names {
        if !is_repo(name) {
            let hint = "write `owner/name`, or `owner/*` for all of an owner";
            report.error(node.span, "bad-repo", format!("`{name}` is not a repository"), Some(hint));
            return None;
        }
    }
    Some(names.into_iter().map(str::to_owned).collect())
}

/// `group/…/name`; the last part may be `*`. Plain path characters only, so that the text can stand
/// in a path pattern.
pub(crate) fn is_repo(name: &str) -> bool {
    let parts: Vec<&str> = name.split('/').collect();
    let is_plain = |part: &&str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    let Some((last, groups)) = parts.split_last() else {
        return false;
    };
    (2..=8).contains(&parts.len()) && groups.iter().all(is_plain) && (*last == "*" || is_plain(last))
}
