//! A protected configuration: what was read of it, its containers, its policy.

use drawbridge_core::project::{Entry, RelPath, Snapshot, discover};
use drawbridge_core::protect::{self, Options, Plan, Refusal};
use drawbridge_host::containers::Found;
use drawbridge_host::ctl::{CtlError, Sidecar};
use drawbridge_host::engine::Engine;
use drawbridge_host::workspace::Workspace;
use drawbridge_policy::{Layer, LayerKind};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::Error;
use crate::project::now;

/// What was read.
#[derive(Debug)]
pub struct Protected {
    /// The folder.
    pub snapshot: Snapshot,
    /// With which it was protected.
    pub options: Options,
    /// What those options plan today.
    pub plan: Plan,
}

impl Protected {
    /// Reads it; an error when it is not protected, or when several are and `config` names none.
    pub fn read(workspace: &Workspace, config: Option<&RelPath>) -> Result<Self, Error> {
        let snapshot = workspace.snapshot(config)?;
        let options = match config {
            Some(_) => protect::recorded(&snapshot, config),
            None => only(&snapshot)?,
        };
        let Some(options) = options else { return Err(not_protected(snapshot, config)) };
        match plan(&snapshot, &options) {
            Ok(plan) => Ok(Self { snapshot, options, plan }),
            Err(refusal) => Err(refused(refusal, snapshot)),
        }
    }

    /// The layers of this machine and the repository, as the gate will see them.
    pub fn layers(&self) -> Result<Vec<Layer>, Error> {
        let path = &self.plan.policy;
        let text = self.snapshot.text(path).ok_or_else(|| Error::NoPolicy(path.clone()))?;
        let own = Layer { kind: LayerKind::Repository, file: path.to_string(), text: text.to_owned() };
        let mut layers = vec![own];
        layers.extend(personal_layers());
        Ok(layers)
    }
}

/// The layers that lie on this machine.
pub fn personal_layers() -> Vec<Layer> {
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

/// The running gate, or an error that says how to start it.
pub fn sidecar(engine: &Engine, found: &Found) -> Result<Sidecar, Error> {
    found.running_sidecar().map(|container| Sidecar::new(engine, container)).ok_or(Error::GateStopped)
}

/// What the gate answered to a new policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Reloaded {
    /// Its whole answer.
    pub answer: Value,
}

impl Reloaded {
    /// Not in force: the file opens more, and nobody has confirmed that.
    pub fn is_pending(&self) -> bool {
        self.answer["action"] == "pending"
    }

    /// What it opens, a sentence each.
    pub fn loosens(&self) -> impl Iterator<Item = &str> {
        self.answer["loosens"].as_array().into_iter().flatten().filter_map(Value::as_str)
    }
}

/// The word from the host for exactly `text`, which was written, and only when it opens nothing but
/// `rules`: the file may hold what a process of the container put there.
pub fn reload(sidecar: &Sidecar, text: &str, rules: &[&str]) -> Result<Reloaded, CtlError> {
    let reloaded = Reloaded { answer: sidecar.ask(&["reload"])? };
    let own: Vec<String> = rules
        .iter()
        .map(|rule| canonical(rule))
        .flat_map(|rule| [format!("newly allows `{rule}` ("), format!("no longer denies `{rule}` (")])
        .collect();
    let meant = reloaded.loosens().all(|line| own.iter().any(|own| line.starts_with(own.as_str())));
    if reloaded.is_pending() && !meant {
        return Ok(reloaded);
    }
    let hash = format!("{:x}", Sha256::digest(text.as_bytes()));
    Ok(Reloaded { answer: sidecar.ask(&["reload", "--accept", "--sha256", &hash])? })
}

/// The rule in the spelling of the gate's answers.
fn canonical(rule: &str) -> String {
    let text = json!({"version": 1, "allow": [rule]}).to_string();
    let layer = Layer { kind: LayerKind::Personal, file: String::new(), text };
    let loaded = drawbridge_policy::load(&[layer], now()).ok();
    loaded
        .and_then(|loaded| Some(loaded.policy.rules().next()?.source().text.clone()))
        .unwrap_or_else(|| rule.to_owned())
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

/// The only protected configuration; `None` when there is none.
fn only(snapshot: &Snapshot) -> Result<Option<Options>, Error> {
    let mut found: Vec<(RelPath, Options)> = discover(snapshot)
        .into_iter()
        .filter_map(|candidate| {
            let options = protect::recorded(snapshot, Some(&candidate.path))?;
            Some((candidate.path, options))
        })
        .collect();
    if found.len() > 1 {
        return Err(Error::Several(found.into_iter().map(|(path, _)| path).collect()));
    }
    Ok(found.pop().map(|(path, mut options)| {
        options.config = Some(path);
        options
    }))
}

fn not_protected(snapshot: Snapshot, config: Option<&RelPath>) -> Error {
    if discover(&snapshot).is_empty() && config.is_none() {
        // The planner's words say where it looked.
        if let Err(refusal) = protect::plan(&snapshot, &Options::default()) {
            return refused(refusal, snapshot);
        }
    }
    Error::NotProtected
}

pub(crate) fn refused(refusal: Refusal, snapshot: Snapshot) -> Error {
    Error::Refused { refusal: Box::new(refusal), snapshot: Box::new(snapshot) }
}
