//! One configuration of the oracle, and what may differ for it alone.

use super::expected::Difference;

/// Stands for the test bed's base image in every text.
pub(crate) const BASE: &str = "BASE";
/// Stands for a disk of the host.
pub(crate) const DISK: &str = "DISK";
/// Stands for one free port of the host each.
pub(crate) const PORTS: [&str; 3] = ["PORT_A", "PORT_B", "PORT_C"];

/// A configuration, and how the official CLI and `drawbridge` are called for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    /// Name of the repository's folder, so also of the Compose project.
    pub(crate) name: &'static str,
    /// The text of devcontainer.json.
    pub(crate) config: &'static str,
    /// Where it is, from the workspace.
    pub(crate) path: &'static str,
    /// The opened folder, from the repository's root.
    pub(crate) workspace: &'static str,
    /// Other files, from the repository's root.
    pub(crate) files: &'static [(&'static str, &'static str)],
    /// Further words for `drawbridge protect`.
    pub(crate) protect: &'static [&'static str],
    /// Further words for `devcontainer up`.
    pub(crate) up: &'static [&'static str],
    /// Variables of the host.
    pub(crate) env: &'static [(&'static str, &'static str)],
    /// Variables of the host that differ before and after.
    pub(crate) env_apart: &'static [(&'static str, &'static str, &'static str)],
    /// Words for `docker` that make what the configuration expects of the engine.
    pub(crate) setup: &'static [&'static [&'static str]],
    /// The same for what `setup` made.
    pub(crate) teardown: &'static [&'static [&'static str]],
    /// A script whose lines are compared as well, run in the dev container.
    pub(crate) probe: &'static str,
    /// Otherwise the container is made and cannot start on most machines, before and after.
    pub(crate) starts: bool,
    /// Named volumes survive between before and after, and must be the same ones.
    pub(crate) keeps_volumes: bool,
    /// The default: no update of the user's id, which would build another image.
    pub(crate) updates_uid: bool,
    /// What must differ beside the gate.
    pub(crate) differs: &'static [Difference],
}

impl Case {
    /// `.devcontainer/devcontainer.json` with this text and nothing special.
    pub(crate) const fn new(name: &'static str, config: &'static str) -> Self {
        Self {
            name,
            config,
            path: ".devcontainer/devcontainer.json",
            workspace: "",
            files: &[],
            protect: &[],
            up: &[],
            env: &[],
            env_apart: &[],
            setup: &[],
            teardown: &[],
            probe: "",
            starts: true,
            keeps_volumes: false,
            updates_uid: false,
            differs: &[],
        }
    }

    pub(crate) const fn at(mut self, path: &'static str) -> Self {
        self.path = path;
        self
    }

    pub(crate) const fn opened_at(mut self, workspace: &'static str) -> Self {
        self.workspace = workspace;
        self
    }

    pub(crate) const fn files(mut self, files: &'static [(&'static str, &'static str)]) -> Self {
        self.files = files;
        self
    }

    pub(crate) const fn protect(mut self, words: &'static [&'static str]) -> Self {
        self.protect = words;
        self
    }

    pub(crate) const fn up(mut self, words: &'static [&'static str]) -> Self {
        self.up = words;
        self
    }

    pub(crate) const fn env(mut self, variables: &'static [(&'static str, &'static str)]) -> Self {
        self.env = variables;
        self
    }

    pub(crate) const fn env_apart(
        mut self,
        variables: &'static [(&'static str, &'static str, &'static str)],
    ) -> Self {
        self.env_apart = variables;
        self
    }

    pub(crate) const fn with_engine(
        mut self,
        setup: &'static [&'static [&'static str]],
        teardown: &'static [&'static [&'static str]],
    ) -> Self {
        self.setup = setup;
        self.teardown = teardown;
        self
    }

    pub(crate) const fn probe(mut self, script: &'static str) -> Self {
        self.probe = script;
        self
    }

    pub(crate) const fn cannot_start(mut self) -> Self {
        self.starts = false;
        self
    }

    pub(crate) const fn keeps_volumes(mut self) -> Self {
        self.keeps_volumes = true;
        self
    }

    pub(crate) const fn updates_uid(mut self) -> Self {
        self.updates_uid = true;
        self
    }

    pub(crate) const fn differs(mut self, differs: &'static [Difference]) -> Self {
        self.differs = differs;
        self
    }

    /// Every text of the configuration, to look for what it covers.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.config).chain(self.files.iter().map(|(_, text)| *text)).chain([self.probe])
    }
}
