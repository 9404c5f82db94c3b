//! The editor that a program of ours runs in, wherever it is installed: its process tree and its folder of logs.

use std::path::{Path, PathBuf};

use drawbridge_core::audit::{HostFile, HostFileKind};

use super::log;

/// The editor whose process loaded us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// As people know it.
    pub name: String,
    /// A process of it.
    pub pid: u32,
    /// A folder in which it keeps logs, below `logs` of its user data.
    pub logs: PathBuf,
}

impl Own {
    /// What its processes listen on and its newest log about `workspace`, as far as `known` does not have it.
    pub(super) fn files(&self, proc: &Path, workspace: &Path, known: &[HostFile]) -> Vec<HostFile> {
        let file = |kind, path: &Path, text| HostFile {
            kind,
            product: self.name.clone(),
            path: path.display().to_string(),
            text,
        };
        let mut found: Vec<HostFile> = self
            .listeners(proc, known)
            .map(|text| file(HostFileKind::Listeners, &proc.join("net/tcp"), text))
            .into_iter()
            .collect();
        let log = self.data().and_then(|data| log::newest(data, workspace));
        let is_known =
            |text: &str| known.iter().any(|file| file.kind == HostFileKind::Log && file.text == text);
        found.extend(
            log.filter(|(_, text)| !is_known(text)).map(|(path, text)| file(HostFileKind::Log, &path, text)),
        );
        found
    }

    /// The folder that holds `logs`.
    fn data(&self) -> Option<&Path> {
        self.logs.ancestors().find(|path| path.file_name().is_some_and(|name| name == "logs"))?.parent()
    }

    #[cfg(target_os = "linux")]
    fn listeners(&self, proc: &Path, known: &[HostFile]) -> Option<String> {
        let root = tree(proc, self.pid)?;
        let known: Vec<&str> = known
            .iter()
            .filter(|file| file.kind == HostFileKind::Listeners)
            .flat_map(|file| file.text.lines())
            .collect();
        let own = super::listeners::of_tree(proc, root);
        let new: Vec<String> = own.into_iter().filter(|at| !known.contains(&at.as_str())).collect();
        Some(new.join("\n"))
    }

    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unused_self, reason = "the same call on every system")]
    fn listeners(&self, _: &Path, _: &[HostFile]) -> Option<String> {
        None
    }
}

/// The editor's first process: the uppermost of those above `pid` that run the same program.
#[cfg(target_os = "linux")]
fn tree(proc: &Path, pid: u32) -> Option<u32> {
    let program = |pid: u32| std::fs::read_link(proc.join(pid.to_string()).join("exe")).ok();
    let own = program(pid)?;
    super::listeners::ancestors(proc, pid)
        .into_iter()
        .take_while(|pid| program(*pid).as_ref() == Some(&own))
        .last()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn own(logs: &Path) -> Own {
        Own { name: "Some Code".to_owned(), pid: 7, logs: logs.to_owned() }
    }

    #[test]
    fn the_log_is_found_from_a_folder_of_logs_wherever_the_editor_keeps_it_and_once() {
        let data = tempfile::tempdir().unwrap();
        let exthost = data.path().join("logs/20261101T090000/window1/exthost");
        let folder = exthost.join("ms-vscode-remote.remote-containers");
        fs::create_dir_all(&folder).unwrap();
        let text = "[9 ms] Setting up container for folder or workspace: /home/dev/shop\n";
        fs::write(folder.join("remoteContainers-2026.log"), text).unwrap();
        let own = own(&exthost.join("drawbridge.drawbridge"));
        let proc = data.path().join("proc");
        let found = own.files(&proc, Path::new("/home/dev/shop"), &[]);
        let [log] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(
            (log.kind, log.product.as_str(), log.text.as_str()),
            (HostFileKind::Log, "Some Code", text)
        );
        assert_eq!(own.files(&proc, Path::new("/home/dev/shop"), &found), []);
        assert_eq!(own.files(&proc, Path::new("/home/dev/other"), &[]), []);
        assert_eq!(super::tests::own(Path::new("/var/x")).data(), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_tree_begins_at_the_first_process_of_the_same_program() {
        let root = tempfile::tempdir().unwrap();
        let proc = root.path();
        for (pid, parent, exe) in [
            (2, 1, "/bin/sh"),
            (5, 2, "/opt/x/code"),
            (7, 5, "/opt/x/code"),
            (9, 7, "/bin/node"),
            (4, 2, "/bin/node"),
        ] {
            let folder = proc.join(pid.to_string());
            fs::create_dir_all(folder.join("fd")).unwrap();
            fs::write(folder.join("stat"), format!("{pid} (p) S {parent} 0")).unwrap();
            std::os::unix::fs::symlink(exe, folder.join("exe")).unwrap();
            std::os::unix::fs::symlink(format!("socket:[{}]", 40 + pid), folder.join("fd/3")).unwrap();
        }
        let row = |port: u16, inode: u32| {
            format!(
                "   0: 0100007F:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 {inode} 1\n"
            )
        };
        fs::create_dir_all(proc.join("net")).unwrap();
        fs::write(proc.join("net/tcp"), format!("  sl\n{}{}{}", row(1000, 45), row(2000, 49), row(3000, 44)))
            .unwrap();
        assert_eq!(tree(proc, 7), Some(5));
        assert_eq!(tree(proc, 8), None);
        let found = own(Path::new("/x")).files(proc, Path::new("/w"), &[]);
        let texts: Vec<&str> = found.iter().map(|file| file.text.as_str()).collect();
        assert_eq!(texts, ["127.0.0.1:1000\n127.0.0.1:2000"]);
        let again = own(Path::new("/x")).files(proc, Path::new("/w"), &found);
        assert_eq!(again[0].text, "", "nothing is said twice");
    }
}
