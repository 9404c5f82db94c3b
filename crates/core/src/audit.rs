//! The audit: rules over texts and facts, findings with evidence.
//!
//! Pure: the host reads what [`wanted`] asks for, [`audit`] looks. Each finding says what it rests on
//! ([`Class`]) and the report ends with what was not looked at, so that silence is never taken for
//! safety.

mod context;
mod dockerfile;
mod editor_log;
mod finding;
mod fix;
mod git_config;
pub(crate) mod hooks;
mod ignore;
mod options;
mod rule;
mod settings;
mod view;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};

use drawbridge_bridge::facts::Facts;
use drawbridge_jsonc::parse;
use drawbridge_policy::Layer;

use crate::brought::Brought;
use crate::compose;
use crate::project::{RelPath, Snapshot, discover, is_config};
use crate::rules::RULES;

pub(crate) use context::{Cx, Origin};
pub use editor_log::log_folder;
pub use finding::{Edits, Evidence, Finding, Fix, Location, Safety};
pub(crate) use finding::{Sink, Spot};
pub use fix::{Fixed, fixed};
pub use ignore::{Ignored, IgnoredBy};
pub use rule::{Category, Class, FixKind, Rule, Severity, Strength};
pub(crate) use wanted::has_text;
pub use wanted::wanted;
pub(crate) use {
    dockerfile::instructions,
    editor_log::{Act, EditorLog},
    git_config::{GitEntry, entries},
    ignore::waivers,
    view::View,
};

/// What the audit looks at.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The workspace.
    pub snapshot: &'a Snapshot,
    /// What was seen in the running container, when one was looked into.
    pub live: Option<&'a Facts>,
    /// Settings of the editors on the developer's machine, when they were read.
    pub host: &'a [HostFile],
    /// The developer's own policy and their organisation's, for what they ignore.
    pub layers: &'a [Layer],
    /// What image and Features bring along, by configuration, in whole entries; empty when nobody was asked.
    pub brought: Option<&'a BTreeMap<RelPath, Brought>>,
    /// Digests of extensions in the container that the developer recorded; `None` without a baseline.
    pub recorded: Option<&'a BTreeMap<String, String>>,
    /// Seconds since 1970, for what expires.
    pub now: i64,
}

impl<'a> Input<'a> {
    /// The files of a workspace alone.
    pub fn of(snapshot: &'a Snapshot, now: i64) -> Self {
        Self { snapshot, live: None, host: &[], layers: &[], brought: None, recorded: None, now }
    }
}

/// One file of the developer's machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostFile {
    /// What it is.
    pub kind: HostFileKind,
    /// The editor.
    pub product: String,
    /// Its path as people know it.
    pub path: String,
    /// Its text, or for [`HostFileKind::Version`] the version.
    pub text: String,
}

/// What a [`HostFile`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostFileKind {
    /// User settings; empty text when there is no such file.
    Settings,
    /// MCP servers of the user's profile.
    Mcp,
    /// Policy of the machine.
    Policy,
    /// The editor's version.
    Version,
    /// TCP listeners of the editor's processes, `ADDRESS:PORT` a line.
    Listeners,
    /// Manifest of an extension that runs on the host.
    Extension,
    /// Log of the dev container extension about this workspace: beginning and end of a long one.
    Log,
    /// What could not be looked at: the text says what, as in "ports of …".
    Unseen,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The configurations that were looked at.
    pub configs: Vec<RelPath>,
    /// The worst first.
    pub findings: Vec<Finding>,
    /// Findings that a comment or a policy waives.
    pub ignored: Vec<Ignored>,
    /// What this audit could not see, in sentences.
    pub unseen: Vec<String>,
}

/// Looks with every rule. Never fails: what cannot be read is a finding.
pub fn audit(input: &Input<'_>) -> Report {
    let snapshot = input.snapshot;
    let mut paths: Vec<RelPath> = discover(snapshot).into_iter().map(|found| found.path).collect();
    // A configuration that the user named may lie where none is looked for.
    let named = snapshot.files.keys().filter(|path| is_config(path) && snapshot.text(path).is_some());
    for path in named {
        if !paths.contains(path) {
            paths.push(path.clone());
        }
    }
    let parsed: Vec<_> = paths
        .into_iter()
        .filter_map(|path| {
            let parsed = parse(snapshot.text(&path)?);
            Some((path, parsed))
        })
        .collect();
    let cx = Cx::new(input, &parsed);
    let mut sink = Sink::new(snapshot);
    for rule in RULES {
        (rule.check)(rule, &cx, &mut sink);
    }
    let (mut findings, ignored) = ignore::split(&cx, sink.findings);
    findings.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut seen = BTreeSet::new();
    findings.retain(|finding| seen.insert((finding.rule.code, finding.message.clone(), place(finding))));
    certain_fixes_only(snapshot, &mut findings);
    let configs: Vec<RelPath> = parsed.iter().map(|(path, _)| path.clone()).collect();
    let mut unseen = unseen(input);
    if configs.is_empty() {
        unseen.insert(0, "a dev container: no configuration lies where tools look for one".to_owned());
    }
    Report { configs, findings, ignored, unseen }
}

/// Bytes of Compose files that are read again to see whether a fix is certain.
const MAX_READ_AGAIN: usize = 1 << 20;

/// Takes fixes of Compose files away that cannot be made; also those of the less bad findings when there are very many.
fn certain_fixes_only(snapshot: &Snapshot, findings: &mut [Finding]) {
    let mut left = MAX_READ_AGAIN;
    for finding in findings {
        finding.fix = finding.fix.take().filter(|fix| {
            let Edits::Compose(edit) = &fix.edits else { return true };
            let text = snapshot.text(&fix.file).unwrap_or_default();
            let allowed = left.checked_sub(text.len());
            left = allowed.unwrap_or_default();
            allowed.is_some() && compose::patch(text, edit).is_some()
        });
    }
}

fn place(finding: &Finding) -> Option<(RelPath, usize, usize)> {
    finding.location().map(|at| (at.file.clone(), at.line, at.column))
}

fn order(finding: &Finding) -> impl Ord {
    (finding.severity, finding.class, finding.rule.code, place(finding), finding.message.clone())
}

fn unseen(input: &Input<'_>) -> Vec<String> {
    let mut unseen = Vec::new();
    match input.live {
        None => unseen.push(
            "the running container: sockets, environments, mounts and extensions were not looked at; \
             `drawbridge audit --live` does"
                .to_owned(),
        ),
        Some(live) => unseen.extend(live.notes.iter().cloned()),
    }
    let facts = &input.snapshot.facts;
    unseen
        .extend(facts.partly_listed.iter().map(|path| format!("`{path}`: it has more names than are read")));
    if facts.unread > 0 {
        unseen.push(format!("{} files: there are too many", facts.unread));
    }
    unseen.extend(hooks::unseen(input.snapshot));
    if input.host.is_empty() {
        unseen.push("the editors' own settings and policies on this machine".to_owned());
    }
    let left_out = input.host.iter().filter(|file| file.kind == HostFileKind::Unseen);
    unseen.extend(left_out.map(|file| file.text.clone()));
    let lacks = |kind| !input.host.is_empty() && !input.host.iter().any(|file| file.kind == kind);
    if lacks(HostFileKind::Version) {
        unseen.push("the editors' versions: none was found where installers put them".to_owned());
    }
    if lacks(HostFileKind::Log) {
        unseen.push("the editors' logs: none is about this folder".to_owned());
    }
    let mut asked = input.brought.into_iter().flat_map(BTreeMap::values).peekable();
    let asked = asked.peek().is_some() && asked.all(|brought| brought.image.is_some());
    let image = if asked {
        "what the image and its Features install"
    } else {
        "the image and its Features beyond their names: what they install, and the label \
         `devcontainer.metadata` that can add mounts and privileges"
    };
    unseen.push(image.to_owned());
    unseen.push("what an extension does with words that it puts together at run time".to_owned());
    unseen.push(
        "JetBrains: how its client answers agent, credential and port requests is not documented".to_owned(),
    );
    unseen
}
