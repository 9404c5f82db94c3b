//! `build.options`: words for `docker build` as keys of `build`.

use crate::yaml::Yaml;

use super::ItemKind;
use super::argv::Arity::{Switch as S, Value as V};
use super::argv::{self, Used, Word};
use super::run_args::{number, word_code};
use super::state::State;

use crate::devcontainer::mount::csv_fields;
use crate::project::RelPath;

#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    Text(&'static str),
    Switch(&'static str),
    List(&'static str),
    Pair(&'static str),
    Ulimit,
    Platform,
    Secret,
    Context,
    Moot(&'static str),
    Lost(&'static str),
}

type Flag = argv::Flag<Rule>;

const OUTPUT: &str = "had no effect on the image";
const NO_KEY: &str = "Compose has no key for it";
const RESULT: &str = "the result belongs to the dev container and goes nowhere else";

const fn flag(long: &'static str, short: Option<char>, arity: argv::Arity, rule: Rule) -> Flag {
    Flag { long, short, arity, rule }
}

static BUILD_FLAGS: [Flag; 45] = [
    flag("platform", None, V, Rule::Platform),
    flag("network", None, V, Rule::Text("network")),
    flag("target", None, V, Rule::Text("target")),
    flag("shm-size", None, V, Rule::Lost("Compose has a key for it and builds without it")),
    flag("isolation", None, V, Rule::Text("isolation")),
    flag("add-host", None, V, Rule::List("extra_hosts")),
    flag("ssh", None, V, Rule::List("ssh")),
    flag("tag", Some('t'), V, Rule::List("tags")),
    flag("cache-from", None, V, Rule::List("cache_from")),
    flag("cache-to", None, V, Rule::List("cache_to")),
    flag("allow", None, V, Rule::List("entitlements")),
    flag("label", None, V, Rule::Pair("labels")),
    flag("build-arg", None, V, Rule::Pair("args")),
    flag("build-context", None, V, Rule::Context),
    flag("secret", None, V, Rule::Secret),
    flag("ulimit", None, V, Rule::Ulimit),
    flag("no-cache", None, S, Rule::Switch("no_cache")),
    flag("pull", None, S, Rule::Switch("pull")),
    flag("privileged", None, S, Rule::Switch("privileged")),
    flag("progress", None, V, Rule::Moot(OUTPUT)),
    flag("quiet", Some('q'), S, Rule::Moot(OUTPUT)),
    flag("load", None, S, Rule::Moot("had no effect: it is the default")),
    flag("rm", None, S, Rule::Moot(OUTPUT)),
    flag("force-rm", None, S, Rule::Moot(OUTPUT)),
    flag("debug", Some('D'), S, Rule::Moot(OUTPUT)),
    flag("disable-content-trust", None, S, Rule::Moot(OUTPUT)),
    flag("compress", None, S, Rule::Moot(OUTPUT)),
    flag("memory", Some('m'), V, Rule::Lost(NO_KEY)),
    flag("memory-swap", None, V, Rule::Lost(NO_KEY)),
    flag("cpu-period", None, V, Rule::Lost(NO_KEY)),
    flag("cpu-quota", None, V, Rule::Lost(NO_KEY)),
    flag("cpu-shares", Some('c'), V, Rule::Lost(NO_KEY)),
    flag("cpuset-cpus", None, V, Rule::Lost(NO_KEY)),
    flag("cpuset-mems", None, V, Rule::Lost(NO_KEY)),
    flag("cgroup-parent", None, V, Rule::Lost(NO_KEY)),
    flag("security-opt", None, V, Rule::Lost(NO_KEY)),
    flag("squash", None, S, Rule::Lost(NO_KEY)),
    flag("builder", None, V, Rule::Lost("the CLI builds Compose services with the default builder")),
    flag("sbom", None, V, Rule::Lost("needs a newer Compose")),
    flag("provenance", None, V, Rule::Lost("needs a newer Compose")),
    flag("annotation", None, V, Rule::Lost(NO_KEY)),
    flag("iidfile", None, V, Rule::Lost(RESULT)),
    flag("metadata-file", None, V, Rule::Lost(RESULT)),
    flag("output", Some('o'), V, Rule::Lost(RESULT)),
    flag("push", None, S, Rule::Lost(RESULT)),
];

pub(super) fn convert(state: &mut State<'_>) {
    for word in argv::parse(&state.config.build.options, &BUILD_FLAGS) {
        match word {
            Word::Flag(used) => apply(state, &used),
            Word::Other { text, why } => {
                let code = format!("build:{}", word_code(&text));
                let what = format!("build.options {}", text.value);
                state.item(ItemKind::Lost, &code, &text, what, why);
            }
        }
    }
}

fn apply(state: &mut State<'_>, used: &Used<Rule>) {
    let code = format!("build:--{}", used.flag.long);
    let what = format!("build.options {}", used.what);
    let text = &used.value;
    match used.flag.rule {
        Rule::Moot(why) => state.item(ItemKind::Note, &code, text, what, why),
        Rule::Lost(why) => state.item(ItemKind::Lost, &code, text, what, why),
        Rule::Context => context(state, used, &code, &what),
        rule => {
            let Some(value) = state.text(&code, text, &what) else { return };
            match write(state, rule, &value.text) {
                Ok(key) => state.moved(&code, text, &what, &format!("build.{key}"), &value),
                Err(why) => state.item(ItemKind::Lost, &code, text, what, why),
            }
        }
    }
}

/// Writes a translated value and names its key.
fn write(state: &mut State<'_>, rule: Rule, text: &str) -> Result<&'static str, &'static str> {
    let build = state.service.body.entry("build");
    let pair = || text.split_once('=').unwrap_or((text, ""));
    Ok(match rule {
        Rule::Text(key) => {
            build.set(key, text);
            key
        }
        Rule::Switch(key) => {
            build.set(key, text != "false");
            key
        }
        Rule::List(key) => {
            build.push(key, text);
            key
        }
        Rule::Pair(key) => {
            let (name, value) = pair();
            build.entry(key).set(name, value);
            key
        }
        Rule::Ulimit => {
            let (name, limits) = pair();
            let limit = match limits.split_once(':') {
                None => number(limits.to_owned()),
                Some((soft, hard)) => {
                    Yaml::from([("soft", number(soft.to_owned())), ("hard", number(hard.to_owned()))])
                }
            };
            build.entry("ulimits").set(name, limit);
            "ulimits"
        }
        Rule::Platform => {
            build.set("platforms", Yaml::strings([text]));
            state.service.set("platform", text);
            "platforms"
        }
        Rule::Secret => return secret(state, text),
        Rule::Context | Rule::Moot(_) | Rule::Lost(_) => return Err("handled by the caller"),
    })
}

/// `id=…,src=…` or `id=…,env=…`; the file is relative to where the CLI runs, the workspace.
fn secret(state: &mut State<'_>, text: &str) -> Result<&'static str, &'static str> {
    let fields = csv_fields(text);
    let field = |names: &[&str]| {
        fields.iter().find_map(|field| {
            field.split_once('=').filter(|(key, _)| names.contains(key)).map(|(_, value)| value)
        })
    };
    let id = field(&["id"]).ok_or("a secret needs an `id`")?;
    let entry = match (field(&["src", "source"]), field(&["env"])) {
        (Some(path), _) => {
            let path = rebased(state, path);
            Yaml::from([("file", path.into())])
        }
        (None, Some(name)) => Yaml::from([("environment", name.into())]),
        (None, None) => Yaml::from([("environment", id.into())]),
    };
    state.top_level.secrets.set(id, entry);
    state.service.body.entry("build").push("secrets", id);
    Ok("secrets")
}

/// `NAME=PATH`, `NAME=docker-image://…`.
fn context(state: &mut State<'_>, used: &Used<Rule>, code: &str, what: &str) {
    let (name, place) = used.value.value.split_once('=').unwrap_or((&used.value.value, ""));
    let value = if place.contains("://") {
        state.scope.text(place)
    } else {
        state.scope.path(place, &RelPath::root())
    };
    if let Some(value) = state.keep_or_lose(value, code, &used.value, what) {
        state.moved(code, &used.value, what, "build.additional_contexts", &value);
        let build = state.service.body.entry("build");
        build.entry("additional_contexts").set(name, value.text);
    }
}

/// A path that is Compose text already.
fn rebased(state: &State<'_>, path: &str) -> String {
    if super::paths::is_absolute(path) || path.starts_with(['$', '~']) {
        return path.to_owned();
    }
    super::paths::rebase(path, &RelPath::root(), &state.scope.compose_dir)
}
