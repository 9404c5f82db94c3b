//! The newest log of an editor's dev container extension that is about a folder.
//!
//! `logs/SESSION/windowN/exthost/PUBLISHER.…containers/remoteContainers-TIME.log` below the editor's user data
//! (`ide-bridge.md` §5; Cursor has an extension of its own of that kind).

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use drawbridge_core::audit::log_folder;

use super::wsl;

/// Sessions of the editor that are looked through, the newest first.
const MAX_SESSIONS: usize = 16;
/// Entries of one folder.
const MAX_ENTRIES: usize = 64;
/// Logs that are opened.
const MAX_LOGS: usize = 64;
/// Bytes in which the folder is named.
const BEGINNING: u64 = 64 << 10;
/// Bytes that are read at each end of a log.
const END: u64 = 1 << 20;

/// The log and its text; of a long one beginning and end.
pub(super) fn newest(data: &Path, workspace: &Path) -> Option<(PathBuf, String)> {
    let mut logs: Vec<PathBuf> = children(&data.join("logs"), MAX_SESSIONS)
        .iter()
        .flat_map(|session| children(session, MAX_ENTRIES))
        .flat_map(|window| children(&window.join("exthost"), MAX_ENTRIES))
        .filter(|extension| name(extension).contains("containers"))
        .flat_map(|extension| children(&extension, MAX_ENTRIES))
        .filter(|log| log.extension().is_some_and(|ending| ending == "log") && log.is_file())
        .collect();
    // The name holds the time of its start.
    logs.sort_by_key(|log| std::cmp::Reverse(name(log)));
    let is_ours = |log: &PathBuf| {
        let text = part(log, 0, BEGINNING)?;
        log_folder(&text).filter(|folder| is_about(folder, workspace)).map(|_| ())
    };
    let log = logs.into_iter().take(MAX_LOGS).find(|log| is_ours(log).is_some())?;
    let mut text = part(&log, 0, END)?;
    let length = log.metadata().ok()?.len();
    if length > END {
        text.push('\n');
        text.push_str(&part(&log, END.max(length.saturating_sub(END)), END)?);
    }
    Some((log, text))
}

/// Whether the editor's name for a folder or workspace file is the workspace or lies in it. An editor on Windows names a
/// folder of its own drives as Windows does, and one in WSL as WSL does.
fn is_about(folder: &str, workspace: &Path) -> bool {
    let folder = plain(folder);
    let workspace = workspace.to_string_lossy();
    let names = [Some(plain(&workspace)), wsl::windows_name(&workspace).map(|name| plain(&name))];
    names.into_iter().flatten().any(|name| {
        folder.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// One spelling: `\\?\C:\Work\` and `c:/work` are the same folder.
fn plain(path: &str) -> String {
    let bare = path.strip_prefix(r"\\?\").unwrap_or(path);
    let is_windows = bare.as_bytes().get(1) == Some(&b':');
    let path = if is_windows { bare.to_lowercase().replace('\\', "/") } else { bare.to_owned() };
    path.trim_end_matches('/').to_owned()
}

/// The last by name first.
fn children(folder: &Path, most: usize) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort_by_key(|path| std::cmp::Reverse(name(path)));
    paths.truncate(most);
    paths
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn part(path: &Path, from: u64, most: u64) -> Option<String> {
    let mut file = File::open(path).ok()?;
    file.seek(SeekFrom::Start(from)).ok()?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn write(data: &Path, session: &str, extension: &str, time: &str, text: &str) -> PathBuf {
        let folder = data.join("logs").join(session).join("window1/exthost").join(extension);
        fs::create_dir_all(&folder).unwrap();
        let log = folder.join(format!("remoteContainers-{time}.log"));
        fs::write(&log, text).unwrap();
        log
    }

    fn about(folder: &str) -> String {
        format!(
            "[4 ms] Start: Resolving Remote\n[9 ms] Setting up container for folder or workspace: {folder}\n"
        )
    }

    #[test]
    fn the_newest_log_about_the_folder_is_read() {
        let data = tempfile::tempdir().unwrap();
        let shop = Path::new("/home/dev/shop");
        assert_eq!(newest(data.path(), shop), None);
        let vscode = "ms-vscode-remote.remote-containers";
        write(data.path(), "20261101T090000", vscode, "2026-11-01T09-00-00", &about("/home/dev/shop"));
        let wanted = write(
            data.path(),
            "20261102T090000",
            "anysphere.remote-containers",
            "2026-11-02T09-00-00",
            &about("/home/dev/shop/shop.code-workspace"),
        );
        write(data.path(), "20261103T090000", vscode, "2026-11-03T09-00-00", &about("/home/dev/shop2"));
        write(data.path(), "20261104T090000", "acme.tool", "2026-11-04T09-00-00", &about("/home/dev/shop"));
        assert_eq!(newest(data.path(), shop).map(|(path, _)| path), Some(wanted));
        assert!(is_about(r"c:\Work\Shop", Path::new(r"\\?\C:\Work\shop")));
        assert!(is_about(r"c:\Work\Shop", Path::new("/mnt/c/work/shop")), "seen from WSL");
        assert!(!is_about(r"c:\Work\Shop", Path::new("/mnt/d/work/shop")));
        assert!(!is_about("/home/dev/Shop", shop));
    }

    #[test]
    fn of_a_long_log_the_ends_are_read() {
        let data = tempfile::tempdir().unwrap();
        let filler = "[9 ms] x\n".repeat(600_000);
        let text = format!("{}{filler}[10 ms] the end\n", about("/w"));
        write(data.path(), "20261101T090000", "x.remote-containers", "2026", &text);
        let (_, read) = newest(data.path(), Path::new("/w")).unwrap();
        assert!(read.ends_with("the end\n") && read.len() as u64 <= 2 * END + 1);
        assert_eq!(log_folder(&read), Some("/w"));
    }
}
