//! The editors on this machine: settings, versions, extensions, listeners, logs. No program is started.

pub mod jetbrains;
#[cfg(target_os = "linux")]
mod listeners;
mod log;
mod own;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use drawbridge_core::audit::{HostFile, HostFileKind};

pub use own::Own;

const MAX_FILE: u64 = 1 << 20;
const MAX_EXTENSIONS: usize = 500;
/// Where programs keep the user's data on Linux, macOS and Windows, below the home.
const DATA_FOLDERS: [&str; 3] = [".config", "Library/Application Support", "AppData/Roaming"];

/// One editor.
struct Editor {
    name: &'static str,
    /// Its folder of user data.
    data: &'static str,
    /// Its folder of extensions, below the home.
    extensions: &'static str,
    /// Its folder of policy, below `/etc`.
    policy: &'static str,
    /// The name of its processes.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "processes are looked at on Linux only")
    )]
    process: &'static str,
    /// Its `resources/app` on Linux, macOS and Windows; `~/` is the home.
    app: [&'static str; 3],
    /// The product file's key that holds the version of VS Code that it is built from.
    version: &'static str,
}

/// What the editors are looked for in.
struct Machine<'a> {
    home: &'a Path,
    root: &'a Path,
}

const EDITORS: [Editor; 5] = [
    Editor {
        name: "VS Code",
        data: "Code",
        extensions: ".vscode",
        policy: "vscode",
        process: "code",
        app: [
            "/usr/share/code/resources/app",
            "/Applications/Visual Studio Code.app/Contents/Resources/app",
            "~/AppData/Local/Programs/Microsoft VS Code/resources/app",
        ],
        version: "version",
    },
    Editor {
        name: "VS Code Insiders",
        data: "Code - Insiders",
        extensions: ".vscode-insiders",
        policy: "vscode-insiders",
        process: "code-insiders",
        app: [
            "/usr/share/code-insiders/resources/app",
            "/Applications/Visual Studio Code - Insiders.app/Contents/Resources/app",
            "~/AppData/Local/Programs/Microsoft VS Code Insiders/resources/app",
        ],
        version: "version",
    },
    Editor {
        name: "VSCodium",
        data: "VSCodium",
        extensions: ".vscode-oss",
        policy: "vscodium",
        process: "codium",
        app: [
            "/usr/share/codium/resources/app",
            "/Applications/VSCodium.app/Contents/Resources/app",
            "~/AppData/Local/Programs/VSCodium/resources/app",
        ],
        version: "version",
    },
    Editor {
        name: "Cursor",
        data: "Cursor",
        extensions: ".cursor",
        policy: "cursor",
        process: "cursor",
        app: [
            "/usr/share/cursor/resources/app",
            "/Applications/Cursor.app/Contents/Resources/app",
            "~/AppData/Local/Programs/cursor/resources/app",
        ],
        version: "vscodeVersion",
    },
    Editor {
        name: "Windsurf",
        data: "Windsurf",
        extensions: ".windsurf",
        policy: "windsurf",
        process: "windsurf",
        app: [
            "/usr/share/windsurf/resources/app",
            "/Applications/Windsurf.app/Contents/Resources/app",
            "~/AppData/Local/Programs/Windsurf/resources/app",
        ],
        version: "vscodeVersion",
    },
];

/// Reads what the editors of `home` have, and what their logs say of `workspace`. An editor without a folder of
/// user data is not there. `own` is the one that runs us, of which more is known.
pub fn files(home: &Path, workspace: &Path, own: Option<&Own>) -> Vec<HostFile> {
    let mut found = Machine { home, root: Path::new("/") }.files(workspace);
    let more = own.map(|own| own.files(Path::new("/proc"), workspace, &found));
    found.extend(more.into_iter().flatten());
    found
}

impl Machine<'_> {
    fn files(&self, workspace: &Path) -> Vec<HostFile> {
        let there: Vec<(&Editor, PathBuf)> =
            EDITORS.iter().filter_map(|editor| Some((editor, data_folder(self.home, editor)?))).collect();
        let mut found = Vec::new();
        for (editor, data) in &there {
            let user = data.join("User");
            let file = |kind, path: &Path, text| file(self.home, editor, kind, path, text);
            let settings = user.join("settings.json");
            found.push(file(HostFileKind::Settings, &settings, read(&settings).unwrap_or_default()));
            let others = [
                (HostFileKind::Mcp, user.join("mcp.json")),
                (HostFileKind::Policy, self.at(&format!("/etc/{}/policy.json", editor.policy))),
            ];
            for (kind, path) in others {
                found.extend(read(&path).map(|text| file(kind, &path, text)));
            }
            found.extend(
                self.version(editor).map(|(path, version)| file(HostFileKind::Version, &path, version)),
            );
            found.extend(extensions(self.home, editor));
            found.extend(
                log::newest(data, workspace).map(|(path, text)| file(HostFileKind::Log, &path, text)),
            );
        }
        found.extend(self.listeners(&there));
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
        if editors.is_empty() {
            return Vec::new();
        }
        let proc = self.root.join("proc");
        let all = listeners::find(&proc);
        let of = |editor: &Editor| {
            let own = all.iter().filter(|(_, names)| names.iter().any(|name| name == editor.process));
            let lines: Vec<&str> = own.map(|(at, _)| at.as_str()).collect();
            let table = proc.join("net/tcp");
            file(self.home, editor, HostFileKind::Listeners, &table, lines.join("\n"))
        };
        editors.iter().map(|(editor, _)| of(editor)).collect()
    }

    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unused_self, reason = "the same call on every system")]
    fn listeners(&self, _: &[(&Editor, PathBuf)]) -> Vec<HostFile> {
        Vec::new()
    }
}

/// Where the editor keeps user data on this system.
fn data_folder(home: &Path, editor: &Editor) -> Option<PathBuf> {
    DATA_FOLDERS.iter().map(|folder| home.join(folder).join(editor.data)).find(|folder| folder.is_dir())
}

/// Manifests of the extensions that are installed on this machine.
fn extensions(home: &Path, editor: &Editor) -> Vec<HostFile> {
    let folder = home.join(editor.extensions).join("extensions");
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut manifests: Vec<PathBuf> =
        entries.flatten().take(MAX_EXTENSIONS).map(|entry| entry.path().join("package.json")).collect();
    manifests.sort();
    let manifest = |path: PathBuf| {
        let text = read(&path)?;
        Some(file(home, editor, HostFileKind::Extension, &path, text))
    };
    manifests.into_iter().filter_map(manifest).collect()
}

fn file(home: &Path, editor: &Editor, kind: HostFileKind, path: &Path, text: String) -> HostFile {
    let shown = path
        .strip_prefix(home)
        .map_or_else(|_| path.display().to_string(), |below| format!("~/{}", below.display()));
    HostFile { kind, product: editor.name.to_owned(), path: shown, text }
}

fn read(path: &Path) -> Option<String> {
    let mut text = String::new();
    let file = File::open(path).ok()?;
    (file.metadata().ok()?.len() <= MAX_FILE).then_some(())?;
    file.take(MAX_FILE).read_to_string(&mut text).ok()?;
    Some(text)
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
        let machine = Machine { home: home.path(), root: home.path() };
        let kinds: Vec<HostFileKind> = machine.files(home.path()).into_iter().map(|file| file.kind).collect();
        let mut wanted = vec![HostFileKind::Settings, HostFileKind::Mcp, HostFileKind::Extension];
        wanted.extend(cfg!(target_os = "linux").then_some(HostFileKind::Listeners));
        assert_eq!(kinds, wanted);
        assert!(machine.files(home.path()).iter().all(|file| file.path.starts_with("~/")));
    }

    #[test]
    fn a_version_is_that_of_the_code_it_is_built_from() {
        let root = tempfile::tempdir().unwrap();
        let machine = Machine { home: &root.path().join("home"), root: root.path() };
        let product = |index: usize, text: &str| {
            let app = machine.at(EDITORS[index].app[index % 3]);
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
            let found = Machine { home: &home, root: root.path() }.files(&home);
            let text = found.iter().find(|file| file.kind == HostFileKind::Listeners).map(|file| &file.text);
            let port = u16::from_str_radix("1F90", 16).unwrap();
            assert_eq!(text, Some(&format!("0.0.0.0:{port}\n127.0.0.1:{}", port + 1)), "{}", editor.name);
        }
    }
}
