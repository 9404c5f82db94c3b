//! The protected corpus: whatever the official CLI and Compose accepted before, they accept after.

use std::path::Path;

use drawbridge_tests::{Bed, Output};
use serde_json::Value;

use super::workers;

/// Fewer protected projects than this is a regression of `protect`, not of the corpus.
const PROTECTED_AT_LEAST: usize = 100;
/// Asked of `protect` at most so often: it names every loss at once, and a few only after others.
const TRIES: usize = 4;

struct Corpus<'a> {
    bed: &'a Bed,
    home: tempfile::TempDir,
    program: String,
}

/// One project: its folder in the corpus and its configuration.
type Row = (std::path::PathBuf, String);

fn rows() -> Option<Vec<Row>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let Ok(manifest) = std::fs::read_to_string(folder.join("MANIFEST.tsv")) else {
        eprintln!("SKIPPED: no corpus at {}", folder.display());
        return None;
    };
    let mut lines = manifest.lines();
    let header: Vec<&str> = lines.next().expect("a header").split('\t').collect();
    let column = |name: &str| header.iter().position(|title| *title == name).expect("a column");
    let (dir, config) = (column("dir"), column("local_config"));
    let rows = lines.map(|line| line.split('\t').collect::<Vec<_>>());
    Some(rows.map(|row| (folder.join(row[dir]), row[config].to_owned())).collect())
}

#[test]
fn what_was_accepted_before_is_accepted_after() {
    let Some(bed) = Bed::get() else { return };
    let Some(rows) = rows() else { return };
    let home = tempfile::Builder::new().prefix("protected-").tempdir_in(bed.clones()).expect("a folder");
    bed.give(home.path());
    let corpus = Corpus { bed, home, program: bed.drawbridge().display().to_string() };
    let refused = std::sync::Mutex::new(Vec::new());
    let name = |row: &Row| row.0.file_name().expect("a name").to_string_lossy().into_owned();
    let failed = workers::each(2, &rows, name, |row| {
        let result = corpus.check(row, &name(row));
        result.unwrap_or_else(|reason| {
            refused.lock().expect("no panic with the list").push(reason);
            Vec::new()
        })
    });
    let refused = refused.into_inner().expect("no panic with the list");
    let protected = rows.len() - refused.len();
    eprintln!("{protected} of {} protected; the rest:\n  {}", rows.len(), refused.join("\n  "));
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(protected >= PROTECTED_AT_LEAST, "only {protected} protected");
}

impl Corpus<'_> {
    /// Complaints, or why there is nothing to compare.
    fn check(&self, (source, config): &Row, name: &str) -> Result<Vec<String>, String> {
        let copy = self.home.path().join(name);
        let words = |text: &Path| text.display().to_string();
        let me = |argv: &[&str]| self.bed.as_me(argv, self.home.path()).ok();
        me(&["cp", "-R", &words(source), &words(&copy)]);
        me(&["chmod", "-R", "u+w", &words(&copy)]);
        self.bed.give(&copy);
        let before = self.accepted(&copy, config);
        let protect = self.protect(&copy, config);
        let result = if protect.code == Some(0) {
            let after = self.accepted(&copy, config);
            if before.compose.is_none() && self.lacks_an_env_file(&after) {
                return Err(format!("{name}: `docker run` refuses its --env-file too"));
            }
            Ok(complaints(&before, &after))
        } else {
            let first = protect.stderr.lines().next().unwrap_or("(no message)");
            Err(format!("{name}: {first}"))
        };
        let _removed = std::fs::remove_dir_all(&copy);
        result
    }

    /// Protects with every loss accepted that `protect` asks about.
    fn protect(&self, copy: &Path, config: &str) -> Output {
        let mut losses: Vec<String> = Vec::new();
        let mut tries = 0;
        loop {
            tries += 1;
            let mut argv = vec![self.program.as_str(), "protect", "--yes", "--config", config];
            argv.extend(losses.iter().map(String::as_str));
            let output = self.bed.host(&argv, copy).output();
            let asked: Vec<String> = asked(&output).filter(|loss| !losses.contains(loss)).collect();
            if output.code == Some(0) || asked.is_empty() || tries == TRIES {
                return output;
            }
            losses.extend(asked);
        }
    }

    /// What the official CLI says about the configuration, and Compose about its files.
    fn accepted(&self, copy: &Path, config: &str) -> Accepted {
        let folder = copy.display().to_string();
        let path = copy.join(config).display().to_string();
        let mut argv = vec!["devcontainer", "read-configuration", "--docker-path", "/bin/true"];
        argv.extend(["--workspace-folder", &folder, "--config", &path]);
        let read = self.bed.host(&argv, copy).output();
        let compose = files(&read).map(|files| {
            let dir = Path::new(&path).parent().expect("a file has a folder");
            let files: Vec<String> = files.iter().map(|file| dir.join(file).display().to_string()).collect();
            let mut argv = vec!["docker", "compose"];
            argv.extend(files.iter().flat_map(|file| ["-f", file.as_str()]));
            argv.extend(["--profile", "*", "config", "--quiet"]);
            self.bed.host(&argv, copy).output()
        });
        Accepted { read, compose }
    }
}

impl Corpus<'_> {
    /// Whether Compose misses a file that `docker run` missed before: reading a configuration looks
    /// at no file that its `runArgs` name.
    fn lacks_an_env_file(&self, after: &Accepted) -> bool {
        let stderr = after.compose.as_ref().map_or("", |compose| compose.stderr.as_str());
        let missing = stderr.split_once("env file ").and_then(|(_, rest)| rest.split_once(" not found"));
        missing.is_some_and(|(path, _)| {
            let create = ["docker", "create", "--env-file", path, "drawbridge-test/base:bookworm"];
            self.bed.host(&create, self.home.path()).output().code != Some(0)
        })
    }
}

struct Accepted {
    read: Output,
    /// `None` for a configuration without Compose files.
    compose: Option<Output>,
}

fn complaints(before: &Accepted, after: &Accepted) -> Vec<String> {
    let mut complaints = Vec::new();
    if before.read.code == Some(0) && after.read.code != Some(0) {
        complaints.push(format!("the CLI read it before: {:?}", after.read));
    }
    // A configuration that is converted had no Compose file that could be wrong.
    let fine = before.compose.as_ref().is_none_or(|compose| compose.code == Some(0));
    match &after.compose {
        _ if before.read.code != Some(0) || !fine => {}
        Some(compose) if compose.code == Some(0) => {}
        Some(compose) => complaints.push(format!("Compose took it before: {compose:?}")),
        None => complaints.push("no Compose file in the protected configuration".to_owned()),
    }
    complaints
}

/// What a refusal's hint says to go on without.
fn asked(output: &Output) -> impl Iterator<Item = String> + '_ {
    let mut words = output.stderr.split_whitespace();
    std::iter::from_fn(move || {
        let word = words.by_ref().find_map(|word| word.strip_prefix("--accept-loss"))?;
        let code = if word.is_empty() { words.next()? } else { word.trim_start_matches('=') };
        Some(format!("--accept-loss={}", code.trim_matches(['`', '\'', '"', ','])))
    })
}

/// Compose files as the CLI read them.
fn files(read: &Output) -> Option<Vec<String>> {
    let result: Value = serde_json::from_str(&read.stdout).ok()?;
    match &result["configuration"]["dockerComposeFile"] {
        Value::String(file) => Some(vec![file.clone()]),
        Value::Array(files) => {
            Some(files.iter().filter_map(|file| file.as_str().map(str::to_owned)).collect())
        }
        _ => None,
    }
}
