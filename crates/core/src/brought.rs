//! What an image and Features bring along, which no file of the workspace shows.
//!
//! The base image's label `devcontainer.metadata` and the Features' own properties apply to a
//! container like devcontainer.json does. Both are read by the host; the parts that shape what
//! `protect` writes are kept in our Compose file, so that a clone on a machine without the image
//! plans the same.

use serde::{Deserialize, Serialize};

use crate::compose;
use crate::devcontainer::merge::Entry;
use crate::devcontainer::{Config, Kind};
use crate::dockerfile;
use crate::project::{RelPath, Snapshot};
use crate::protect::source::{clean, open, read};

/// Properties that protecting looks at.
const USED: [&str; 4] = ["id", "mounts", "overrideCommand", "privileged"];

/// Properties of the base image and the Features of one configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brought {
    /// Entries of the label, in order; `None` when the image is not on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Vec<Entry>>,
    /// One entry a Feature, in the order of their installation; `None` when nobody could be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<Entry>>,
}

impl Brought {
    /// Keeps of the entries what protecting looks at; the audit looks at whole ones.
    pub fn new(image: Option<Vec<Entry>>, features: Option<Vec<Entry>>) -> Self {
        Self { image: image.map(used), features: features.map(used) }
    }

    /// What is not known here, as `earlier` knew it.
    #[must_use]
    pub(crate) fn or(self, earlier: Option<&Self>) -> Self {
        let earlier = earlier.cloned().unwrap_or_default();
        Self { image: self.image.or(earlier.image), features: self.features.or(earlier.features) }
    }
}

fn used(entries: Vec<Entry>) -> Vec<Entry> {
    let says_something = |entry: &Entry| entry.keys().any(|key| key != "id");
    let keep = |mut entry: Entry| {
        entry.retain(|key, _| USED.contains(&key.as_str()));
        entry
    };
    entries.into_iter().map(keep).filter(says_something).collect()
}

/// The image whose label counts for a configuration, as the engine names it.
///
/// `None` when a variable decides, when the files do not say, and when the configuration cannot be
/// read.
pub fn base_image(snapshot: &Snapshot, path: &RelPath) -> Option<String> {
    let source = open(snapshot, path).ok()?;
    let parsed = clean(path, &source.base).ok()?;
    let config = read(path, &source.base, &parsed).ok()?;
    let image = match config.kind {
        Kind::Image => config.image.as_ref()?.value.clone(),
        Kind::Dockerfile => of_build(snapshot, path, &config)?,
        Kind::Compose => of_service(snapshot, path, &config)?,
        Kind::None => return None,
    };
    // A leading dash would be read as an option.
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:@".contains(c);
    (image.chars().all(plain) && !image.starts_with('-') && !image.is_empty()).then_some(image)
}

fn of_build(snapshot: &Snapshot, path: &RelPath, config: &Config<'_>) -> Option<String> {
    let build = &config.build;
    let text = snapshot.text(&path.parent().join(&build.dockerfile.as_ref()?.value)?)?;
    // What a build option sets is not read.
    let known = build.options.is_empty() && build.args.iter().all(|(_, value)| !value.value.contains("${"));
    let args: Vec<(&str, &str)> =
        build.args.iter().map(|(name, value)| (name.as_str(), value.value.as_str())).collect();
    let target = build.target.as_ref().map(|target| target.value.as_str());
    dockerfile::base_image(text, known.then_some(args.as_slice()), target)
}

fn of_service(snapshot: &Snapshot, path: &RelPath, config: &Config<'_>) -> Option<String> {
    let files = config.compose_files.as_deref()?;
    let files: Option<Vec<RelPath>> = files.iter().map(|file| path.parent().join(&file.value)).collect();
    let model = compose::load(snapshot, &files?).ok()?;
    let service = model.services.get(&config.service.as_ref()?.value)?;
    match &service.build {
        Some(build) if build.plain => {
            let text = snapshot.text(build.dockerfile.as_ref()?)?;
            dockerfile::base_image(text, Some(&[]), None)
        }
        Some(_) => None,
        None => service.image.clone(),
    }
}
