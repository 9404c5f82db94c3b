//! The container engine, through the `docker` command.

mod containers;
mod failure;
mod version;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub use containers::{Attachment, Container, Mount, Network};
pub use failure::EngineError;
pub use version::{Version, Versions};

use crate::process::{Output, Program, Running, Tools};
use crate::variables;

/// Label of the official CLI: the folder that was opened.
pub const LABEL_FOLDER: &str = "devcontainer.local_folder";
/// Label of the official CLI: the devcontainer.json.
pub const LABEL_CONFIG: &str = "devcontainer.config_file";
/// Label of an image: what it brings along for dev containers.
pub const LABEL_METADATA: &str = "devcontainer.metadata";
/// Label of Compose: the project's name.
pub const LABEL_PROJECT: &str = "com.docker.compose.project";
/// Label of Compose: the files it read, with commas between.
pub const LABEL_CONFIG_FILES: &str = "com.docker.compose.project.config_files";
/// Label of Compose: the service's name.
pub const LABEL_SERVICE: &str = "com.docker.compose.service";

/// The engine that the user's `docker` command talks to.
#[derive(Debug, Clone, Default)]
pub struct Engine {
    tools: Tools,
    /// It answered once: from then on silence means that it stopped.
    answered: Arc<AtomicBool>,
}

impl Engine {
    /// Uses the `docker` found by `tools`.
    pub fn new(tools: Tools) -> Self {
        Self { tools, answered: Arc::default() }
    }

    /// The programs of this machine, without those of the workspace.
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Asks for both versions and refuses old ones, with the reason.
    pub fn check(&self) -> Result<Versions, EngineError> {
        let versions = self.versions()?;
        versions.require()?;
        Ok(versions)
    }

    /// Versions of engine and Compose, whatever they are.
    pub fn versions(&self) -> Result<Versions, EngineError> {
        let engine = self.answer(
            self.docker().args(["version", "--format", "{{.Server.Version}} {{.Server.Arch}}"]),
            "version",
        )?;
        let compose = self.docker().args(["compose", "version", "--short"]).capture().map_err(failure::of)?;
        if !compose.ok() {
            return Err(EngineError::NoCompose);
        }
        Versions::parse(&engine.text(), &compose.text())
    }

    /// Whether the client has its Compose plugin.
    pub fn has_compose(&self) -> bool {
        self.docker().args(["compose", "version"]).capture().is_ok_and(|output| output.ok())
    }

    /// Containers, running or not, that carry all the labels; `None` as value means any value.
    pub fn containers(&self, labels: &[(&str, Option<&str>)]) -> Result<Vec<Container>, EngineError> {
        let mut program = self.docker().args(["ps", "--all", "--quiet", "--no-trunc"]);
        for (label, value) in labels {
            let filter =
                value.map_or_else(|| format!("label={label}"), |value| format!("label={label}={value}"));
            program = program.args(["--filter", &filter]);
        }
        let ids = self.answer(program, "ps")?.text();
        let ids: Vec<&str> = ids.lines().collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        // One that ends in between makes `inspect` fail although the others were printed.
        let output = self.docker().args(["container", "inspect"]).args(ids).capture().map_err(failure::of)?;
        containers::parse_containers(&output.stdout).ok_or_else(|| self.failed("container inspect", &output))
    }

    /// The container with this name or id.
    pub fn container(&self, name: &str) -> Result<Option<Container>, EngineError> {
        let output = self.docker().args(["container", "inspect", name]).capture().map_err(failure::of)?;
        if !output.ok() && failure::is_no_such(&output) {
            return Ok(None);
        }
        let output = self.require("container inspect", output)?;
        Ok(containers::parse_containers(&output.stdout).and_then(|mut found| found.pop()))
    }

    /// All networks of the engine.
    pub fn networks(&self) -> Result<Vec<Network>, EngineError> {
        let ids = self.answer(self.docker().args(["network", "ls", "--quiet", "--no-trunc"]), "network")?;
        let ids = ids.text();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let output =
            self.docker().args(["network", "inspect"]).args(ids.lines()).capture().map_err(failure::of)?;
        containers::parse_networks(&output.stdout).ok_or_else(|| self.failed("network inspect", &output))
    }

    /// The value of a label of an image: `None` when there is no such image, empty without the label.
    pub fn image_label(&self, image: &str, label: &str) -> Result<Option<String>, EngineError> {
        let format = format!("{{{{index .Config.Labels {label:?}}}}}");
        let output = self
            .docker()
            .args(["image", "inspect", "--format", &format, image])
            .capture()
            .map_err(failure::of)?;
        if !output.ok() && failure::is_no_such(&output) {
            return Ok(None);
        }
        let text = self.require("image inspect", output)?.text();
        Ok(Some(if text == "<no value>" { String::new() } else { text }))
    }

    /// Whether the engine runs on another machine, as far as its address says. The command is asked only
    /// where a context may decide it.
    pub fn is_remote(&self) -> bool {
        let is_other = |address: &str| address.starts_with("ssh://") || address.starts_with("tcp://");
        if let Some(address) = std::env::var_os(variables::DOCKER_HOST) {
            return address.to_str().is_some_and(is_other);
        }
        if !variables::chooses_docker_context() {
            return false;
        }
        let format = "{{.Endpoints.docker.Host}}";
        let output = self.docker().args(["context", "inspect", "--format", format]).capture();
        output.is_ok_and(|output| output.ok() && is_other(&output.text()))
    }

    /// Makes an image from a tar archive of its root file system.
    pub fn import(&self, archive: Vec<u8>, changes: &[String], image: &str) -> Result<(), EngineError> {
        let mut program = self.docker().arg("import");
        for change in changes {
            program = program.args(["--change", change]);
        }
        let program = program.args(["-", image]).stdin(archive).deadline(Duration::from_mins(3));
        self.answer(program, "import").map(drop)
    }

    /// Runs a program in a container; a non-zero exit code is an answer.
    pub fn exec(
        &self,
        container: &str,
        user: Option<&str>,
        argv: &[&str],
        stdin: &[u8],
        deadline: Duration,
    ) -> Result<Output, EngineError> {
        let output = self
            .exec_program(container, user, argv)
            .stdin(stdin)
            .deadline(deadline)
            .capture()
            .map_err(failure::of)?;
        // The engine's own failures are told apart from those of the program.
        if !output.ok() && failure::is_engines(&output) {
            return Err(self.failed("exec", &output));
        }
        Ok(output)
    }

    /// Runs a program in a container and reads its lines as they come.
    pub fn exec_stream(
        &self,
        container: &str,
        user: Option<&str>,
        argv: &[&str],
    ) -> Result<Running, EngineError> {
        self.exec_program(container, user, argv).stream().map_err(failure::of)
    }

    /// The `docker compose` command over the given files, in their order.
    pub fn compose(&self, files: &[PathBuf]) -> Program {
        let mut program = self.docker().arg("compose");
        for file in files {
            program = program.arg("--file").arg(file);
        }
        program
    }

    /// The `docker` command.
    pub fn docker(&self) -> Program {
        self.tools.program("docker")
    }

    /// Runs a command that must succeed.
    pub fn answer(&self, program: Program, what: &str) -> Result<Output, EngineError> {
        self.require(what, program.capture().map_err(failure::of)?)
    }

    fn require(&self, command: &str, output: Output) -> Result<Output, EngineError> {
        if output.ok() {
            self.answered.store(true, Ordering::Relaxed);
            return Ok(output);
        }
        Err(self.failed(command, &output))
    }

    fn failed(&self, command: &str, output: &Output) -> EngineError {
        match failure::classify(command, output) {
            EngineError::Unreachable { .. } if self.answered.load(Ordering::Relaxed) => {
                EngineError::Lost { command: command.to_owned() }
            }
            error => error,
        }
    }

    fn exec_program(&self, container: &str, user: Option<&str>, argv: &[&str]) -> Program {
        let mut program = self.docker().args(["exec", "--interactive"]);
        if let Some(user) = user {
            program = program.args(["--user", user]);
        }
        program.arg(container).args(argv)
    }
}
