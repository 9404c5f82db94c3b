//! Lines above a configuration and a policy.

use drawbridge_core::project::RelPath;
use drawbridge_core::protect;

use crate::protocol::{Lens, Position, Range};
use crate::{Error, Project};

const TOP: Range =
    Range { start: Position { line: 0, character: 0 }, end: Position { line: 0, character: 0 } };

impl Project {
    /// What stands above `file`.
    pub fn lenses(&self, file: &str) -> Result<Vec<Lens>, Error> {
        let Some(path) = RelPath::new(file) else { return Ok(Vec::new()) };
        let lens = |title: String, command| Lens { range: TOP, title, command: Some(command) };
        match path.name() {
            Some("devcontainer.json" | ".devcontainer.json") => {
                let (snapshot, report) = self.audited()?;
                let count = report
                    .findings
                    .iter()
                    .filter(|found| found.location().is_some_and(|at| at.file == path))
                    .count();
                let gate = match protect::recorded(&snapshot, Some(&path)) {
                    Some(_) => lens("Egress is closed by Drawbridge".to_owned(), "policy"),
                    None => {
                        lens("Egress is open: preview what Drawbridge would change".to_owned(), "preview")
                    }
                };
                let findings = match count {
                    0 => "nothing found in this file".to_owned(),
                    1 => "1 finding in this file".to_owned(),
                    _ => format!("{count} findings in this file"),
                };
                Ok(vec![gate, lens(findings, "bridge")])
            }
            Some("policy.jsonc") => {
                Ok(vec![lens("Show what is allowed and what was blocked".to_owned(), "policy")])
            }
            _ => Ok(Vec::new()),
        }
    }
}
