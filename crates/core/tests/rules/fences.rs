//! Fences of a rule's page as workspaces.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use drawbridge_bridge::facts::Facts;
use drawbridge_core::audit::{self, Fixed, HostFile, HostFileKind, Input};
use drawbridge_core::brought::Brought;
use drawbridge_core::project::{Entry, HostFacts, RelPath, Snapshot, wanted};

/// One workspace, and what a container and a host would say.
#[derive(Debug, Default, Clone)]
pub(crate) struct Case {
    pub(crate) bad: bool,
    files: Vec<(String, String)>,
    not_executable: BTreeSet<RelPath>,
    live: Option<Facts>,
    host: Vec<HostFile>,
    brought: BTreeMap<RelPath, Brought>,
    recorded: Option<BTreeMap<String, String>>,
    snapshot: Snapshot,
}

impl Case {
    pub(crate) fn input(&self, now: i64) -> Input<'_> {
        Input {
            live: self.live.as_ref(),
            host: &self.host,
            recorded: self.recorded.as_ref(),
            brought: Some(&self.brought),
            ..Input::of(&self.snapshot, now)
        }
    }

    /// The same with files changed.
    pub(crate) fn with(&self, changed: &[Fixed]) -> Self {
        let mut after = self.clone();
        for fixed in changed {
            let path = fixed.change.path.as_str();
            after.files.retain(|(known, _)| known != path);
            after.files.push((path.to_owned(), fixed.change.after.clone().unwrap_or_default()));
        }
        after.read();
        after
    }

    fn add(&mut self, info: &str, body: &str) {
        let mut words = info.split_whitespace();
        let language = words.next().unwrap_or_default();
        let file = match language {
            "yaml" => ".devcontainer/compose.yaml",
            "dockerfile" => ".devcontainer/Dockerfile",
            "ini" => ".git/config",
            _ => ".devcontainer/devcontainer.json",
        };
        let mut file = file.to_owned();
        for word in words {
            if word == "live" {
                self.live = Some(serde_json::from_str(body).unwrap_or_else(|err| panic!("{err}:\n{body}")));
                return;
            }
            if word == "recorded" {
                self.recorded = Some(serde_json::from_str(body).expect("digests by folder"));
                return;
            }
            if word == "brought" {
                let brought = serde_json::from_str(body).unwrap_or_else(|err| panic!("{err}:\n{body}"));
                self.brought.insert(RelPath::new(&file).expect("a path"), brought);
                return;
            }
            if let Some(kind) = word.strip_prefix("host=") {
                self.host.push(host_file(kind, body));
                return;
            }
            if let Some(name) = word.strip_prefix("file=") {
                name.clone_into(&mut file);
            }
            if word == "mode=644" {
                self.not_executable.extend(RelPath::new(&file));
            }
        }
        self.files.push((file, body.to_owned()));
    }

    /// A Compose file or Dockerfile alone gets the configuration that names it.
    fn complete(&mut self) {
        let has = |name: &str| self.files.iter().any(|(path, _)| path == name);
        let config = ".devcontainer/devcontainer.json";
        let text = match (has(config), has(".devcontainer/compose.yaml"), has(".devcontainer/Dockerfile")) {
            (false, true, _) => r#"{ "dockerComposeFile": "compose.yaml", "service": "dev" }"#,
            (false, false, true) => r#"{ "build": { "dockerfile": "Dockerfile" } }"#,
            _ => return,
        };
        self.files.push((config.to_owned(), text.to_owned()));
    }

    fn read(&mut self) {
        let facts = HostFacts {
            workspace_name: "shop".to_owned(),
            not_executable: self.not_executable.clone(),
            ..HostFacts::default()
        };
        let mut snapshot = Snapshot { facts, ..Snapshot::default() };
        loop {
            let mut want = wanted(&snapshot);
            want.extend(audit::wanted(&snapshot));
            if want.is_empty() {
                break;
            }
            for path in want {
                let entry = self.entry(&path);
                snapshot.files.insert(path, entry);
            }
        }
        self.snapshot = snapshot;
    }

    fn entry(&self, wanted: &RelPath) -> Entry {
        if let Some((_, text)) = self.files.iter().find(|(path, _)| path == wanted.as_str()) {
            return Entry::Text(text.clone());
        }
        let inside = self.files.iter().filter_map(|(path, _)| RelPath::new(path));
        let mut names: Vec<String> = inside
            .filter(|path| path.is_within(wanted))
            .filter_map(|path| path.parts().nth(wanted.parts().count()).map(str::to_owned))
            .collect();
        names.sort();
        names.dedup();
        let is_root = wanted.as_str().is_empty();
        if names.is_empty() && !is_root { Entry::Missing } else { Entry::Dir(names) }
    }
}

fn host_file(kind: &str, body: &str) -> HostFile {
    let kind = match kind {
        "settings" => HostFileKind::Settings,
        "mcp" => HostFileKind::Mcp,
        "policy" => HostFileKind::Policy,
        "version" => HostFileKind::Version,
        "listeners" => HostFileKind::Listeners,
        "extension" => HostFileKind::Extension,
        "log" => HostFileKind::Log,
        other => panic!("no host file `{other}`"),
    };
    HostFile {
        kind,
        product: "VS Code".to_owned(),
        path: "~/.config/Code/User/x.json".to_owned(),
        text: body.trim().to_owned(),
    }
}

/// Every case of a page.
pub(crate) fn cases(page: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let body = body.join("\n") + "\n";
        let words: Vec<&str> = info.split_whitespace().collect();
        let (bad, good) = (words.contains(&"bad"), words.contains(&"good"));
        if !bad && !good {
            continue;
        }
        if !words.contains(&"and") {
            cases.push(Case { bad, ..Case::default() });
        }
        cases.last_mut().expect("`and` follows a fence").add(info, &body);
    }
    for case in &mut cases {
        case.complete();
        case.read();
    }
    cases
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, text) in &self.files {
            writeln!(f, "--- {path}\n{text}")?;
        }
        if let Some(live) = &self.live {
            writeln!(f, "--- live\n{live:?}")?;
        }
        for file in &self.host {
            writeln!(f, "--- host {:?}\n{}", file.kind, file.text)?;
        }
        Ok(())
    }
}
