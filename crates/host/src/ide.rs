//! Settings of the editors on this machine: files only, no program is started.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use drawbridge_core::audit::{HostFile, HostFileKind};

const MAX_FILE: u64 = 1 << 20;
const MAX_EXTENSIONS: usize = 500;

/// One editor: its name, its folder of user data, its folder of extensions below the home, its policy.
struct Editor {
    name: &'static str,
    data: &'static str,
    extensions: &'static str,
    policy: &'static str,
}

const EDITORS: [Editor; 5] = [
    Editor { name: "VS Code", data: "Code", extensions: ".vscode", policy: "vscode" },
    Editor {
        name: "VS Code Insiders",
        data: "Code - Insiders",
        extensions: ".vscode-insiders",
        policy: "vscode-insiders",
    },
    Editor { name: "VSCodium", data: "VSCodium", extensions: ".vscode-oss", policy: "vscodium" },
    Editor { name: "Cursor", data: "Cursor", extensions: ".cursor", policy: "cursor" },
    Editor { name: "Windsurf", data: "Windsurf", extensions: ".windsurf", policy: "windsurf" },
];

/// Reads what the editors of `home` have. An editor without a folder of user data is not there.
pub fn files(home: &Path) -> Vec<HostFile> {
    let mut found = Vec::new();
    for editor in &EDITORS {
        let Some(data) = data_folder(home, editor).filter(|folder| folder.is_dir()) else { continue };
        let user = data.join("User");
        let settings = user.join("settings.json");
        found.push(file(
            home,
            editor,
            HostFileKind::Settings,
            &settings,
            read(&settings).unwrap_or_default(),
        ));
        let others = [
            (HostFileKind::Mcp, user.join("mcp.json")),
            (HostFileKind::Policy, PathBuf::from(format!("/etc/{}/policy.json", editor.policy))),
        ];
        for (kind, path) in others {
            found.extend(read(&path).map(|text| file(home, editor, kind, &path, text)));
        }
        found.extend(extensions(home, editor));
    }
    found
}

/// Where the editor keeps user data on this system.
fn data_folder(home: &Path, editor: &Editor) -> Option<PathBuf> {
    let folders = [".config", "Library/Application Support", "AppData/Roaming"];
    folders.iter().map(|folder| home.join(folder).join(editor.data)).find(|folder| folder.is_dir())
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
        assert_eq!(files(home.path()), []);
        let user = home.path().join(".config/Code/User");
        fs::create_dir_all(&user).unwrap();
        fs::write(user.join("mcp.json"), "{}").unwrap();
        let extension = home.path().join(".vscode/extensions/acme.tool-1");
        fs::create_dir_all(&extension).unwrap();
        fs::write(extension.join("package.json"), "{\"name\": \"tool\"}").unwrap();
        let kinds: Vec<HostFileKind> = files(home.path()).into_iter().map(|file| file.kind).collect();
        assert_eq!(kinds, [HostFileKind::Settings, HostFileKind::Mcp, HostFileKind::Extension]);
        assert!(files(home.path()).iter().all(|file| file.path.starts_with("~/")));
    }
}
