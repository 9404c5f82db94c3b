//! `drawbridge logs` and `drawbridge down`

use std::time::Duration;

use drawbridge_host::engine::LABEL_PROJECT;
use drawbridge_host::process::{Next, Running};
use serde_json::{Value, json};

use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::protected::{ConfigArg, Protected};
use crate::session::{Paint, Session};

/// Stopping waits ten seconds for each container that does not end by itself.
const LONGEST_DOWN: Duration = Duration::from_mins(5);

/// Print the gate's decisions
///
/// Example: drawbridge logs --follow
#[derive(Debug, clap::Args)]
pub(crate) struct Logs {
    #[command(flatten)]
    config: ConfigArg,

    /// Go on and print what happens
    #[arg(long, short)]
    follow: bool,

    /// Only this many of the last lines
    #[arg(long, value_name = "N")]
    tail: Option<u32>,
}

/// Stop and remove the dev container and its gate
///
/// The workspace and named volumes stay.
///
/// Example: drawbridge down
#[derive(Debug, clap::Args)]
pub(crate) struct Down {
    #[command(flatten)]
    config: ConfigArg,

    /// Also forget what the gate accepted and was granted
    #[arg(long)]
    volumes: bool,
}

impl Logs {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let protected = Protected::open(session, &self.config)?;
        let Some(sidecar) = protected.containers()?.sidecar else {
            return Err(CliError::refused("the gate was never started here", "drawbridge up"));
        };
        let mut program = protected.engine.docker().arg("logs");
        if self.follow {
            program = program.arg("--follow");
        }
        if let Some(tail) = self.tail {
            program = program.args(["--tail", &tail.to_string()]);
        }
        program = program.arg(&sidecar.id);
        if self.follow {
            return follow(&program.stream()?, session);
        }
        let output = protected.engine.answer(program.deadline(Duration::from_mins(1)), "logs")?;
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            print(line, session)?;
        }
        // What a gate says that does not start.
        for line in String::from_utf8_lossy(&output.stderr).lines() {
            writeln!(session.err, "{}", escape::line(line))?;
        }
        Ok(Outcome::Done)
    }
}

fn follow(running: &Running, session: &mut Session<'_>) -> Result<Outcome, CliError> {
    loop {
        match running.next_line(Duration::from_hours(1)) {
            Next::Line(line) => print(&line, session)?,
            Next::Nothing => {}
            Next::Ended => return Ok(Outcome::Done),
        }
        session.out.flush()?;
    }
}

fn print(line: &str, session: &mut Session<'_>) -> Result<(), CliError> {
    let event = if session.json { None } else { serde_json::from_str::<Value>(line).ok() };
    // The decision follows.
    if event.as_ref().is_some_and(|event| event["type"] == "hold") {
        return Ok(());
    }
    match event.as_ref().and_then(|event| decision(event, session.paint_out)) {
        Some(text) => writeln!(session.out, "{text}")?,
        None => writeln!(session.out, "{}", escape::line(line))?,
    }
    Ok(())
}

/// A decision in one line; other events are shown as they are.
fn decision(event: &Value, paint: Paint) -> Option<String> {
    let text = |key: &str| event[key].as_str().map(|text| escape::foreign(text).into_owned());
    if event["type"] != "decision" {
        return None;
    }
    let action = match event["action"].as_str()? {
        "allow" => paint.green("allow"),
        _ => paint.red("deny "),
    };
    let port = event["port"].as_u64().map(|port| format!(":{port}")).unwrap_or_default();
    let request = [text("method"), text("path")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let because = text("rule").or_else(|| text("why")).or_else(|| text("reason")).unwrap_or_default();
    let process = text("process").map(|name| format!("  {name}")).unwrap_or_default();
    let host = text("host")?;
    let phase = text("phase").unwrap_or_default();
    let time = text("ts").unwrap_or_default();
    let request = if request.is_empty() { request } else { format!(" {request}") };
    let because = paint.dim(&because);
    Some(format!("{time}  {action}  {phase:7}  {host}{port}{request}  {because}{process}"))
}

impl Down {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let protected = Protected::open(session, &self.config)?;
        let found = protected.containers()?;
        let project = [&found.dev, &found.sidecar]
            .into_iter()
            .flatten()
            .find_map(|container| container.label(LABEL_PROJECT).map(str::to_owned));
        let Some(project) = project else {
            if session.json {
                session.json(&json!({"removed": false}))?;
            }
            writeln!(session.err, "Nothing runs here")?;
            return Ok(Outcome::Done);
        };
        let program = protected.engine.docker().args(["compose", "--project-name", &project, "down"]);
        protected.engine.answer(program.deadline(LONGEST_DOWN), "compose down")?;
        if self.volumes {
            remove_volumes(&protected, &project)?;
        }
        if session.json {
            session.json(&json!({"removed": true, "project": project}))?;
        } else {
            writeln!(session.out, "{} is down", escape::foreign(&project))?;
        }
        Ok(Outcome::Done)
    }
}

/// Removes what the gate of this project keeps; the user's own layer is shared and stays.
fn remove_volumes(protected: &Protected, project: &str) -> Result<(), CliError> {
    let filter = format!("label={LABEL_PROJECT}={project}");
    let list = protected.engine.docker().args(["volume", "ls", "--quiet", "--filter", &filter]);
    let listed = protected.engine.answer(list, "volume ls")?.text();
    let ours = format!("{project}_drawbridge-");
    for volume in listed.lines().filter(|volume| volume.starts_with(&ours)) {
        let remove = protected.engine.docker().args(["volume", "rm", volume]);
        protected.engine.answer(remove, "volume rm")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_one_line_and_the_rest_is_left() {
        let event = json!({"ts": "2026-11-23T12:00:00Z", "type": "decision", "action": "deny",
            "phase": "sni", "host": "a\u{1b}.example", "port": 443, "reason": "host-not-allowed"});
        insta::assert_snapshot!(decision(&event, Paint::plain()).unwrap(), @r"2026-11-23T12:00:00Z  deny   sni      a\u{1b}.example:443  host-not-allowed");
        assert_eq!(decision(&json!({"type": "reload"}), Paint::plain()), None);
        assert_eq!(decision(&json!({"type": "decision"}), Paint::plain()), None);
    }
}
