//! A protected configuration, as most commands need it.

use std::ops::Deref;
use std::path::PathBuf;

use drawbridge_host::containers::{self, Found};
use drawbridge_host::ctl::Sidecar;
use drawbridge_host::engine::Engine;
use drawbridge_host::workspace::Workspace;
use drawbridge_policy::Policy;
use drawbridge_service::protected as service;

use crate::clock;
use crate::diagnostics;
use crate::error::CliError;
use crate::project;
use crate::session::Session;

/// The configuration that a command is about.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct ConfigArg {
    /// The devcontainer.json, when there are several
    #[arg(long, value_name = "PATH")]
    pub(crate) config: Option<PathBuf>,
}

/// A workspace with its protected configuration.
#[derive(Debug)]
pub(crate) struct Protected {
    pub(crate) workspace: Workspace,
    pub(crate) engine: Engine,
    read: service::Protected,
}

impl Deref for Protected {
    type Target = service::Protected;

    fn deref(&self) -> &Self::Target {
        &self.read
    }
}

impl Protected {
    /// Finds it; an error when it is not protected, or when several are and none was chosen.
    pub(crate) fn open(session: &Session<'_>, config: &ConfigArg) -> Result<Self, CliError> {
        let workspace = project::workspace(session)?;
        let config = project::config_path(&workspace, config.config.as_deref())?;
        let read = service::Protected::read(&workspace, config.as_ref())?;
        let engine = project::engine(&workspace);
        Ok(Self { workspace, engine, read })
    }

    /// Its containers.
    pub(crate) fn containers(&self) -> Result<Found, CliError> {
        Ok(containers::find(&self.engine, &self.workspace, &self.plan)?)
    }

    /// The running gate, or an error that says how to start it.
    pub(crate) fn sidecar(&self, found: &Found) -> Result<Sidecar, CliError> {
        Ok(service::sidecar(&self.engine, found)?)
    }

    /// The policy of all layers as the gate would load it now, or an error that says where it is broken.
    pub(crate) fn policy(&self) -> Result<Policy, CliError> {
        let layers = self.layers()?;
        let loaded = drawbridge_policy::load(&layers, clock::now());
        Ok(loaded.map_err(|found| diagnostics::refused(&found, &layers))?.policy)
    }

    /// The absolute path of its devcontainer.json.
    pub(crate) fn config(&self) -> PathBuf {
        self.workspace.path().join(self.plan.config.as_str())
    }
}
