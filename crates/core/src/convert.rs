//! Image and Dockerfile configurations as one Compose service, without loss.
//!
//! A container that is made by `docker run` cannot get a sidecar, so such a configuration becomes a
//! Compose one. Every property, `runArgs` flag, build option and mount either becomes the Compose
//! key that gives the same container, or stays in devcontainer.json because it works there too, or
//! is a [`Lost`](ItemKind::Lost) item that the planner stops at. Nothing is dropped silently.
//!
//! The tables follow what the official CLI 0.89 and Compose 2.26 were measured to do.

mod argv;
mod build;
mod build_args;
mod edits;
pub(crate) mod flags;
mod item;
mod mounts;
mod paths;
mod ports;
mod risk;
mod run_args;
mod run_flags;
mod run_special;
pub mod service;
mod state;
mod value;
mod volume;
mod workspace;

pub use item::{Item, ItemKind};
pub use risk::risks;
pub use service::{Service, TopLevel};
pub use workspace::{Bound, Workspace};

use drawbridge_jsonc::Edit;

use crate::compose::Port;
use crate::devcontainer::{Config, Kind, Located, merge::Merged};
use crate::project::{HostFacts, RelPath};
use state::State;

/// What the conversion must know beside the configuration.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Key of the new service (`dev`, or `dev-NAME` for `.devcontainer/NAME/`).
    pub service: &'a str,
    /// The devcontainer.json.
    pub config: &'a RelPath,
    /// The Compose file that will hold the service; relative paths are written for its folder.
    pub compose: &'a RelPath,
    /// Names and places of the workspace.
    pub facts: &'a HostFacts,
    /// Properties that the image's label brings, when the image was inspected.
    pub image: Option<&'a Merged>,
    /// Properties that the Features bring, when somebody could be asked.
    pub features: Option<&'a Merged>,
}

/// The configuration as a Compose service.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversion {
    /// The service, without `networks`, `dns`, `ports` and `depends_on`: those belong to the gate.
    pub service: Service,
    /// Entries beside `services` that the service refers to.
    pub top_level: TopLevel,
    /// Edits of devcontainer.json, to be applied in order.
    pub edits: Vec<Edit>,
    /// What became of each setting, in the order of the file.
    pub items: Vec<Item>,
    /// Ports that `docker run` would have published; on the gate's network the sidecar relays them.
    pub published: Vec<Located<Port>>,
    /// Where the workspace is in the container.
    pub workspace: Workspace,
}

impl Conversion {
    /// What cannot be kept.
    pub fn lost(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.kind == ItemKind::Lost)
    }
}

/// Converts an image or Dockerfile configuration; `None` for the other kinds.
///
/// Pure and deterministic: the same configuration and context give the same bytes.
pub fn to_service(config: &Config<'_>, context: &Context<'_>) -> Option<Conversion> {
    if !matches!(config.kind, Kind::Image | Kind::Dockerfile) {
        return None;
    }
    let workspace = workspace::plan(config, context);
    let mut state = State::new(config, context, workspace);
    build::convert(&mut state);
    workspace::convert(&mut state);
    mounts::convert(&mut state);
    mounts::convert_brought(&mut state);
    run_args::convert(&mut state);
    ports::convert_app_ports(&mut state);
    edits::keep_rest(&mut state);
    Some(state.finish())
}
