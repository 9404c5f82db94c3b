//! `drawbridge protect`

mod after;
pub(super) mod show;

use std::path::PathBuf;

use clap::ValueEnum;
use drawbridge_core::project::{RelPath, Snapshot};
use drawbridge_core::protect::{self, Ground, Hardening, Options};
use drawbridge_host::brought;
use drawbridge_host::engine::EngineError;
use drawbridge_host::journal::{FileChange, Journal};
use drawbridge_host::workspace::Workspace;
use serde_json::json;

use crate::error::CliError;
use crate::exit::Outcome;
use crate::project;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  drawbridge protect                        show the diff, ask, write
  drawbridge protect --dry-run              show the diff
  drawbridge protect --yes --ide vscode --agent claude-code
  drawbridge protect --config .devcontainer/java/devcontainer.json";

/// Close the dev container's way out: policy, gate and read-only configuration
///
/// Shows every change before it writes. `drawbridge undo` puts every file back, byte for byte.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The devcontainer.json to protect, when there are several
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,

    /// Write without asking
    #[arg(long, short)]
    yes: bool,

    /// Only show what would change
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,

    /// Editors that may connect; default: `vscode,jetbrains`. With `jetbrains` named, its section is written too
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    ide: Option<Vec<String>>,

    /// Coding agents that may reach their service; default: what is detected. One that is named gets its
    /// JetBrains plugin
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    agent: Option<Vec<String>>,

    /// How much of the workspace the container may not write
    #[arg(long, value_enum, default_value_t = Level::Config, value_name = "LEVEL")]
    level: Level,

    /// How much of the editor's bridge to the host is closed
    #[arg(long, value_enum, default_value_t = Harden::Balanced, value_name = "LEVEL")]
    harden: Harden,

    /// Go on although this cannot be kept; may be repeated
    #[arg(long, allow_hyphen_values = true, value_name = "CODE")]
    accept_loss: Vec<String>,

    /// Add Drawbridge's own dev container Feature; it brings your CAs before other Features are installed
    #[arg(long, value_name = "REFERENCE")]
    feature: Option<String>,

    /// Carry the certificate authorities that were added to this machine into the container
    #[arg(long)]
    trust_host_cas: bool,
}

/// See `--level`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Level {
    /// Nothing is bound read-only
    Off,
    /// What the next start executes: configuration, Compose files, Dockerfiles, git hooks
    Config,
    /// And `.vscode`
    Editor,
    /// And `.git/config`, `.idea`, agent configuration
    Strict,
}

/// See `--harden`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Harden {
    /// Nothing
    Off,
    /// Credentials of the host stay on the host; ports are still forwarded
    Balanced,
    /// Everything a setting can close
    Strict,
}

impl Args {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let workspace = project::workspace(session)?;
        let mut journal = if self.dry_run { None } else { Some(project::journal(&workspace, session)?) };
        let config = project::config_path(&workspace, self.config.as_deref())?;
        let mut snapshot = workspace.snapshot(config.as_ref())?;
        self.carry_out(&workspace, &mut journal, &mut snapshot, config, session)
    }

    /// `drawbridge init`: the same, for a configuration that is written first.
    pub(super) fn init(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let workspace = project::workspace(session)?;
        let mut journal = if self.dry_run { None } else { Some(project::journal(&workspace, session)?) };
        let snapshot = workspace.snapshot(None)?;
        let made =
            drawbridge_core::init::init(&snapshot).map_err(|refusal| project::refused(refusal, &snapshot))?;
        let mut snapshot = workspace.snapshot_with(&made.path, made.after.as_deref().unwrap_or_default())?;
        self.carry_out(&workspace, &mut journal, &mut snapshot, Some(made.path), session)
    }

    fn carry_out(
        self,
        workspace: &Workspace,
        journal: &mut Option<Journal>,
        snapshot: &mut Snapshot,
        config: Option<RelPath>,
        session: &mut Session<'_>,
    ) -> Result<Outcome, CliError> {
        let (yes, dry_run, trust_host_cas) = (self.yes, self.dry_run, self.trust_host_cas);
        let engine = project::engine(workspace);
        if !dry_run && let Err(error @ EngineError::TooOld { .. }) = engine.check() {
            return Err(error.into());
        }
        if let Ok(config) = protect::chosen(snapshot, config.as_ref()) {
            brought::complete(&engine, workspace, snapshot, &config);
        }
        let options = self.options(config);
        let mut plan =
            protect::plan(snapshot, &options).map_err(|refusal| project::refused(refusal, snapshot))?;
        for change in &mut plan.changes {
            // What is only in the snapshot is not there yet.
            if !workspace.path().join(change.path.as_str()).exists() {
                change.before = None;
            }
        }
        if !session.json {
            show::plan(&plan, session)?;
        }
        if plan.is_done() || dry_run {
            if session.json {
                session.json(&json!({"plan": plan, "written": false}))?;
            }
            return Ok(Outcome::Done);
        }
        let question = format!("Write {}?", show::files(plan.changes.len()));
        let wanted = yes || (session.terminal && !session.json && session.confirm(&question)?);
        let Some(journal) = journal.as_mut().filter(|_| wanted) else {
            if session.json {
                session.json(&json!({"plan": plan, "written": false}))?;
            }
            writeln!(session.err, "Nothing was written; `drawbridge protect --yes` writes it")?;
            return Ok(Outcome::Findings);
        };
        let changes: Vec<FileChange> = plan.changes.iter().map(FileChange::from).collect();
        journal.apply("protect", false, &changes)?;
        let done = after::written(workspace, &plan, journal, trust_host_cas, session)?;
        if session.json {
            session.json(&json!({"plan": plan, "written": true, "after": done}))?;
        }
        Ok(Outcome::Done)
    }

    fn options(self, config: Option<RelPath>) -> Options {
        Options {
            config,
            ides: self.ide,
            agents: self.agent,
            hardening: match self.harden {
                Harden::Off => Hardening::Off,
                Harden::Balanced => Hardening::Balanced,
                Harden::Strict => Hardening::Strict,
            },
            ground: match self.level {
                Level::Off => Ground::Off,
                Level::Config => Ground::Config,
                Level::Editor => Ground::Editor,
                Level::Strict => Ground::Strict,
            },
            accept_loss: self.accept_loss,
            feature: self.feature,
            trust_host_cas: self.trust_host_cas,
        }
    }
}
