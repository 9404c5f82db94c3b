//! `drawbridge doctor`

mod jetbrains;

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

const EXAMPLES: &str = "Examples:
  drawbridge doctor
  drawbridge doctor jetbrains   what \"Create Dev Container\" of a JetBrains IDE needs";

/// Check what this machine has: engine, Compose, Dev Containers CLI, image, addresses
///
/// Exit code 1 when something is missing. `??` marks what cannot be judged from outside.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Check what this editor needs instead
    #[arg(value_enum)]
    editor: Option<Editor>,

    #[command(flatten)]
    config: ConfigArg,
}

/// An editor with needs of its own.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Editor {
    /// `IntelliJ`, `PyCharm` and others
    Jetbrains,
}

#[derive(Debug, Serialize)]
struct Line {
    what: &'static str,
    /// Null when it cannot be judged.
    ok: Option<bool>,
    found: String,
    hint: Option<String>,
}

impl Line {
    fn fine(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, ok: Some(true), found: found.into(), hint: None }
    }

    fn wrong(what: &'static str, found: impl Into<String>, hint: Option<String>) -> Self {
        Self { what, ok: Some(false), found: found.into(), hint }
    }

    fn open(what: &'static str, found: impl Into<String>, hint: Option<String>) -> Self {
        Self { what, ok: None, found: found.into(), hint }
    }
}

impl Args {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let lines = match self.editor {
            Some(Editor::Jetbrains) => jetbrains::lines(&Protected::open(session, &self.config)?)?,
            None => self.machine(session)?,
        };
        let fine = lines.iter().all(|line| line.ok != Some(false));
        if session.json {
            session.json(&json!({"ok": fine, "checks": lines}))?;
        } else {
            for line in &lines {
                let paint = session.paint_out;
                let mark = match line.ok {
                    Some(true) => paint.green("ok"),
                    Some(false) => paint.red("--"),
                    None => paint.yellow("??"),
                };
                writeln!(session.out, "{mark}  {}: {}", line.what, escape::foreign(&line.found))?;
                if let Some(hint) = &line.hint {
                    writeln!(session.out, "    hint: {}", hint.replace('\n', " "))?;
                }
            }
        }
        Ok(if fine { Outcome::Done } else { Outcome::Findings })
    }

    fn machine(&self, session: &Session<'_>) -> Result<Vec<Line>, CliError> {
        let workspace = project::workspace(session)?;
        let engine = project::engine(&workspace);
        let mut lines = vec![versions(&engine), cli(&engine)];
        if lines.first().is_some_and(|line| line.ok == Some(true)) {
            lines.push(image(&engine));
            if let Ok(protected) = Protected::open(session, &self.config) {
                lines.push(clashes(&protected));
            }
        }
        Ok(lines)
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
