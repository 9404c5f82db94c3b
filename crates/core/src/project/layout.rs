//! Where our files go for a configuration, and what its parts are called.

use super::{RelPath, Snapshot};

/// Names and places that follow from a configuration's path.
///
/// Our Compose file lies directly in `.devcontainer`, because the folder of the first Compose file
/// names the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// `NAME` in `.devcontainer/NAME/`, fit for the names of services, networks and volumes.
    pub(crate) name: Option<String>,
    /// The folder of our files.
    pub(crate) dir: RelPath,
    /// Our Compose file.
    pub(crate) overlay: RelPath,
    /// The folder that the sidecar sees.
    pub(crate) policy_dir: RelPath,
    /// The policy file.
    pub(crate) policy: RelPath,
    /// The page beside it.
    pub(crate) readme: RelPath,
}

impl Layout {
    /// Derives everything from the path; the snapshot tells whether two configurations would meet.
    pub(crate) fn of(snapshot: &Snapshot, config: &RelPath) -> Self {
        let (dir, name) = place(snapshot, config);
        let file = match &name {
            Some(name) => format!("drawbridge.{name}.compose.yaml"),
            None => "drawbridge.compose.yaml".to_owned(),
        };
        let below = |path: &str| dir.join(path).unwrap_or_default();
        let ours = below("drawbridge");
        let policy_dir = match &name {
            Some(name) => ours.join(name).unwrap_or_default(),
            None => ours,
        };
        Self {
            overlay: below(&file),
            policy: policy_dir.join("policy.jsonc").unwrap_or_default(),
            policy_dir,
            readme: below("drawbridge/README.md"),
            name,
            dir,
        }
    }

    /// How the configuration names our Compose file.
    pub(crate) fn entry(&self, config: &RelPath) -> String {
        let entry = self.overlay.from_dir(&config.parent());
        entry.strip_prefix("./").unwrap_or(&entry).to_owned()
    }

    /// `base`, or `base-NAME` in a subfolder.
    pub(crate) fn named(&self, base: &str) -> String {
        match &self.name {
            Some(name) => format!("{base}-{name}"),
            None => base.to_owned(),
        }
    }

    /// `DRAWBRIDGE_KEY`, or `DRAWBRIDGE_NAME_KEY` in a subfolder.
    pub(crate) fn variable(&self, key: &str) -> String {
        match &self.name {
            Some(name) => {
                let name: String = name
                    .chars()
                    .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
                    .collect();
                format!("DRAWBRIDGE_{name}_{key}")
            }
            None => format!("DRAWBRIDGE_{key}"),
        }
    }
}

fn place(snapshot: &Snapshot, config: &RelPath) -> (RelPath, Option<String>) {
    let folder = config.parent();
    let parts: Vec<&str> = folder.parts().collect();
    if let Some(at) = parts.iter().position(|part| *part == ".devcontainer") {
        let dir = RelPath::new(&parts[..=at].join("/")).unwrap_or_default();
        let below = parts[at + 1..].join("-");
        return (dir, Some(slug(&below)).filter(|_| !below.is_empty()));
    }
    let dir = folder.join(".devcontainer").unwrap_or_default();
    // `.devcontainer.json` beside `.devcontainer/devcontainer.json` is a configuration of its own.
    let twin = dir.join("devcontainer.json").is_some_and(|twin| snapshot.exists(&twin));
    (dir, twin.then(|| "root".to_owned()))
}

/// Lower case, `[a-z0-9-]`, never empty.
pub(crate) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().take(60) {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_matches('-');
    if slug.is_empty() { "x".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Entry;

    fn check(config: &str, others: &[&str]) -> String {
        let mut snapshot = Snapshot::default();
        for path in others {
            let path = RelPath::new(path).expect("a path");
            snapshot.files.insert(path, Entry::Text(String::new()));
        }
        let layout = Layout::of(&snapshot, &RelPath::new(config).expect("a path"));
        format!("{} {} {}", layout.overlay, layout.named("dev"), layout.variable("IP"))
    }

    #[test]
    fn every_configuration_has_files_of_its_own() {
        let cases = [
            (".devcontainer/devcontainer.json", ".devcontainer/drawbridge.compose.yaml dev DRAWBRIDGE_IP"),
            (".devcontainer.json", ".devcontainer/drawbridge.compose.yaml dev DRAWBRIDGE_IP"),
            (
                ".devcontainer/Py 3/devcontainer.json",
                ".devcontainer/drawbridge.py-3.compose.yaml dev-py-3 DRAWBRIDGE_PY_3_IP",
            ),
            ("a/devcontainer.json", "a/.devcontainer/drawbridge.compose.yaml dev DRAWBRIDGE_IP"),
        ];
        for (config, expected) in cases {
            assert_eq!(check(config, &[]), expected);
        }
        assert_eq!(
            check(".devcontainer.json", &[".devcontainer/devcontainer.json"]),
            ".devcontainer/drawbridge.root.compose.yaml dev-root DRAWBRIDGE_ROOT_IP"
        );
    }
}
