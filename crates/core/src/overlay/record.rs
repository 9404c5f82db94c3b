//! What our Compose file remembers about itself, in comments at its head.
//!
//! `eject` and a second `protect` need to know how devcontainer.json was before, in a clone that has
//! no journal. The comments are hostile input like the rest of the workspace: what they say is used
//! only to compute another text, which the user sees as a diff.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::brought::Brought;
use crate::project::{HostFacts, RelPath};
use crate::protect::{Ground, Hardening, Options};

const STATE: &str = "drawbridge: ";
const UNDO: &str = "undo: ";

/// One of our Compose files, described by itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    pub(crate) state: State,
    /// How to take our members out of devcontainer.json again, in order.
    pub(crate) undo: Vec<Undo>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) version: u32,
    pub(crate) config: RelPath,
    pub(crate) project: String,
    /// Name of the workspace folder when it was protected.
    pub(crate) workspace: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) git_root: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ides: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) agents: Option<Vec<String>>,
    pub(crate) hardening: Hardening,
    pub(crate) ground: Ground,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) accept_loss: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) feature: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) trust_host_cas: bool,
    /// What the image and the Features brought along when it was protected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) brought: Option<Brought>,
}

/// One value of devcontainer.json that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Undo {
    /// JSON pointer.
    pub(crate) at: String,
    /// The value before; absent when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "present")]
    pub(crate) was: Option<Value>,
    /// The value that we wrote; absent when we took it out.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "present")]
    pub(crate) is: Option<Value>,
}

impl State {
    pub(crate) fn new(config: &RelPath, project: &str, facts: &HostFacts, options: &Options) -> Self {
        Self {
            version: 1,
            config: config.clone(),
            project: project.to_owned(),
            workspace: facts.workspace_name.clone(),
            git_root: facts.git_root_name.clone(),
            ides: options.ides.clone(),
            agents: options.agents.clone(),
            hardening: options.hardening,
            ground: options.ground,
            accept_loss: options.accept_loss.clone(),
            feature: options.feature.clone(),
            trust_host_cas: options.trust_host_cas,
            brought: facts.brought.clone().filter(|brought| *brought != Brought::default()),
        }
    }

    pub(crate) fn options(&self) -> Options {
        Options {
            config: Some(self.config.clone()),
            ides: self.ides.clone(),
            agents: self.agents.clone(),
            hardening: self.hardening,
            ground: self.ground,
            accept_loss: self.accept_loss.clone(),
            feature: self.feature.clone(),
            trust_host_cas: self.trust_host_cas,
        }
    }
}

impl Record {
    /// Lines without the `# ` that the writer adds.
    pub(crate) fn to_comment(&self) -> String {
        let json = |value: serde_json::Result<Value>| ascii(&value.unwrap_or_default().to_string());
        let mut lines = vec![format!("{STATE}{}", json(serde_json::to_value(&self.state)))];
        for undo in &self.undo {
            lines.push(format!("{UNDO}{}", json(serde_json::to_value(undo))));
        }
        lines.join("\n")
    }

    /// Reads the comments back; `None` when the file is not ours.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let comments = text
            .lines()
            .take_while(|line| line.starts_with('#'))
            .map(|line| line.trim_start_matches('#').trim_start());
        let mut state = None;
        let mut undo = Vec::new();
        for line in comments {
            if let Some(json) = line.strip_prefix(STATE) {
                state = serde_json::from_str(json).ok();
            } else if let Some(json) = line.strip_prefix(UNDO) {
                undo.push(serde_json::from_str(json).ok()?);
            }
        }
        Some(Self { state: state?, undo })
    }
}

/// Escapes what a comment must not hold: line breaks of every sort and text direction marks.
fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && c != '\u{7f}' {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

/// `null` is a value; only an absent member is `None`.
mod present {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::Value;

    #[expect(clippy::ref_option, reason = "the signature that serde asks for")]
    pub(super) fn serialize<S: Serializer>(value: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
        Value::deserialize(deserializer).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn survives_its_own_comment() {
        let config = RelPath::new(".devcontainer/devcontainer.json").expect("a path");
        let undo = vec![
            Undo { at: "/image".into(), was: Some(json!("a\u{2028}\u{202e}\n😀")), is: None },
            Undo { at: "/x".into(), was: Some(Value::Null), is: Some(json!([1, {"y": "#"}])) },
        ];
        let state = State::new(&config, "shop", &HostFacts::default(), &Options::default());
        let record = Record { state, undo };
        let comment = format!("# {}\n", record.to_comment().replace('\n', "\n# "));
        assert!(comment.is_ascii());
        assert_eq!(Record::parse(&format!("# Head\n{comment}services:\n")), Some(record));
    }

    #[test]
    fn is_nothing_in_other_files() {
        assert_eq!(Record::parse("# undo: {\"at\":\"/a\"}\nservices: {}\n"), None);
        assert_eq!(Record::parse("# drawbridge: {\"version\":\n"), None);
    }
}
