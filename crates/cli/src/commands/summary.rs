//! `drawbridge` without a command: what is here, the worst that the audit finds, what is next. Reads only.

use drawbridge_core::audit::{Input, Report, Severity, audit};
use drawbridge_core::detect::Found;
use drawbridge_core::summary::{Summary, summary};
use drawbridge_report::document;
use serde_json::json;

use crate::clock;
use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::project;
use crate::session::Session;

/// Findings that are listed; the others are counted.
const LISTED: usize = 5;

pub(crate) fn run(session: &mut Session<'_>) -> Result<Outcome, CliError> {
    let workspace = project::workspace(session)?;
    let snapshot = workspace.audit_snapshot(None)?;
    let layers = drawbridge_service::protected::personal_layers();
    let report = audit(&Input { layers: &layers, ..Input::of(&snapshot, clock::now()) });
    let summary = summary(&snapshot);
    if session.json {
        let found = document::document(&report, env!("CARGO_PKG_VERSION"));
        session.json(&json!({"configs": summary.configs, "detected": summary.detected,
            "findings": found.findings, "ignored": found.ignored, "next": summary.next,
            "next_why": summary.next_why}))?;
        return Ok(Outcome::Done);
    }
    show(&summary, &report, session)?;
    Ok(Outcome::Done)
}

fn show(summary: &Summary, report: &Report, session: &mut Session<'_>) -> Result<(), CliError> {
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
    if !summary.configs.is_empty() {
        findings(report, session)?;
    }
    if !summary.next.is_empty() {
        let next = paint.cyan(&summary.next);
        writeln!(session.out, "Next: {next}   ({})", summary.next_why)?;
    }
    Ok(())
}

fn findings(report: &Report, session: &mut Session<'_>) -> Result<(), CliError> {
    let paint = session.paint_out;
    let found = &report.findings;
    let high = found.iter().filter(|found| found.severity <= Severity::High).count();
    match found.len() {
        0 => writeln!(session.out, "No findings")?,
        1 => writeln!(session.out, "1 finding:")?,
        count => writeln!(session.out, "{count} findings, {high} high or critical:")?,
    }
    for found in found.iter().take(LISTED) {
        let word = document::severity(found.severity);
        let word = match found.severity {
            Severity::Critical | Severity::High => paint.red(word),
            Severity::Medium => paint.yellow(word),
            Severity::Low | Severity::Info => paint.dim(word),
        };
        let place = found.location().map(|at| format!("  {}:{}", at.file, at.line)).unwrap_or_default();
        let (what, place) = (escape::foreign(&found.message), escape::foreign(&place));
        writeln!(session.out, "  {word}: {what}{}", paint.dim(&place))?;
    }
    if found.len() > LISTED {
        writeln!(session.out, "  \u{2026} {} more: drawbridge audit --all", found.len() - LISTED)?;
    }
    if !report.ignored.is_empty() {
        writeln!(session.out, "  ignored {}", report.ignored.len())?;
    }
    Ok(())
}
