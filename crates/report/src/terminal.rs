//! The report for a terminal: the worst first, one screen, colour never alone.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use drawbridge_core::audit::{Evidence, Finding, Report, Safety, Severity};

use crate::document::{class, ignored_where, severity, strength};
use crate::escape;

/// Findings that fit on one screen.
const SCREEN: usize = 12;
/// Longest part of a file's line that is shown.
const WIDTH: usize = 96;

/// How to show it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// With colours.
    pub color: bool,
    /// Every finding with its line, instead of one screen.
    pub all: bool,
}

/// The report as text.
pub fn render(report: &Report, options: Options) -> String {
    let mut text = String::new();
    let paint = Paint(options.color);
    if report.findings.is_empty() {
        text.push_str("No findings\n");
    }
    let shown = if options.all { report.findings.len() } else { visible(&report.findings) };
    for found in &report.findings[..shown] {
        finding(&mut text, found, paint, options.all);
    }
    rest(&mut text, &report.findings[shown..], paint);
    for ignored in &report.ignored {
        let rule = ignored.finding.rule;
        let _ = writeln!(
            text,
            "{} {} {}: {} ({})",
            paint.dim("ignored"),
            rule.code,
            place(&ignored.finding).unwrap_or_default(),
            escape::foreign(&ignored.reason),
            ignored_where(ignored)
        );
    }
    summary(&mut text, report, paint);
    text
}

/// Those that are worth a place on the first screen: low and informational ones are counted.
fn visible(findings: &[Finding]) -> usize {
    findings.iter().take(SCREEN).take_while(|found| found.severity <= Severity::Medium).count()
}

fn finding(text: &mut String, found: &Finding, paint: Paint, all: bool) {
    let word = severity(found.severity);
    let head = format!("{word:<8}");
    let head = match found.severity {
        Severity::Critical | Severity::High => paint.red(&head),
        Severity::Medium => paint.yellow(&head),
        Severity::Low | Severity::Info => paint.dim(&head),
    };
    let place = place(found).map(|place| format!("  {}", paint.cyan(&place))).unwrap_or_default();
    let _ = writeln!(text, "{head} {} {}{place}", found.rule.code, paint.bold(found.rule.id));
    let _ = writeln!(text, "         {}", escape::foreign(&found.message));
    if !all {
        return;
    }
    if let Some(at) = found.location().filter(|at| !at.source.trim().is_empty()) {
        let source: String = at.source.trim().chars().take(WIDTH).collect();
        let _ = writeln!(text, "         {}", paint.dim(&escape::line(&source)));
    }
    for evidence in found.evidence.iter().skip(usize::from(found.location().is_some())) {
        if let Evidence::Live(fact) = evidence {
            let _ = writeln!(text, "         {}", paint.dim(&escape::foreign(fact)));
        }
    }
    let fix = match &found.fix {
        Some(fix) if fix.safety == Safety::Safe => format!("fix: {} (--fix)", escape::foreign(&fix.title)),
        Some(fix) => format!("fix: {} (--fix-rule {})", escape::foreign(&fix.title), found.rule.code),
        None => return,
    };
    let _ = writeln!(text, "         {fix}; {}", strength(found.rule.strength));
}

fn place(found: &Finding) -> Option<String> {
    Some(match found.evidence.first()? {
        Evidence::File(at) if at.source.is_empty() => escape::foreign(at.file.as_str()).into_owned(),
        Evidence::File(at) => {
            format!(
                "{}:{}:{} ({})",
                escape::foreign(at.file.as_str()),
                at.line,
                at.column,
                class(found.class)
            )
        }
        Evidence::Live(_) => format!("({})", class(found.class)),
        Evidence::Host { path, .. } => format!("{} ({})", escape::foreign(path), class(found.class)),
    })
}

fn rest(text: &mut String, rest: &[Finding], paint: Paint) {
    let counts = counts(rest);
    if !counts.is_empty() {
        let _ = writeln!(text, "{} {}", paint.dim("and"), paint.dim(&format!("{counts}: --all shows them")));
    }
}

fn counts(findings: &[Finding]) -> String {
    let levels = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];
    let count = |level| findings.iter().filter(|found| found.severity == level).count();
    let parts =
        levels.into_iter().map(|level| (count(level), severity(level))).filter(|(count, _)| *count > 0);
    parts.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

fn summary(text: &mut String, report: &Report, paint: Paint) {
    if !report.findings.is_empty() {
        let _ = writeln!(text, "\n{} findings: {}", report.findings.len(), counts(&report.findings));
        let safe = |found: &&Finding| found.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe);
        let safe = report.findings.iter().filter(safe).count();
        let mut next = Vec::new();
        if safe > 0 {
            next.push(format!("{} ({safe} safe)", paint.cyan("drawbridge audit --fix")));
        }
        if report.findings.iter().any(|found| found.rule.id == "no-egress-gate") {
            next.push(paint.cyan("drawbridge protect"));
        }
        next.push(paint.cyan(&format!("drawbridge explain {}", report.findings[0].rule.code)));
        let _ = writeln!(text, "Next: {}", next.join(", "));
    }
    if !report.ignored.is_empty() {
        let _ = writeln!(text, "ignored {}", report.ignored.len());
    }
    let _ = writeln!(text, "Not seen:");
    for unseen in &report.unseen {
        let _ = writeln!(text, "  - {}", escape::foreign(unseen));
    }
}

/// Colours, or none.
#[derive(Debug, Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn red(self, text: &str) -> String {
        self.with(AnsiColor::Red.on_default().bold(), text)
    }

    fn yellow(self, text: &str) -> String {
        self.with(AnsiColor::Yellow.on_default(), text)
    }

    fn cyan(self, text: &str) -> String {
        self.with(AnsiColor::Cyan.on_default(), text)
    }

    fn bold(self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    fn dim(self, text: &str) -> String {
        self.with(Style::new().dimmed(), text)
    }

    fn with(self, style: Style, text: &str) -> String {
        if self.0 { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}
