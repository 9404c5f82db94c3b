//! `drawbridge up`

mod ready;

use drawbridge_core::protect::Plan;
use drawbridge_host::containers;
use drawbridge_host::devcontainer::{self, Started};
use drawbridge_host::engine::Container;
use drawbridge_host::workspace::Workspace;
use serde_json::{Value, json};

use crate::commands::{layers, review};
use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::project;
use crate::protected::{ConfigArg, Protected};
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  drawbridge up
  drawbridge up --rebuild
  drawbridge up --config .devcontainer/java/devcontainer.json";

/// Start the dev container behind its gate
///
/// Refuses when the container would not be protected. The official Dev Containers CLI makes the
/// container; its progress is passed on.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigArg,

    /// Make the container anew even if one exists
    #[arg(long)]
    rebuild: bool,

    /// Start it although nothing protects it
    #[arg(long)]
    unprotected: bool,
}

impl Args {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        if self.unprotected {
            return self.open(session);
        }
        let protected = Protected::open(session, &self.config)?;
        let drift = unreviewed(&protected.workspace, session)?;
        ready::prepare(&protected, session)?;
        let anew = self.anew(&protected, session)?;
        let path = protected.workspace.path();
        let tools = protected.engine.tools();
        let ca = layers::feature_option(protected.options.trust_host_cas)?;
        let started = devcontainer::up(tools, path, &protected.config(), anew, ca.as_deref())
            .map_err(|error| protected.engine.check().map_or_else(CliError::from, |_| error.into()))?;
        let found = protected.containers()?;
        let dev = found.dev.filter(|dev| dev.running).ok_or_else(|| {
            CliError::refused("the container ended as soon as it was started", "drawbridge logs")
        })?;
        if !containers::is_gated(&protected.engine, &dev, &protected.plan)? {
            return Err(CliError::refused(
                format!("container {} is not behind the gate", dev.name),
                "drawbridge up --rebuild",
            ));
        }
        let others = containers::unfiltered(&protected.engine, &protected.workspace, &protected.plan)?;
        report(&protected.plan, &started, &dev, &others, &drift, session)
    }

    /// Whether an existing container has to go: one that is not behind the gate keeps its network
    /// for as long as it exists.
    fn anew(&self, protected: &Protected, session: &mut Session<'_>) -> Result<bool, CliError> {
        if self.rebuild {
            return Ok(true);
        }
        let Some(dev) = protected.containers()?.dev else { return Ok(false) };
        if containers::is_gated(&protected.engine, &dev, &protected.plan)? {
            return Ok(false);
        }
        // One that Compose did not make stays beside the new one; it is reported afterwards.
        if dev.label(drawbridge_host::engine::LABEL_SERVICE) != Some(protected.plan.service.as_str()) {
            return Ok(false);
        }
        let name = escape::foreign(&dev.name).into_owned();
        let question = format!("Container {name} was made without the gate. Remove it and make it anew?");
        if session.terminal && !session.json && session.confirm(&question)? {
            return Ok(true);
        }
        Err(CliError::refused(
            format!("container {name} was made without the gate and keeps its network"),
            "drawbridge up --rebuild   (what was installed in the container by hand is lost)",
        ))
    }

    fn open(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let workspace = project::workspace(session)?;
        let snapshot = workspace.snapshot(None)?;
        let config = project::config_path(&workspace, self.config.config.as_deref())?
            .or_else(|| drawbridge_core::project::discover(&snapshot).first().map(|c| c.path.clone()))
            .ok_or_else(|| CliError::refused("no dev container configuration here", "--config PATH"))?;
        let warning = session.paint_err.red("UNPROTECTED:");
        writeln!(session.err, "{warning} a process in this container reaches every host")?;
        let drift = unreviewed(&workspace, session)?;
        let path = workspace.path().join(config.as_str());
        let ca = layers::feature_option(false)?;
        let started =
            devcontainer::up(&workspace.tools(), workspace.path(), &path, self.rebuild, ca.as_deref())?;
        if session.json {
            session.json(&json!({"protected": false, "container": started.container_id, "drift": drift}))?;
        }
        Ok(Outcome::Done)
    }
}

fn report(
    plan: &Plan,
    started: &Started,
    dev: &Container,
    others: &[String],
    drift: &Value,
    session: &mut Session<'_>,
) -> Result<Outcome, CliError> {
    if session.json {
        session.json(&json!({"protected": true, "container": dev.id, "name": dev.name,
            "config": plan.config, "remoteUser": started.remote_user,
            "remoteWorkspaceFolder": started.remote_workspace_folder,
            "open_containers": others, "drift": drift}))?;
        return Ok(Outcome::Done);
    }
    let warning = session.paint_err.yellow("warning:");
    for name in others {
        let name = escape::foreign(name);
        writeln!(session.err, "{warning} container {name} of this folder still runs WITHOUT the gate")?;
        writeln!(session.err, "         stop it now: docker stop {name}")?;
    }
    writeln!(session.out, "{} runs behind the gate", escape::foreign(&dev.name))?;
    writeln!(session.err, "Next: drawbridge exec -- COMMAND, drawbridge prove")?;
    Ok(Outcome::Done)
}

/// Says in one line what changed since the developer last looked, before anything of it runs: the files that this
/// machine runs or the start follows. Comparing takes milliseconds and never stops the start.
///
/// Gives the changes, or `null` without a baseline, or when it cannot be read.
fn unreviewed(workspace: &Workspace, session: &mut Session<'_>) -> Result<Value, CliError> {
    let warning = session.paint_err.yellow("warning:");
    let drift = match review::unreviewed(workspace) {
        Ok(Some(drift)) => drift,
        Ok(None) => return Ok(Value::Null),
        Err(error) => {
            let why = error.to_string();
            writeln!(session.err, "{warning} nobody knows what changed: {}", escape::foreign(&why))?;
            return Ok(Value::Null);
        }
    };
    if let Some(first) = drift.first() {
        let (path, what) = (first.path.as_str(), first.what.first().map_or("", String::as_str));
        let more = if drift.len() > 1 { format!(", and {} more", drift.len() - 1) } else { String::new() };
        let line = format!("not reviewed: {path} ({what}){more}; drawbridge review");
        writeln!(session.err, "{warning} {}", escape::foreign(&line))?;
    }
    Ok(json!(drift))
}
