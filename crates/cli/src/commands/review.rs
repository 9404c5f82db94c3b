//! `drawbridge baseline` and `drawbridge review`

use std::collections::BTreeMap;
use std::path::PathBuf;

use drawbridge_bridge::facts::Facts;
use drawbridge_core::drift::{self, Baseline, Content, Drift, DriftKind, Inside, InsideDrift};
use drawbridge_core::project::RelPath;
use drawbridge_core::protect::Change;
use drawbridge_host::journal::FileChange;
use drawbridge_host::workspace::Workspace;
use drawbridge_host::{baseline, variables};
use serde_json::{Value, json};

use crate::commands::look::{self, More};
use crate::diff;
use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::project;
use crate::session::Session;

/// Remember the files that the host executes and the next launch follows
///
/// Kept on this machine, outside of the workspace, where no container writes it. `drawbridge review`
/// shows what changed since. Of every dev container of the workspace that runs, the editor's settings and digests of
/// its extensions are remembered too.
///
/// Example: drawbridge baseline
#[derive(Debug, clap::Args)]
pub(crate) struct BaselineArgs {
    /// Of several containers, only look into the one of this devcontainer.json
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
}

/// Show what changed since the baseline, in files and in running containers
///
/// Compares the files that this machine executes or the next launch follows and, in every running dev container of the
/// workspace that was remembered, the editor's settings and extensions. What cannot be read counts as changed; what a
/// symbolic link leads to outside of the workspace is not read. Exit code 1 when something changed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  drawbridge review                                       what changed, and what it means
  drawbridge review --diff                                with the lines
  drawbridge review --accept .devcontainer/devcontainer.json
  drawbridge review --restore .git/hooks/pre-commit       as it was in the baseline; undo takes it back")]
pub(crate) struct Review {
    /// Of several containers, only look into the one of this devcontainer.json
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,

    /// Show the lines
    #[arg(long)]
    diff: bool,

    /// Take this file over into the baseline, or what is at this path in the containers; may be repeated
    #[arg(long, value_name = "PATH", conflicts_with = "accept_all")]
    accept: Vec<String>,

    /// Take everything over
    #[arg(long)]
    accept_all: bool,

    /// Put this file back as it was in the baseline; may be repeated
    #[arg(long, value_name = "PATH")]
    restore: Vec<String>,
}

impl BaselineArgs {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let workspace = project::workspace(session)?;
        let config = project::config_path(&workspace, self.config.as_deref())?;
        let state = state()?;
        let mut now = baseline::now(&workspace)?;
        // What was recorded while a container ran is still what was looked at.
        now.inside = baseline::read(&state, workspace.path())
            .ok()
            .flatten()
            .map(|known| known.inside)
            .unwrap_or_default();
        let live = look_inside(&workspace, config.as_ref(), session)?;
        now.inside.extend(live.iter().map(|seen| (seen.origin.clone(), Inside::of(&seen.facts))));
        baseline::write(&state, workspace.path(), &now)?;
        let inside: Vec<Inside> = live.iter().map(|seen| Inside::of(&seen.facts)).collect();
        let extensions: Vec<_> = inside.iter().flat_map(|one| one.extensions.keys()).collect();
        let settings: Vec<_> = inside.iter().flat_map(|one| one.settings.keys()).collect();
        if session.json {
            let files: Vec<_> = now.files.keys().collect();
            let containers: Vec<_> = live.iter().map(|seen| &seen.container).collect();
            session.json(&json!({"files": files, "extensions": extensions, "settings": settings,
                "containers": containers}))?;
            return Ok(Outcome::Done);
        }
        let containers = match live.len() {
            0 | 1 => "the container".to_owned(),
            several => format!("{several} containers"),
        };
        writeln!(
            session.out,
            "{} files, {} extensions and {} files of settings in {containers} remembered; \
             `drawbridge review` shows what changes",
            now.files.len(),
            extensions.len(),
            settings.len()
        )?;
        Ok(Outcome::Done)
    }
}

impl Review {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let workspace = project::workspace(session)?;
        let config = project::config_path(&workspace, self.config.as_deref())?;
        let state = state()?;
        let Some(mut known) = baseline::read(&state, workspace.path())? else {
            return Err(CliError::refused(
                "nothing was remembered for this workspace",
                "drawbridge baseline",
            ));
        };
        let now = baseline::now(&workspace)?;
        let changed = drift::compare(&known, &now);
        let live = if known.inside.is_empty() {
            Vec::new()
        } else {
            look_inside(&workspace, config.as_ref(), session)?
        };
        for seen in live.iter().filter(|seen| !known.inside.contains_key(&seen.origin)) {
            let name = escape::foreign(&seen.container);
            writeln!(
                session.err,
                "Container {name} was never remembered: drawbridge baseline remembers it, and every file as it is now"
            )?;
        }
        let inside = drifted(&known, &live);
        for path in self.accept.iter().chain(&self.restore) {
            let accepts = self.accept.contains(path) && inside.iter().any(|(_, drift)| drift.path == *path);
            if !accepts && !changed.iter().any(|drift| drift.path.as_str() == path) {
                return Err(CliError::refused(
                    format!("`{path}` did not change"),
                    "`drawbridge review` lists what did",
                ));
            }
        }
        restore(&workspace, &changed, &self.restore, session)?;
        let accepts = |path: &str| self.accept_all || self.accept.iter().any(|accepted| accepted == path);
        let accepted: BTreeMap<(String, String), Inside> = inside
            .iter()
            .filter(|(_, drift)| accepts(&drift.path))
            .map(|(seen, drift)| ((seen.origin.clone(), drift.path.clone()), Inside::of(&seen.facts)))
            .collect();
        for drift in changed.iter().filter(|drift| accepts(drift.path.as_str())) {
            known.accept(&drift.path, &now);
        }
        for ((origin, path), now) in &accepted {
            if let Some(known) = known.inside.get_mut(origin) {
                known.accept(path, now);
            }
        }
        if self.accept_all || !self.accept.is_empty() {
            baseline::write(&state, workspace.path(), &known)?;
        }
        // Compared again: what nobody can compare is not known by accepting it.
        let mut changed = drift::compare(&known, &now);
        changed.retain(|drift| !self.restore.iter().any(|path| path == drift.path.as_str()));
        let inside = drifted(&known, &live);
        show(&changed, &inside, self.diff, session)?;
        Ok(if changed.is_empty() && inside.is_empty() { Outcome::Done } else { Outcome::Findings })
    }
}

/// A running container.
struct Seen {
    container: String,
    /// The devcontainer.json that it was made from.
    origin: String,
    facts: Facts,
}

/// What is not as recorded, in each container.
fn drifted<'s>(known: &Baseline, live: &'s [Seen]) -> Vec<(&'s Seen, InsideDrift)> {
    let of = |seen: &'s Seen| {
        let drift = known.inside.get(&seen.origin).map(|known| known.compare(&seen.facts));
        drift.unwrap_or_default().into_iter().map(move |drift| (seen, drift))
    };
    live.iter().flat_map(of).collect()
}

/// The running containers. Where none runs, the engine does not answer or one cannot be looked into, a note says so.
fn look_inside(
    workspace: &Workspace,
    config: Option<&RelPath>,
    session: &mut Session<'_>,
) -> Result<Vec<Seen>, CliError> {
    let running = match look::running(workspace, config) {
        Ok(running) if running.is_empty() => Err(look::none_runs(None, config)),
        answer => answer,
    };
    let running = match running {
        Ok(running) => running,
        Err(error) => {
            let why = error.to_string();
            writeln!(session.err, "The container was not looked into: {}", escape::foreign(&why))?;
            return Ok(Vec::new());
        }
    };
    let mut seen = Vec::new();
    for container in running {
        match look::facts(workspace, &container, More { digests: true, ..More::default() }) {
            Ok(facts) => {
                let origin = look::origin(workspace, &container);
                seen.push(Seen { container: container.name, origin, facts });
            }
            Err(error) => {
                let line = format!("{} was not looked into: {error}", container.name);
                writeln!(session.err, "Container {}", escape::foreign(&line))?;
            }
        }
    }
    Ok(seen)
}

/// What changed since the developer looked, in one line; `None` without a baseline or a change.
pub(super) fn unreviewed(workspace: &Workspace) -> Result<Option<Vec<Drift>>, CliError> {
    let Some(state) = variables::state_home() else { return Ok(None) };
    let Some(known) = baseline::read(&state, workspace.path())? else { return Ok(None) };
    Ok(Some(drift::compare(&known, &baseline::now(workspace)?)))
}

fn state() -> Result<PathBuf, CliError> {
    variables::state_home()
        .ok_or_else(|| CliError::refused("no folder for the baseline is known", "set HOME or XDG_STATE_HOME"))
}

fn change(drift: &Drift) -> Change {
    let text = |content: &Option<Content>| content.as_ref().map(Content::shown);
    Change { path: drift.path.clone(), before: text(&drift.before), after: text(&drift.after) }
}

fn restore(
    workspace: &Workspace,
    changed: &[Drift],
    wanted: &[String],
    session: &mut Session<'_>,
) -> Result<(), CliError> {
    if wanted.is_empty() {
        return Ok(());
    }
    let chosen = changed.iter().filter(|drift| wanted.iter().any(|path| path == drift.path.as_str()));
    if let Some(drift) = chosen.clone().find(|drift| !drift.can_be_put_back()) {
        return Err(CliError::refused(
            format!("`{}` has no text to put back", drift.path),
            "a link, a program, a folder or a permission: look at it and repair it by hand, then `--accept` it",
        ));
    }
    let back: Vec<FileChange> = chosen
        .map(change)
        .map(|change| FileChange::from(&Change { before: change.after, after: change.before, ..change }))
        .collect();
    project::journal(workspace, session)?.apply("review --restore", false, &back)?;
    writeln!(session.err, "{} restored; `drawbridge undo` takes that back", back.len())?;
    Ok(())
}

fn show(
    changed: &[Drift],
    inside: &[(&Seen, InsideDrift)],
    lines: bool,
    session: &mut Session<'_>,
) -> Result<(), CliError> {
    if session.json {
        let files = changed.iter().map(|drift| json!(drift));
        let inside = inside.iter().map(|(seen, drift)| {
            let mut drift = json!(drift);
            drift["container"] = json!(seen.container);
            drift["config"] = json!(seen.origin);
            drift
        });
        let all: Vec<Value> = files.chain(inside).collect();
        session.json(&all)?;
        return Ok(());
    }
    if changed.is_empty() && inside.is_empty() {
        writeln!(session.out, "As in the baseline")?;
    }
    let paint = session.paint_out;
    for drift in changed {
        head(drift.kind, drift.path.as_str(), &drift.what, session)?;
        if lines {
            write!(session.out, "{}", diff::unified(&change(drift), paint))?;
        }
    }
    for (seen, drift) in inside {
        head(drift.kind, &drift.path, &drift.what, session)?;
        let of = if seen.origin.is_empty() { String::new() } else { format!(" of {}", seen.origin) };
        let place = format!("in container {}{of}", seen.container);
        writeln!(session.out, "  {}", escape::foreign(&place))?;
    }
    if !changed.is_empty() || !inside.is_empty() {
        writeln!(
            session.err,
            "Accept: drawbridge review --accept PATH. Put back: drawbridge review --restore PATH"
        )?;
    }
    Ok(())
}

fn head(kind: DriftKind, path: &str, what: &[String], session: &mut Session<'_>) -> Result<(), CliError> {
    let paint = session.paint_out;
    let kind = match kind {
        DriftKind::Added => "new",
        DriftKind::Removed => "gone",
        DriftKind::Changed => "changed",
    };
    let path = escape::foreign(path).into_owned();
    writeln!(session.out, "{} {}", paint.yellow(kind), paint.bold(&path))?;
    for what in what {
        writeln!(session.out, "  {}", escape::foreign(what))?;
    }
    Ok(())
}
