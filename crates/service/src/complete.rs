//! Completion in a policy: keys, bundles of the catalogue, hosts that the gate denied; in a devcontainer.json:
//! options of Drawbridge's own Feature.

mod feature;

use drawbridge_jsonc::{Node, parse};
use drawbridge_policy::catalogue::bundles;
use drawbridge_text::{LineIndex, Span};

use crate::hover::about_bundle;
use crate::place::{offset, range};
use crate::project::locked;
use crate::protocol::{Completion, Position, TextEdit};
use crate::{Error, Project};

/// Keys of a policy that people write, and what they say.
const KEYS: [(&str, &str); 5] = [
    ("use", "named bundles of the catalogue, such as `npm`"),
    ("allow", "hosts and requests that are let through"),
    ("deny", "hosts and requests that are not, whatever allows them"),
    ("asks", "what the repository wants and only its user can grant"),
    ("inspect", "whether every TLS connection is looked into"),
];

/// What the place is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Key,
    Bundle,
    Host,
}

impl Project {
    /// Proposals for a place of `file`.
    pub fn completion(&self, file: &str, at: Position) -> Result<Vec<Completion>, Error> {
        let of_config = file.ends_with("devcontainer.json");
        if !of_config && !file.ends_with("policy.jsonc") {
            return Ok(Vec::new());
        }
        let Some(text) = self.text(file) else { return Ok(Vec::new()) };
        let index = LineIndex::new(&text);
        let offset = offset(&index, at);
        if of_config {
            let (proposals, span) = feature::proposals(&text, offset).unwrap_or_default();
            let completion = |one: feature::Proposal| Completion {
                label: one.label,
                kind: one.kind,
                detail: one.detail,
                documentation: String::new(),
                edit: TextEdit { range: range(&index, span), new_text: one.text },
            };
            return Ok(proposals.into_iter().map(completion).collect());
        }
        let Some((slot, span)) = slot(&text, offset) else { return Ok(Vec::new()) };
        let propose = |label: &str, kind, detail: &str, documentation: String| Completion {
            label: label.to_owned(),
            kind,
            detail: detail.to_owned(),
            documentation,
            edit: TextEdit { range: range(&index, span), new_text: serde_json::json!(label).to_string() },
        };
        Ok(match slot {
            Slot::Key => KEYS.iter().map(|(key, says)| propose(key, "key", says, String::new())).collect(),
            Slot::Bundle => bundles()
                .iter()
                .map(|bundle| propose(&bundle.id, "bundle", &bundle.about, about_bundle(bundle)))
                .collect(),
            Slot::Host => locked(&self.denied)
                .iter()
                .map(|host| propose(host, "host", "the gate denied it", String::new()))
                .collect(),
        })
    }
}

/// What may stand at `offset`, and the bytes that it replaces: a string with its quotes, or nothing.
fn slot(text: &str, offset: usize) -> Option<(Slot, Span)> {
    let root = parse(text).root?;
    let key = root.members().iter().find(|member| touches(member.key_span, offset));
    if let Some(member) = key {
        return Some((Slot::Key, member.key_span));
    }
    for member in root.members() {
        let slot = match member.key.as_str() {
            "use" => Slot::Bundle,
            "allow" | "deny" => Slot::Host,
            _ => continue,
        };
        let Some(items) = member.value.as_array().filter(|_| touches(member.value.span, offset)) else {
            continue;
        };
        let item = items.iter().find(|item| touches(item.span, offset));
        return match item {
            Some(item) if item.as_str().is_some() => Some((slot, item.span)),
            Some(_) => None,
            None => Some((slot, Span::at(offset))),
        };
    }
    let inside = |node: &Node| node.span.start < offset && offset < node.span.end;
    let value = root.members().iter().any(|member| touches(member.value.span, offset));
    (inside(&root) && !value).then_some((Slot::Key, Span::at(offset)))
}

fn touches(span: Span, offset: usize) -> bool {
    span.start <= offset && offset <= span.end
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slot at `|`, and what would be replaced there.
    fn at(marked: &str) -> Option<(Slot, String)> {
        let offset = marked.find('|').expect("a mark");
        let text = marked.replace('|', "");
        slot(&text, offset).map(|(slot, span)| (slot, span.slice(&text).unwrap_or_default().to_owned()))
    }

    #[test]
    fn a_place_says_what_may_stand_there() {
        assert_eq!(at(r#"{"use": ["np|m"]}"#), Some((Slot::Bundle, "\"npm\"".to_owned())));
        assert_eq!(at(r#"{"use": ["npm", |]}"#), Some((Slot::Bundle, String::new())));
        assert_eq!(at(r#"{"allow": ["|"]}"#), Some((Slot::Host, "\"\"".to_owned())));
        assert_eq!(at(r#"{"us|": 1}"#), Some((Slot::Key, "\"us\"".to_owned())));
        assert_eq!(at("{\n  |\n}"), Some((Slot::Key, String::new())));
        assert_eq!(at(r#"{"version": |1}"#), None);
        assert_eq!(at(r#"{"allow": [{"host|": "a"}]}"#), None, "an object has keys of its own");
        assert_eq!(at("|"), None);
    }

    #[test]
    fn half_written_policies_have_slots_too() {
        assert_eq!(at(r#"{"use": ["|"#), Some((Slot::Bundle, "\"".to_owned())));
    }
}
