//! `drawbridge doctor`

use drawbridge_host::addresses;
use drawbridge_host::devcontainer;
use drawbridge_host::engine::Engine;
use drawbridge_host::sidecar;
use serde::Serialize;
use serde_json::json;

use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::project;
use crate::protected::{ConfigArg, Protected};
use crate::session::Session;

/// Check what this machine has: engine, Compose, Dev Containers CLI, image, addresses
///
/// Exit code 1 when something is missing.
///
/// Example: drawbridge doctor
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigArg,
}

#[derive(Debug, Serialize)]
struct Line {
    what: &'static str,
    ok: bool,
    found: String,
    hint: Option<String>,
}

impl Line {
    fn fine(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, ok: true, found: found.into(), hint: None }
    }

    fn wrong(what: &'static str, found: impl Into<String>, hint: Option<String>) -> Self {
        Self { what, ok: false, found: found.into(), hint }
    }
}

impl Args {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let workspace = project::workspace(session)?;
        let engine = project::engine(&workspace);
        let mut lines = vec![versions(&engine), cli(&engine)];
        if lines.first().is_some_and(|line| line.ok) {
            lines.push(image(&engine));
            if let Ok(protected) = Protected::open(session, &self.config) {
                lines.push(clashes(&protected));
            }
        }
        let fine = lines.iter().all(|line| line.ok);
        if session.json {
            session.json(&json!({"ok": fine, "checks": lines}))?;
        } else {
            for line in &lines {
                let paint = session.paint_out;
                let mark = if line.ok { paint.green("ok") } else { paint.red("--") };
                writeln!(session.out, "{mark}  {}: {}", line.what, escape::foreign(&line.found))?;
                if let Some(hint) = &line.hint {
                    writeln!(session.out, "    hint: {}", hint.replace('\n', " "))?;
                }
            }
        }
        Ok(if fine { Outcome::Done } else { Outcome::Findings })
    }
}

fn versions(engine: &Engine) -> Line {
    const WHAT: &str = "container engine";
    match engine.check() {
        Ok(found) => {
            let text = format!("Engine {}, Compose {} ({})", found.engine, found.compose, found.arch);
            Line::fine(WHAT, text)
        }
        Err(error) => Line::wrong(WHAT, error.to_string(), error.hint().map(str::to_owned)),
    }
}

fn cli(engine: &Engine) -> Line {
    const WHAT: &str = "Dev Containers CLI";
    match devcontainer::version(engine.tools()) {
        Ok(version) => Line::fine(WHAT, version),
        Err(error) => Line::wrong(WHAT, error.to_string(), error.hint()),
    }
}

fn image(engine: &Engine) -> Line {
    const WHAT: &str = "the gate's image";
    let name = sidecar::image();
    match sidecar::present(engine) {
        Ok(true) => Line::fine(WHAT, name),
        Ok(false) => {
            Line::wrong(WHAT, format!("{name} is missing"), Some("drawbridge sidecar build".to_owned()))
        }
        Err(error) => Line::wrong(WHAT, error.to_string(), error.hint().map(str::to_owned)),
    }
}

fn clashes(protected: &Protected) -> Line {
    const WHAT: &str = "addresses and project name";
    match addresses::wanted(&protected.engine, &protected.workspace, &protected.plan) {
        Ok(wanted) if wanted.because.is_empty() => Line::fine(WHAT, "free on this machine"),
        Ok(wanted) => Line::wrong(
            WHAT,
            wanted.because.join("; "),
            Some("drawbridge up writes free ones to the git-ignored .env".to_owned()),
        ),
        Err(error) => Line::wrong(WHAT, error.to_string(), error.hint().map(str::to_owned)),
    }
}
