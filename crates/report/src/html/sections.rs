//! The gate's policy and the proof run: what the findings cannot say.

use std::fmt::Write as _;

use super::{esc, rich};

/// Rows of a section, or why there are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Section<T> {
    /// What is shown, in this order.
    Rows(Vec<T>),
    /// The reason, in one sentence.
    Absent(String),
}

/// One rule of the policy in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRow {
    /// It denies; else it allows.
    pub denies: bool,
    /// As it is written, or the bundle's host.
    pub rule: String,
    /// Who wrote it.
    pub layer: String,
    /// `FILE:LINE`, the line from 1.
    pub place: String,
    /// Why.
    pub reason: Option<String>,
}

/// One attempt to get out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its stable name.
    pub id: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What was tried.
    pub attempt: String,
    /// What was seen.
    pub detail: String,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The way is open.
    Fail,
    /// It could not be tried.
    Skip,
    /// The way is closed.
    Pass,
}

impl Outcome {
    /// `pass`, `fail`, and anything else is a skip: what is not understood proves nothing.
    pub fn named(name: &str) -> Self {
        match name {
            "pass" => Self::Pass,
            "fail" => Self::Fail,
            _ => Self::Skip,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Fail => "FAIL",
            Self::Skip => "SKIP",
            Self::Pass => "PASS",
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Fail => "critical",
            Self::Skip => "medium",
            Self::Pass => "pass",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Fail => "Open",
            Self::Skip => "Not tried",
            Self::Pass => "Closed",
        }
    }
}

pub(super) fn policy(page: &mut String, policy: &Section<PolicyRow>) {
    page.push_str("<section><h2>Policy</h2>\n");
    match policy {
        Section::Absent(why) => {
            let _ = writeln!(page, "<p>Not shown: {}</p>", rich(why));
        }
        Section::Rows(rows) => {
            page.push_str(
                "<p>What the gate lets out: a denial wins, and what no rule names is denied.</p>\n",
            );
            for (denies, title, class) in [(true, "Denied", "closed"), (false, "Allowed", "low")] {
                let of_kind: Vec<&PolicyRow> = rows.iter().filter(|row| row.denies == denies).collect();
                group(page, class, title, &of_kind, |page, row| {
                    let _ = write!(page, "<code>{}</code>", esc(&row.rule));
                    if let Some(reason) = &row.reason {
                        let _ = write!(page, " {}", esc(reason));
                    }
                    let _ =
                        write!(page, "<span class=\"place\">{}, {}</span>", esc(&row.layer), esc(&row.place));
                });
            }
        }
    }
    page.push_str("</section>\n");
}

pub(super) fn proof(page: &mut String, proof: &Section<Attempt>) {
    page.push_str("<section><h2>Proof</h2>\n");
    match proof {
        Section::Absent(why) => {
            let _ = writeln!(page, "<p>Not run: {}</p>", rich(why));
        }
        Section::Rows(rows) => {
            page.push_str("<p>Attempts to get out, from inside the container, as its own user.</p>\n");
            for outcome in [Outcome::Fail, Outcome::Skip, Outcome::Pass] {
                let of_kind: Vec<&Attempt> = rows.iter().filter(|row| row.outcome == outcome).collect();
                group(page, outcome.class(), outcome.title(), &of_kind, |page, row| {
                    let _ = write!(
                        page,
                        "<span class=\"badge\">{}</span> {}<span class=\"place\">{}</span>",
                        row.outcome.word(),
                        esc(&row.id),
                        esc(&row.attempt)
                    );
                    if row.outcome != Outcome::Pass {
                        let _ = write!(page, "<span class=\"place\">{}</span>", esc(&row.detail));
                    }
                });
            }
        }
    }
    page.push_str("</section>\n");
}

/// A list that can be folded; one that bodes ill is open.
fn group<T>(page: &mut String, class: &str, title: &str, rows: &[&T], row: impl Fn(&mut String, &T)) {
    let open = if class == "critical" || class == "medium" { " open" } else { "" };
    if rows.is_empty() {
        let _ = writeln!(page, "<p>{title}: none</p>");
        return;
    }
    let _ = writeln!(
        page,
        "<details class=\"{class}\"{open}><summary>{title}: {}</summary>\n<ul class=\"rows\">",
        rows.len()
    );
    for item in rows {
        page.push_str("<li>");
        row(page, item);
        page.push_str("</li>\n");
    }
    page.push_str("</ul></details>\n");
}
