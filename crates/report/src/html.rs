//! One offline HTML file: a drawing of host, bridge and container, then findings, policy and proof run.
//!
//! No script and no handler: what is shown may have been written by what the report is about, and it
//! can be opened from anywhere.

mod drawing;
mod sections;

use std::fmt::Write as _;

use drawbridge_core::audit::{Evidence, Finding, Location, Report, Safety, Severity};

use crate::document::{class, ignored_where, severity, strength};
use crate::escape;

pub use sections::{Attempt, Outcome, PolicyRow, Section};

/// Characters of a line that are shown, and those of them before a finding that begins far inside.
const SHOWN: usize = 160;
const BEFORE: usize = 40;

const STYLE: &str = include_str!("html/style.css");

/// What a page shows beside the findings.
#[derive(Debug, Clone)]
pub struct Page<'a> {
    /// Names the project.
    pub title: &'a str,
    /// Version of the program.
    pub tool: &'a str,
    /// What the gate lets out.
    pub policy: Section<PolicyRow>,
    /// What `prove` found.
    pub proof: Section<Attempt>,
}

/// The report as a page.
pub fn html(report: &Report, about: &Page<'_>) -> String {
    let mut page = String::with_capacity(64 * 1024);
    let title = esc(about.title);
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>Drawbridge audit: {title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header><h1>Drawbridge audit</h1><p>{title}</p></header>\n<main>\n"
    );
    counts(&mut page, report);
    page.push_str(&drawing::svg(report));
    findings(&mut page, report);
    sections::policy(&mut page, &about.policy);
    sections::proof(&mut page, &about.proof);
    ignored(&mut page, report);
    page.push_str("<section><h2>What this audit cannot see</h2>\n<ul>\n");
    for unseen in &report.unseen {
        let _ = writeln!(page, "<li>{}</li>", rich(unseen));
    }
    page.push_str("</ul></section>\n");
    let _ = write!(
        page,
        "</main>\n<footer>drawbridge {}. <b>observed</b>: tested in the running container or written down by the editor; <b>configured</b>: \
         read in a file; <b>inferred</b>: follows from what is not written. A <b>cosmetic</b> fix stops accidents, \
         a <b>container-proof</b> one stops a process in the container.</footer>\n</body>\n</html>\n",
        esc(about.tool)
    );
    page
}

/// Text that neither starts an element nor leaves an attribute, with what steers text shown.
fn esc(text: &str) -> String {
    let shown = escape::foreign(text);
    let mut safe = String::with_capacity(shown.len());
    for c in shown.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// As [`esc`], with what stands between backticks as code.
fn rich(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            let _ = write!(out, "<code>{}</code>", esc(part));
        } else {
            out.push_str(&esc(part));
        }
    }
    out
}

fn counts(page: &mut String, report: &Report) {
    page.push_str("<ul class=\"counts\">\n");
    for level in [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info] {
        let count = report.findings.iter().filter(|found| found.severity == level).count();
        let word = severity(level);
        let _ = writeln!(page, "<li class=\"{word}\"><b>{count}</b> {word}</li>");
    }
    page.push_str("</ul>\n");
}

fn findings(page: &mut String, report: &Report) {
    page.push_str("<section><h2>Findings</h2>\n");
    if report.findings.is_empty() {
        page.push_str("<p>None.</p>\n");
    }
    for found in &report.findings {
        // What is bad is open on paper and on screen, the rest one click away.
        let open = if found.severity <= Severity::Medium { " open" } else { "" };
        let word = severity(found.severity);
        let _ = writeln!(
            page,
            "<details class=\"{word}\"{open}><summary><span class=\"badge\">{word}</span> {} \
             <span class=\"rule\">{} {}</span></summary>",
            rich(&found.message),
            found.rule.code,
            found.rule.id,
        );
        details(page, found);
        page.push_str("</details>\n");
    }
    page.push_str("</section>\n");
}

fn details(page: &mut String, found: &Finding) {
    let _ = writeln!(page, "<p>{} ({})</p>", rich(found.rule.title), class(found.class));
    for evidence in &found.evidence {
        match evidence {
            Evidence::File(at) => {
                let source = excerpt(at);
                let _ = writeln!(
                    page,
                    "<p class=\"place\">{}:{}:{}</p>",
                    esc(at.file.as_str()),
                    at.line,
                    at.column
                );
                if !source.is_empty() {
                    let _ = writeln!(page, "<pre>{}</pre>", esc(&source));
                }
            }
            Evidence::Live(fact) => {
                let _ = writeln!(page, "<p class=\"place\">{}</p>", esc(fact));
            }
            Evidence::Host { path, what } => {
                let _ = writeln!(page, "<p class=\"place\">{}: {}</p>", esc(path), rich(what));
            }
        }
    }
    if let Some(fix) = &found.fix {
        let how = if fix.safety == Safety::Safe {
            "--fix".to_owned()
        } else {
            format!("--fix-rule {}", found.rule.code)
        };
        let _ = writeln!(
            page,
            "<p>Fix ({}): {}, <code>drawbridge audit {how}</code></p>",
            strength(found.rule.strength),
            rich(&fix.title)
        );
    }
}

/// The part of the line in which the finding begins.
fn excerpt(at: &Location) -> String {
    let line = at.source.trim_start();
    let indent = at.source.chars().count() - line.chars().count();
    let column = at.column.saturating_sub(1 + indent);
    let skipped = column.saturating_sub(BEFORE);
    let part: String = line.trim_end().chars().skip(skipped).take(SHOWN).collect();
    if skipped > 0 { format!("… {part}") } else { part }
}

fn ignored(page: &mut String, report: &Report) {
    if report.ignored.is_empty() {
        return;
    }
    let _ = writeln!(page, "<section><h2>Ignored: {}</h2>\n<ul>", report.ignored.len());
    for ignored in &report.ignored {
        let _ = writeln!(
            page,
            "<li>{} {}: {} ({})</li>",
            ignored.finding.rule.code,
            rich(&ignored.finding.message),
            esc(&ignored.reason),
            esc(&ignored_where(ignored))
        );
    }
    page.push_str("</ul></section>\n");
}
