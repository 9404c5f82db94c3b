//! Completion of the options of Drawbridge's own Feature in a devcontainer.json.

use drawbridge_jsonc::parse;
use drawbridge_text::Span;
use serde_json::{Value, json};

use super::touches;

/// The Feature as it is published: the one place where its options are described.
const FEATURE: &str =
    include_str!("../../../../devcontainer-feature/src/drawbridge/devcontainer-feature.json");
const NAME: &str = "drawbridge";

/// What may stand at a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Proposal {
    pub(super) label: String,
    /// As it is written.
    pub(super) text: String,
    pub(super) kind: &'static str,
    pub(super) detail: String,
}

/// Options, or values of one, and the bytes that they replace.
pub(super) fn proposals(text: &str, offset: usize) -> Option<(Vec<Proposal>, Span)> {
    let root = parse(text).root?;
    let features = root.get("features")?.members().iter();
    let own = features.filter(|member| is_own(&member.key)).find(|member| {
        let Span { start, end } = member.value.span;
        let is_closed = text[..end].ends_with('}');
        member.value.as_object().is_some() && start < offset && (offset < end || !is_closed)
    })?;
    let feature: Value = serde_json::from_str(FEATURE).ok()?;
    let options = feature["options"].as_object()?;
    let written = own.value.members();
    if let Some(member) = written.iter().find(|member| touches(member.value.span, offset)) {
        return Some((values(options.get(&member.key)?), member.value.span));
    }
    let key = written.iter().find(|member| touches(member.key_span, offset));
    let is_free = |name: &str| key.is_some_and(|key| key.key == name) || own.value.get(name).is_none();
    let names = options.iter().filter(|(name, _)| is_free(name));
    let names = names.map(|(name, option)| Proposal {
        label: name.clone(),
        text: json!(name).to_string(),
        kind: "key",
        detail: option["description"].as_str().unwrap_or_default().to_owned(),
    });
    let span = key.map_or_else(|| half_written(text, own.value.span.start + 1, offset), |key| key.key_span);
    Some((names.collect(), span))
}

/// A key without a value is no member yet: the quoted word at a place, or nothing.
fn half_written(text: &str, start: usize, offset: usize) -> Span {
    let before = text[start..offset].rsplit(['{', ',', '\n']).next().unwrap_or_default().trim_start();
    if !before.starts_with('"') {
        return Span::at(offset);
    }
    let begin = offset - before.len();
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let rest = text[offset..].trim_start_matches(is_word);
    let is_closed_before = before.len() > 1 && before.ends_with('"');
    let end = if rest.starts_with('"') && !is_closed_before { text.len() - rest.len() + 1 } else { offset };
    Span::new(begin, end)
}

/// `registry.example/a/drawbridge:1`, `./drawbridge`
fn is_own(reference: &str) -> bool {
    let name = reference.rsplit('/').next().unwrap_or_default();
    name.split([':', '@']).next() == Some(NAME)
}

fn values(option: &Value) -> Vec<Proposal> {
    let proposed = match option["type"].as_str() {
        Some("boolean") => vec![json!(true), json!(false)],
        _ => option["proposals"].as_array().cloned().unwrap_or_default(),
    };
    let value = |value: Value| Proposal {
        label: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        detail: if value == option["default"] { "the default".to_owned() } else { String::new() },
        text: value.to_string(),
        kind: "value",
    };
    proposed.into_iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is proposed at `|`, and what it would replace there.
    fn at(marked: &str) -> Option<(Vec<String>, String)> {
        let offset = marked.find('|').expect("a mark");
        let text = marked.replace('|', "");
        let (found, span) = proposals(&text, offset)?;
        let found = found.into_iter().map(|one| one.text).collect();
        Some((found, span.slice(&text).unwrap_or_default().to_owned()))
    }

    #[track_caller]
    fn check(marked: &str, proposed: &[&str], replaced: &str) {
        let (found, span) = at(marked).expect("a place of our Feature");
        assert_eq!(
            (found, span.as_str()),
            (proposed.iter().map(|one| (*one).to_owned()).collect(), replaced)
        );
    }

    #[test]
    fn options_and_their_values_are_those_of_the_feature() {
        let every = ["\"ca\"", "\"confine\"", "\"ssh\"", "\"watch\""];
        check(r#"{"features": {"x.example/a/drawbridge:1": {|}}}"#, &every, "");
        let rest = [every[0], every[3]];
        let text = r#"{"features": {"./drawbridge": {"confine": "", "ssh": true, |}}}"#;
        check(text, &rest, "");
        let key = [every[0], every[1], every[2]];
        check(r#"{"features": {"./drawbridge": {"c|a": "", "watch": true}}}"#, &key, "\"ca\"");
        check(r#"{"features": {"./drawbridge": {"|"#, &every, "\"");
        check(r#"{"features": {"./drawbridge": { "c|o" } } }"#, &every, "\"co\"");
        let values = ["\"claude\"", "\"claude,codex,copilot,gemini\""];
        check(r#"{"features": {"./drawbridge": {"confine": "|"}}}"#, &values, "\"\"");
        check(r#"{"features": {"./drawbridge": {"ssh": f|alse}}}"#, &["true", "false"], "false");
    }

    #[test]
    fn other_places_are_none_of_its_business() {
        for text in [
            r#"{"features": {"x.example/node:1": {|}}}"#,
            r#"{"features": {"x.example/drawbridge-x:1": {|}}}"#,
            r#"{"features": {|"./drawbridge": {}}}"#,
            r#"{"features": {"./drawbridge": "|"}}"#,
            r#"{"features": {"./drawbridge": {}|}}"#,
            r#"{"features": {"./drawbridge": {"else": "|"}}}"#,
            "|",
        ] {
            assert_eq!(at(text), None, "{text}");
        }
    }
}
