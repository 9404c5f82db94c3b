//! Host paths that a container should not see: one rule for each sort of path.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};
use crate::compose::is_engine_socket;
use crate::devcontainer::variable::{Piece, Variable, pieces};

/// A host path with its variables named: `~` for the home, `.` for the workspace.
struct HostPath {
    text: String,
    /// Below the user's home.
    home: Option<String>,
}

/// What one rule looks for.
struct Row {
    id: &'static str,
    is: fn(&HostPath, &str) -> bool,
    gives: &'static str,
}

const fn rule(
    id: &'static str,
    code: &'static str,
    severity: Severity,
    title: &'static str,
    docs: &'static str,
) -> Rule {
    Rule {
        id,
        code,
        title,
        severity,
        fix: FixKind::Unsafe,
        strength: Strength::ContainerProof,
        since: "0.1.0",
        docs,
        check,
    }
}

use Severity::{Critical, High, Medium};

pub(super) static ENGINE_SOCKET: Rule = rule(
    "docker-socket-mounted",
    "DB101",
    Critical,
    "the container can start containers with any of the host's files",
    include_str!("docker_socket_mounted.md"),
);
pub(super) static HOST_ROOT: Rule = rule(
    "host-root-mounted",
    "DB102",
    Critical,
    "the container sees every file of the host",
    include_str!("host_root_mounted.md"),
);
pub(super) static HOME: Rule = rule(
    "home-mounted",
    "DB103",
    Critical,
    "the container sees the whole home folder, with every key and token in it",
    include_str!("home_mounted.md"),
);
pub(super) static SSH: Rule = rule(
    "ssh-keys-mounted",
    "DB104",
    Critical,
    "ssh keys or the ssh agent of the host are in the container",
    include_str!("ssh_keys_mounted.md"),
);
pub(super) static GNUPG: Rule = rule(
    "gnupg-mounted",
    "DB105",
    Critical,
    "keys or the agent of GnuPG on the host are in the container",
    include_str!("gnupg_mounted.md"),
);
pub(super) static CLOUD: Rule = rule(
    "cloud-credentials-mounted",
    "DB106",
    High,
    "cloud or cluster credentials of the host are in the container",
    include_str!("cloud_credentials_mounted.md"),
);
pub(super) static TOOLS: Rule = rule(
    "tool-credentials-mounted",
    "DB107",
    High,
    "tokens of tools on the host are in the container",
    include_str!("tool_credentials_mounted.md"),
);
pub(super) static DISPLAY: Rule = rule(
    "display-mounted",
    "DB108",
    High,
    "the container can read and inject keys of the host's windows",
    include_str!("display_mounted.md"),
);
pub(super) static BUS: Rule = rule(
    "desktop-bus-mounted",
    "DB109",
    High,
    "the container reaches the desktop session: bus, sound, secrets",
    include_str!("desktop_bus_mounted.md"),
);
pub(super) static SYSTEM: Rule = rule(
    "system-folder-mounted",
    "DB110",
    High,
    "a system folder of the host is in the container",
    include_str!("system_folder_mounted.md"),
);
pub(super) static AGENT: Rule = rule(
    "agent-home-mounted",
    "DB111",
    Medium,
    "the coding agent's home of the host is in the container: tokens, history, hooks",
    include_str!("agent_home_mounted.md"),
);
pub(super) static GITCONFIG: Rule = rule(
    "gitconfig-mounted",
    "DB112",
    Medium,
    "git configuration of the host is in the container",
    include_str!("gitconfig_mounted.md"),
);
pub(super) static EDITOR: Rule = rule(
    "editor-folder-mounted",
    "DB113",
    High,
    "the editor's own folder of the host is in the container",
    include_str!("editor_folder_mounted.md"),
);
pub(super) static PARENT: Rule = rule(
    "parent-folder-mounted",
    "DB114",
    Medium,
    "folders beside the project are in the container",
    include_str!("parent_folder_mounted.md"),
);

/// In this order; a path belongs to the first that takes it.
const ROWS: [Row; 14] = [
    Row {
        id: "host-root-mounted",
        is: |path, _| path.text == "/" || path.text == "C:\\" || path.text == "C:/",
        gives: "every file of the host",
    },
    Row {
        id: "docker-socket-mounted",
        is: |path, target| is_engine_socket(&path.text) || target.ends_with("docker.sock"),
        gives: "whoever reaches the engine can start a container with any folder of the host",
    },
    Row {
        id: "ssh-keys-mounted",
        is: |path, _| {
            path.within(&[".ssh"])
                || path.text.contains("SSH_AUTH_SOCK")
                || path.text.contains("ssh-auth.sock")
                || path.text.contains("ssh-agent")
        },
        gives: "a process signs in as you, wherever your keys open",
    },
    Row {
        id: "gnupg-mounted",
        is: |path, _| path.within(&[".gnupg"]) || path.text.contains("S.gpg-agent"),
        gives: "a process signs and decrypts as you",
    },
    Row {
        id: "cloud-credentials-mounted",
        is: |path, _| {
            path.within(&[
                ".aws",
                ".azure",
                ".config/gcloud",
                ".kube",
                ".oci",
                ".config/doctl",
                ".terraform.d",
            ])
        },
        gives: "a process acts in your cloud accounts",
    },
    Row {
        id: "tool-credentials-mounted",
        is: |path, _| {
            path.within(&[
                ".netrc",
                ".git-credentials",
                ".docker",
                ".config/gh",
                ".config/glab-cli",
                ".npmrc",
                ".yarnrc.yml",
                ".pypirc",
                ".m2/settings.xml",
                ".gradle/gradle.properties",
                ".cargo/credentials.toml",
                ".nuget",
                ".config/pip",
                ".password-store",
                ".config/op",
                ".local/share/keyrings",
            ])
        },
        gives: "a process publishes, pulls and pushes as you",
    },
    Row {
        id: "agent-home-mounted",
        is: |path, _| {
            path.within(&[
                ".claude",
                ".claude.json",
                ".codex",
                ".gemini",
                ".cursor",
                ".copilot",
                ".config/opencode",
            ])
        },
        gives: "tokens and histories of your agent, and hooks that it runs on the host",
    },
    Row {
        id: "editor-folder-mounted",
        is: |path, _| {
            path.within(&[
                ".vscode",
                ".vscode-server",
                ".vscode-insiders",
                ".config/Code",
                ".config/JetBrains",
                ".local/share/JetBrains",
                ".cursor-server",
                "Library/Application Support/Code",
            ])
        },
        gives: "extensions and settings there run in your editor on the host",
    },
    Row {
        id: "gitconfig-mounted",
        is: |path, _| path.within(&[".gitconfig", ".config/git"]),
        gives: "helpers and aliases of yours are read, and with a writable mount changed for the host",
    },
    Row {
        id: "home-mounted",
        is: |path, _| path.home.as_deref() == Some("") || path.text == "/home" || path.text == "/Users",
        gives: "keys, tokens and shell start files",
    },
    Row {
        id: "display-mounted",
        is: |path, _| {
            ["/tmp/.X11-unix", "wayland-", ".Xauthority", "WAYLAND_DISPLAY", "XAUTHORITY"]
                .iter()
                .any(|part| path.text.contains(part))
        },
        gives: "keys, clipboard and screen of the host",
    },
    Row {
        id: "desktop-bus-mounted",
        is: |path, _| {
            ["/run/user", "/run/dbus", "XDG_RUNTIME_DIR", "DBUS_SESSION", "/pulse", "pipewire"]
                .iter()
                .any(|part| path.text.contains(part))
        },
        gives: "programs of the desktop session and what they hold",
    },
    Row {
        id: "system-folder-mounted",
        is: |path, _| {
            [
                "/etc", "/proc", "/sys", "/dev", "/var", "/usr", "/boot", "/lib", "/opt", "/root", "/bin",
                "/sbin", "/run",
            ]
            .contains(&path.text.trim_end_matches('/'))
                || ["/proc/", "/sys/", "/var/lib/docker", "/boot/", "/etc/shadow", "/etc/sudoers"]
                    .iter()
                    .any(|prefix| path.text.starts_with(prefix))
        },
        gives: "files that decide what the host runs",
    },
    Row {
        id: "parent-folder-mounted",
        is: |path, _| path.leaves_workspace(),
        gives: "files of other projects",
    },
];

impl HostPath {
    fn of(text: &str) -> Self {
        let mut path = String::new();
        for piece in pieces(text) {
            match piece {
                Piece::Literal(text) => path.push_str(text),
                Piece::Variable(Variable::LocalEnv { name, .. }) => match name {
                    "HOME" | "USERPROFILE" => path.push('~'),
                    // `${localEnv:HOME}${localEnv:USERPROFILE}` is how one path works on both systems.
                    other => path.push_str(other),
                },
                Piece::Variable(_) => path.push('.'),
            }
        }
        let path = path.replace("~~", "~").replace("${HOME:-/root}", "~");
        let path = path.replace("${HOME}", "~").replace("$HOME", "~").replace("${USERPROFILE}", "~");
        let path = path.replace('\\', "/");
        let home = path.strip_prefix('~').or_else(|| {
            let below = path.strip_prefix("/home/").or_else(|| path.strip_prefix("/Users/"))?;
            (!below.is_empty()).then(|| below.find('/').map_or("", |at| &below[at..]))
        });
        let home = home.or_else(|| path.strip_prefix("/root"));
        let home = home.map(|below| below.trim_matches('/').to_owned());
        Self { home, text: if path.len() > 1 { path.trim_end_matches('/').to_owned() } else { path } }
    }

    /// Whether it is one of these paths of the home, or lies below one.
    fn within(&self, below: &[&str]) -> bool {
        let Some(home) = &self.home else { return false };
        below.iter().any(|path| {
            home == path || home.strip_prefix(path).is_some_and(|rest| rest.starts_with(['/', '.']))
        })
    }

    /// `..` beyond the workspace; only for devcontainer.json, whose paths start at the workspace.
    fn leaves_workspace(&self) -> bool {
        let Some(rest) = self.text.strip_prefix('.') else { return false };
        let mut depth = 0_i32;
        rest.split('/').any(|part| {
            match part {
                "" | "." => {}
                ".." => depth -= 1,
                _ => depth += 1,
            }
            depth < 0
        }) && rest.starts_with('/')
    }
}

/// File systems whose root in the mount table is a path of the host.
const HOST_FILES: [&str; 7] = ["ext4", "xfs", "btrfs", "zfs", "9p", "virtiofs", "fuse.grpcfuse"];

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for mount in cx.live.iter().flat_map(|live| &live.mounts) {
        // What the engine keeps, and whole disks, have no path that tells.
        let is_path = HOST_FILES.contains(&mount.kind.as_str())
            && mount.root != "/"
            && !mount.root.contains("/docker/");
        let path = HostPath::of(&mount.root);
        let row = ROWS.iter().find(|row| is_path && (row.is)(&path, ""));
        if let Some(row) = row.filter(|row| row.id == rule.id) {
            let message =
                format!("`{}` of the host is mounted at `{}`: {}", mount.root, mount.target, row.gives);
            sink.live(rule, format!("{} at {}", mount.root, mount.target), message);
        }
    }
    for view in &cx.configs {
        for used in &view.mounts {
            let Some(source) = used.bind() else { continue };
            let path = HostPath::of(source);
            let row = ROWS.iter().find(|row| (row.is)(&path, &used.mount.target));
            // A relative path of a Compose file that names nothing in the workspace leads out of it.
            let leaves = used.service.is_some() && used.part.is_none() && source.starts_with("..");
            let row = row.or_else(|| ROWS.last().filter(|_| leaves));
            let Some(row) = row.filter(|row| row.id == rule.id) else { continue };
            let access = if used.mount.read_only { " read-only" } else { "" };
            let message = format!("{}mounts `{source}`{access}: {}", used.whose(), row.gives);
            let finding = sink.at(rule, &used.spot, message).about(&view.path);
            // The folder above the workspace may be how a Compose service gets the workspace itself.
            let holds_workspace = leaves && source.split('/').all(|part| matches!(part, ".." | "." | ""));
            let removal = used.removal.clone().filter(|_| !holds_workspace);
            finding.removable("Remove the mount", &used.spot, removal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(source: &str) -> &'static str {
        let path = HostPath::of(source);
        ROWS.iter().find(|row| (row.is)(&path, "/x")).map_or("", |row| row.id)
    }

    #[test]
    fn a_path_belongs_to_one_rule() {
        let cases = [
            ("/var/run/docker.sock", "docker-socket-mounted"),
            ("/", "host-root-mounted"),
            ("${localEnv:HOME}", "home-mounted"),
            ("${localEnv:HOME}${localEnv:USERPROFILE}/.ssh", "ssh-keys-mounted"),
            ("~/.ssh/id_ed25519", "ssh-keys-mounted"),
            ("${SSH_AUTH_SOCK}", "ssh-keys-mounted"),
            ("/home/me", "home-mounted"),
            ("/home/me/src/thing", ""),
            ("/root/.aws/credentials", "cloud-credentials-mounted"),
            ("$HOME/.docker/config.json", "tool-credentials-mounted"),
            ("~/.claude.json", "agent-home-mounted"),
            ("~/.gitconfig", "gitconfig-mounted"),
            ("~/.gitconfig-work", ""),
            ("/tmp/.X11-unix", "display-mounted"),
            ("/run/user/1000/bus", "desktop-bus-mounted"),
            ("/etc", "system-folder-mounted"),
            ("/etc/localtime", ""),
            ("/dev/bus/usb", ""),
            ("${localWorkspaceFolder}/..", "parent-folder-mounted"),
            ("${localWorkspaceFolder}/a/../b", ""),
            ("../../x", ""),
            ("~/.vscode/extensions", "editor-folder-mounted"),
        ];
        for (source, want) in cases {
            assert_eq!(id(source), want, "{source}");
        }
    }
}
