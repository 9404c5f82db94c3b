//! Where the image comes from: `image`, or `build` with its legacy spellings.

use crate::devcontainer::{Kind, Text};
use crate::project::RelPath;
use crate::yaml::Yaml;

use super::paths;
use super::state::State;
use super::value::{Untranslatable, Value};
use super::{ItemKind, build_args, workspace};

pub(super) fn convert(state: &mut State<'_>) {
    match state.config.kind {
        Kind::Dockerfile => build(state),
        _ => image(state),
    }
}

fn image(state: &mut State<'_>) {
    let Some(image) = &state.config.image else { return };
    if let Some(value) = state.text("image", image, "image") {
        state.moved("image", image, "image", "image", &value);
        state.service.set("image", value.text);
    }
}

fn build(state: &mut State<'_>) {
    let config = state.config;
    let Some(dockerfile) = &config.build.dockerfile else { return };
    state.service.set("build", Yaml::map());
    match files(state, dockerfile) {
        Ok((context, file)) => {
            let fixed_basename = context.fixed_basename || file.fixed_basename;
            let build = state.service.body.entry("build");
            build.set("context", context.text).set("dockerfile", file.text);
            let value = Value { text: String::new(), fixed_basename };
            state.moved("build", dockerfile, "build", "build", &value);
        }
        Err(why) => state.item(ItemKind::Lost, "build", dockerfile, "build", why.to_string()),
    }
    for (name, text) in &config.build.args {
        put(state, text, &format!("build.args {name}"), |build, value| {
            build.entry("args").set(name.as_str(), value);
        });
    }
    if let Some(text) = &config.build.target {
        put(state, text, "build.target", |build, value| {
            build.set("target", value);
        });
    }
    for text in &config.build.cache_from {
        put(state, text, &format!("build.cacheFrom {}", text.value), |build, value| {
            build.push("cache_from", value);
        });
    }
    build_args::convert(state);
}

/// Writes one value under `build`.
fn put(state: &mut State<'_>, text: &Text, what: &str, write: impl FnOnce(&mut Yaml, String)) {
    let code = what.split(' ').next().unwrap_or(what);
    if let Some(value) = state.text(code, text, what) {
        write(state.service.body.entry("build"), value.text.clone());
        state.moved(code, text, what, &code.replace("cacheFrom", "cache_from"), &value);
    }
}

/// The context, relative to the Compose file, and the Dockerfile, relative to the context.
///
/// devcontainer.json writes both relative to itself, and without a context the CLI takes the
/// folder of the Dockerfile.
fn files(state: &State<'_>, dockerfile: &Text) -> Result<(Value, Value), Untranslatable> {
    let dir = state.context.config.parent();
    let file = state.scope.path(&dockerfile.value, &dir)?;
    let context = match &state.config.build.context {
        Some(context) => state.scope.path(&context.value, &dir)?,
        None => Value { text: parent(&file.text)?, fixed_basename: file.fixed_basename },
    };
    if !file.text.starts_with('.') || !context.text.starts_with('.') {
        // Absolute, or it starts with a variable: Compose takes it as it is.
        let absolute = paths::is_absolute(&file.text) || file.text.starts_with('$');
        return if absolute || state.config.build.context.is_none() {
            let text = if absolute { file.text } else { name(&file.text).to_owned() };
            Ok((context, Value { text, ..file }))
        } else {
            Err(Untranslatable::Path)
        };
    }
    let text = paths::between(&context.text, &file.text).or_else(|| {
        // The context is above the Compose file's folder, so the names on the way down count.
        let names = workspace::names_above(state.context.facts);
        let anchored = |path: &str| {
            let path = paths::rebase(path, &state.scope.compose_dir, &RelPath::root());
            paths::anchored(&path, &names)
        };
        paths::between(&anchored(&context.text)?, &anchored(&file.text)?)
    });
    let text = text.ok_or(Untranslatable::Path)?;
    let text = text.strip_prefix("./").unwrap_or(&text).to_owned();
    Ok((context, Value { text, ..file }))
}

fn parent(path: &str) -> Result<String, Untranslatable> {
    match path.rsplit_once('/') {
        Some(("", _)) => Ok("/".to_owned()),
        Some((parent, _)) if !parent.ends_with('$') => Ok(parent.to_owned()),
        _ => Err(Untranslatable::Path),
    }
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
