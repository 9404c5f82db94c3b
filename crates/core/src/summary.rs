//! What bare `drawbridge` shows beside the audit's findings: the configurations, what was detected, what is next.

use serde::Serialize;

use crate::detect::{Detected, detect};
use crate::devcontainer::{Config, Kind};
use crate::project::{RelPath, Snapshot, discover};
use crate::protect::Refusal;
use crate::protect::source::{Source, clean, open, read};

/// A workspace at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Every configuration in the order in which tools look for them.
    pub configs: Vec<ConfigSummary>,
    /// Ecosystems, agents and editors.
    pub detected: Detected,
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

/// Looks over a workspace. Never fails: what cannot be read is part of the summary.
pub fn summary(snapshot: &Snapshot) -> Summary {
    let paths: Vec<RelPath> = discover(snapshot).into_iter().map(|found| found.path).collect();
    let configs: Vec<ConfigSummary> = paths.iter().map(|path| config(snapshot, path)).collect();
    let (next, next_why) = next(&configs);
    Summary { configs, detected: detect(snapshot), next, next_why }
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
