//! The editors on this machine: settings, policies, versions, extensions, listeners, logs. No program is started.

mod editors;
pub mod jetbrains;
#[cfg(target_os = "linux")]
mod listeners;
mod log;
mod own;
mod policies;
mod wsl;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use drawbridge_core::audit::{HostFile, HostFileKind};
use editors::{EDITORS, Editor};

pub use own::Own;

const MAX_FILE: u64 = 1 << 20;
const MAX_EXTENSIONS: usize = 500;
/// Where programs keep the user's data on Linux, macOS and Windows, below the home.
const DATA_FOLDERS: [&str; 3] = [".config", "Library/Application Support", "AppData/Roaming"];

/// What the editors are looked for in.
struct Machine<'a> {
    home: &'a Path,
    root: &'a Path,
    system: System,
}

/// What the machine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    Linux,
    Mac,
    Windows,
    /// The Windows round this Linux: only its files are seen.
    WindowsOfWsl,
}

impl System {
    const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::Mac
    } else {
        Self::Linux
    };
}

/// Reads what the editors of `home` have, and what their logs say of `workspace`; under WSL those on the side of
/// Windows too. An editor without a folder of user data is not there. `own` is the one that runs us, of which more is
/// known.
pub fn files(home: &Path, workspace: &Path, own: Option<&Own>) -> Vec<HostFile> {
    let mut found = on(home, Path::new("/"), workspace);
    let more = own.map(|own| own.files(Path::new("/proc"), workspace, &found));
    found.extend(more.into_iter().flatten());
    found
}

fn on(home: &Path, root: &Path, workspace: &Path) -> Vec<HostFile> {
    let mut found = Machine { home, root, system: System::HERE }.files(workspace);
    if let Some(drive) = wsl::drive(root) {
        for home in wsl::homes(&drive) {
            let windows = Machine { home: &home, root: &drive, system: System::WindowsOfWsl };
            found.extend(windows.files(workspace));
        }
    }
    found
}

impl Machine<'_> {
    fn files(&self, workspace: &Path) -> Vec<HostFile> {
        let there: Vec<(&Editor, PathBuf)> =
            EDITORS.iter().filter_map(|editor| Some((editor, data_folder(self.home, editor)?))).collect();
        let mut found = Vec::new();
        for (editor, data) in &there {
            let user = data.join("User");
            let file = |kind, path: &Path, text| self.file(editor, kind, path, text);
            let settings = user.join("settings.json");
            found.push(file(HostFileKind::Settings, &settings, read(&settings).unwrap_or_default()));
            let mcp = user.join("mcp.json");
            found.extend(read(&mcp).map(|text| file(HostFileKind::Mcp, &mcp, text)));
            found.extend(
                self.policies(editor)
                    .into_iter()
                    .map(|(place, text)| file(HostFileKind::Policy, Path::new(&place), text)),
            );
            found.extend(
                self.version(editor).map(|(path, version)| file(HostFileKind::Version, &path, version)),
            );
            found.extend(self.extensions(editor));
            found.extend(
                log::newest(data, workspace).map(|(path, text)| file(HostFileKind::Log, &path, text)),
            );
        }
        found.extend(self.listeners(&there));
        found.extend(self.unseen(&there));
        found
    }

    fn at(&self, path: &str) -> PathBuf {
        match path.strip_prefix("~/") {
            Some(rest) => self.home.join(rest),
            None => self.root.join(path.trim_start_matches('/')),
        }
    }

    /// The version of VS Code in the product file, and that file.
    fn version(&self, editor: &Editor) -> Option<(PathBuf, String)> {
        editor.app.iter().find_map(|app| {
            let path = self.at(app).join("product.json");
            let product: serde_json::Value = serde_json::from_str(&read(&path)?).ok()?;
            let version = product.get(editor.version)?.as_str()?.to_owned();
            Some((path, version))
        })
    }

    /// For each editor the ports of its process tree, none included: that says that they were looked for.
    #[cfg(target_os = "linux")]
    fn listeners(&self, editors: &[(&Editor, PathBuf)]) -> Vec<HostFile> {
        if editors.is_empty() || self.system != System::Linux {
            return Vec::new();
        }
        let proc = self.root.join("proc");
        let all = listeners::find(&proc);
        let of = |editor: &Editor| {
            let own = all.iter().filter(|(_, names)| names.iter().any(|name| name == editor.process));
            let lines: Vec<&str> = own.map(|(at, _)| at.as_str()).collect();
            let table = proc.join("net/tcp");
            self.file(editor, HostFileKind::Listeners, &table, lines.join("\n"))
        };
        editors.iter().map(|(editor, _)| of(editor)).collect()
    }

    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unused_self, reason = "the same call on every system")]
    fn listeners(&self, _: &[(&Editor, PathBuf)]) -> Vec<HostFile> {
        Vec::new()
    }

    /// What of these editors is not looked at on this system.
    fn unseen(&self, editors: &[(&Editor, PathBuf)]) -> Vec<HostFile> {
        let say = |(editor, _): &(&Editor, PathBuf)| {
            let product = self.product(editor);
            let ports = format!("ports that {product} listens on: only processes of Linux are looked at");
            let registry = format!("policies of {product}: they are in its registry");
            let what = match self.system {
                System::Linux => Vec::new(),
                System::Mac | System::Windows => vec![ports],
                System::WindowsOfWsl => vec![ports, registry],
            };
            let unseen = |text| self.file(editor, HostFileKind::Unseen, Path::new(""), text);
            what.into_iter().map(unseen).collect::<Vec<_>>()
        };
        editors.iter().flat_map(say).collect()
    }

    /// How people tell the editor from the same one on the other side of WSL.
    fn product(&self, editor: &Editor) -> String {
        let side = if self.system == System::WindowsOfWsl { " on Windows" } else { "" };
        format!("{}{side}", editor.name)
    }

    /// Manifests of the extensions that are installed on this machine.
    fn extensions(&self, editor: &Editor) -> Vec<HostFile> {
        let folder = self.home.join(editor.extensions).join("extensions");
        let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut manifests: Vec<PathBuf> =
            entries.flatten().take(MAX_EXTENSIONS).map(|entry| entry.path().join("package.json")).collect();
        manifests.sort();
        let manifest = |path: PathBuf| {
            let text = read(&path)?;
            Some(self.file(editor, HostFileKind::Extension, &path, text))
        };
        manifests.into_iter().filter_map(manifest).collect()
    }

    fn file(&self, editor: &Editor, kind: HostFileKind, path: &Path, text: String) -> HostFile {
        let below = path.strip_prefix(self.home).ok().filter(|_| self.system != System::WindowsOfWsl);
        let shown =
            below.map_or_else(|| path.display().to_string(), |below| format!("~/{}", below.display()));
        HostFile { kind, product: self.product(editor), path: shown, text }
    }
}

/// Where the editor keeps user data on this system.
fn data_folder(home: &Path, editor: &Editor) -> Option<PathBuf> {
    DATA_FOLDERS.iter().map(|folder| home.join(folder).join(editor.data)).find(|folder| folder.is_dir())
}

fn read(path: &Path) -> Option<String> {
    String::from_utf8(bytes(path, MAX_FILE)?).ok()
}

/// The whole file, unless it is longer than `most`.
fn bytes(path: &Path, most: u64) -> Option<Vec<u8>> {
    let file = File::open(path).ok()?;
    (file.metadata().ok()?.len() <= most).then_some(())?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn an_editor_is_there_when_its_data_is() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(files(home.path(), home.path(), None), []);
        let user = home.path().join(".config/Code/User");
        fs::create_dir_all(&user).unwrap();
        fs::write(user.join("mcp.json"), "{}").unwrap();
        let extension = home.path().join(".vscode/extensions/acme.tool-1");
        fs::create_dir_all(&extension).unwrap();
        fs::write(extension.join("package.json"), "{\"name\": \"tool\"}").unwrap();
        let machine = Machine { home: home.path(), root: home.path(), system: System::HERE };
        let kinds: Vec<HostFileKind> = machine.files(home.path()).into_iter().map(|file| file.kind).collect();
        let ports = if cfg!(target_os = "linux") { HostFileKind::Listeners } else { HostFileKind::Unseen };
        let wanted = [HostFileKind::Settings, HostFileKind::Mcp, HostFileKind::Extension, ports];
        assert_eq!(kinds, wanted);
        let mut seen = machine.files(home.path());
        seen.retain(|file| file.kind != HostFileKind::Unseen);
        assert!(seen.iter().all(|file| file.path.starts_with("~/")));
    }

    #[test]
    fn where_listeners_are_not_looked_for_that_is_said() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("Library/Application Support/Cursor/User")).unwrap();
        for (system, said) in [(System::Mac, 1), (System::Windows, 1), (System::WindowsOfWsl, 2)] {
            let found = Machine { home: home.path(), root: home.path(), system }.files(home.path());
            let unseen: Vec<&str> = found
                .iter()
                .filter(|file| file.kind == HostFileKind::Unseen)
                .map(|file| file.text.as_str())
                .collect();
            assert_eq!(unseen.len(), said, "{system:?}");
            assert!(
                unseen[0].starts_with("ports that Cursor") && unseen[0].contains("only processes of Linux")
            );
            assert!(found.iter().all(|file| file.kind != HostFileKind::Listeners));
        }
    }

    #[test]
    fn a_version_is_that_of_the_code_it_is_built_from() {
        let root = tempfile::tempdir().unwrap();
        let machine = Machine { home: &root.path().join("home"), root: root.path(), system: System::HERE };
        let product = |index: usize, text: &str| {
            let app = machine.at(EDITORS[index].app[index % 4]);
            fs::create_dir_all(&app).unwrap();
            fs::write(app.join("product.json"), text).unwrap();
            machine.version(&EDITORS[index]).map(|(_, version)| version)
        };
        assert_eq!(product(0, r#"{"version": "1.120.0"}"#).as_deref(), Some("1.120.0"));
        assert_eq!(
            product(3, r#"{"version": "0.9.1", "vscodeVersion": "1.137.0"}"#).as_deref(),
            Some("1.137.0")
        );
        assert_eq!(product(4, r#"{"version": "0.9.1"}"#), None, "its own number says nothing");
        assert_eq!(product(1, &"[".repeat(100_000)), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn listeners_of_an_editors_descendants_are_its_own() {
        for editor in &EDITORS {
            let root = tempfile::tempdir().unwrap();
            let home = root.path().join("home");
            fs::create_dir_all(home.join(".config").join(editor.data).join("User")).unwrap();
            let proc = |path: &str, text: &str| {
                let path = root.path().join("proc").join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            };
            let row = |address: &str, inode: u32| {
                format!(
                    "   0: {address} 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 {inode} 1\n"
                )
            };
            let rows =
                [row("00000000:1F90", 41), row("0100007F:1F91", 42), row("00000000:0016", 43)].concat();
            proc("net/tcp", &format!("  sl\n{rows}"));
            for (pid, name, parent, inode) in
                [(7, editor.process, 1, 42), (9, "node) S 1 (x", 7, 41), (5, "sshd", 1, 43)]
            {
                proc(&format!("{pid}/stat"), &format!("{pid} ({name}) S {parent} 0"));
                fs::create_dir_all(root.path().join(format!("proc/{pid}/fd"))).unwrap();
                let held = root.path().join(format!("proc/{pid}/fd/3"));
                std::os::unix::fs::symlink(format!("socket:[{inode}]"), held).unwrap();
            }
            let found = on(&home, root.path(), &home);
            let text = found.iter().find(|file| file.kind == HostFileKind::Listeners).map(|file| &file.text);
            let port = u16::from_str_radix("1F90", 16).unwrap();
            assert_eq!(text, Some(&format!("0.0.0.0:{port}\n127.0.0.1:{}", port + 1)), "{}", editor.name);
        }
    }
}
