//! Findings as problems of files and as ways between container and host.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use drawbridge_bridge::facts::Facts;
use drawbridge_core::audit::{self, Evidence, Finding, HostFile, HostFileKind, Input, Location, Report};
use drawbridge_core::project::{RelPath, Snapshot};
use drawbridge_core::protect;
use drawbridge_host::{brought, ide, variables};
use drawbridge_report::document::{category, class, severity};
use drawbridge_report::ways::WAYS;
use drawbridge_text::LineIndex;

use crate::look::{self, More};
use crate::place::range;
use crate::project::now;
use crate::protected::personal_layers;
use crate::protocol::{Channel, ChannelFinding, Check, Elsewhere, Found, Listener, Problem, Range};
use crate::review;
use crate::{Error, Project};

/// More are shown to nobody.
const MAX_LISTENERS: usize = 256;

impl Project {
    /// Looks with every rule, open documents in place of their files.
    ///
    /// `live` also looks into the running container and reads the editors' settings on this machine; that
    /// takes a second or more. A container that cannot be looked into is said in `unseen`.
    pub fn check(&self, live: bool) -> Result<Check, Error> {
        let mut snapshot = self.snapshot()?;
        let (mut seen, mut host, mut why) = (None, Vec::new(), None);
        let mut brought = BTreeMap::new();
        let recorded = if live { look::recorded(&self.workspace)? } else { BTreeMap::new() };
        if live {
            let chosen = protect::chosen(&snapshot, self.chosen().as_ref()).ok();
            brought = brought::of_all(&self.engine(), &self.workspace, &mut snapshot, chosen.as_ref());
            let files = |home: PathBuf| ide::files(&home, self.workspace.path(), self.editor.as_ref());
            host = variables::home().map(files).unwrap_or_default();
            match self.look(!recorded.is_empty()) {
                Ok(facts) => seen = facts,
                Err(words) => why = Some(words),
            }
        }
        let layers = personal_layers();
        let known = seen.as_ref().and_then(|(origin, _)| recorded.get(origin));
        let report = audit::audit(&Input {
            live: seen.as_ref().map(|(_, facts)| facts),
            host: &host,
            layers: &layers,
            brought: Some(&brought),
            recorded: known.map(|known| &known.extensions),
            ..Input::of(&snapshot, now())
        });
        let mut check = Places::new(&snapshot).check(&report);
        check.unseen.extend(why);
        check.listeners = listeners(&host);
        check.container = seen.as_ref().map(|(_, facts)| review::inside(known, facts));
        Ok(check)
    }

    /// Facts of the chosen configuration's running container, and what it was made from; `None` when none runs.
    pub(crate) fn look(&self, digests: bool) -> Result<Option<(String, Facts)>, String> {
        let engine = self.engine();
        let running = look::running_of(&engine, &self.workspace, self.chosen().as_ref())?;
        let Some(container) = running else { return Ok(None) };
        let more = More { active: false, digests };
        let facts = look::facts(&engine, &self.workspace, &container, &self.program, more);
        let origin = look::origin(&self.workspace, &container);
        facts.map(|facts| Some((origin, facts))).map_err(|error| error.to_string())
    }
}

/// What editors listen on at one address each; for every address is a finding.
fn listeners(host: &[HostFile]) -> Vec<Listener> {
    let of_file = |file: &HostFile| {
        let parsed = file.text.lines().filter_map(|line| line.parse::<SocketAddr>().ok());
        let narrow: Vec<SocketAddr> = parsed.filter(|at| !at.ip().is_unspecified()).collect();
        narrow
            .into_iter()
            .map(|at| Listener {
                editor: file.product.clone(),
                address: at.to_string(),
                local: at.ip().is_loopback(),
            })
            .collect::<Vec<_>>()
    };
    let files = host.iter().filter(|file| file.kind == HostFileKind::Listeners);
    files.flat_map(of_file).take(MAX_LISTENERS).collect()
}

/// Turns places of findings into those of an editor; each file is indexed once.
pub(crate) struct Places<'s> {
    snapshot: &'s Snapshot,
    indexes: BTreeMap<RelPath, LineIndex<'s>>,
}

impl<'s> Places<'s> {
    pub(crate) fn new(snapshot: &'s Snapshot) -> Self {
        Self { snapshot, indexes: BTreeMap::new() }
    }

    pub(crate) fn range(&mut self, at: &Location) -> Range {
        let snapshot = self.snapshot;
        let index = self
            .indexes
            .entry(at.file.clone())
            .or_insert_with(|| LineIndex::new(snapshot.text(&at.file).unwrap_or_default()));
        range(index, at.span)
    }

    fn check(&mut self, report: &Report) -> Check {
        let (mut problems, mut elsewhere) = (Vec::new(), Vec::new());
        for found in &report.findings {
            match found.location() {
                Some(at) => problems.push(Problem {
                    file: at.file.as_str().to_owned(),
                    range: self.range(at),
                    found: shown(found),
                }),
                None => elsewhere.push(Elsewhere { found: shown(found), evidence: evidence(found) }),
            }
        }
        let channels = WAYS
            .iter()
            .map(|(group, title)| {
                let of_group = report.findings.iter().filter(|found| found.rule.category() == *group);
                let findings: Vec<_> = of_group.map(|found| self.way(found)).collect();
                Channel {
                    id: category(*group),
                    title,
                    worst: findings.first().map(|one| one.found.severity),
                    findings,
                }
            })
            .collect();
        let (unseen, ignored) = (report.unseen.clone(), report.ignored.len());
        Check { problems, elsewhere, channels, unseen, ignored, listeners: Vec::new(), container: None }
    }

    fn way(&mut self, found: &Finding) -> ChannelFinding {
        let at = found.location();
        ChannelFinding {
            found: shown(found),
            evidence: evidence(found),
            file: at.map(|at| at.file.as_str().to_owned()),
            range: at.map(|at| self.range(at)),
            fix: found.fix.as_ref().map(|fix| fix.title.clone()),
        }
    }
}

fn shown(found: &Finding) -> Found {
    Found {
        severity: severity(found.severity),
        class: class(found.class),
        code: found.rule.code,
        rule: found.rule.id,
        message: found.message.clone(),
    }
}

fn evidence(found: &Finding) -> String {
    match found.evidence.first() {
        Some(Evidence::File(at)) => format!("{}:{}", at.file, at.line),
        Some(Evidence::Live(fact)) => fact.clone(),
        Some(Evidence::Host { path, what }) => format!("{path}: {what}"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_listens_for_everybody_is_a_finding_and_no_listener() {
        let file = |kind, text: &str| HostFile {
            kind,
            product: "Code".to_owned(),
            path: "/proc/net/tcp".to_owned(),
            text: text.to_owned(),
        };
        let text = "0.0.0.0:1\n[::]:2\n127.0.0.1:3\n[::1]:4\n192.0.2.1:5\nhostile";
        let host = [file(HostFileKind::Listeners, text), file(HostFileKind::Log, "127.0.0.1:6")];
        let shown: Vec<(String, bool)> =
            listeners(&host).into_iter().map(|one| (one.address, one.local)).collect();
        let want = [("127.0.0.1:3", true), ("[::1]:4", true), ("192.0.2.1:5", false)];
        assert_eq!(shown, want.map(|(at, local)| (at.to_owned(), local)));
    }
}
