//! Every environment variable that the command line and this crate read, in one place.
//!
//! None of them weakens a check. The variables that the generated Compose file reads are written
//! by [`crate::env_file`] and listed here too, so that one search finds them all.

use std::env;
use std::path::PathBuf;

/// Folder of the journal; the default is `$HOME/.local/state`.
pub const XDG_STATE_HOME: &str = "XDG_STATE_HOME";
/// Folder of the user's own policy layer; the default is `$HOME/.config`.
pub const XDG_CONFIG_HOME: &str = "XDG_CONFIG_HOME";
/// The user's home folder.
pub const HOME: &str = "HOME";
/// Windows: the user's home folder, the folder of their settings, and that of what belongs to this machine.
pub const USERPROFILE: &str = "USERPROFILE";
/// See [`USERPROFILE`].
pub const APPDATA: &str = "APPDATA";
/// See [`USERPROFILE`].
pub const LOCALAPPDATA: &str = "LOCALAPPDATA";
/// Where programs are looked up; entries that are relative or inside the workspace are skipped.
pub const PATH: &str = "PATH";
/// Any value turns colour off, <https://no-color.org>.
pub const NO_COLOR: &str = "NO_COLOR";
/// The policy's text, given to the sidecar by the overlay.
pub const DRAWBRIDGE_POLICY: &str = "DRAWBRIDGE_POLICY";
/// Compose: subnet of the closed network.
pub const DRAWBRIDGE_SUBNET: &str = "DRAWBRIDGE_SUBNET";
/// Compose: part of the subnet from which the engine takes addresses; keeps the sidecar's free.
pub const DRAWBRIDGE_RANGE: &str = "DRAWBRIDGE_RANGE";
/// Compose: the sidecar's address on the closed network.
pub const DRAWBRIDGE_IP: &str = "DRAWBRIDGE_IP";
/// Compose: project name of a converted configuration.
pub const DRAWBRIDGE_PROJECT: &str = "DRAWBRIDGE_PROJECT";
/// Dev Containers CLI: option `ca` of our Feature, base64 of PEM. Set by `up`, printed by `ca export`.
pub const DRAWBRIDGE_CA: &str = "DRAWBRIDGE_CA";
/// Compose: project name that the user chose; it wins over ours.
pub const COMPOSE_PROJECT_NAME: &str = "COMPOSE_PROJECT_NAME";

/// Address of the engine; it wins over contexts. Read, like the two below, as the `docker` command does.
pub const DOCKER_HOST: &str = "DOCKER_HOST";
/// Name of the engine's context.
pub const DOCKER_CONTEXT: &str = "DOCKER_CONTEXT";
/// Folder of the `docker` command's configuration; the default is `$HOME/.docker`.
pub const DOCKER_CONFIG: &str = "DOCKER_CONFIG";

/// Whether the user chose a context for the `docker` command.
pub fn chooses_docker_context() -> bool {
    let folder = absolute(DOCKER_CONFIG).or_else(|| absolute(HOME).map(|home| home.join(".docker")));
    let text = folder.and_then(|folder| std::fs::read(folder.join("config.json")).ok());
    let config: Option<serde_json::Value> = text.and_then(|text| serde_json::from_slice(&text).ok());
    env::var_os(DOCKER_CONTEXT).is_some()
        || config.is_some_and(|config| config.get("currentContext").is_some_and(|name| name != "default"))
}

/// The user's home folder.
pub fn home() -> Option<PathBuf> {
    absolute(HOME).or_else(|| absolute(USERPROFILE))
}

/// The folder of the user's configuration files. On Windows it does not depend on the shell: Git's sets [`HOME`], others
/// do not.
pub fn config_home() -> Option<PathBuf> {
    absolute(XDG_CONFIG_HOME).or_else(|| base(APPDATA, ".config"))
}

/// The folder under which this program keeps its state, or `None` when no home is known.
///
/// The specification says that a relative `$XDG_STATE_HOME` is to be ignored.
pub fn state_home() -> Option<PathBuf> {
    absolute(XDG_STATE_HOME)
        .or_else(|| base(LOCALAPPDATA, ".local/state"))
        .map(|base| base.join("drawbridge"))
}

/// The folder that Windows names, elsewhere one below the home.
fn base(windows: &str, below_home: &str) -> Option<PathBuf> {
    if cfg!(windows) { absolute(windows) } else { absolute(HOME).map(|home| home.join(below_home)) }
}

fn absolute(name: &str) -> Option<PathBuf> {
    env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}
