//! Policies that the administrator of a machine set for an editor, as JSON from wherever the system keeps them.

use std::path::Path;

use serde_json::{Map, Value};

use super::editors::Editor;
use super::{Machine, System, bytes, read};

/// Bytes of a property list; what it nests is freed by recursion.
const MAX_PLIST: u64 = 64 << 10;
/// Values of a key of the registry.
#[cfg(windows)]
const MAX_VALUES: usize = 1024;

impl Machine<'_> {
    /// Place and text of each source, the one that outranks the others first.
    pub(super) fn policies(&self, editor: &Editor) -> Vec<(String, String)> {
        let places = &editor.policies;
        match self.system {
            System::Linux => {
                let path = places.linux.map(|path| self.at(path));
                path.and_then(|path| Some((shown(&path), read(&path)?))).into_iter().collect()
            }
            System::Mac => places.macos.map(|domain| self.preferences(domain)).unwrap_or_default(),
            System::Windows => places.windows.map(registry).unwrap_or_default(),
            System::WindowsOfWsl => Vec::new(),
        }
    }

    /// The domain's property lists: those of a profile, of the user and of the machine. VS Code asks
    /// `CFPreferencesCopyAppValue` and not whether the value is forced, so each of them counts.
    fn preferences(&self, domain: &str) -> Vec<(String, String)> {
        let list = format!("{domain}.plist");
        let managed = self.at("/Library/Managed Preferences");
        let of_user = self.home.file_name().map(|user| managed.join(user).join(&list));
        let others = [
            managed.join(&list),
            self.at(&format!("~/Library/Preferences/{list}")),
            self.at(&format!("/Library/Preferences/{list}")),
        ];
        let text = |path: &Path| Some((shown(path), property_list(&bytes(path, MAX_PLIST)?)?));
        of_user.into_iter().chain(others).filter_map(|path| text(&path)).collect()
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// The texts, truth values and numbers of a property list, XML or binary.
fn property_list(bytes: &[u8]) -> Option<String> {
    let list = plist::Value::from_reader(std::io::Cursor::new(bytes)).ok()?.into_dictionary()?;
    let scalar = |value| match value {
        plist::Value::String(text) => Some(Value::from(text)),
        plist::Value::Boolean(is) => Some(Value::from(is)),
        plist::Value::Integer(number) => number.as_signed().map(Value::from),
        _ => None,
    };
    let scalars = list.into_iter().filter_map(|(name, value)| Some((name, scalar(value)?)));
    Some(Value::Object(scalars.collect::<Map<_, _>>()).to_string())
}

/// The key's texts and numbers, of the machine before those of the user.
#[cfg(windows)]
fn registry(key: &str) -> Vec<(String, String)> {
    use windows_registry::{CURRENT_USER, Key, LOCAL_MACHINE};

    let key = format!(r"Software\Policies\{key}");
    let text = |hive: &Key| {
        let key = hive.open(&key).ok()?;
        let scalar = |value: windows_registry::Value| {
            let number = u32::try_from(value.clone()).map(Value::from);
            number.or_else(|_| String::try_from(value).map(Value::from)).ok()
        };
        let values = key.values().ok()?.take(MAX_VALUES);
        let scalars = values.filter_map(|(name, value)| Some((name, scalar(value)?)));
        Some(Value::Object(scalars.collect::<Map<_, _>>()).to_string())
    };
    [("HKEY_LOCAL_MACHINE", LOCAL_MACHINE), ("HKEY_CURRENT_USER", CURRENT_USER)]
        .into_iter()
        .filter_map(|(name, hive)| Some((format!(r"{name}\{key}"), text(hive)?)))
        .collect()
}

#[cfg(not(windows))]
fn registry(_: &str) -> Vec<(String, String)> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::editors::EDITORS;
    use super::*;

    /// Texts of the policies of the editor at `index`, after `write` filled `root`.
    fn policies(system: System, index: usize, write: &[(&str, &[u8])]) -> Vec<(String, String)> {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join("Users/dev");
        for (path, content) in write {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let below = format!("{}/", root.path().display());
        let found = Machine { home: &home, root: root.path(), system }.policies(&EDITORS[index]);
        found.into_iter().map(|(place, text)| (place.replace(&below, ""), text)).collect()
    }

    const XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>AllowedExtensions</key><string>{"acme": true}</string>
<key>WorkspaceTrustEnabled</key><true/>
<key>Delay</key><integer>7</integer>
<key>Nested</key><dict><key>AllowedExtensions</key><string>{}</string></dict>
</dict></plist>"#;
    const JSON: &str = r#"{"AllowedExtensions":"{\"acme\": true}","WorkspaceTrustEnabled":true,"Delay":7}"#;

    #[test]
    fn property_lists_of_both_forms_are_read() {
        assert_eq!(property_list(XML.as_bytes()).as_deref(), Some(JSON));
        let mut binary = Vec::new();
        let list = plist::Value::from_reader(std::io::Cursor::new(XML)).unwrap();
        list.to_writer_binary(&mut binary).unwrap();
        assert_eq!(property_list(&binary).as_deref(), Some(JSON));
        let deep = usize::try_from(MAX_PLIST).unwrap() / "<array></array>".len();
        let nested = format!("<plist>{}{}</plist>", "<array>".repeat(deep), "</array>".repeat(deep));
        for hostile in [&nested, "<array/>", "bplist00", "", "<plist><dict><key>a</key>"] {
            assert_eq!(property_list(hostile.as_bytes()), None);
        }
    }

    #[test]
    fn a_profile_outranks_preferences() {
        let other = XML.replace("acme", "other");
        let written = [
            ("Library/Managed Preferences/dev/com.vscodium.plist", XML.as_bytes()),
            ("Users/dev/Library/Preferences/com.vscodium.plist", other.as_bytes()),
            ("Library/Managed Preferences/com.microsoft.VSCode.plist", other.as_bytes()),
        ];
        let found = policies(System::Mac, 2, &written);
        let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, [written[0].0, written[1].0]);
        assert_eq!(found[0].1, JSON);
        assert_eq!(policies(System::Mac, 0, &written).len(), 1, "each editor has its own");
        assert_eq!(policies(System::Linux, 2, &written), []);
        let long = vec![b' '; usize::try_from(MAX_PLIST).unwrap() + 1];
        assert_eq!(policies(System::Mac, 2, &[(written[0].0, &long)]), []);
    }

    #[test]
    fn on_linux_a_policy_is_a_file() {
        let files = [
            ("etc/vscode/policy.json", &b"1"[..]),
            ("etc/vscodium/policy.json", b"2"),
            ("Users/dev/.cursor/policy.json", b"3"),
            ("etc/windsurf/policy.json", b"4"),
        ];
        let texts = |system| {
            let one = |index| policies(system, index, &files).into_iter().map(|(_, text)| text).collect();
            (0..EDITORS.len()).map(one).collect::<Vec<String>>()
        };
        assert_eq!(texts(System::Linux), ["1", "1", "2", "3", ""]);
        assert_eq!(texts(System::Mac), ["", "", "", "", ""], "no other system reads them");
    }
}
