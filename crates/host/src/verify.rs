//! Reads what Compose makes of the files that were written, because only that counts.

use std::path::{Path, PathBuf};
use std::time::Duration;

use drawbridge_core::protect::Plan;
use serde_json::Value;

use crate::engine::{Engine, EngineError};
use crate::process::{Output, ProcessError};
use crate::sidecar;
use crate::workspace::Workspace;

/// How a verification ended without finding fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// The dev service's only network is ours.
    Closed {
        /// Read-only binds of the dev service whose source is not there: the engine refuses to start
        /// a container with one.
        missing: Vec<PathBuf>,
    },
    /// It could not be read on this machine, with the reason.
    Unknown(String),
}

/// What is wrong with the result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Compose understood the files before ours was added and does not now.
    #[error("`docker compose config` does not accept the result: {detail}")]
    Invalid {
        /// Its words.
        detail: String,
    },
    /// Another network is left.
    #[error("service `{service}` would still be on {found}")]
    Open {
        /// The service.
        service: String,
        /// Its networks.
        found: String,
    },
    /// The gate would be a stranger's program.
    #[error("the gate would run from {found}, and not from `{expected}`")]
    ForeignGate {
        /// What the files name.
        found: String,
        /// What they should name on this machine.
        expected: String,
    },
    /// The command could not be run.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Checks the written files with `docker compose config`; no engine has to run for that.
pub fn networks(engine: &Engine, workspace: &Workspace, plan: &Plan) -> Result<Verified, VerifyError> {
    let files: Vec<_> = plan.compose_files.iter().map(|path| workspace.path().join(path.as_str())).collect();
    let config = |files: &[PathBuf], interpolate: bool| -> Result<Output, ProcessError> {
        let program = engine
            .compose(files)
            .args(["--profile", "*", "config", "--format", "json"])
            .dir(workspace.path())
            .deadline(Duration::from_mins(1));
        if interpolate { program } else { program.arg("--no-interpolate") }.capture()
    };
    let output = match config(&files, true) {
        Ok(output) => output,
        Err(ProcessError::Missing { .. }) => {
            return Ok(Verified::Unknown("`docker compose` is not installed".to_owned()));
        }
        Err(error) => return Err(EngineError::Process(error).into()),
    };
    if let Some(model) = parsed(&output) {
        return check(&model, plan);
    }
    // A variable without a value is the project's own matter; the networks are readable without.
    let run = |files: &[PathBuf]| config(files, false).map_err(EngineError::Process);
    if let Some(model) = parsed(&run(&files)?) {
        return check(&model, plan);
    }
    let detail = output.complaint();
    // Each version of the engine's client says it in other words.
    if !engine.has_compose() {
        return Ok(Verified::Unknown("`docker compose` is not installed".to_owned()));
    }
    let base = &files[..files.len().saturating_sub(1)];
    if !base.is_empty() && parsed(&run(base)?).is_none() {
        return Ok(Verified::Unknown(format!(
            "the Compose files do not load here even without ours: {detail}"
        )));
    }
    Err(VerifyError::Invalid { detail })
}

fn parsed(output: &Output) -> Option<Value> {
    if output.ok() { serde_json::from_slice(&output.stdout).ok() } else { None }
}

fn check(model: &Value, plan: &Plan) -> Result<Verified, VerifyError> {
    let service = |name: &str| &model["services"][name];
    let open = |name: &str, found: String| Err(VerifyError::Open { service: name.to_owned(), found });
    let owner = service(&plan.netns);
    if let Some(mode) = owner["network_mode"].as_str() {
        return open(&plan.netns, format!("`network_mode: {mode}`"));
    }
    let networks: Vec<&String> =
        owner["networks"].as_object().map(|map| map.keys().collect()).unwrap_or_default();
    if networks != [&plan.network] {
        let found = networks.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        return open(&plan.netns, if found.is_empty() { "no network".to_owned() } else { found });
    }
    if plan.service != plan.netns {
        let wanted = format!("service:{}", plan.netns);
        let mode = service(&plan.service)["network_mode"].as_str().unwrap_or_default();
        if mode != wanted {
            return open(&plan.service, format!("`network_mode: {mode}`"));
        }
    }
    let network = &model["networks"][&plan.network];
    if network["internal"] != true {
        return open(&plan.netns, format!("`{}`, which is not internal", plan.network));
    }
    let expected = sidecar::image();
    let gate = service(&plan.sidecar);
    if gate["image"] != expected.as_str() || !gate["build"].is_null() {
        let found =
            gate["image"].as_str().map_or_else(|| "no image".to_owned(), |image| format!("`{image}`"));
        return Err(VerifyError::ForeignGate { found, expected });
    }
    let missing = sources(service(&plan.service)).filter(|path| !path.exists()).map(Path::to_owned);
    Ok(Verified::Closed { missing: missing.collect() })
}

/// Sources of read-only binds that the engine does not create; Compose leaves the key out when it is
/// false.
fn sources(service: &Value) -> impl Iterator<Item = &Path> {
    let volumes = service["volumes"].as_array().map(Vec::as_slice).unwrap_or_default();
    volumes
        .iter()
        .filter(|volume| volume["type"] == "bind" && volume["read_only"] == true)
        .filter(|volume| volume["bind"]["create_host_path"] != true)
        .filter_map(|volume| volume["source"].as_str().map(Path::new))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::protected;

    /// How the check ends when `docker compose config` prints this.
    fn checked(services: &Value, internal: bool) -> String {
        let (_, _, plan) = protected();
        let mut model = json!({"services": services, "networks": {"drawbridge": {"internal": internal}}});
        model["services"]["drawbridge"] = json!({"image": sidecar::image()});
        match check(&model, &plan) {
            Ok(verified) => format!("{verified:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn only_the_closed_network_alone_passes() {
        let on = |networks: Value| checked(&json!({"dev": {"networks": networks}}), true);
        assert_eq!(on(json!({"drawbridge": null})), "Closed { missing: [] }");
        assert_eq!(
            on(json!({"default": null, "drawbridge": null})),
            "service `dev` would still be on `default`, `drawbridge`"
        );
        assert_eq!(on(json!({})), "service `dev` would still be on no network");
        assert_eq!(checked(&json!({}), true), "service `dev` would still be on no network");
        let host = json!({"dev": {"network_mode": "host"}});
        assert_eq!(checked(&host, true), "service `dev` would still be on `network_mode: host`");
        let open = json!({"dev": {"networks": {"drawbridge": null}}});
        assert_eq!(
            checked(&open, false),
            "service `dev` would still be on `drawbridge`, which is not internal"
        );
    }

    #[test]
    fn a_gate_from_a_stranger_is_refused() {
        let (_, _, plan) = protected();
        let said = |gate: Value| {
            let services = json!({"dev": {"networks": {"drawbridge": null}}, "drawbridge": gate});
            let model = json!({"services": services, "networks": {"drawbridge": {"internal": true}}});
            check(&model, &plan).map(drop).map_err(|error| error.to_string())
        };
        let ours = sidecar::image();
        assert_eq!(said(json!({"image": ours})), Ok(()));
        for gate in [json!({}), json!({"image": "evil.example/gate"}), json!({"image": ours, "build": "."})] {
            assert!(said(gate).unwrap_err().starts_with("the gate would run from"));
        }
    }

    #[test]
    fn a_bind_that_points_nowhere_is_named() {
        let bind = |source: &str, bind: Value| json!({"type": "bind", "source": source, "target": "/x", "read_only": true, "bind": bind});
        let volumes = [
            bind("/", json!({})),
            bind("/nowhere/hooks", json!({})),
            bind("/nowhere/made", json!({"create_host_path": true})),
        ];
        let services = json!({"dev": {"networks": {"drawbridge": null}, "volumes": volumes}});
        assert_eq!(checked(&services, true), r#"Closed { missing: ["/nowhere/hooks"] }"#);
    }

    #[test]
    fn a_service_that_shares_a_namespace_must_share_the_right_one() {
        let (_, _, mut plan) = protected();
        plan.netns = "db".to_owned();
        let model = |mode: &str| {
            json!({"services": {"db": {"networks": {"drawbridge": null}}, "dev": {"network_mode": mode},
                    "drawbridge": {"image": sidecar::image()}},
                "networks": {"drawbridge": {"internal": true}}})
        };
        assert!(check(&model("service:db"), &plan).is_ok());
        assert!(check(&model("service:other"), &plan).is_err());
        assert!(check(&model("bridge"), &plan).is_err());
    }
}
