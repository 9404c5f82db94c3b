//! A protected configuration, as most commands need it.

use std::path::PathBuf;

use drawbridge_core::project::{Entry, RelPath, Snapshot, discover};
use drawbridge_core::protect::{self, Options, Plan, Refusal};
use drawbridge_host::containers::{self, Found};
use drawbridge_host::ctl::Sidecar;
use drawbridge_host::engine::Engine;
use drawbridge_host::workspace::Workspace;
use drawbridge_policy::{Layer, LayerKind};

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
    pub(crate) snapshot: Snapshot,
    /// With which it was protected.
    pub(crate) options: Options,
    pub(crate) plan: Plan,
    pub(crate) engine: Engine,
}

impl Protected {
    /// Finds it; an error when it is not protected, or when several are and none was chosen.
    pub(crate) fn open(session: &Session<'_>, config: &ConfigArg) -> Result<Self, CliError> {
        let workspace = project::workspace(session)?;
        let config = project::config_path(&workspace, config.config.as_deref())?;
        let snapshot = workspace.snapshot(config.as_ref())?;
        let options = match &config {
            Some(config) => protect::recorded(&snapshot, Some(config)),
            None => only(&snapshot)?,
        };
        let Some(options) = options else {
            return Err(not_protected(&snapshot, config.as_ref()));
        };
        let plan = plan(&snapshot, &options).map_err(|refusal| project::refused(refusal, &snapshot))?;
        let engine = project::engine(&workspace);
        Ok(Self { workspace, snapshot, options, plan, engine })
    }

    /// Its containers.
    pub(crate) fn containers(&self) -> Result<Found, CliError> {
        Ok(containers::find(&self.engine, &self.workspace, &self.plan)?)
    }

    /// The running gate, or an error that says how to start it.
    pub(crate) fn sidecar(&self, found: &Found) -> Result<Sidecar, CliError> {
        found
            .running_sidecar()
            .map(|container| Sidecar::new(&self.engine, container))
            .ok_or_else(|| CliError::refused("the gate does not run", "drawbridge up"))
    }

    /// The absolute path of its devcontainer.json.
    pub(crate) fn config(&self) -> PathBuf {
        self.workspace.path().join(self.plan.config.as_str())
    }

    /// The layers of this machine and the repository, as the gate will see them.
    pub(crate) fn layers(&self) -> Result<Vec<Layer>, CliError> {
        let path = &self.plan.policy;
        let text = self.snapshot.text(path).ok_or_else(|| {
            CliError::refused(format!("`{path}` is missing or not readable"), "drawbridge protect")
        })?;
        let mut layers =
            vec![Layer { kind: LayerKind::Repository, file: path.to_string(), text: text.to_owned() }];
        layers.extend(personal_layers());
        Ok(layers)
    }
}

/// Names and places of what is protected. They do not depend on the policy, so a broken one is no
/// reason not to show logs or to stop a container; whoever needs the policy loads it.
fn plan(snapshot: &Snapshot, options: &Options) -> Result<Plan, Refusal> {
    let refusal = match protect::plan(snapshot, options) {
        Err(refusal) => refusal,
        planned => return planned,
    };
    let Some(policy) = refusal.file.as_ref().filter(|file| file.name() == Some("policy.jsonc")) else {
        return Err(refusal);
    };
    let mut without = snapshot.clone();
    without.files.insert(policy.clone(), Entry::Text("{\"version\": 1}".to_owned()));
    protect::plan(&without, options).map_err(|_| refusal)
}

/// The layers that lie on this machine.
pub(crate) fn personal_layers() -> Vec<Layer> {
    let home = drawbridge_host::variables::config_home();
    let [personal, _] = drawbridge_host::personal::LAYERS;
    drawbridge_host::personal::layers(home.as_deref())
        .into_iter()
        .map(|(file, text)| {
            let own = file == personal;
            let kind = if own { LayerKind::Personal } else { LayerKind::Organisation };
            Layer { kind, file, text }
        })
        .collect()
}

/// The only protected configuration; `None` when there is none.
fn only(snapshot: &Snapshot) -> Result<Option<Options>, CliError> {
    let mut found: Vec<(RelPath, Options)> = discover(snapshot)
        .into_iter()
        .filter_map(|candidate| {
            let options = protect::recorded(snapshot, Some(&candidate.path))?;
            Some((candidate.path, options))
        })
        .collect();
    if found.len() > 1 {
        let paths: Vec<String> = found.iter().map(|(path, _)| format!("--config {path}")).collect();
        return Err(CliError::refused(
            "several configurations are protected here",
            format!("choose one: {}", paths.join(" or ")),
        ));
    }
    Ok(found.pop().map(|(path, mut options)| {
        options.config = Some(path);
        options
    }))
}

fn not_protected(snapshot: &Snapshot, config: Option<&RelPath>) -> CliError {
    if discover(snapshot).is_empty() && config.is_none() {
        // The planner's words say where it looked.
        if let Err(refusal) = protect::plan(snapshot, &Options::default()) {
            return project::refused(refusal, snapshot);
        }
    }
    CliError::refused("this dev container is not protected", "drawbridge protect")
}
