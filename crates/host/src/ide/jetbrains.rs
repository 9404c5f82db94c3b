//! JetBrains IDEs that were used on this machine, by their configuration folders. No program is started.

use std::path::Path;

/// Entries that are looked at.
const MAX_NAMES: usize = 512;

/// An IDE, in order of its version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ide {
    /// Year and number of the release, for example `(2026, 1)`.
    pub release: (u16, u16),
    /// As the folder names it, for example `IntelliJIdea`.
    pub product: String,
}

impl Ide {
    /// Whether it can open a dev container while it stays on the host itself (`reference/jetbrains.md` §4.1).
    pub fn has_native_mode(&self) -> bool {
        self.release >= (2026, 1)
    }

    /// From a folder's name: letters, a year, a dot, a number.
    fn parse(name: &str) -> Option<Self> {
        let digits = name.find(|c: char| c.is_ascii_digit())?;
        let (product, version) = name.split_at(digits);
        let (year, number) = version.split_once('.')?;
        let release = (year.parse().ok().filter(|year| *year >= 2000)?, number.parse().ok()?);
        let is_name = !product.is_empty() && product.chars().all(|c| c.is_ascii_alphabetic());
        is_name.then(|| Self { release, product: product.to_owned() })
    }
}

/// The IDEs of the user whose home folder this is, newest first.
pub fn installed(home: &Path) -> Vec<Ide> {
    let folders = super::DATA_FOLDERS.iter().map(|folder| home.join(folder).join("JetBrains"));
    let mut found: Vec<Ide> = folders
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flat_map(|entries| entries.flatten().take(MAX_NAMES))
        .filter_map(|entry| Ide::parse(entry.file_name().to_str()?))
        .collect();
    found.sort();
    found.dedup();
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_tell_product_and_release() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(installed(home.path()), []);
        let names =
            ["IntelliJIdea2025.3", "PyCharm2026.1", "consentOptions", "Toolbox2", "2026.1", "x\u{1b}2026.1"];
        for name in names {
            std::fs::create_dir_all(home.path().join(".config/JetBrains").join(name)).unwrap();
        }
        let found = installed(home.path());
        let said: Vec<(&str, bool)> =
            found.iter().map(|ide| (ide.product.as_str(), ide.has_native_mode())).collect();
        assert_eq!(said, [("PyCharm", true), ("IntelliJIdea", false)]);
    }
}
