//! `drawbridge baseline` and `drawbridge review`

use std::path::PathBuf;

use drawbridge_core::drift::{self, Baseline, Drift, DriftKind};
use drawbridge_core::protect::Change;
use drawbridge_host::journal::FileChange;
use drawbridge_host::workspace::Workspace;
use drawbridge_host::{baseline, variables};
use serde_json::json;

use crate::diff;
use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::project;
use crate::session::Session;

/// Remember the files that the host executes and the next launch follows
///
/// Kept on this machine, outside of the workspace, where no container writes it. `drawbridge review`
/// shows what changed since.
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
        let now = drift::baseline(&workspace.audit_snapshot(None)?);
        baseline::write(&state()?, workspace.path(), &now)?;
        if session.json {
            session.json(&json!({"files": now.files.keys().collect::<Vec<_>>()}))?;
        } else {
            writeln!(
                session.out,
                "{} files remembered; `drawbridge review` shows what changes",
                now.files.len()
            )?;
        }
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
        for path in self.accept.iter().chain(&self.restore) {
            if !changed.iter().any(|drift| drift.path.as_str() == path) {
                return Err(CliError::refused(
                    format!("`{path}` did not change"),
                    "`drawbridge review` lists what did",
                ));
            }
        }
        restore(&workspace, &changed, &self.restore, session)?;
        let accepted =
            |drift: &Drift| self.accept_all || self.accept.iter().any(|path| path == drift.path.as_str());
        accept(&mut known, changed.iter().filter(|drift| accepted(drift)));
        if self.accept_all || !self.accept.is_empty() {
            baseline::write(&state, workspace.path(), &known)?;
        }
        changed
            .retain(|drift| !accepted(drift) && !self.restore.iter().any(|path| path == drift.path.as_str()));
        show(&changed, self.diff, session)?;
        Ok(if changed.is_empty() { Outcome::Done } else { Outcome::Findings })
    }
}

fn state() -> Result<PathBuf, CliError> {
    variables::state_home()
        .ok_or_else(|| CliError::refused("no folder for the baseline is known", "set HOME or XDG_STATE_HOME"))
}

fn accept<'d>(known: &mut Baseline, accepted: impl Iterator<Item = &'d Drift>) {
    for drift in accepted {
        match &drift.after {
            Some(text) => known.files.insert(drift.path.clone(), text.clone()),
            None => known.files.remove(&drift.path),
        };
    }
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
    let back: Vec<FileChange> = chosen
        .map(change)
        .map(|change| FileChange::from(&Change { before: change.after, after: change.before, ..change }))
        .collect();
    project::journal(workspace, session)?.apply("review --restore", false, &back)?;
    writeln!(session.err, "{} restored; `drawbridge undo` takes that back", back.len())?;
    Ok(())
}

fn show(changed: &[Drift], lines: bool, session: &mut Session<'_>) -> Result<(), CliError> {
    if session.json {
        session.json(&changed)?;
        return Ok(());
    }
    if changed.is_empty() {
        writeln!(session.out, "As in the baseline")?;
    }
    let paint = session.paint_out;
    for drift in changed {
        let kind = match drift.kind {
            DriftKind::Added => "new",
            DriftKind::Removed => "gone",
            DriftKind::Changed => "changed",
        };
        let path = escape::foreign(drift.path.as_str()).into_owned();
        writeln!(session.out, "{} {}", paint.yellow(kind), paint.bold(&path))?;
        for what in &drift.what {
            writeln!(session.out, "  {}", escape::foreign(what))?;
        }
        if lines {
            write!(session.out, "{}", diff::unified(&change(drift), paint))?;
        }
    }
    if !changed.is_empty() {
        writeln!(
            session.err,
            "Accept: drawbridge review --accept PATH. Put back: drawbridge review --restore PATH"
        )?;
    }
    Ok(())
}
