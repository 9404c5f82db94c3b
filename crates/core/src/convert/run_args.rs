//! `runArgs`: each flag of `docker run` as the service key that gives the same container.

use crate::devcontainer::Text;
use crate::yaml::Yaml;

use super::ItemKind;
use super::argv::{self, Used, Word};
use super::run_flags::RUN_FLAGS;
use super::state::State;

/// What becomes of a flag. Keys are chains from the service (`healthcheck/interval`).
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// Text under a key; the last use wins.
    Text(&'static str),
    /// A number under a key, text when it is not one.
    Number(&'static str),
    /// `true` under a key; the last use counts.
    Switch(&'static str),
    /// One more entry of a list.
    List(&'static str),
    /// `NAME=VALUE` in a mapping.
    Pair(&'static str),
    /// `PATH:VALUE` as `{path, rate}` in a list.
    Rate(&'static str),
    /// Something of its own.
    Special(Special),
    /// Changed nothing for a dev container, or is replaced by the gate.
    Moot(&'static str),
    /// Has no equivalent.
    Lost(&'static str),
}

pub(super) type Flag = argv::Flag<Rule>;
/// Handles one use of a flag.
pub(super) type Special = for<'s, 'u> fn(&'s mut State<'_>, &'u Used<Rule>);

/// Walks through `runArgs` in order.
pub(super) fn convert(state: &mut State<'_>) {
    for word in argv::parse(&state.config.run_args, &RUN_FLAGS) {
        match word {
            Word::Flag(used) => apply(state, &used),
            Word::Other { text, why } => {
                state.item(ItemKind::Lost, &word_code(&text), &text, text.value.as_str(), why);
            }
        }
    }
}

/// The name that `--accept-loss` takes.
pub(super) fn code(used: &Used<Rule>) -> String {
    format!("--{}", used.flag.long)
}

/// The same for a word that is not a known flag.
pub(super) fn word_code(text: &Text) -> String {
    text.value.split(['=', ' ']).next().unwrap_or_default().to_owned()
}

fn apply(state: &mut State<'_>, used: &Used<Rule>) {
    match used.flag.rule {
        Rule::Special(special) => special(state, used),
        Rule::Moot(why) => state.item(ItemKind::Note, &code(used), &used.value, &*used.what, why),
        Rule::Lost(why) => state.item(ItemKind::Lost, &code(used), &used.value, &*used.what, why),
        Rule::Switch(key) => {
            // The engine can have an init process by default, so there `false` says something.
            if used.is_on() || key == "init" {
                state.set_at(key, used.is_on());
            } else {
                state.service.body.remove(key);
            }
            let why = format!("`{key}`");
            state.item(ItemKind::Moved, &code(used), &used.value, &*used.what, why);
        }
        Rule::Text(key) => write(state, used, key, put_text),
        Rule::Number(key) => {
            write(state, used, key, |state, key, text| state.set_at(key, number(text)));
        }
        Rule::List(key) => write(state, used, key, |state, key, text| {
            state.service.push(key, text);
        }),
        Rule::Pair(key) => write(state, used, key, |state, key, text| {
            let (name, value) = text.split_once('=').unwrap_or((&text, ""));
            state.mapping_at(key).set(name, value);
        }),
        Rule::Rate(key) => write(state, used, key, |state, key, text| {
            let (path, rate) = text.rsplit_once(':').unwrap_or((&text, ""));
            let (parent, list) = key.rsplit_once('/').unwrap_or(("", key));
            let field = if list.starts_with("weight") { "weight" } else { "rate" };
            let entry = Yaml::from([("path", path.into()), (field, number(rate.to_owned()))]);
            state.mapping_at(parent).push(list, entry);
        }),
    }
}

/// Translates the value, hands it to `put`, and says where it went.
pub(super) fn write(
    state: &mut State<'_>,
    used: &Used<Rule>,
    key: &str,
    put: impl FnOnce(&mut State<'_>, &str, String),
) {
    if let Some(value) = state.text(&code(used), &used.value, &used.what) {
        put(state, key, value.text.clone());
        state.moved(&code(used), &used.value, &used.what, &key.replace('/', "."), &value);
    }
}

pub(super) fn put_text(state: &mut State<'_>, key: &str, text: String) {
    state.set_at(key, text);
}

/// A whole number as a number, anything else as text.
pub(super) fn number(text: String) -> Yaml {
    // Leading zeros would be octal for one reader and decimal for another.
    let plain = text.trim_start_matches('-');
    match text.parse::<i64>() {
        Ok(value) if !plain.starts_with('0') || plain == "0" => Yaml::Int(value),
        _ => Yaml::Str(text),
    }
}

/// The words of `runArgs` that docker reads as one flag, for reports.
pub(super) fn uses(words: &[Text]) -> impl Iterator<Item = Used<Rule>> {
    argv::parse(words, &RUN_FLAGS).into_iter().filter_map(|word| match word {
        Word::Flag(used) => Some(used),
        Word::Other { .. } => None,
    })
}
