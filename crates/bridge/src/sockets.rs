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
    /// What the part that varies is made of.
    pub varies: Varies,
    /// File name after the part that varies.
    pub suffix: &'static str,
    /// Who listens.
    pub product: Product,
    /// What a process gains by connecting.
    pub gives: &'static str,
}

/// The part of a socket's file name between prefix and suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Varies {
    /// There is none.
    Nothing,
    /// One decimal digit or more.
    Digits,
    /// Whatever the maker chose.
    Anything,
}

impl Socket {
    /// Whether a file of this name, in the right folder, belongs to the family.
    pub fn matches(&self, name: &str) -> bool {
        let middle = name.strip_prefix(self.prefix).and_then(|rest| rest.strip_suffix(self.suffix));
        middle.is_some_and(|middle| match self.varies {
            Varies::Nothing => middle.is_empty(),
            Varies::Digits => !middle.is_empty() && middle.bytes().all(|byte| byte.is_ascii_digit()),
            Varies::Anything => true,
        })
    }
}

/// Every family.
pub const SOCKETS: &[Socket] = &[
    socket(
        "cli-ipc",
        "$RUNTIME",
        "vscode-ipc-",
        Varies::Anything,
        ".sock",
        Product::VsCode,
        "open URLs and folders on the host",
    ),
    socket(
        "git-askpass",
        "$RUNTIME",
        "vscode-git-",
        Varies::Anything,
        ".sock",
        Product::GitExtension,
        "the host account's token",
    ),
    socket(
        "ssh-agent",
        "/tmp",
        "vscode-ssh-auth-",
        Varies::Anything,
        ".sock",
        Product::DevContainers,
        "sign with the host's ssh keys",
    ),
    socket(
        "credentials",
        "/tmp",
        "vscode-remote-containers-ipc-",
        Varies::Anything,
        ".sock",
        Product::DevContainers,
        "git and docker credentials of the host",
    ),
    socket(
        "gpg-agent",
        "~/.gnupg",
        "S.gpg-agent",
        Varies::Anything,
        "",
        Product::DevContainers,
        "sign and decrypt with the host's keys",
    ),
    socket(
        "x11",
        "/tmp/.X11-unix",
        "X",
        Varies::Digits,
        "",
        Product::Desktop,
        "read and inject keys of the host's windows",
    ),
    socket(
        "wayland",
        "/tmp",
        "vscode-wayland-",
        Varies::Anything,
        ".sock",
        Product::Desktop,
        "windows and clipboard on the host",
    ),
    socket(
        "wayland",
        "$RUNTIME",
        "wayland-",
        Varies::Digits,
        "",
        Product::Desktop,
        "windows and clipboard on the host",
    ),
    socket(
        "session-bus",
        "$RUNTIME",
        "bus",
        Varies::Nothing,
        "",
        Product::Desktop,
        "the desktop's session bus",
    ),
    socket(
        "docker",
        "/var/run",
        "docker.sock",
        Varies::Nothing,
        "",
        Product::Desktop,
        "the container engine, and with it the host",
    ),
    socket(
        "docker",
        "/run",
        "docker.sock",
        Varies::Nothing,
        "",
        Product::Desktop,
        "the container engine, and with it the host",
    ),
];

const fn socket(
    id: &'static str,
    folder: &'static str,
    prefix: &'static str,
    varies: Varies,
    suffix: &'static str,
    product: Product,
    gives: &'static str,
) -> Socket {
    Socket { id, folder, prefix, varies, suffix, product, gives }
}

/// The families that a file `name` in `folder` (written as in [`Socket::folder`]) belongs to.
pub fn find(folder: &str, name: &str) -> Option<&'static Socket> {
    SOCKETS.iter().find(|known| known.folder == folder && known.matches(name))
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
        assert_eq!(find("$RUNTIME", "bus").map(|found| found.id), Some("session-bus"));
        assert_eq!(find("$RUNTIME", "wayland-1").map(|found| found.id), Some("wayland"));
        assert_eq!(find("~/.gnupg", "S.gpg-agent.ssh").map(|found| found.id), Some("gpg-agent"));
        for name in
            ["business.sock", "busybox", "wayland-", "wayland-0.lock", "Xfoo", "vscode-ipc-1.sock.old"]
        {
            assert_eq!(find("$RUNTIME", name), None, "{name}");
        }
        assert_eq!(find("/tmp/.X11-unix", "X-other"), None);
    }
}
