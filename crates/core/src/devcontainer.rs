//! Typed view of devcontainer.json, with the place of every value.
//!
//! Follows what the official CLI does where that differs from its documentation. Variables stay as
//! they are written: their values belong to the machine that starts the container.

mod error;
pub mod merge;
pub mod mount;
mod read;
pub mod variable;

pub use error::ReadError;
pub use mount::{Mount, MountKind};
pub use read::{MAX_ITEMS, PROPERTIES};

use drawbridge_jsonc::{Node, Parsed, Pointer};
use drawbridge_text::Span;

/// What the container is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `image`.
    Image,
    /// `build` or `dockerFile`.
    Dockerfile,
    /// `dockerComposeFile`.
    Compose,
    /// Nothing of these.
    None,
}

/// A value and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the file.
    pub span: Span,
    /// Its address in the document.
    pub at: Pointer,
}

impl<T> Located<T> {
    /// Another value from the same place.
    pub fn with<U>(&self, value: U) -> Located<U> {
        Located { value, span: self.span, at: self.at.clone() }
    }
}

/// Text and where it is written.
pub type Text = Located<String>;

/// `build`, with the legacy `dockerFile` and `context` folded in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Build {
    /// Path relative to the folder of devcontainer.json.
    pub dockerfile: Option<Text>,
    /// Path relative to the folder of devcontainer.json; the Dockerfile's folder when absent.
    pub context: Option<Text>,
    /// `--build-arg` values by name.
    pub args: Vec<(String, Text)>,
    /// Stage to build.
    pub target: Option<Text>,
    /// `--cache-from` values.
    pub cache_from: Vec<Text>,
    /// Words for `docker build`, appended as they are.
    pub options: Vec<Text>,
}

/// One entry of `appPort` or `forwardPorts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortEntry {
    /// A bare number.
    Number(u16),
    /// Text, which the tools read themselves (`db:5432`, `8000:80`).
    Text(String),
}

/// One lifecycle hook.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hook<'a> {
    /// `postCreateCommand` and so on.
    pub name: &'static str,
    /// String, list or mapping, as written.
    pub command: &'a Node,
}

/// A devcontainer.json whose values have the types that the specification gives them.
///
/// `null` counts as absent, as in the official CLI. Unknown properties are in [`Self::unknown`].
#[derive(Debug, Clone)]
pub struct Config<'a> {
    /// The whole document, an object.
    pub root: &'a Node,
    /// What `up` makes the container from.
    pub kind: Kind,
    /// `name`
    pub name: Option<Text>,
    /// `image`
    pub image: Option<Text>,
    /// `build`, `dockerFile`, `context`
    pub build: Build,
    /// `dockerComposeFile`; `None` when absent, empty when it asks for the default files.
    pub compose_files: Option<Vec<Text>>,
    /// `service`
    pub service: Option<Text>,
    /// `runServices`
    pub run_services: Option<Vec<Text>>,
    /// `workspaceFolder`
    pub workspace_folder: Option<Text>,
    /// `workspaceMount`; empty text means that nothing is mounted.
    pub workspace_mount: Option<Text>,
    /// `runArgs`
    pub run_args: Vec<Text>,
    /// `appPort`
    pub app_ports: Vec<Located<PortEntry>>,
    /// `forwardPorts`
    pub forward_ports: Vec<Located<PortEntry>>,
    /// `mounts`
    pub mounts: Vec<Located<Mount>>,
    /// `containerEnv`; numbers and booleans as text, as the CLI passes them.
    pub container_env: Vec<(String, Text)>,
    /// `remoteEnv`; `None` unsets.
    pub remote_env: Vec<(String, Located<Option<String>>)>,
    /// `containerUser`
    pub container_user: Option<Text>,
    /// `remoteUser`
    pub remote_user: Option<Text>,
    /// `updateRemoteUserUID`
    pub update_remote_user_uid: Option<Located<bool>>,
    /// `userEnvProbe`
    pub user_env_probe: Option<Text>,
    /// `overrideCommand`
    pub override_command: Option<Located<bool>>,
    /// `shutdownAction`
    pub shutdown_action: Option<Text>,
    /// `init`
    pub init: Option<Located<bool>>,
    /// `privileged`
    pub privileged: Option<Located<bool>>,
    /// `capAdd`
    pub cap_add: Vec<Text>,
    /// `securityOpt`
    pub security_opt: Vec<Text>,
    /// `features`: reference and options, in the order of the file.
    pub features: Vec<(Text, &'a Node)>,
    /// `overrideFeatureInstallOrder`
    pub feature_order: Vec<Text>,
    /// The hooks that are present, in the order in which they run.
    pub hooks: Vec<Hook<'a>>,
    /// `waitFor`
    pub wait_for: Option<Text>,
    /// `customizations`, an object.
    pub customizations: Option<&'a Node>,
    /// `hostRequirements`, an object.
    pub host_requirements: Option<&'a Node>,
    /// `portsAttributes`, an object.
    pub ports_attributes: Option<&'a Node>,
    /// `otherPortsAttributes`, an object.
    pub other_ports_attributes: Option<&'a Node>,
    /// `secrets`, an object; declares names, holds no values.
    pub secrets: Option<&'a Node>,
    /// Legacy top-level `extensions`, which the CLI folds into `customizations.vscode`.
    pub legacy_extensions: Option<&'a Node>,
    /// Legacy top-level `settings`, likewise.
    pub legacy_settings: Option<&'a Node>,
    /// Properties that the specification does not know, as written.
    pub unknown: Vec<Text>,
}

impl<'a> Config<'a> {
    /// Reads the document `parsed`, whose source is `text`.
    ///
    /// Syntax errors and duplicate keys are the caller's to judge; they are in `parsed`.
    ///
    /// # Errors
    ///
    /// Every wrong type, not only the first; and a Compose configuration without `service`.
    pub fn read(parsed: &'a Parsed, text: &str) -> Result<Self, Vec<ReadError>> {
        read::read(parsed, text)
    }

    /// The stored bytes of a property's value.
    pub fn span(&self, property: &str) -> Option<Span> {
        self.root.get(property).map(|node| node.span)
    }

    /// Whether the property is written, even as `null`.
    pub fn has(&self, property: &str) -> bool {
        self.root.get(property).is_some()
    }

    /// The container is kept alive by the CLI's own command: the default of image and Dockerfile
    /// configurations, not of Compose ones.
    pub fn overrides_command(&self) -> bool {
        let default = matches!(self.kind, Kind::Image | Kind::Dockerfile);
        self.override_command.as_ref().map_or(default, |value| value.value)
    }
}
