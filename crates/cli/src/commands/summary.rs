//! `drawbridge` without a command: what is here, what is open, what is next. Reads only.

use drawbridge_core::detect::Found;
use drawbridge_core::summary::{Severity, Summary, summary};

use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::project;
use crate::session::Session;

/// Findings that are listed; the others are counted.
const LISTED: usize = 5;

pub(crate) fn run(session: &mut Session<'_>) -> Result<Outcome, CliError> {
    let workspace = project::workspace(session)?;
    let summary = summary(&workspace.snapshot(None)?);
    if session.json {
        session.json(&summary)?;
        return Ok(Outcome::Done);
    }
    show(&summary, session)?;
    Ok(Outcome::Done)
}

fn show(summary: &Summary, session: &mut Session<'_>) -> Result<(), CliError> {
    let paint = session.paint_out;
    if summary.configs.is_empty() {
        writeln!(session.out, "No dev container configuration here")?;
    }
    for config in &summary.configs {
        let features = match config.features {
            0 => String::new(),
            1 => ", 1 Feature".to_owned(),
            count => format!(", {count} Features"),
        };
        let state = match (&config.broken, config.protected) {
            (Some(why), _) => paint.red(&format!("cannot be read: {}", escape::foreign(why))),
            (None, true) => paint.green("protected"),
            (None, false) => paint.yellow("not protected"),
        };
        let path = escape::foreign(config.path.as_str()).into_owned();
        writeln!(session.out, "{} ({}{features}) {state}", paint.bold(&path), config.kind)?;
    }
    let detected = &summary.detected;
    let lists: [&[Found]; 3] = [&detected.ecosystems, &detected.agents, &detected.ides];
    let names: Vec<&str> = lists.into_iter().flatten().map(|found| found.name.as_str()).collect();
    if !names.is_empty() {
        writeln!(session.out, "{}", names.join(" \u{b7} "))?;
    }
    findings(summary, session)?;
    if !summary.next.is_empty() {
        let next = paint.cyan(&summary.next);
        writeln!(session.out, "Next: {next}   ({})", summary.next_why)?;
    }
    Ok(())
}

fn findings(summary: &Summary, session: &mut Session<'_>) -> Result<(), CliError> {
    let paint = session.paint_out;
    let high = summary.findings.iter().filter(|found| found.severity == Severity::High).count();
    match summary.findings.len() {
        0 => writeln!(session.out, "No findings")?,
        1 => writeln!(session.out, "1 finding:")?,
        count => writeln!(session.out, "{count} findings, {high} high:")?,
    }
    for found in summary.findings.iter().take(LISTED) {
        let severity = match found.severity {
            Severity::High => paint.red("high"),
            Severity::Medium => paint.yellow("medium"),
            Severity::Low => paint.dim("low"),
        };
        let place = match (&found.file, found.line) {
            (Some(file), Some(line)) => format!("  {file}:{line}"),
            (Some(file), None) => format!("  {file}"),
            (None, _) => String::new(),
        };
        let (what, place) = (escape::foreign(&found.what), escape::foreign(&place));
        writeln!(session.out, "  {severity}: {what}{}", paint.dim(&place))?;
    }
    if summary.findings.len() > LISTED {
        writeln!(session.out, "  \u{2026} {} more: drawbridge --json", summary.findings.len() - LISTED)?;
    }
    Ok(())
}
