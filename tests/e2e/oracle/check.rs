//! One case: up, inspect, remove; protect; up, inspect, remove; compare.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use drawbridge_tests::{Bed, Output, Project, Run};
use serde_json::Value;

use super::case::{BASE, Case, DISK, PORTS};
use super::compare::compare;
use super::facts::{Around, Facts, facts};

const IMAGE: &str = "drawbridge-test/base:bookworm";
const SIDECAR: &str = "drawbridge/sidecar:";
/// Shared by everything of a user, so no case removes it.
const PERSONAL: &str = "drawbridge-personal";

/// The containers of one `up`.
pub(crate) struct Seen {
    /// What is compared, by role: `dev` or the name of the service.
    pub(crate) facts: BTreeMap<String, Facts>,
    /// Inspections, by role; the sidecar's too.
    pub(crate) raw: BTreeMap<String, Value>,
}

struct Checking<'a> {
    case: &'a Case,
    project: Project<'a>,
    workspace: PathBuf,
    ports: Vec<(&'static str, String)>,
}

/// Runs one case; every sentence that comes back is a defect.
pub(crate) fn check(bed: &Bed, case: &Case) -> Vec<String> {
    let project = Project::empty(bed, case.name);
    // Joining nothing would leave a slash at the end, which no label has.
    let workspace: PathBuf = project.path.join(case.workspace).components().collect();
    let mut checking = Checking { case, project, workspace, ports: free_ports() };
    checking.write();
    checking.engine(case.setup);
    let before = checking.seen(false);
    checking.engine(case.teardown);
    checking.engine(case.setup);
    let written = checking.protect();
    if written.code != Some(0) {
        checking.engine(case.teardown);
        return vec![format!("`protect` refuses: {}", written.stderr)];
    }
    let after = checking.seen(true);
    checking.engine(case.teardown);
    checking.remove_images(&[&before, &after]);
    compare(case, &before, &after)
}

impl Checking<'_> {
    fn write(&mut self) {
        let config = Path::new(self.case.workspace).join(self.case.path).display().to_string();
        self.project.write(&config, &self.filled(self.case.config));
        for (path, text) in self.case.files {
            self.project.write(path, &self.filled(text));
        }
        self.project.commit("Start");
    }

    fn filled(&self, text: &str) -> String {
        let text = text.replace(BASE, IMAGE).replace(DISK, &disk());
        self.ports.iter().fold(text, |text, (name, port)| text.replace(name, port))
    }

    fn host(&self, argv: &[&str], again: bool) -> Run {
        let mut run = self.project.bed.host(argv, &self.workspace).limit(Duration::from_mins(4));
        for (name, value) in self.case.env {
            run = run.env(name, &self.filled(value));
        }
        for (name, before, after) in self.case.env_apart {
            run = run.env(name, if again { after } else { before });
        }
        run
    }

    fn protect(&self) -> Output {
        let program = self.project.bed.drawbridge().display().to_string();
        let mut argv = vec![program.as_str(), "protect", "--yes"];
        if self.case.path.matches('/').count() > 1 {
            argv.extend(["--config", self.case.path]);
        }
        argv.extend(self.case.protect);
        self.host(&argv, false).output()
    }

    fn up(&self, again: bool) -> Output {
        let folder = self.workspace.display().to_string();
        let mut argv = vec!["devcontainer", "up", "--workspace-folder", &folder, "--skip-post-create"];
        argv.extend(["--default-user-env-probe", "none"]);
        let config = self.workspace.join(self.case.path).display().to_string();
        if self.case.path.matches('/').count() > 1 {
            argv.extend(["--config", &config]);
        }
        if !self.case.updates_uid {
            argv.extend(["--update-remote-user-uid-default", "never"]);
        }
        argv.extend(self.case.up);
        self.host(&argv, again).output()
    }

    fn engine(&self, commands: &[&[&str]]) {
        for words in commands {
            let words: Vec<String> = words.iter().map(|word| self.filled(word)).collect();
            self.project.bed.docker(&words.iter().map(String::as_str).collect::<Vec<_>>()).ok();
        }
    }

    /// Creates the container, looks at it, and removes it again.
    fn seen(&self, again: bool) -> Seen {
        let up = self.up(again);
        let expected = if self.case.starts { up.code == Some(0) } else { up.code.is_some() };
        let side = if again { "after" } else { "before" };
        assert!(expected, "`devcontainer up` {side} ended otherwise than expected: {}", reason(&up));
        let raw = self.inspect();
        let mut seen = Seen { facts: self.facts(&raw), raw };
        let dev = seen.facts.get_mut("dev").unwrap_or_else(|| panic!("no dev container {side}: {up:?}"));
        if self.case.starts {
            let result = up.json();
            for key in ["remoteUser", "remoteWorkspaceFolder"] {
                dev.insert(format!("Up.{key}"), result[key].clone());
            }
            self.probe(&seen.raw["dev"], dev);
        }
        let keep = self.case.keeps_volumes && !again;
        self.remove(&seen, keep);
        seen
    }

    /// Lines that the case's script prints in the container.
    fn probe(&self, dev: &Value, facts: &mut Facts) {
        if self.case.probe.is_empty() {
            return;
        }
        let id = dev["Id"].as_str().unwrap_or_default();
        let output = self.project.bed.docker(&["exec", id, "sh", "-c", self.case.probe]).ok();
        for (line, text) in output.stdout.lines().enumerate() {
            facts.insert(format!("Probe.{line}"), Value::from(text));
        }
    }

    /// The dev container, its project's other containers, by role.
    fn inspect(&self) -> BTreeMap<String, Value> {
        let label = format!("label=devcontainer.local_folder={}", self.workspace.display());
        let dev = self.listed(&["ps", "--all", "--quiet", "--no-trunc", "--filter", &label]);
        assert_eq!(dev.len(), 1, "one dev container: {dev:?}");
        let mut ids = dev.clone();
        let inspected = self.inspected(&dev);
        if let Some(project) = inspected[0]["Config"]["Labels"]["com.docker.compose.project"].as_str() {
            let label = format!("label=com.docker.compose.project={project}");
            ids.extend(self.listed(&["ps", "--all", "--quiet", "--no-trunc", "--filter", &label]));
            ids.sort();
            ids.dedup();
        }
        let all = self.inspected(&ids);
        all.into_iter().map(|container| (role(&container, &dev[0]), container)).collect()
    }

    fn facts(&self, raw: &BTreeMap<String, Value>) -> BTreeMap<String, Facts> {
        let id = |container: &Value| container["Id"].as_str().unwrap_or_default().to_owned();
        let roles: BTreeMap<_, _> =
            raw.iter().map(|(role, container)| (id(container), role.clone())).collect();
        let mine = raw.iter().filter(|(role, _)| *role != "sidecar");
        mine.map(|(role, container)| {
            let image = self.inspected(&[container["Image"].as_str().unwrap_or_default().to_owned()]);
            let names: Vec<String> =
                volumes(container).into_iter().filter(|name| !name.contains("drawbridge-")).collect();
            let volumes = if names.is_empty() { Vec::new() } else { self.volumes(&names) };
            let around = Around {
                image: &image[0],
                volumes: &volumes,
                roles: &roles,
                same_volumes: self.case.keeps_volumes,
            };
            (role.clone(), facts(container, &around))
        })
        .collect()
    }

    fn listed(&self, words: &[&str]) -> Vec<String> {
        let listed = self.project.bed.docker(words).ok();
        listed.stdout.split_whitespace().map(str::to_owned).collect()
    }

    fn inspected(&self, ids: &[String]) -> Vec<Value> {
        let words: Vec<&str> = std::iter::once("inspect").chain(ids.iter().map(String::as_str)).collect();
        self.project.bed.docker(&words).ok().json().as_array().cloned().unwrap_or_default()
    }

    fn volumes(&self, names: &[String]) -> Vec<Value> {
        let words: Vec<&str> =
            ["volume", "inspect"].into_iter().chain(names.iter().map(String::as_str)).collect();
        self.project.bed.docker(&words).ok().json().as_array().cloned().unwrap_or_default()
    }

    fn remove(&self, seen: &Seen, keep_volumes: bool) {
        let docker = |words: &[&str], names: &[String]| {
            if !names.is_empty() {
                let words: Vec<&str> =
                    words.iter().copied().chain(names.iter().map(String::as_str)).collect();
                self.project.bed.docker(&words).ok();
            }
        };
        let ids: Vec<String> =
            seen.raw.values().filter_map(|c| c["Id"].as_str().map(str::to_owned)).collect();
        docker(&["rm", "--force", "--volumes"], &ids);
        let projects: BTreeSet<&str> = seen
            .raw
            .values()
            .filter_map(|container| container["Config"]["Labels"]["com.docker.compose.project"].as_str())
            .collect();
        for project in projects {
            let label = format!("label=com.docker.compose.project={project}");
            docker(&["network", "rm"], &self.listed(&["network", "ls", "--quiet", "--filter", &label]));
        }
        if !keep_volumes {
            let named: BTreeSet<String> = seen.raw.values().flat_map(volumes).collect();
            let named: Vec<String> = named.into_iter().filter(|name| name != PERSONAL).collect();
            docker(&["volume", "rm", "--force"], &named);
        }
    }

    /// Images that were built for this case.
    fn remove_images(&self, all: &[&Seen]) {
        let of = |seen: &&Seen| {
            seen.raw
                .values()
                .filter_map(|c| c["Config"]["Image"].as_str().map(str::to_owned))
                .collect::<Vec<_>>()
        };
        let names: BTreeSet<String> = all.iter().flat_map(of).collect();
        let built = names.iter().filter(|name| *name != IMAGE && !name.starts_with(SIDECAR));
        let words: Vec<&str> =
            ["image", "rm", "--force"].into_iter().chain(built.map(String::as_str)).collect();
        if words.len() > 3 {
            let _in_use = self.project.bed.docker(&words).output();
        }
    }
}

/// What the CLI says at the end; before that it prints whole Compose files.
fn reason(up: &Output) -> String {
    let lines: Vec<&str> = up.stderr.lines().filter(|line| !line.starts_with("    at ")).collect();
    let last = &lines[lines.len().saturating_sub(6)..];
    format!("exit code {:?}\n{}\n{}", up.code, last.join("\n"), up.stdout)
}

/// `dev`, `sidecar`, or the name of the service.
fn role(container: &Value, dev: &str) -> String {
    let image = container["Config"]["Image"].as_str().unwrap_or_default();
    if container["Id"] == dev {
        "dev".to_owned()
    } else if image.starts_with(SIDECAR) {
        "sidecar".to_owned()
    } else {
        let service = container["Config"]["Labels"]["com.docker.compose.service"].as_str();
        service.unwrap_or("(no service)").to_owned()
    }
}

/// Names of the volumes that a container mounts; those without a name go with it.
fn volumes(container: &Value) -> Vec<String> {
    let mounts = container["Mounts"].as_array().into_iter().flatten();
    let names = mounts.filter(|mount| mount["Type"] == "volume").filter_map(|mount| mount["Name"].as_str());
    names.filter(|name| name.len() != 64).map(str::to_owned).collect()
}

/// The first disk of the host that is not made of memory or a file.
fn disk() -> String {
    let names = std::fs::read_dir("/sys/block").into_iter().flatten().flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let disk = names.filter(|name| !name.starts_with("loop") && !name.contains("ram")).min();
    format!("/dev/{}", disk.unwrap_or_else(|| "sda".to_owned()))
}

fn free_ports() -> Vec<(&'static str, String)> {
    // All at once, so that they differ.
    let listeners = PORTS.map(|name| (name, TcpListener::bind("127.0.0.1:0").expect("a free port")));
    let port = |listener: &TcpListener| listener.local_addr().expect("its address").port().to_string();
    listeners.iter().map(|(name, listener)| (*name, port(listener))).collect()
}
