//! `drawbridge audit`

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::ValueEnum;
use drawbridge_bridge::facts::Facts;
use drawbridge_core::audit::{Fixed, Input, Report, Severity, audit, fixed};
use drawbridge_core::project::{RelPath, Snapshot};
use drawbridge_core::protect;
use drawbridge_host::journal::FileChange;
use drawbridge_host::workspace::Workspace;
use drawbridge_host::{brought, ide, variables};
use drawbridge_report::html::{self, Attempt, PolicyRow};
use drawbridge_report::{document, sarif, terminal};
use drawbridge_service::protected::personal_layers;
use drawbridge_service::protocol::PolicyRule;

use crate::clock;
use crate::commands::look::{self, More};
use crate::commands::prove;
use crate::diff;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::project;
use crate::protected::{ConfigArg, Protected};
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  drawbridge audit                        the worst first, on one screen
  drawbridge audit --all --fail-on low    everything, for a pull request
  drawbridge audit --live --host          and the running container, and the editors on this machine
  drawbridge audit --fix                  apply the safe fixes; `drawbridge undo` takes them back
  drawbridge audit --format sarif > audit.sarif
  drawbridge audit --format html > audit.html";

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Find what is open: the editor's bridge, files that the host runs, the configuration
///
/// Reads files only, unless `--live`. Exit code 1 when a finding is at least as bad as `--fail-on`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The devcontainer.json whose container `--live` looks into; also one that lies where none is looked for
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,

    /// How to write the report
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,

    /// Severity from which on the exit code is 1
    #[arg(long, value_enum, default_value_t = Level::High, value_name = "LEVEL")]
    fail_on: Level,

    /// Every finding with its line, not one screen
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    sources: Sources,

    /// Apply the safe fixes
    #[arg(long)]
    fix: bool,

    /// Apply the fix of this rule although somebody may rely on what it takes away; may be repeated
    #[arg(long, value_name = "RULE")]
    fix_rule: Vec<String>,
}

/// What is looked at beside the workspace's files.
#[derive(Debug, clap::Args)]
struct Sources {
    /// Also look into the running container: sockets, environments, mounts, settings, extensions
    #[arg(long)]
    live: bool,

    /// With `--live`: this container instead of the workspace's own
    #[arg(long, value_name = "NAME", requires = "live")]
    container: Option<String>,

    /// With `--live`: ask ssh agents how many keys they offer
    #[arg(long, requires = "live")]
    active: bool,

    /// Also read the settings of the editors on this machine
    #[arg(long)]
    host: bool,
}

/// See `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Terminal,
    /// For programs; its schema is in the documentation
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// One offline page with a drawing, the policy and, with `--live`, what `drawbridge prove` finds
    Html,
}

/// See `--fail-on`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Level {
    /// Nothing
    Never,
    /// Only the worst
    Critical,
    /// And high
    High,
    /// And medium
    Medium,
    /// And low
    Low,
    /// Everything
    Info,
}

impl Level {
    fn fails(self, severity: Severity) -> bool {
        let worst = match self {
            Self::Never => return false,
            Self::Critical => Severity::Critical,
            Self::High => Severity::High,
            Self::Medium => Severity::Medium,
            Self::Low => Severity::Low,
            Self::Info => Severity::Info,
        };
        severity <= worst
    }
}

impl Args {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let workspace = project::workspace(session)?;
        let config = project::config_path(&workspace, self.config.as_deref())?;
        let mut snapshot = workspace.audit_snapshot(config.as_ref())?;
        let layers = personal_layers();
        let input = Input { layers: &layers, ..Input::of(&snapshot, clock::now()) };
        if self.fix || !self.fix_rule.is_empty() {
            let changes = fixed(&input, self.fix, &self.fix_rule);
            write_fixes(&workspace, &changes, session)?;
            snapshot = workspace.audit_snapshot(config.as_ref())?;
        }
        let recorded = match self.sources.container {
            None => drawbridge_service::look::recorded(&workspace)?,
            Some(_) => BTreeMap::new(),
        };
        let look = || self.look(&workspace, config.as_ref(), !recorded.is_empty());
        let seen = self.sources.live.then(look).transpose()?;
        let known = seen.as_ref().and_then(|(origin, _)| recorded.get(origin));
        let brought = if self.sources.live {
            let chosen = protect::chosen(&snapshot, config.as_ref()).ok();
            let engine = project::engine(&workspace);
            Some(brought::of_all(&engine, &workspace, &mut snapshot, chosen.as_ref()))
        } else {
            None
        };
        let host = match variables::home().filter(|_| self.sources.host) {
            Some(home) => ide::files(&home, workspace.path(), None),
            None => Vec::new(),
        };
        let input = Input::of(&snapshot, clock::now());
        let report = audit(&Input {
            live: seen.as_ref().map(|(_, facts)| facts),
            host: &host,
            layers: &layers,
            brought: brought.as_ref(),
            recorded: known.map(|known| &known.extensions),
            ..input
        });
        self.show(&report, &snapshot, &workspace.name(), session)?;
        let fails = report.findings.iter().any(|found| self.fail_on.fails(found.severity));
        Ok(if fails { Outcome::Findings } else { Outcome::Done })
    }

    /// Facts of the container that the user named, else of the workspace's own, and what it was made from.
    fn look(
        &self,
        workspace: &Workspace,
        config: Option<&RelPath>,
        digests: bool,
    ) -> Result<(String, Facts), CliError> {
        let container = look::chosen(workspace, self.sources.container.as_deref(), config)?;
        let facts = look::facts(workspace, &container, More { active: self.sources.active, digests })?;
        Ok((look::origin(workspace, &container), facts))
    }

    /// Policy and proof run of a protected configuration, or why there are none.
    fn gate(&self, session: &Session<'_>) -> (html::Section<PolicyRow>, html::Section<Attempt>) {
        let config = ConfigArg { config: self.config.clone() };
        let protected = match Protected::open(session, &config) {
            Ok(protected) => protected,
            Err(error) => {
                let why = error.to_string();
                return (html::Section::Absent(why.clone()), html::Section::Absent(why));
            }
        };
        let policy = match drawbridge_service::rules(&protected) {
            Ok(rules) => html::Section::Rows(rules.into_iter().map(policy_row).collect()),
            Err(error) => html::Section::Absent(error.to_string()),
        };
        if !self.sources.live || self.sources.container.is_some() {
            let why =
                "`drawbridge audit --live --format html` tries to get out of the workspace's own container";
            return (policy, html::Section::Absent(why.to_owned()));
        }
        let proof = match prove::outcomes(&protected, None) {
            Ok((_, lines)) => html::Section::Rows(lines.into_iter().map(attempt).collect()),
            Err(error) => html::Section::Absent(error.to_string()),
        };
        (policy, proof)
    }

    fn show(
        &self,
        report: &Report,
        snapshot: &Snapshot,
        name: &str,
        session: &mut Session<'_>,
    ) -> Result<(), CliError> {
        let format = if session.json { Format::Json } else { self.format };
        match format {
            Format::Json => session.json(&document::document(report, VERSION))?,
            Format::Sarif => session.json(&sarif::sarif(report, snapshot, VERSION))?,
            Format::Html => {
                let (policy, proof) = self.gate(session);
                let page = html::Page { title: name, tool: VERSION, policy, proof };
                write!(session.out, "{}", html::html(report, &page))?;
            }
            Format::Terminal => {
                let options = terminal::Options { color: session.paint_out.is_on(), all: self.all };
                write!(session.out, "{}", terminal::render(report, options))?;
            }
        }
        Ok(())
    }
}

fn policy_row(rule: PolicyRule) -> PolicyRow {
    PolicyRow {
        denies: rule.action == "deny",
        rule: rule.text,
        layer: rule.layer,
        place: format!("{}:{}", rule.file, rule.line + 1),
        reason: rule.reason,
    }
}

fn attempt(line: prove::Line) -> Attempt {
    let prove::Line { id, status, attempt, detail } = line;
    Attempt { id, outcome: html::Outcome::named(&status), attempt, detail }
}

/// Journals and writes the fixes, with the diff on standard error.
fn write_fixes(workspace: &Workspace, changes: &[Fixed], session: &mut Session<'_>) -> Result<(), CliError> {
    if changes.is_empty() {
        writeln!(session.err, "Nothing to fix by itself")?;
        return Ok(());
    }
    let mut journal = project::journal(workspace, session)?;
    let mut files = Vec::new();
    for change in changes {
        write!(session.err, "{}", diff::unified(&change.change, session.paint_err))?;
        files.push(FileChange::from(&change.change));
    }
    journal.apply("audit --fix", false, &files)?;
    let count: usize = changes.iter().map(|change| change.titles.len()).sum();
    writeln!(session.err, "{count} fixed; `drawbridge undo` puts the files back")?;
    Ok(())
}
