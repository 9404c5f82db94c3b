//! What bare `drawbridge` shows: the configurations, what was detected, what is open, what is next.
//!
//! Findings are what the planner knows anyway; the audit has rules of its own.

use drawbridge_jsonc::parse;
use drawbridge_text::LineIndex;
use serde::Serialize;

use crate::detect::{Detected, detect};
use crate::devcontainer::{Config, Kind};
use crate::project::{RelPath, Snapshot, discover};
use crate::protect::source::{Source, clean, open, read};
use crate::protect::{NoteKind, Options, Refusal, plan, recorded};

/// A workspace at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Every configuration in the order in which tools look for them.
    pub configs: Vec<ConfigSummary>,
    /// Ecosystems, agents and editors.
    pub detected: Detected,
    /// What is open, worst first.
    pub findings: Vec<Finding>,
    /// The command to run next.
    pub next: String,
    /// What that command does, in one sentence.
    pub next_why: String,
}

/// One devcontainer.json.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigSummary {
    /// Where.
    pub path: RelPath,
    /// `image`, `dockerfile`, `compose`, `none`, or `broken` when it cannot be read.
    pub kind: String,
    /// `name`, if there is one.
    pub name: Option<String>,
    /// How many Features it names.
    pub features: usize,
    /// Our Compose file is part of it.
    pub protected: bool,
    /// Why it cannot be read, `line:column: message`.
    pub broken: Option<String>,
}

/// Something that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// A stable identifier, kebab-case.
    pub id: String,
    /// The risk in one sentence.
    pub what: String,
    /// The file it is in.
    pub file: Option<RelPath>,
    /// 1-based.
    pub line: Option<usize>,
}

/// How bad a [`Finding`] is; worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// A way out of the container or off the network.
    High,
    /// A way that needs another step.
    Medium,
    /// Worth knowing.
    Low,
}

/// Looks over a workspace. Never fails: what cannot be read is part of the summary.
pub fn summary(snapshot: &Snapshot) -> Summary {
    let paths: Vec<RelPath> = discover(snapshot).into_iter().map(|found| found.path).collect();
    let configs: Vec<ConfigSummary> = paths.iter().map(|path| config(snapshot, path)).collect();
    let mut findings: Vec<Finding> = configs.iter().flat_map(|config| findings(snapshot, config)).collect();
    findings.sort_by_key(|finding| finding.severity);
    findings.dedup();
    let (next, next_why) = next(&configs);
    Summary { configs, detected: detect(snapshot), findings, next, next_why }
}

fn config(snapshot: &Snapshot, path: &RelPath) -> ConfigSummary {
    let broken = |refusal: Refusal| ConfigSummary {
        path: path.clone(),
        kind: "broken".to_owned(),
        name: None,
        features: 0,
        protected: false,
        broken: Some(describe(&refusal)),
    };
    let source = match open(snapshot, path) {
        Ok(source) => source,
        Err(refusal) => return broken(refusal),
    };
    match clean(path, &source.base)
        .and_then(|parsed| read(path, &source.base, &parsed).map(|config| known(&source, &config)))
    {
        Ok(summary) => summary,
        Err(refusal) => broken(refusal),
    }
}

fn known(source: &Source<'_>, config: &Config<'_>) -> ConfigSummary {
    let kind = match config.kind {
        Kind::Image => "image",
        Kind::Dockerfile => "dockerfile",
        Kind::Compose => "compose",
        Kind::None => "none",
    };
    ConfigSummary {
        path: source.path.clone(),
        kind: kind.to_owned(),
        name: config.name.as_ref().map(|name| name.value.clone()),
        features: config.features.len(),
        protected: source.record.is_some(),
        broken: None,
    }
}

fn describe(refusal: &Refusal) -> String {
    match (refusal.line, refusal.column) {
        (Some(line), Some(column)) => format!("{line}:{column}: {}", refusal.message),
        _ => refusal.message.clone(),
    }
}

fn findings(snapshot: &Snapshot, config: &ConfigSummary) -> Vec<Finding> {
    let path = &config.path;
    let finding = |severity, id: &str, what: String, line| Finding {
        severity,
        id: id.to_owned(),
        what,
        file: Some(path.clone()),
        line,
    };
    if let Some(broken) = &config.broken {
        return vec![finding(Severity::Medium, "unreadable", format!("cannot be read: {broken}"), None)];
    }
    let mut findings = Vec::new();
    if !config.protected {
        let what = "egress open: a process in the container reaches every host".to_owned();
        findings.push(finding(Severity::High, "egress-open", what, None));
    }
    if let Some(line) = line_of(snapshot, path, "initializeCommand") {
        let what = "initializeCommand runs on this machine at every start".to_owned();
        findings.push(finding(Severity::Medium, "initialize-command", what, Some(line)));
    }
    let mut options = recorded(snapshot, Some(path)).unwrap_or_default();
    options.config = Some(path.clone());
    findings.extend(of_plan(snapshot, &options, config));
    findings
}

/// What planning would say: risks that stop it, or, when they were accepted, its warnings.
fn of_plan(snapshot: &Snapshot, options: &Options, config: &ConfigSummary) -> Vec<Finding> {
    let path = &config.path;
    match plan(snapshot, options) {
        Err(refusal) if refusal.items.is_empty() => vec![Finding {
            severity: Severity::Medium,
            id: "cannot-protect".to_owned(),
            what: refusal.message,
            file: refusal.file,
            line: refusal.line,
        }],
        Err(refusal) => {
            let of_item = |item: crate::protect::Item| {
                let risk = crate::protect::is_risk(&item.code);
                Finding {
                    severity: if risk { Severity::High } else { Severity::Low },
                    what: if risk { item.what } else { format!("{}: {}", item.what, item.why) },
                    id: item.code,
                    file: item.file,
                    line: item.line,
                }
            };
            refusal.items.into_vec().into_iter().map(of_item).collect()
        }
        Ok(plan) => {
            let drift = config.protected && !plan.is_done();
            let drift = drift.then(|| Finding {
                severity: Severity::Medium,
                id: "drift".to_owned(),
                what: "differs from what `drawbridge protect` would write".to_owned(),
                file: Some(path.clone()),
                line: None,
            });
            let warnings = plan.notes.into_iter().filter(|note| note.kind == NoteKind::Warning);
            let warning = |note: crate::protect::Note| Finding {
                severity: Severity::Low,
                id: "warning".to_owned(),
                what: format!("{}: {}", note.what, note.why),
                file: Some(path.clone()),
                line: None,
            };
            drift.into_iter().chain(warnings.map(warning)).collect()
        }
    }
}

fn line_of(snapshot: &Snapshot, path: &RelPath, key: &str) -> Option<usize> {
    let text = snapshot.text(path)?;
    let root = parse(text).root?;
    let member = root.member(key)?;
    Some(LineIndex::new(text).line_col(member.key_span.start).line)
}

fn next(configs: &[ConfigSummary]) -> (String, String) {
    let open: Vec<&ConfigSummary> =
        configs.iter().filter(|config| !config.protected && config.broken.is_none()).collect();
    let (command, why) = match (configs, open.as_slice()) {
        ([], _) => ("drawbridge init".to_owned(), "writes a configuration and protects it"),
        ([_], [_]) => ("drawbridge protect".to_owned(), "shows a diff first"),
        (_, [first, ..]) => (format!("drawbridge protect --config {}", first.path), "shows a diff first"),
        ([only], []) if only.broken.is_some() => {
            ("drawbridge protect --dry-run".to_owned(), "says where the file is broken")
        }
        (_, []) => ("drawbridge up".to_owned(), "starts the container behind its gate"),
    };
    (command, why.to_owned())
}
