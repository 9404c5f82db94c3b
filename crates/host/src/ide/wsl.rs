//! The side of Windows, seen from a Linux that runs in it: an editor's client, its settings and its logs are there.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Users of the machine that are looked at.
const MAX_USERS: usize = 32;
const MAX_RELEASE: u64 = 256;

/// The drive that Windows is on, where WSL mounts it unless `wsl.conf` says another place.
pub(super) fn drive(root: &Path) -> Option<PathBuf> {
    // A file of `/proc` has no length.
    let release = File::open(root.join("proc/sys/kernel/osrelease")).ok()?;
    let mut text = String::new();
    release.take(MAX_RELEASE).read_to_string(&mut text).ok()?;
    let drive = root.join("mnt/c");
    (text.to_ascii_lowercase().contains("microsoft") && drive.is_dir()).then_some(drive)
}

/// Homes of users of Windows that hold settings of programs, by name.
pub(super) fn homes(drive: &Path) -> Vec<PathBuf> {
    let Ok(users) = std::fs::read_dir(drive.join("Users")) else { return Vec::new() };
    let mut homes: Vec<PathBuf> = users.flatten().take(MAX_USERS).map(|user| user.path()).collect();
    homes.retain(|home| home.join("AppData/Roaming").is_dir());
    homes.sort();
    homes
}

/// Windows' name for a path on one of its drives, `c:/work` for `/mnt/c/work`.
pub(super) fn windows_name(path: &str) -> Option<String> {
    let rest = path.strip_prefix("/mnt/")?;
    let (drive, below) = rest.split_once('/').unwrap_or((rest, ""));
    let is_drive = drive.len() == 1 && drive.bytes().all(|letter| letter.is_ascii_lowercase());
    is_drive.then(|| format!("{drive}:/{below}"))
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs;

    use drawbridge_core::audit::HostFile;
    use drawbridge_core::audit::HostFileKind::{Listeners, Log, Settings, Unseen, Version};

    use super::super::on;
    use super::*;

    /// What is found in a machine with an editor on each side, on a kernel of this name.
    fn found(release: &str) -> Vec<HostFile> {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("proc/sys/kernel/osrelease", release);
        write("home/dev/.config/VSCodium/User/settings.json", "{}");
        write("mnt/c/Users/Public/desktop.ini", "");
        write(
            "mnt/c/Program Files/Microsoft VS Code/resources/app/product.json",
            r#"{"version": "1.120.0"}"#,
        );
        let code = "mnt/c/Users/Dev/AppData/Roaming/Code";
        write(&format!("{code}/User/settings.json"), "{\"editor.tabSize\": 2}");
        let log = "logs/20261101T090000/window1/exthost/ms-vscode-remote.remote-containers";
        write(
            &format!("{code}/{log}/remoteContainers-2026-11-01T09-00-00.log"),
            "[461 ms] Start: Resolving Remote\n\
             [464 ms] Start: Run: wsl -d Debian -e wslpath -u \\\\wsl$\\Debian\\home\\dev\\shop\n\
             [677 ms] Setting up container for folder or workspace: /home/dev/shop\n",
        );
        on(&root.path().join("home/dev"), root.path(), Path::new("/home/dev/shop"))
    }

    #[test]
    fn editors_of_windows_are_read_from_their_own_side() {
        let found = found("6.6.87.2-microsoft-standard-WSL2\n");
        let of = |product: &str| {
            let own = found.iter().filter(|file| file.product == product);
            own.map(|file| file.kind).collect::<Vec<_>>()
        };
        assert_eq!(of("VSCodium"), [Settings, Listeners]);
        assert_eq!(of("VS Code on Windows"), [Settings, Version, Log, Unseen, Unseen]);
        let settings = found.iter().find(|file| file.product == "VS Code on Windows").unwrap();
        assert!(settings.path.ends_with("mnt/c/Users/Dev/AppData/Roaming/Code/User/settings.json"));
        assert!(!settings.path.starts_with('~'), "not in the home of this side: {}", settings.path);
    }

    #[test]
    fn another_linux_with_a_disk_of_windows_is_left_alone() {
        let found = found("6.1.0-18-amd64\n");
        assert!(found.iter().all(|file| file.product == "VSCodium"), "{found:?}");
    }

    #[test]
    fn drives_have_a_name_on_windows() {
        assert_eq!(windows_name("/mnt/c/Work/shop").as_deref(), Some("c:/Work/shop"));
        assert_eq!(windows_name("/mnt/d").as_deref(), Some("d:/"));
        for other in ["/mnt/data/x", "/mnt/", "/home/c/x", "/mnt/C/x"] {
            assert_eq!(windows_name(other), None, "{other}");
        }
    }
}
