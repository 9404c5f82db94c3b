//! A repository that the user of the tests has cloned, with a dev container in it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::{Bed, Inet, Output, Run, until};

/// The policy file of a repository.
pub const POLICY: &str = ".devcontainer/drawbridge/policy.jsonc";
/// How its list of allowed hosts begins.
const ALLOW: &str = "\"allow\": [";

/// A repository of the user; its containers, networks and volumes end with it.
#[derive(Debug)]
pub struct Project<'a> {
    /// The test bed it lives on.
    pub bed: &'a Bed,
    /// The working tree.
    pub path: PathBuf,
    holder: Option<tempfile::TempDir>,
}

impl<'a> Project<'a> {
    /// A new repository called `name` with these files, committed.
    pub fn new(bed: &'a Bed, name: &str, files: &[(&str, &str)]) -> Self {
        let project = Self::empty(bed, name);
        for (path, text) in files {
            project.write(path, text);
        }
        project.commit("Start");
        project
    }

    /// A new, empty repository called `name` below a fresh folder.
    pub fn empty(bed: &'a Bed, name: &str) -> Self {
        let clones = bed.clones();
        std::fs::create_dir_all(&clones).expect("the folder of the clones");
        let holder = tempfile::Builder::new().prefix("t-").tempdir_in(&clones).expect("a fresh folder");
        let path = holder.path().join(name);
        std::fs::create_dir(&path).expect("the repository's folder");
        bed.give(holder.path());
        let project = Self { bed, path, holder: Some(holder) };
        project.git(&["init", "--quiet", "--initial-branch=main"]);
        project
    }

    /// A clone of this repository on another path, by `git clone`.
    #[must_use]
    pub fn fresh_clone(&self) -> Self {
        let holder =
            tempfile::Builder::new().prefix("c-").tempdir_in(self.bed.clones()).expect("a fresh folder");
        self.bed.give(holder.path());
        let name = self.path.file_name().expect("a repository has a name").to_os_string();
        let path = holder.path().join(name);
        let (from, to) = (self.path.display().to_string(), path.display().to_string());
        self.bed.host(&["git", "clone", "--quiet", &from, &to], holder.path()).ok();
        Self { bed: self.bed, path, holder: Some(holder) }
    }

    /// Writes one file as the user.
    pub fn write(&self, path: &str, text: &str) {
        let file = self.path.join(path);
        let folder = file.parent().expect("a file has a folder");
        std::fs::create_dir_all(folder).expect("the file's folder");
        std::fs::write(&file, text).expect("the file");
        let top = Path::new(path).components().next().expect("a path has a start");
        self.bed.give(&self.path.join(top));
    }

    /// The text of one file.
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// `git` in the working tree, as the user.
    pub fn git(&self, arguments: &[&str]) -> Output {
        let identity = ["git", "-c", "user.name=Test", "-c", "user.email=test@host.example"];
        let argv: Vec<&str> = identity.iter().chain(arguments).copied().collect();
        self.bed.host(&argv, &self.path).ok()
    }

    /// Commits everything.
    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    /// `drawbridge` in the working tree, as the user.
    pub fn drawbridge(&self, arguments: &[&str]) -> Run {
        let program = self.bed.drawbridge().display().to_string();
        let argv: Vec<&str> = std::iter::once(program.as_str()).chain(arguments.iter().copied()).collect();
        self.bed.host(&argv, &self.path)
    }

    /// Protects it, and gives its sidecars the tests' internet as their resolver.
    pub fn protect(&self, arguments: &[&str]) -> Output {
        let argv: Vec<&str> = ["protect", "--yes"].iter().chain(arguments).copied().collect();
        let output = self.drawbridge(&argv).ok();
        self.play_internet();
        output
    }

    /// Lets the sidecars resolve names in the tests' internet instead of the machine's resolver.
    pub fn play_internet(&self) {
        let folder = self.path.join(".devcontainer");
        for entry in std::fs::read_dir(&folder).expect("a protected project has the folder").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("drawbridge") && name.ends_with(".compose.yaml") {
                let path = format!(".devcontainer/{name}");
                let overlay = self.read(&path);
                if !overlay.contains(Inet::ADDRESS) {
                    self.write(&path, &with_resolver(&overlay));
                }
            }
        }
    }

    /// Adds hosts to the policy file as a person would.
    pub fn allow(&self, hosts: &[&str]) {
        self.allow_in(POLICY, hosts);
    }

    /// Adds hosts to the policy file of one of several configurations.
    pub fn allow_in(&self, file: &str, hosts: &[&str]) {
        let policy = self.read(file);
        let (head, tail) = policy.split_once(ALLOW).unwrap_or_else(|| panic!("no allow list in {policy}"));
        let separator = if tail.starts_with(']') { "" } else { ", " };
        let list = hosts.iter().map(|host| format!("\"{host}\"")).collect::<Vec<_>>().join(", ");
        self.write(file, &format!("{head}{ALLOW}{list}{separator}{tail}"));
    }

    /// Takes a host out of the policy file again.
    pub fn disallow(&self, host: &str) {
        let policy = self.read(POLICY);
        let spellings = [format!("\"{host}\", "), format!(", \"{host}\""), format!("\"{host}\"")];
        let found = spellings.iter().find(|spelling| policy.contains(spelling.as_str()));
        let found = found.unwrap_or_else(|| panic!("{host} is not in {policy}"));
        self.write(POLICY, &policy.replacen(found, "", 1));
    }

    /// Starts the container of one configuration (`--config`, as the official CLI).
    pub fn up(&self, arguments: &[&str]) -> Output {
        let argv: Vec<&str> = std::iter::once("up").chain(arguments.iter().copied()).collect();
        self.drawbridge(&argv).limit(Duration::from_mins(5)).ok()
    }

    /// A command in the dev container, by `drawbridge exec`.
    pub fn exec(&self, argv: &[&str]) -> Output {
        let argv: Vec<&str> = ["exec", "--"].iter().chain(argv).copied().collect();
        self.drawbridge(&argv).output()
    }

    /// A shell script in the dev container, by `drawbridge exec`.
    pub fn shell(&self, script: &str) -> Output {
        self.exec(&["sh", "-c", script])
    }

    /// A shell script in the dev container as a given user (`docker exec`), for tests of what the container itself allows.
    pub fn inside(&self, user: &str, script: &str) -> Output {
        self.bed.docker(&["exec", "--user", user, &self.dev(), "sh", "-c", script]).output()
    }

    /// The dev containers of this working tree, by the labels of the official CLI.
    pub fn devs(&self) -> Vec<String> {
        self.containers(&format!("label=devcontainer.local_folder={}", self.path.display()))
    }

    /// The only dev container.
    pub fn dev(&self) -> String {
        let devs = self.devs();
        assert_eq!(devs.len(), 1, "one dev container of {}: {devs:?}", self.path.display());
        devs[0].clone()
    }

    /// The sidecars that belong to the dev containers of this working tree.
    pub fn sidecars(&self) -> Vec<String> {
        let mut found: Vec<String> = self
            .compose_projects()
            .iter()
            .flat_map(|project| self.containers(&format!("label=com.docker.compose.project={project}")))
            .filter(|id| self.inspect(id, "{{.Config.Image}}").contains("drawbridge/sidecar:"))
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// The only sidecar.
    pub fn sidecar(&self) -> String {
        let sidecars = self.sidecars();
        assert_eq!(sidecars.len(), 1, "one sidecar of {}: {sidecars:?}", self.path.display());
        sidecars[0].clone()
    }

    /// The Compose projects of the dev containers of this working tree.
    pub fn compose_projects(&self) -> Vec<String> {
        let label = r#"{{index .Config.Labels "com.docker.compose.project"}}"#;
        let mut projects: Vec<String> = self.devs().iter().map(|id| self.inspect(id, label)).collect();
        projects.retain(|project| !project.is_empty());
        projects.sort();
        projects.dedup();
        projects
    }

    /// One value of `docker inspect`.
    pub fn inspect(&self, id: &str, format: &str) -> String {
        self.bed.docker(&["inspect", "--format", format, id]).ok().stdout.trim().to_owned()
    }

    /// Waits until the sidecar's health command answers.
    pub fn wait_healthy(&self) {
        until("the sidecar is healthy", Duration::from_mins(1), || {
            let health = self.inspect(&self.sidecar(), "{{.State.Status}} {{.State.Health.Status}}");
            if health == "running healthy" { Ok(()) } else { Err(health) }
        });
    }

    fn containers(&self, filter: &str) -> Vec<String> {
        let listed = self.bed.docker(&["ps", "--all", "--quiet", "--no-trunc", "--filter", filter]).ok();
        listed.stdout.split_whitespace().map(str::to_owned).collect()
    }

    /// Removes containers, networks, volumes and built images of this working tree.
    fn remove(&self) {
        let projects = self.compose_projects();
        let mut containers = self.devs();
        // A project that never got its dev container is found by its folder.
        for folder in [self.path.clone(), self.path.join(".devcontainer")] {
            let label = format!("label=com.docker.compose.project.working_dir={}", folder.display());
            containers.extend(self.containers(&label));
        }
        for project in &projects {
            containers.extend(self.containers(&format!("label=com.docker.compose.project={project}")));
        }
        let remove = |kind: &[&str], ids: &[String]| {
            if !ids.is_empty() {
                let argv: Vec<&str> = kind.iter().copied().chain(ids.iter().map(String::as_str)).collect();
                let _gone = self.bed.docker(&argv).output();
            }
        };
        remove(&["rm", "--force", "--volumes"], &containers);
        for project in &projects {
            let filter = format!("label=com.docker.compose.project={project}");
            for kind in ["network", "volume"] {
                let listed = self.bed.docker(&[kind, "ls", "--quiet", "--filter", &filter]).output();
                let ids: Vec<String> = listed.stdout.split_whitespace().map(str::to_owned).collect();
                remove(&[kind, "rm"], &ids);
            }
        }
    }
}

/// The overlay with a resolver of its own for the sidecar.
fn with_resolver(overlay: &str) -> String {
    let mut found = false;
    let mut text = String::new();
    for line in overlay.lines() {
        text.push_str(line);
        text.push('\n');
        let bare = line.trim_start();
        if bare.starts_with("image:") && bare.contains("drawbridge/sidecar:") {
            found = true;
            let indent = &line[..line.len() - bare.len()];
            text.push_str(indent);
            text.push_str("dns: [\"");
            text.push_str(Inet::ADDRESS);
            text.push_str("\"]\n");
        }
    }
    assert!(found, "no sidecar in the overlay:\n{overlay}");
    text
}

impl Drop for Project<'_> {
    fn drop(&mut self) {
        if std::env::var_os("DRAWBRIDGE_TEST_KEEP").is_some() {
            if let Some(holder) = self.holder.take() {
                eprintln!("kept {}", holder.keep().display());
            }
            return;
        }
        // A panic here would hide the test's own; what is left over ends with the engine.
        let _left = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.remove()));
    }
}
