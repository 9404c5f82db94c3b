//! The JSON document: a published schema, versioned by [`VERSION`].

use std::collections::BTreeMap;

use drawbridge_core::audit::{self, Category, Class, Evidence, FixKind, Safety, Severity, Strength};
use schemars::JsonSchema;
use serde::Serialize;

/// Grows when a reader of the version before would misunderstand.
pub const VERSION: u32 = 1;

/// One audit.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Document {
    /// Version of this shape.
    pub version: u32,
    /// Version of the program.
    pub tool: String,
    /// The configurations that were looked at, relative to the workspace.
    pub configs: Vec<String>,
    /// Number of findings by severity.
    pub counts: BTreeMap<String, usize>,
    /// The worst first.
    pub findings: Vec<Finding>,
    /// Findings that a comment in the workspace or a policy waives.
    pub ignored: Vec<Ignored>,
    /// What the audit could not see.
    pub unseen: Vec<String>,
}

/// One thing that was found.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Finding {
    /// `DB101`
    pub code: String,
    /// `docker-socket-mounted`
    pub rule: String,
    /// The risk in one sentence.
    pub title: String,
    /// `critical`, `high`, `medium`, `low`, `info`
    pub severity: String,
    /// `observed`, `configured`, `inferred`
    pub class: String,
    /// Group of the rule.
    pub category: String,
    /// This case, in one sentence.
    pub message: String,
    /// The configuration that it is about.
    pub config: Option<String>,
    /// What it rests on; the first is the place to show.
    pub evidence: Vec<Proof>,
    /// What following the advice is worth: `container-proof`, `cosmetic`
    pub strength: String,
    /// An edit that is offered.
    pub fix: Option<Fix>,
}

/// One piece of evidence.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Proof {
    /// Text of a file of the workspace. Lines and columns count from 1, columns in characters.
    File {
        /// Relative to the workspace.
        file: String,
        /// First line.
        line: usize,
        /// First column.
        column: usize,
        /// Last line.
        end_line: usize,
        /// Column behind the last character.
        end_column: usize,
    },
    /// A fact of the running container.
    Live {
        /// In words.
        fact: String,
    },
    /// A file of the developer's machine.
    Host {
        /// Its path.
        path: String,
        /// What it says.
        what: String,
    },
}

/// An edit that is offered.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Fix {
    /// What it does.
    pub title: String,
    /// `safe`: `--fix` applies it. `unsafe`: only when the rule is named.
    pub safety: String,
    /// The file that it edits.
    pub file: String,
}

/// A finding that is waived.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Ignored {
    /// Why it is accepted.
    pub reason: String,
    /// Where that is written: `comment`, or the policy of the `repository`, `personal` or `organisation`.
    pub by: String,
    /// The last day on which it counts.
    pub until: Option<String>,
    /// What was found.
    pub finding: Finding,
}

/// The document of a report.
pub fn document(report: &audit::Report, tool: &str) -> Document {
    let mut counts = BTreeMap::new();
    for finding in &report.findings {
        *counts.entry(severity(finding.severity).to_owned()).or_default() += 1;
    }
    Document {
        version: VERSION,
        tool: tool.to_owned(),
        configs: report.configs.iter().map(|path| path.as_str().to_owned()).collect(),
        counts,
        findings: report.findings.iter().map(finding).collect(),
        ignored: report
            .ignored
            .iter()
            .map(|ignored| Ignored {
                reason: ignored.reason.clone(),
                by: ignored_by(ignored.by),
                until: ignored.until.clone(),
                finding: finding(&ignored.finding),
            })
            .collect(),
        unseen: report.unseen.clone(),
    }
}

/// The schema of [`Document`].
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}

fn finding(found: &audit::Finding) -> Finding {
    Finding {
        code: found.rule.code.to_owned(),
        rule: found.rule.id.to_owned(),
        title: found.rule.title.to_owned(),
        severity: severity(found.severity).to_owned(),
        class: class(found.class).to_owned(),
        category: category(found.rule.category()).to_owned(),
        message: found.message.clone(),
        config: found.config.as_ref().map(|path| path.as_str().to_owned()),
        evidence: found.evidence.iter().map(proof).collect(),
        strength: strength(found.rule.strength).to_owned(),
        fix: found.fix.as_ref().map(|fix| Fix {
            title: fix.title.clone(),
            safety: safety(fix.safety).to_owned(),
            file: fix.file.as_str().to_owned(),
        }),
    }
}

fn proof(evidence: &Evidence) -> Proof {
    match evidence {
        Evidence::File(at) => Proof::File {
            file: at.file.as_str().to_owned(),
            line: at.line,
            column: at.column,
            end_line: at.end_line,
            end_column: at.end_column,
        },
        Evidence::Live(fact) => Proof::Live { fact: fact.clone() },
        Evidence::Host { path, what } => Proof::Host { path: path.clone(), what: what.clone() },
    }
}

/// The word for a severity.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Info => "info",
    }
}

/// The word for a class of evidence.
pub fn class(class: Class) -> &'static str {
    match class {
        Class::Observed => "observed",
        Class::Configured => "configured",
        Class::Inferred => "inferred",
    }
}

/// The word for where a finding is waived.
pub fn ignored_by(by: audit::IgnoredBy) -> String {
    match by {
        audit::IgnoredBy::Comment => "comment".to_owned(),
        audit::IgnoredBy::Policy(layer) => layer.to_string(),
    }
}

/// As [`ignored_by`], with the last day.
pub fn ignored_where(ignored: &audit::Ignored) -> String {
    let until = ignored.until.as_ref().map(|day| format!(", until {day}")).unwrap_or_default();
    ignored_by(ignored.by) + &until
}

/// The words for what a fix is worth.
pub fn strength(strength: Strength) -> &'static str {
    match strength {
        Strength::ContainerProof => "container-proof",
        Strength::Cosmetic => "cosmetic",
    }
}

/// The word for a kind of fix.
pub fn fix_kind(kind: FixKind) -> &'static str {
    match kind {
        FixKind::None => "none",
        FixKind::Safe => "safe",
        FixKind::Unsafe => "unsafe",
    }
}

fn safety(safety: Safety) -> &'static str {
    match safety {
        Safety::Safe => "safe",
        Safety::Unsafe => "unsafe",
    }
}

/// The word for a group of rules.
pub fn category(category: Category) -> &'static str {
    match category {
        Category::MountsAndSockets => "mounts-and-sockets",
        Category::Privilege => "privilege",
        Category::Egress => "egress",
        Category::Ports => "ports",
        Category::Credentials => "credentials",
        Category::HostCommands => "host-commands",
        Category::InertHardening => "inert-hardening",
        Category::Ground => "ground",
        Category::SupplyChain => "supply-chain",
    }
}
