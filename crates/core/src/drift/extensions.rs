//! Extensions in the container that are not as they were: any process of its user can write them, and the editor
//! runs them with every way to the host that it has.

use std::collections::BTreeMap;

use drawbridge_bridge::facts::Facts;
use serde::Serialize;

use super::DriftKind;

/// One extension that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExtensionDrift {
    /// Its folder in the container.
    pub path: String,
    /// How it differs.
    pub kind: DriftKind,
    /// What that means, a sentence each.
    pub what: Vec<String>,
}

/// Digests by folder, of those that were read whole.
pub fn digests(live: &Facts) -> BTreeMap<String, String> {
    let known = live.extensions.iter().filter_map(|one| Some((one.path.clone(), one.digest.clone()?)));
    known.collect()
}

/// What is not as in `before`, by folder; nothing when no extension was recorded there.
pub fn of_extensions(before: &BTreeMap<String, String>, live: &Facts) -> Vec<ExtensionDrift> {
    if before.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<ExtensionDrift> = live
        .extensions
        .iter()
        .filter_map(|one| {
            let (kind, what) = match (before.get(&one.path), &one.digest) {
                (None, _) => (DriftKind::Added, format!("`{}` was installed since", one.id)),
                (Some(old), Some(new)) if old != new => {
                    (DriftKind::Changed, format!("`{}`: other files than when you looked", one.id))
                }
                (Some(_), None) => {
                    (DriftKind::Changed, format!("`{}` could not be read whole, so nobody knows", one.id))
                }
                _ => return None,
            };
            Some(ExtensionDrift { path: one.path.clone(), kind, what: vec![what] })
        })
        .collect();
    let gone = before.keys().filter(|path| !live.extensions.iter().any(|one| one.path == **path));
    found.extend(gone.map(|path| ExtensionDrift {
        path: path.clone(),
        kind: DriftKind::Removed,
        what: vec!["an extension is gone".to_owned()],
    }));
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

#[cfg(test)]
mod tests {
    use drawbridge_bridge::facts::ExtensionFact;

    use super::*;

    fn facts(extensions: &[(&str, Option<&str>)]) -> Facts {
        let fact = |(path, digest): &(&str, Option<&str>)| ExtensionFact {
            path: (*path).to_owned(),
            digest: digest.map(str::to_owned),
            ..ExtensionFact::default()
        };
        Facts { extensions: extensions.iter().map(fact).collect(), ..Facts::default() }
    }

    #[test]
    fn every_difference_is_told() {
        let before =
            digests(&facts(&[("/a", Some("1")), ("/b", Some("2")), ("/c", Some("3")), ("/d", Some("4"))]));
        let now = facts(&[("/a", Some("1")), ("/b", Some("x")), ("/c", None), ("/e", Some("5"))]);
        let told: Vec<(String, DriftKind)> =
            of_extensions(&before, &now).into_iter().map(|one| (one.path, one.kind)).collect();
        let want = [
            ("/b", DriftKind::Changed),
            ("/c", DriftKind::Changed),
            ("/d", DriftKind::Removed),
            ("/e", DriftKind::Added),
        ];
        assert_eq!(told, want.map(|(path, kind)| (path.to_owned(), kind)));
        assert_eq!(of_extensions(&BTreeMap::new(), &now), []);
    }
}
