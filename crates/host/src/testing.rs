//! A protected project for tests, made by the planner itself.

use drawbridge_core::project::{Entry, RelPath, Snapshot, wanted};
use drawbridge_core::protect::{self, Options, Plan};

/// A protected project, as a snapshot.
pub(crate) fn protected() -> (Snapshot, Options, Plan) {
    let mut snapshot = Snapshot::default();
    snapshot.facts.workspace_name = "shop".to_owned();
    let config = RelPath::new(".devcontainer/devcontainer.json").unwrap();
    let names = |names: &[&str]| Entry::Dir(names.iter().map(|name| (*name).to_owned()).collect());
    snapshot.files.insert(RelPath::root(), names(&[".devcontainer"]));
    snapshot.files.insert(config.parent(), names(&["devcontainer.json"]));
    snapshot.files.insert(config, Entry::Text("{\"image\": \"debian:12\"}\n".to_owned()));
    complete(&mut snapshot);
    let options = Options::default();
    let plan = protect::plan(&snapshot, &options).unwrap();
    for change in plan.changes {
        snapshot.files.insert(change.path, Entry::Text(change.after.unwrap()));
    }
    let options = protect::recorded(&snapshot, None).expect("it is protected now");
    let plan = protect::plan(&snapshot, &options).unwrap();
    (snapshot, options, plan)
}

fn complete(snapshot: &mut Snapshot) {
    loop {
        let paths = wanted(snapshot);
        if paths.is_empty() {
            return;
        }
        snapshot.files.extend(paths.into_iter().map(|path| (path, Entry::Missing)));
    }
}
