//! A free subnet and a free project name for this clone.
//!
//! Both have defaults in our Compose file, so a second clone or worktree would clash with the first.

use std::net::Ipv4Addr;
use std::path::Path;

use drawbridge_core::protect::Plan;
use drawbridge_core::subnet::Subnet;
use sha2::{Digest, Sha256};

use crate::engine::{Engine, EngineError, LABEL_CONFIG_FILES, LABEL_PROJECT, Network};
use crate::env_file;
use crate::journal::FileChange;
use crate::variables;
use crate::workspace::Workspace;

/// What `.env` must say, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Keys and values; empty when the defaults are free.
    pub values: Vec<(String, String)>,
    /// One line for people per clash.
    pub because: Vec<String>,
}

/// Compares what this clone would use with what the engine already has.
pub fn wanted(engine: &Engine, workspace: &Workspace, plan: &Plan) -> Result<Wanted, EngineError> {
    let text = read(workspace, plan);
    let mut wanted = Wanted::default();
    let project = match free_project(engine, workspace, plan, &text)? {
        Project::Free(name) => name,
        Project::Taken { name, instead } => {
            if let Some(key) = &plan.variables.project {
                wanted.because.push(format!("another folder on this machine uses the project name {name}"));
                wanted.values.push((key.clone(), instead.clone()));
            }
            instead
        }
    };
    let networks = engine.networks()?;
    let own = format!("{project}_{}", plan.network);
    let current = setting(&plan.variables.subnet, &text);
    let current = current.unwrap_or_else(|| plan.subnet.cidr());
    let taken: Vec<(u32, u32)> = networks
        .iter()
        .filter(|network| network.name != own)
        .flat_map(|network| network.subnets.iter().filter_map(|cidr| bounds(cidr)))
        .collect();
    if clashes(&current, &taken)
        && let Some(free) = free_subnet(plan.subnet, &taken)
    {
        let name = owner_of(&networks, &own, &current);
        wanted.because.push(format!("the network {name} uses {current} on this machine"));
        wanted.values.push((plan.variables.subnet.clone(), free.cidr()));
        wanted.values.push((plan.variables.range.clone(), free.range()));
        wanted.values.push((plan.variables.ip.clone(), free.ip().to_string()));
    }
    Ok(wanted)
}

/// The change of `.env` that [`wanted`] asks for; `None` when it says so already.
pub fn change(workspace: &Workspace, plan: &Plan, wanted: &Wanted) -> Option<FileChange> {
    let path = env_path(plan);
    let before = match workspace.root().read(&path, 1 << 20) {
        Ok(crate::files::Found::File(file)) => Some(file.bytes),
        _ => None,
    };
    let text = before.as_ref().map(|bytes| String::from_utf8(bytes.clone())).transpose().ok()?;
    let text = text.unwrap_or_default();
    let after = env_file::merge(&text, &wanted.values);
    (after != text && !wanted.values.is_empty()).then(|| FileChange {
        path,
        before,
        after: Some(after.into_bytes()),
    })
}

/// The path of `.env` in the workspace.
pub fn env_path(plan: &Plan) -> String {
    let folder = plan.project_dir.as_str();
    if folder.is_empty() { ".env".to_owned() } else { format!("{folder}/.env") }
}

enum Project {
    Free(String),
    Taken { name: String, instead: String },
}

/// The name that Compose will use, unless containers of another folder have it.
fn free_project(
    engine: &Engine,
    workspace: &Workspace,
    plan: &Plan,
    text: &str,
) -> Result<Project, EngineError> {
    let chosen = setting(variables::COMPOSE_PROJECT_NAME, &read_path(workspace, ".env"));
    let ours = plan.variables.project.as_ref().and_then(|key| setting(key, text));
    let user_chose = chosen.is_some();
    let name = chosen.or(ours).unwrap_or_else(|| plan.project.clone());
    let overlay = workspace.path().join(plan.overlay.as_str());
    let others = engine.containers(&[(LABEL_PROJECT, Some(&name))])?;
    let foreign = others.iter().any(|container| {
        let files = container.label(LABEL_CONFIG_FILES).unwrap_or_default();
        !files.split(',').any(|file| same(Path::new(file), &overlay))
    });
    if !foreign || user_chose || plan.variables.project.is_none() {
        return Ok(Project::Free(name));
    }
    let digest = Sha256::digest(workspace.path().as_os_str().as_encoded_bytes());
    let instead = format!("{}-{:02x}{:02x}{:02x}", plan.project, digest[0], digest[1], digest[2]);
    // Once written it is this clone's own, whoever else uses the default.
    if instead == name { Ok(Project::Free(name)) } else { Ok(Project::Taken { name, instead }) }
}

fn same(path: &Path, real: &Path) -> bool {
    path == real || path.canonicalize().is_ok_and(|path| path == real)
}

/// The environment wins over `.env`, as in Compose.
fn setting(key: &str, text: &str) -> Option<String> {
    std::env::var(key).ok().or_else(|| env_file::get(text, key)).filter(|value| !value.is_empty())
}

fn read(workspace: &Workspace, plan: &Plan) -> String {
    read_path(workspace, &env_path(plan))
}

fn read_path(workspace: &Workspace, path: &str) -> String {
    match workspace.root().read(path, 1 << 20) {
        Ok(crate::files::Found::File(file)) => String::from_utf8(file.bytes).unwrap_or_default(),
        _ => String::new(),
    }
}

fn owner_of(networks: &[Network], own: &str, cidr: &str) -> String {
    let overlaps = |network: &&Network| {
        let taken: Vec<_> = network.subnets.iter().filter_map(|cidr| bounds(cidr)).collect();
        network.name != own && clashes(cidr, &taken)
    };
    networks.iter().find(overlaps).map(|network| network.name.clone()).unwrap_or_default()
}

fn clashes(cidr: &str, taken: &[(u32, u32)]) -> bool {
    bounds(cidr).is_some_and(|(first, last)| taken.iter().any(|(low, high)| first <= *high && *low <= last))
}

/// The next free one after the default; `None` when all are taken.
fn free_subnet(default: Subnet, taken: &[(u32, u32)]) -> Option<Subnet> {
    let mut subnet = default.next();
    // As many as there are /28 networks in the block.
    for _ in 0..8_192 {
        if !clashes(&subnet.cidr(), taken) {
            return Some(subnet);
        }
        subnet = subnet.next();
    }
    None
}

/// First and last address of an IPv4 network.
fn bounds(cidr: &str) -> Option<(u32, u32)> {
    let (address, prefix) = cidr.split_once('/')?;
    let address = u32::from(address.parse::<Ipv4Addr>().ok()?);
    let prefix: u32 = prefix.parse().ok().filter(|prefix| *prefix <= 32)?;
    let size_mask = u32::MAX.checked_shr(prefix).unwrap_or(0);
    Some((address & !size_mask, address | size_mask))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_overlap_when_one_holds_the_other() {
        let taken = [bounds("198.18.0.0/15").unwrap(), bounds("10.0.0.0/8").unwrap()];
        assert!(clashes("198.18.1.16/28", &taken));
        assert!(clashes("0.0.0.0/0", &taken));
        assert!(!clashes("172.17.0.0/16", &taken));
        assert!(!clashes("fd00::/64", &taken));
        assert_eq!(bounds("1.2.3.4/33"), None);
    }

    #[test]
    fn the_search_skips_what_is_taken_and_ends() {
        let default = Subnet::nth(8_190);
        let taken: Vec<_> =
            [Subnet::nth(8_190), Subnet::nth(8_191)].iter().map(|s| bounds(&s.cidr()).unwrap()).collect();
        assert_eq!(free_subnet(default, &taken), Some(Subnet::nth(0)));
        assert_eq!(free_subnet(default, &[bounds("0.0.0.0/0").unwrap()]), None);
    }
}
