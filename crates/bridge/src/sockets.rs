//! UNIX sockets of the bridge, by the names that their makers give them.

use crate::Product;

/// A family of sockets in one folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Socket {
    /// Short name for reports.
    pub id: &'static str,
    /// Where: `$RUNTIME` is `XDG_RUNTIME_DIR` or the temporary folder, `~` the user's home.
    pub folder: &'static str,
    /// File name up to the part that varies.
    pub prefix: &'static str,
    /// File name after the part that varies.
    pub suffix: &'static str,
    /// Who listens.
    pub product: Product,
    /// What a process gains by connecting.
    pub gives: &'static str,
}

/// Every family.
pub const SOCKETS: &[Socket] = &[
    socket(
        "cli-ipc",
        "$RUNTIME",
        "vscode-ipc-",
        ".sock",
        Product::VsCode,
        "open URLs and folders on the host",
    ),
    socket(
        "git-askpass",
        "$RUNTIME",
        "vscode-git-",
        ".sock",
        Product::GitExtension,
        "the host account's token",
    ),
    socket(
        "ssh-agent",
        "/tmp",
        "vscode-ssh-auth-",
        ".sock",
        Product::DevContainers,
        "sign with the host's ssh keys",
    ),
    socket(
        "credentials",
        "/tmp",
        "vscode-remote-containers-ipc-",
        ".sock",
        Product::DevContainers,
        "git and docker credentials of the host",
    ),
    socket(
        "gpg-agent",
        "~/.gnupg",
        "S.gpg-agent",
        "",
        Product::DevContainers,
        "sign and decrypt with the host's keys",
    ),
    socket("x11", "/tmp/.X11-unix", "X", "", Product::Desktop, "read and inject keys of the host's windows"),
    socket(
        "wayland",
        "/tmp",
        "vscode-wayland-",
        ".sock",
        Product::Desktop,
        "windows and clipboard on the host",
    ),
    socket("wayland", "$RUNTIME", "wayland-", "", Product::Desktop, "windows and clipboard on the host"),
    socket("session-bus", "$RUNTIME", "bus", "", Product::Desktop, "the desktop's session bus"),
    socket(
        "docker",
        "/var/run",
        "docker.sock",
        "",
        Product::Desktop,
        "the container engine, and with it the host",
    ),
    socket(
        "docker",
        "/run",
        "docker.sock",
        "",
        Product::Desktop,
        "the container engine, and with it the host",
    ),
];

const fn socket(
    id: &'static str,
    folder: &'static str,
    prefix: &'static str,
    suffix: &'static str,
    product: Product,
    gives: &'static str,
) -> Socket {
    Socket { id, folder, prefix, suffix, product, gives }
}

/// The families that a file `name` in `folder` (written as in [`Socket::folder`]) belongs to.
pub fn find(folder: &str, name: &str) -> Option<&'static Socket> {
    SOCKETS.iter().find(|known| {
        known.folder == folder && name.starts_with(known.prefix) && name.ends_with(known.suffix)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_families_apart() {
        assert_eq!(find("/tmp", "vscode-ssh-auth-1.sock").map(|found| found.id), Some("ssh-agent"));
        assert_eq!(
            find("/tmp", "vscode-remote-containers-ipc-1.sock").map(|found| found.id),
            Some("credentials")
        );
        assert_eq!(find("/tmp", "mysql.sock"), None);
    }
}
