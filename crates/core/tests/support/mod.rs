//! Snapshots for tests: from texts, and from folders of the corpus.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::disallowed_methods, reason = "tests read the corpus; the crate itself does no I/O")]

use std::path::{Path, PathBuf};

use drawbridge_core::audit;
use drawbridge_core::project::{Entry, HostFacts, NoText, RelPath, Snapshot, wanted};
use drawbridge_core::protect::{Options, Plan, Refusal, plan};

pub(crate) fn path(text: &str) -> RelPath {
    RelPath::new(text).expect("a path below the workspace")
}

/// A workspace called `shop` that holds these files and nothing else.
pub(crate) fn workspace(files: &[(&str, &str)]) -> Snapshot {
    let facts = HostFacts { workspace_name: "shop".to_owned(), ..HostFacts::default() };
    holding(Snapshot { facts, ..Snapshot::default() }, files)
}

fn holding(mut snapshot: Snapshot, files: &[(&str, &str)]) -> Snapshot {
    read_all(&mut snapshot, |wanted| {
        let inside = |name: &str| RelPath::new(name).filter(|p| p.is_within(wanted) && p != wanted);
        if let Some((_, text)) = files.iter().find(|(name, _)| *name == wanted.as_str()) {
            return Entry::Text((*text).to_owned());
        }
        let mut names: Vec<String> = files
            .iter()
            .filter_map(|(name, _)| inside(name))
            .filter_map(|p| p.parts().nth(wanted.parts().count()).map(str::to_owned))
            .collect();
        names.sort();
        names.dedup();
        let is_root = wanted.as_str().is_empty();
        if names.is_empty() && !is_root { Entry::Missing } else { Entry::Dir(names) }
    });
    snapshot
}

/// The plan, which must come about.
#[track_caller]
pub(crate) fn planned(snapshot: &Snapshot, options: &Options) -> Plan {
    plan(snapshot, options).unwrap_or_else(|err| panic!("{}", refusal(&err)))
}

/// The same workspace after the plan was applied.
pub(crate) fn applied(snapshot: &Snapshot, plan: &Plan) -> Snapshot {
    let mut files: Vec<(String, String)> = snapshot
        .files
        .iter()
        .filter_map(|(path, entry)| Some((path.as_str().to_owned(), entry.text()?.to_owned())))
        .collect();
    for change in &plan.changes {
        files.retain(|(name, _)| name != change.path.as_str());
        if let Some(after) = &change.after {
            files.push((change.path.as_str().to_owned(), after.clone()));
        }
    }
    let borrowed: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let mut after = Snapshot { facts: snapshot.facts.clone(), ..Snapshot::default() };
    if let Some((_, text)) = files.iter().find(|(name, _)| name == plan.config.as_str()) {
        after.files.insert(plan.config.clone(), Entry::Text(text.clone()));
    }
    holding(after, &borrowed)
}

fn read_all(snapshot: &mut Snapshot, read: impl Fn(&RelPath) -> Entry) {
    for _ in 0..50 {
        let mut want = wanted(snapshot);
        want.extend(audit::wanted(snapshot));
        if want.is_empty() {
            return;
        }
        for path in want {
            let entry = read(&path);
            snapshot.files.insert(path, entry);
        }
    }
    panic!("`wanted` asks for ever: {:?}", wanted(snapshot));
}

/// One project of the corpus.
pub(crate) struct Project {
    pub(crate) name: String,
    pub(crate) config: RelPath,
    pub(crate) snapshot: Snapshot,
}

/// Every project, or `None` where the corpus is not installed.
pub(crate) fn corpus() -> Option<Vec<Project>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let Ok(manifest) = std::fs::read_to_string(root.join("MANIFEST.tsv")) else {
        println!("skipped: no corpus at `../shared/corpus`");
        return None;
    };
    let project = |line: &str| {
        let mut columns = line.split('\t');
        let name = columns.next()?.to_owned();
        let config = path(columns.nth(3)?);
        let snapshot = from_disk(&root.join(&name), &name, &config);
        Some(Project { name, config, snapshot })
    };
    Some(manifest.lines().skip(1).filter_map(project).collect())
}

fn from_disk(folder: &Path, name: &str, config: &RelPath) -> Snapshot {
    let facts = HostFacts { workspace_name: name.to_owned(), ..HostFacts::default() };
    let mut snapshot = Snapshot { facts, ..Snapshot::default() };
    snapshot.files.insert(config.clone(), entry(&folder.join(config.as_str())));
    read_all(&mut snapshot, |path| entry(&folder.join(path.as_str())));
    snapshot
}

fn entry(path: &PathBuf) -> Entry {
    let Ok(meta) = std::fs::symlink_metadata(path) else {
        return Entry::Missing;
    };
    if meta.is_symlink() {
        return Entry::Symlink;
    }
    if meta.is_dir() {
        let names = std::fs::read_dir(path).expect("a readable corpus");
        let name = |item: std::io::Result<std::fs::DirEntry>| {
            item.expect("a readable corpus").file_name().to_string_lossy().into_owned()
        };
        return Entry::Dir(names.map(name).collect());
    }
    match std::fs::read_to_string(path) {
        Ok(text) => Entry::Text(text),
        Err(_) => Entry::Present(NoText::NotUtf8 { at: 0 }),
    }
}

/// A refusal as the terminal shows it.
pub(crate) fn refusal(refusal: &Refusal) -> String {
    let place = match (&refusal.file, refusal.line, refusal.column) {
        (Some(file), Some(line), Some(column)) => format!("{file}:{line}:{column}: "),
        (Some(file), ..) => format!("{file}: "),
        (None, ..) => String::new(),
    };
    let items = refusal.items.iter().map(|item| format!("- [{}] {}: {}", item.code, item.what, item.why));
    let hint = refusal.hint.iter().map(|hint| format!("hint: {hint}"));
    let lines = [format!("{place}{}", refusal.message)].into_iter().chain(items).chain(hint);
    lines.collect::<Vec<_>>().join("\n")
}
