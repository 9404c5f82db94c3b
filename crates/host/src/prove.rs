//! What the host knows for a proof: facts for the canaries, and checks that only the host can make.

use std::net::IpAddr;
use std::time::Duration;

use drawbridge_core::protect::{Bind, Plan};
use serde::Serialize;

use crate::containers;
use crate::engine::{Container, Engine, EngineError, LABEL_METADATA};

/// Path of our binary in the dev container.
pub const BINARY: &str = "/run/drawbridge/share/bin/drawbridge";

/// What the canaries are told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Gateways of the engine's networks.
    pub gateways: Vec<IpAddr>,
    /// The gate's address on the closed network.
    pub sidecar: Option<IpAddr>,
    /// Paths in the container that must not be writable.
    pub protected: Vec<String>,
    /// The user that commands run as.
    pub user: Option<String>,
}

/// How a check of the host ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// It could not be made.
    Skip,
}

/// A check of the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// A stable name.
    pub id: String,
    /// How it ended.
    pub status: Status,
    /// What was looked at.
    pub attempt: String,
    /// What was seen.
    pub detail: String,
}

/// Collects the facts.
pub fn facts(
    engine: &Engine,
    dev: &Container,
    sidecar: Option<&Container>,
    plan: &Plan,
) -> Result<Facts, EngineError> {
    let mut gateways: Vec<IpAddr> = engine
        .networks()?
        .iter()
        .flat_map(|network| network.gateways.iter().filter_map(|text| text.parse().ok()))
        .collect();
    gateways.sort_unstable();
    gateways.dedup();
    let inner = format!("_{}", plan.network);
    let address = sidecar.and_then(|container| {
        let (_, attachment) = container.networks.iter().find(|(name, _)| name.ends_with(&inner))?;
        attachment.address.parse().ok()
    });
    let mut protected: Vec<String> = plan.binds.iter().map(|bind| bind.target.clone()).collect();
    protected.extend(policy_in_container(plan));
    Ok(Facts { gateways, sidecar: address, protected, user: remote_user(dev) })
}

/// Checks from outside of the container.
pub fn checks(engine: &Engine, dev: &Container, plan: &Plan) -> Result<Vec<Check>, EngineError> {
    let networks: Vec<&str> = dev.networks.keys().map(String::as_str).collect();
    let gated = containers::is_gated(engine, dev, plan)?;
    let inspect = |what: &str| format!("docker inspect {} ({what})", dev.name);
    let mut checks = vec![
        Check {
            id: "host-networks".to_owned(),
            status: if gated { Status::Pass } else { Status::Fail },
            attempt: inspect("networks"),
            detail: if networks.is_empty() { dev.network_mode.clone() } else { networks.join(", ") },
        },
        Check {
            id: "host-capabilities".to_owned(),
            status: if dev.cap_add.is_empty() && !dev.privileged { Status::Pass } else { Status::Fail },
            attempt: inspect("added capabilities"),
            detail: match (dev.privileged, dev.cap_add.is_empty()) {
                (true, _) => "privileged".to_owned(),
                (false, true) => "none".to_owned(),
                (false, false) => dev.cap_add.join(", "),
            },
        },
    ];
    let argv = ["cat", "/proc/self/mountinfo"];
    let output = engine.exec(&dev.id, Some("0"), &argv, b"", Duration::from_secs(10));
    let table = output.ok().filter(crate::process::Output::ok).map(|output| output.text());
    checks.extend(plan.binds.iter().map(|bind| bound(bind, table.as_deref())));
    Ok(checks)
}

fn bound(bind: &Bind, table: Option<&str>) -> Check {
    let (status, detail) = match table.map(|table| mount_options(table, &bind.target)) {
        None => (Status::Skip, "the container's mount table could not be read"),
        Some(None) => (Status::Fail, "not mounted: the container can write it"),
        Some(Some(options)) if options.split(',').any(|option| option == "ro") => {
            (Status::Pass, "mounted read-only")
        }
        Some(Some(_)) => (Status::Fail, "mounted writable"),
    };
    Check {
        id: format!("host-bind:{}", bind.source),
        status,
        attempt: format!("/proc/self/mountinfo has {}", bind.target),
        detail: detail.to_owned(),
    }
}

/// Options of the topmost mount at `target`; a bind whose source was replaced is none.
///
/// Fields: proc(5), `/proc/pid/mountinfo`.
fn mount_options(table: &str, target: &str) -> Option<String> {
    let mut found = None;
    for line in table.lines() {
        let mut fields = line.split(' ').skip(3);
        let (Some(root), Some(point), Some(options)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        if unescape(point) == target {
            found = (!unescape(root).ends_with("//deleted")).then(|| options.to_owned());
        }
    }
    found
}

/// The kernel writes blanks and backslashes as three octal digits.
fn unescape(text: &str) -> String {
    let codes = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    codes.iter().fold(text.to_owned(), |text, (code, plain)| text.replace(code, plain))
}

/// The policy file as the container sees it, from the bind of a folder around it.
fn policy_in_container(plan: &Plan) -> Option<String> {
    let bind = plan.binds.iter().find(|bind| plan.policy.is_within(&bind.source))?;
    let below = plan.policy.as_str().strip_prefix(bind.source.as_str())?.trim_start_matches('/');
    Some(if below.is_empty() { bind.target.clone() } else { format!("{}/{below}", bind.target) })
}

/// The last `remoteUser` of the merged metadata, else the container's own user.
pub(crate) fn remote_user(dev: &Container) -> Option<String> {
    let metadata = dev.label(LABEL_METADATA).and_then(|text| {
        let value: serde_json::Value = serde_json::from_str(text).ok()?;
        let list = match value {
            serde_json::Value::Array(list) => list,
            other => vec![other],
        };
        list.iter().rev().find_map(|entry| entry["remoteUser"].as_str().map(str::to_owned))
    });
    metadata.or_else(|| Some(dev.user.clone()).filter(|user| !user.is_empty()))
}

#[cfg(test)]
mod tests {
    use drawbridge_core::project::RelPath;

    use super::*;

    const TABLE: &str = "\
700 600 0:50 / / rw,relatime - overlay overlay rw
701 700 8:1 /home/u/shop/.devcontainer /workspaces/shop/.devcontainer ro,relatime - ext4 /dev/sda1 rw
702 700 8:1 /home/u/shop/.git/hooks//deleted /workspaces/shop/.git/hooks ro,relatime - ext4 /dev/sda1 rw
703 700 8:1 /x /workspaces/my\\040shop rw - ext4 /dev/sda1 rw
";

    fn status(target: &str) -> Status {
        let bind = Bind { source: RelPath::new("x").unwrap(), target: target.to_owned() };
        bound(&bind, Some(TABLE)).status
    }

    #[test]
    fn only_a_live_read_only_mount_protects() {
        assert_eq!(status("/workspaces/shop/.devcontainer"), Status::Pass);
        assert_eq!(status("/workspaces/shop/.git/hooks"), Status::Fail, "replaced on the host");
        assert_eq!(status("/workspaces/my shop"), Status::Fail, "writable");
        assert_eq!(status("/workspaces/shop/.vscode"), Status::Fail, "dropped off");
        let bind = Bind { source: RelPath::new("x").unwrap(), target: "/x".to_owned() };
        assert_eq!(bound(&bind, None).status, Status::Skip);
    }

    #[test]
    fn commands_run_as_the_user_of_the_last_metadata() {
        let dev = |label: &str, user: &str| Container {
            labels: [(LABEL_METADATA.to_owned(), label.to_owned())].into(),
            user: user.to_owned(),
            ..Container::default()
        };
        let user = |label, user| remote_user(&dev(label, user));
        assert_eq!(user(r#"[{"remoteUser":"a"},{"remoteUser":"b"},{}]"#, "c").as_deref(), Some("b"));
        assert_eq!(user(r#"{"remoteUser":"a"}"#, "").as_deref(), Some("a"));
        assert_eq!(user("not json", "c").as_deref(), Some("c"));
        assert_eq!(user("[]", ""), None);
    }
}
