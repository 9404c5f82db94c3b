//! `drawbridge baseline` and `drawbridge review`

use std::path::PathBuf;

use drawbridge_bridge::facts::Facts;
use drawbridge_core::drift::{self, Drift, DriftKind, Inside, InsideDrift};
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
/// shows what changed since. While the dev container runs, the editor's settings and digests of its extensions in there
/// are remembered too.
///
/// Example: drawbridge baseline
#[derive(Debug, clap::Args)]
pub(crate) struct BaselineArgs {}

/// Show what changed in those files since the baseline, and what it means
///
/// Exit code 1 when something changed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  drawbridge review                                       what changed, and what it means
  drawbridge review --diff                                with the lines
  drawbridge review --accept .devcontainer/devcontainer.json
  drawbridge review --restore .git/hooks/pre-commit       as it was in the baseline; undo takes it back")]
pub(crate) struct Review {
    /// Show the lines
    #[arg(long)]
    diff: bool,

    /// Take this file over into the baseline; may be repeated
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
    #[expect(clippy::unused_self, reason = "every command has this shape")]
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let workspace = project::workspace(session)?;
        let state = state()?;
        let mut now = drift::baseline(&workspace.audit_snapshot(None)?);
        // What was recorded while a container ran is still what was looked at.
        now.inside = baseline::read(&state, workspace.path())
            .ok()
            .flatten()
            .map(|known| known.inside)
            .unwrap_or_default();
        let mut inside = Inside::default();
        if let Some((origin, live)) = look_inside(&workspace, session)? {
            inside = Inside::of(&live);
            now.inside.insert(origin, inside.clone());
        }
        baseline::write(&state, workspace.path(), &now)?;
        if session.json {
            let files: Vec<_> = now.files.keys().collect();
            let extensions: Vec<_> = inside.extensions.keys().collect();
            let settings: Vec<_> = inside.settings.keys().collect();
            session.json(&json!({"files": files, "extensions": extensions, "settings": settings}))?;
            return Ok(Outcome::Done);
        }
        let files = now.files.len();
        writeln!(
            session.out,
            "{files} files, {} extensions and {} files of settings in the container remembered; \
             `drawbridge review` shows what changes",
            inside.extensions.len(),
            inside.settings.len()
        )?;
        Ok(Outcome::Done)
    }
}

impl Review {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let workspace = project::workspace(session)?;
        let state = state()?;
        let Some(mut known) = baseline::read(&state, workspace.path())? else {
            return Err(CliError::refused(
                "nothing was remembered for this workspace",
                "drawbridge baseline",
            ));
        };
        let now = drift::baseline(&workspace.audit_snapshot(None)?);
        let mut changed = drift::compare(&known, &now);
        let live = if known.inside.is_empty() { None } else { look_inside(&workspace, session)? };
        let mut inside = match &live {
            Some((origin, live)) => {
                known.inside.get(origin).map(|known| known.compare(live)).unwrap_or_default()
            }
            None => Vec::new(),
        };
        for path in self.accept.iter().chain(&self.restore) {
            let accepts = self.accept.contains(path) && inside.iter().any(|drift| drift.path == *path);
            if !accepts && !changed.iter().any(|drift| drift.path.as_str() == path) {
                return Err(CliError::refused(
                    format!("`{path}` did not change"),
                    "`drawbridge review` lists what did",
                ));
            }
        }
        restore(&workspace, &changed, &self.restore, session)?;
        let accepts = |path: &str| self.accept_all || self.accept.iter().any(|accepted| accepted == path);
        let accepted = |drift: &Drift| accepts(drift.path.as_str());
        for drift in changed.iter().filter(|drift| accepted(drift)) {
            known.accept(&drift.path, &now);
        }
        if let Some((origin, live)) = &live
            && let Some(known) = known.inside.get_mut(origin)
        {
            let now = Inside::of(live);
            for drift in inside.iter().filter(|drift| accepts(&drift.path)) {
                known.accept(&drift.path, &now);
            }
        }
        inside.retain(|drift| !accepts(&drift.path));
        if self.accept_all || !self.accept.is_empty() {
            baseline::write(&state, workspace.path(), &known)?;
        }
        changed
            .retain(|drift| !accepted(drift) && !self.restore.iter().any(|path| path == drift.path.as_str()));
        show(&changed, &inside, self.diff, session)?;
        Ok(if changed.is_empty() && inside.is_empty() { Outcome::Done } else { Outcome::Findings })
    }
}

/// The running container; without one, or without an engine, a note says that nobody looked.
fn look_inside(
    workspace: &Workspace,
    session: &mut Session<'_>,
) -> Result<Option<(String, Facts)>, CliError> {
    let looked = look::running(workspace, None).and_then(|container| {
        container
            .map(|container| {
                let facts = look::facts(workspace, &container, More { digests: true, ..More::default() })?;
                Ok((look::origin(workspace, &container), facts))
            })
            .transpose()
    });
    let why = match looked {
        Ok(Some(seen)) => return Ok(Some(seen)),
        Ok(None) => "no dev container of this workspace runs".to_owned(),
        Err(error) => error.to_string(),
    };
    writeln!(session.err, "The container was not looked into: {}", escape::foreign(&why))?;
    Ok(None)
}

/// What changed since the developer looked, in one line; `None` without a baseline or a change.
pub(super) fn unreviewed(workspace: &Workspace) -> Result<Option<Vec<Drift>>, CliError> {
    let Some(state) = variables::state_home() else { return Ok(None) };
    let Some(known) = baseline::read(&state, workspace.path())? else { return Ok(None) };
    Ok(Some(drift::compare(&known, &drift::baseline(&workspace.audit_snapshot(None)?))))
}

fn state() -> Result<PathBuf, CliError> {
    variables::state_home()
        .ok_or_else(|| CliError::refused("no folder for the baseline is known", "set HOME or XDG_STATE_HOME"))
}

fn change(drift: &Drift) -> Change {
    Change { path: drift.path.clone(), before: drift.before.clone(), after: drift.after.clone() }
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
            "a link, a program or a permission: look at it and repair it by hand, then `--accept` it",
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
    inside: &[InsideDrift],
    lines: bool,
    session: &mut Session<'_>,
) -> Result<(), CliError> {
    if session.json {
        let files = changed.iter().map(|drift| json!(drift));
        let all: Vec<Value> = files.chain(inside.iter().map(|drift| json!(drift))).collect();
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
    for drift in inside {
        head(drift.kind, &drift.path, &drift.what, session)?;
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
