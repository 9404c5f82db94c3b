//! The planner's order of steps.

use std::collections::BTreeSet;

use drawbridge_jsonc::{Edit, parse, patch};
use drawbridge_policy::Policy;
use serde_json::Value;

use super::own_feature;
use super::shape::{Input, Shape, project_name, shape};
use super::source::{Source, clean, open, pick, read};
use super::undo::{diff, towards};
use super::{Change, Item, Note, NoteKind, Options, Plan, Refusal};
use crate::detect::detect;
use crate::ground::Mount;
use crate::overlay::environment::variables;
use crate::overlay::record::{Record, State};
use crate::overlay::topology::Findings;
use crate::overlay::{self, Gate};
use crate::project::{Entry, HostFacts, References, RelPath, Snapshot, discover};
use crate::subnet::Subnet;
use crate::{ground, harden, jetbrains, policy_file};

pub(super) fn plan(snapshot: &Snapshot, options: &Options) -> Result<Plan, Refusal> {
    let path = pick(snapshot, options.config.as_ref())?;
    let source = open(snapshot, &path)?;
    let parsed = clean(&path, &source.base)?;
    let config = read(&path, &source.base, &parsed)?;
    let facts = facts(snapshot, &source);
    let layout = &source.layout;
    let input = Input { snapshot, facts: &facts, config: &config, path: &path, text: &source.base, layout };
    let mut findings = Findings::default();
    let shape = shape(input, &mut findings)?;

    let wants_vscode = options.ides.as_ref().is_none_or(|ides| ides.iter().any(|ide| ide == "vscode"));
    let level = if wants_vscode { options.hardening } else { super::Hardening::Off };
    let hardened = harden::harden(&config, level);
    findings.notes.extend(hardened.notes);
    let mut edits = shape.edits.clone();
    edits.extend(hardened.edits);
    let protected = source.record.as_ref().and_then(|_| parse(source.text).root);
    let ecosystems = detect(snapshot).ecosystems;
    let (customized, notes) = jetbrains::customize(&config, protected.as_ref(), &ecosystems, options);
    edits.extend(customized);
    findings.notes.extend(notes);
    edits.extend(own_feature::edits(snapshot, &path, &config, options, &mut findings));
    settle(options, &mut findings)?;

    let project = project_name(input, &shape);
    let seed = source.record.as_ref().map_or(&project, |record| &record.state.project);
    let subnet = Subnet::of(seed).fit(shape.topology.members.len());
    let references = parsed.root.as_ref().map(|root| References::of(&path, root)).unwrap_or_default();
    let mounts = mounts(snapshot, options, &source, &references, &shape, &mut findings);

    let (policy_text, policy, policy_notes) = policy(snapshot, options, &source)?;
    findings.notes.extend(policy_notes);

    let after = apply(&source, &edits)?;
    let before = parsed.root.as_ref().map(drawbridge_jsonc::Node::to_json).unwrap_or_default();
    let record =
        Record { state: State::new(&path, seed, &facts, options), undo: diff(&before, &value_of(&after)) };
    let mut gate = Gate {
        layout,
        topology: &shape.topology,
        subnet,
        project: seed,
        project_dir: &shape.project_dir,
        converted: shape.converted.as_ref().map(|made| (&made.service, &made.top_level)),
        environment: &[],
        mounts: &mounts,
        image: facts.gate_image.as_deref(),
        policy: &policy_text,
        record: &record,
    };
    let environment = variables(
        &gate.ip(),
        &gate.sidecar(),
        &shape.topology.neighbours(),
        options.trust_host_cas || policy.inspects(),
        &shape.taken,
    );
    gate.environment = &environment.set;
    findings.notes.extend(environment.kept.iter().map(|name| Note {
        kind: NoteKind::Warning,
        what: name.clone(),
        why: "your own value stays; if it names another proxy, that one is out of reach now".to_owned(),
    }));

    let mut writes = Writes { snapshot, changes: Vec::new() };
    writes.write(&path, after)?;
    writes.ours(&layout.overlay, overlay::build(&gate), |text| Record::parse(text).is_some())?;
    writes.write(&layout.policy, policy_text.clone())?;
    let title = policy_file::readme();
    let title = title.lines().next().unwrap_or_default().to_owned();
    writes.ours(&layout.readme, policy_file::readme(), |text| text.lines().next() == Some(&title))?;
    writes.changes.sort_by(|a, b| a.path.cmp(&b.path));

    let open = doors(snapshot, &path, &mut findings);
    findings.notes.sort_by_key(|note| note.kind);
    let mut compose_files = shape.files.clone();
    compose_files.push(layout.overlay.clone());
    Ok(Plan {
        kind: config.kind,
        hosts: policy_file::hosts(&policy),
        subnet,
        service: shape.topology.dev.clone(),
        netns: shape.topology.netns.clone(),
        sidecar: gate.sidecar(),
        network: gate.network(),
        variables: gate.variables(),
        project: if shape.converted.is_some() { seed.clone() } else { project.clone() },
        project_dir: shape.project_dir.clone(),
        compose_files,
        overlay: layout.overlay.clone(),
        policy: layout.policy.clone(),
        notes: findings.notes,
        changes: writes.changes,
        config: path.clone(),
        binds: ground::binds(&mounts),
        open,
    })
}

/// A protected repository keeps the names it was protected with, whatever a clone is called.
fn facts(snapshot: &Snapshot, source: &Source<'_>) -> HostFacts {
    let mut facts = snapshot.facts.clone();
    if let Some(record) = &source.record {
        facts.workspace_name.clone_from(&record.state.workspace);
        facts.git_root_name.clone_from(&record.state.git_root);
    }
    let earlier = source.record.as_ref().and_then(|record| record.state.brought.as_ref());
    facts.brought = match facts.brought.take() {
        Some(now) => Some(now.or(earlier)),
        None => earlier.cloned(),
    };
    facts
}

/// The configuration's new text: what is there already is not touched.
fn apply(source: &Source<'_>, edits: &[Edit]) -> Result<String, Refusal> {
    let patched = |text: &str, edits: &[Edit]| {
        patch(text, edits).map(|edit| edit.map_or_else(|| text.to_owned(), |edit| edit.apply(text))).map_err(
            |err| {
                let refusal = Refusal::at(&source.path, format!("the file cannot be edited: {err}"));
                match err.hint() {
                    Some(hint) => refusal.hint(hint),
                    None => refusal,
                }
            },
        )
    };
    let wanted = patched(&source.base, edits)?;
    if source.record.is_none() {
        return Ok(wanted);
    }
    let (now, then) = (value_of(source.text), value_of(&wanted));
    if now == then {
        return Ok(source.text.to_owned());
    }
    patched(source.text, &towards(&now, &then))
}

fn value_of(text: &str) -> Value {
    parse(text).root.map(|root| root.to_json()).unwrap_or_default()
}

/// Refuses what is not accepted, and turns the rest into notes.
fn settle(options: &Options, findings: &mut Findings) -> Result<(), Refusal> {
    let accepted = |item: &Item| options.accept_loss.contains(&item.code);
    let (kept, open): (Vec<Item>, Vec<Item>) = findings.items.drain(..).partition(accepted);
    if open.is_empty() {
        findings.notes.extend(kept.into_iter().map(|item| Note {
            kind: if super::is_risk(&item.code) { NoteKind::Warning } else { NoteKind::Lost },
            what: item.what,
            why: item.why,
        }));
        return Ok(());
    }
    let codes: BTreeSet<&str> = open.iter().map(|item| item.code.as_str()).collect();
    let flags: Vec<String> = codes.iter().map(|code| format!("--accept-loss {code}")).collect();
    let first = &open[0];
    let message = match open.len() {
        1 => "one setting cannot be protected as it is".to_owned(),
        more => format!("{more} settings cannot be protected as they are"),
    };
    Err(Refusal {
        file: first.file.clone(),
        line: first.line,
        column: first.column,
        hint: Some(format!("change them, or go on without: {}", flags.join(" "))),
        items: open.clone().into(),
        ..Refusal::new(message)
    })
}

fn mounts(
    snapshot: &Snapshot,
    options: &Options,
    source: &Source<'_>,
    references: &References,
    shape: &Shape,
    findings: &mut Findings,
) -> Vec<Mount> {
    let named = ground::Named {
        config: &source.path,
        layout: &source.layout,
        references,
        compose: &shape.used,
        dockerfiles: &shape.dockerfiles,
        project_dir: &shape.project_dir,
    };
    let protected = ground::protected(snapshot, options.ground, named);
    for path in &protected.ignored {
        findings.warn(
            path.to_string(),
            "git ignores it, so a fresh clone has none and it is not bound read-only: the container \
             can change it",
        );
    }
    for path in &protected.loose {
        findings.warn(
            path.to_string(),
            "lies in a folder of sources, which stays writable, so the container can change what the \
             next build runs: read its diff before a rebuild",
        );
    }
    if snapshot.facts.git_root_prefix.as_deref().is_some_and(|prefix| !prefix.is_empty()) {
        findings.warn(
            ".git/hooks",
            "the repository's root lies above this folder, so its hooks stay writable: open the root to \
             have them bound read-only",
        );
    }
    if snapshot.facts.remote_engine {
        findings.warn(
            "remote engine",
            "binds name folders of the engine's machine: it needs the repository at the same path, or \
             the start fails",
        );
    }
    if creates_variables(snapshot, shape, &protected.paths) {
        findings.warn(
            shape.project_dir.join(".env").unwrap_or_default().to_string(),
            "does not exist, so the container can make one, and the Compose files take variables from \
             it at the next start: keep one in the repository, even an empty one",
        );
    }
    for mount in &shape.mounted {
        if let Some(path) = protected.paths.iter().find(|path| mount.part.is_within(path)) {
            let what = format!("{} on {}", mount.part, mount.target);
            findings.warn(what, format!("lies in `{path}`, so the container can only read it now"));
        }
    }
    if shape.mounted.is_empty() && !protected.paths.is_empty() {
        findings.warn(
            "read-only binds",
            "no mount of the workspace was found, so nothing in it is bound read-only",
        );
    }
    ground::mounts(&protected.paths, &shape.mounted)
}

/// Whether a new `.env` would decide something in the user's Compose files.
fn creates_variables(snapshot: &Snapshot, shape: &Shape, protected: &[RelPath]) -> bool {
    let covered = protected.iter().any(|path| shape.project_dir.is_within(path));
    let seen = shape.mounted.iter().any(|mount| shape.project_dir.is_within(&mount.part));
    let missing = shape.project_dir.join(".env").is_some_and(|path| !snapshot.exists(&path));
    let uses = |path: &RelPath| snapshot.text(path).is_some_and(|text| text.contains("${"));
    !covered && seen && missing && shape.used.iter().any(uses)
}

/// The policy's text, the policy, and what to say about it. An existing text is the user's.
fn policy(
    snapshot: &Snapshot,
    options: &Options,
    source: &Source<'_>,
) -> Result<(String, Policy, Vec<Note>), Refusal> {
    let path = &source.layout.policy;
    let (text, mut notes) = if let Some(text) = snapshot.text(path) {
        (text.to_owned(), Vec::new())
    } else {
        let choice = policy_file::choose(&detect(snapshot), options);
        (policy_file::text(&choice.bundles), policy_file::unknown_notes(&choice, path))
    };
    let (policy, warnings) = policy_file::load(path, &text)?;
    notes.extend(warnings);
    Ok((text, policy, notes))
}

/// Other configurations open a container without the gate.
fn doors(snapshot: &Snapshot, path: &RelPath, findings: &mut Findings) -> Vec<RelPath> {
    let others = discover(snapshot).into_iter().map(|candidate| candidate.path);
    let open: Vec<RelPath> =
        others.filter(|other| other != path).filter(|other| !open_protected(snapshot, other)).collect();
    findings.notes.extend(open.iter().map(|other| Note {
        kind: NoteKind::Door,
        what: other.to_string(),
        why: format!("opens a container without the gate: `drawbridge protect --config {other}`"),
    }));
    open
}

fn open_protected(snapshot: &Snapshot, path: &RelPath) -> bool {
    open(snapshot, path).is_ok_and(|source| source.record.is_some())
}

struct Writes<'a> {
    snapshot: &'a Snapshot,
    changes: Vec<Change>,
}

impl Writes<'_> {
    fn write(&mut self, path: &RelPath, after: String) -> Result<(), Refusal> {
        let before = match self.snapshot.get(path) {
            Some(Entry::Text(text)) => Some(text.clone()),
            Some(Entry::Missing) | None => None,
            Some(Entry::Symlink) => {
                return Err(Refusal::at(path, "a symbolic link is in the way")
                    .hint("remove the link; nothing is written through one"));
            }
            Some(Entry::Unreadable(why)) => return Err(Refusal::at(path, why.clone())),
            Some(Entry::Present(_) | Entry::Dir(_)) => {
                return Err(Refusal::at(path, "something that is no text file is in the way"));
            }
        };
        if before.as_deref() != Some(after.as_str()) {
            self.changes.push(Change { path: path.clone(), before, after: Some(after) });
        }
        Ok(())
    }

    /// Writes a file that nobody else may have written.
    fn ours(&mut self, path: &RelPath, after: String, is_ours: impl Fn(&str) -> bool) -> Result<(), Refusal> {
        if self.snapshot.text(path).is_some_and(|text| !is_ours(text)) {
            return Err(Refusal::at(path, "this file was not written by Drawbridge")
                .hint("move it away: its place is taken"));
        }
        self.write(path, after)
    }
}
