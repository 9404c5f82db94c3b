//! What of a container reaches the editor and is not as it was: any process of its user can write the Machine
//! settings and the extensions, and the editor follows them with every way to the host that it has.

use std::collections::{BTreeMap, BTreeSet};

use drawbridge_bridge::facts::{Facts, SettingsFact};
use drawbridge_jsonc::parse;
use serde::{Deserialize, Serialize};

use super::{DriftKind, keys, lines};

/// What the developer has seen of a running container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inside {
    /// Digests of the editor's extensions, by folder; of those that were read whole.
    pub extensions: BTreeMap<String, String>,
    /// Texts of the Machine settings, by file.
    pub settings: BTreeMap<String, String>,
}

/// One extension or file of settings that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InsideDrift {
    /// Where it is in the container.
    pub path: String,
    /// How it differs.
    pub kind: DriftKind,
    /// What that means, a sentence each.
    pub what: Vec<String>,
    /// Text of settings that were recorded.
    #[serde(skip)]
    pub before: Option<String>,
    /// Text of settings now.
    #[serde(skip)]
    pub after: Option<String>,
    /// Text or digest now; `None` when it is gone or was not read whole.
    #[serde(skip)]
    pub state: Option<String>,
}

impl Inside {
    /// As it is now. Extensions are in it only when the look took their digests.
    pub fn of(live: &Facts) -> Self {
        let digests =
            live.extensions.iter().filter_map(|one| Some((one.path.clone(), one.digest.clone()?))).collect();
        let texts = live.settings.iter().map(|file| (file.path.clone(), file.text.clone())).collect();
        Self { extensions: digests, settings: texts }
    }

    /// What is not as recorded, settings first, each by path.
    pub fn compare(&self, live: &Facts) -> Vec<InsideDrift> {
        let mut found = of_settings(&self.settings, &live.settings);
        found.extend(of_extensions(&self.extensions, live));
        found
    }

    /// Takes one extension or file of settings over as it is in `now`.
    pub fn accept(&mut self, path: &str, now: &Self) {
        for (known, now) in [(&mut self.extensions, &now.extensions), (&mut self.settings, &now.settings)] {
            match now.get(path) {
                Some(state) => known.insert(path.to_owned(), state.clone()),
                None => known.remove(path),
            };
        }
    }
}

/// Extensions that are not as in `before`, by folder.
pub fn of_extensions(before: &BTreeMap<String, String>, live: &Facts) -> Vec<InsideDrift> {
    let mut found: Vec<InsideDrift> = live
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
            let (path, state) = (one.path.clone(), one.digest.clone());
            Some(InsideDrift { path, kind, what: vec![what], before: None, after: None, state })
        })
        .collect();
    let gone = before.keys().filter(|path| !live.extensions.iter().any(|one| one.path == **path));
    found.extend(gone.map(|path| InsideDrift {
        path: path.clone(),
        kind: DriftKind::Removed,
        what: vec!["an extension is gone".to_owned()],
        before: None,
        after: None,
        state: None,
    }));
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn of_settings(before: &BTreeMap<String, String>, now: &[SettingsFact]) -> Vec<InsideDrift> {
    let now: BTreeMap<&String, &String> = now.iter().map(|file| (&file.path, &file.text)).collect();
    let paths: BTreeSet<&String> = before.keys().chain(now.keys().copied()).collect();
    paths
        .into_iter()
        .filter_map(|path| {
            let (old, new) = (before.get(path), now.get(path).copied());
            let kind = match (old, new) {
                (Some(old), Some(new)) if old == new => return None,
                (Some(_), Some(_)) => DriftKind::Changed,
                (None, _) => DriftKind::Added,
                (_, None) => DriftKind::Removed,
            };
            Some(InsideDrift {
                path: path.clone(),
                kind,
                what: describe(old, new),
                before: old.cloned(),
                after: new.cloned(),
                state: new.cloned(),
            })
        })
        .collect()
}

fn describe(old: Option<&String>, new: Option<&String>) -> Vec<String> {
    let root = |text: Option<&String>| text.and_then(|text| parse(text).root);
    let mut what = Vec::new();
    let means = "counts at once in windows of this container";
    keys(root(old).as_ref(), root(new).as_ref(), "setting", means, &mut what);
    if what.is_empty() {
        what.push(lines(old.map(String::as_str), new.map(String::as_str)));
    }
    what
}

#[cfg(test)]
mod tests {
    use drawbridge_bridge::facts::ExtensionFact;

    use super::*;

    fn facts(extensions: &[(&str, Option<&str>)], settings: &[(&str, &str)]) -> Facts {
        let extension = |(path, digest): &(&str, Option<&str>)| ExtensionFact {
            path: (*path).to_owned(),
            digest: digest.map(str::to_owned),
            ..ExtensionFact::default()
        };
        let file = |(path, text): &(&str, &str)| SettingsFact {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
            writable: true,
        };
        Facts {
            extensions: extensions.iter().map(extension).collect(),
            settings: settings.iter().map(file).collect(),
            ..Facts::default()
        }
    }

    fn told(known: &Inside, now: &Facts) -> Vec<(String, DriftKind, String)> {
        let drift = known.compare(now).into_iter();
        drift.map(|one| (one.path, one.kind, one.what.join("; "))).collect()
    }

    #[test]
    fn every_difference_of_extensions_is_told() {
        let before =
            facts(&[("/a", Some("1")), ("/b", Some("2")), ("/c", Some("3")), ("/d", Some("4"))], &[]);
        let now = facts(&[("/a", Some("1")), ("/b", Some("x")), ("/c", None), ("/e", Some("5"))], &[]);
        let told: Vec<(String, DriftKind)> =
            told(&Inside::of(&before), &now).into_iter().map(|(path, kind, _)| (path, kind)).collect();
        let want = [
            ("/b", DriftKind::Changed),
            ("/c", DriftKind::Changed),
            ("/d", DriftKind::Removed),
            ("/e", DriftKind::Added),
        ];
        assert_eq!(told, want.map(|(path, kind)| (path.to_owned(), kind)));
    }

    #[test]
    fn the_first_extension_and_the_first_settings_of_an_empty_container_are_told() {
        let now = facts(&[("/e", Some("5"))], &[("/s", "{\"workbench.externalBrowser\": \"/w/x\"}")]);
        let want = [
            ("/s", "adds setting `workbench.externalBrowser`: counts at once in windows of this container"),
            ("/e", "`` was installed since"),
        ];
        assert_eq!(
            told(&Inside::default(), &now),
            want.map(|(path, what)| (path.to_owned(), DriftKind::Added, what.to_owned()))
        );
    }

    #[test]
    fn settings_are_compared_by_their_text_and_told_by_their_keys() {
        let known = Inside::of(&facts(&[], &[("/s", "{\"a\": 1, \"b\": 2}"), ("/t", "{}")]));
        let now = facts(&[], &[("/s", "{\"a\": 3}"), ("/t", "{ }")]);
        let want = [
            (
                "/s",
                "changes setting `a`: counts at once in windows of this container; takes setting `b` away",
            ),
            ("/t", "1 lines before, 1 now"),
        ];
        assert_eq!(
            told(&known, &now),
            want.map(|(path, what)| (path.to_owned(), DriftKind::Changed, what.to_owned()))
        );
        assert_eq!(told(&known, &facts(&[], &[])).len(), 2, "they are gone");
    }

    #[test]
    fn one_is_taken_over_and_the_other_is_still_told() {
        let mut known = Inside::of(&facts(&[("/a", Some("1"))], &[("/s", "{}")]));
        let now = facts(&[("/a", Some("2"))], &[("/s", "{\"x\": 1}")]);
        known.accept("/s", &Inside::of(&now));
        assert_eq!(told(&known, &now).into_iter().map(|(path, ..)| path).collect::<Vec<_>>(), ["/a"]);
        known.accept("/a", &Inside::of(&facts(&[("/a", None)], &[])));
        assert_eq!(known.extensions.len(), 0, "what nobody could read is not remembered as read");
    }
}
