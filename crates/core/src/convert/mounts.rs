//! `mounts`: what the CLI writes faithfully for Compose stays, the rest moves.

use serde_json::Value as Json;

use crate::devcontainer::variable::{Piece, Variable, is_static, pieces};
use crate::devcontainer::{Located, Mount, MountKind, Text};

use super::state::State;
use super::{ItemKind, paths, volume};

const STAYS: &str = "the official CLI mounts it in Compose containers too";
const NEW_VOLUME: &str = "stays, but Compose puts the project's name before the volume's name, so \
                          it starts empty; the old volume keeps its content";

/// Where a mount goes.
enum Verdict {
    /// As it is.
    Stay(&'static str),
    /// In devcontainer.json, with a type.
    AddType,
    /// To the Compose file, because the CLI would change it there.
    Move(&'static str),
}

pub(super) fn convert(state: &mut State<'_>) {
    let config = state.config;
    for (index, mount) in config.mounts.iter().enumerate() {
        match verdict(&mount.value) {
            Verdict::Stay(why) => {
                keep_identity(state, &mount.value);
                let kind = if why == STAYS { ItemKind::Kept } else { ItemKind::Note };
                state.item(kind, "mounts", mount, what(mount), why);
            }
            Verdict::AddType => add_type(state, index, mount),
            Verdict::Move(why) => move_mount(state, index, mount, why),
        }
    }
}

/// Mounts that the image's label and the Features bring: the CLI writes them last, so our file
/// cannot correct them.
pub(super) fn convert_brought(state: &mut State<'_>) {
    let (context, config) = (state.context, state.config);
    let base = config.image.as_ref().or(config.build.dockerfile.as_ref());
    let overridden = |mount: &Mount| config.mounts.iter().any(|own| own.value.target == mount.target);
    if let (Some(image), Some(place)) = (context.image, base) {
        let by_feature = |mount: &Mount| {
            let features = context.features.into_iter().flat_map(|features| &features.mounts);
            features.into_iter().any(|later| later.target == mount.target)
        };
        for mount in image.mounts.iter().filter(|mount| !overridden(mount) && !by_feature(mount)) {
            bring(state, mount, place, "image", "the image's label");
        }
    }
    let Some(features) = context.features else { return guess_features(state) };
    let Some(place) = config.features.first().map(|(id, _)| id) else { return };
    for mount in features.mounts.iter().filter(|mount| !overridden(mount)) {
        bring(state, mount, place, "features", "a Feature");
    }
}

fn bring(state: &mut State<'_>, mount: &Mount, place: &Text, what: &str, who: &str) {
    let code = format!("{}-mounts", what.trim_end_matches('s'));
    keep_identity(state, mount);
    let source = mount.source.as_deref().unwrap_or_default();
    if !mount.is_plain() {
        let why =
            format!("{who} mounts `{}` with options that the CLI drops for Compose containers", mount.target);
        state.item(ItemKind::Lost, &code, place, what, why);
    } else if mount.kind == MountKind::Volume && needs_cli(source) {
        let why = format!("{who} mounts a volume on `{}`: {NEW_VOLUME}", mount.target);
        state.item(ItemKind::Note, &code, place, what, why);
    }
}

/// Of Features that nobody could be asked about, those that are known to bring a volume.
fn guess_features(state: &mut State<'_>) {
    /// Of the published ones.
    const WITH_VOLUME: [&str; 2] = ["/docker-in-docker", "/kubectl-helm-minikube"];
    for (id, _) in &state.config.features {
        let name = id.value.split([':', '@']).next().unwrap_or_default();
        if WITH_VOLUME.iter().any(|known| name.ends_with(known)) {
            let why = "its volume gets the project's name in front, so it starts empty";
            state.item(ItemKind::Note, "features", id, id.value.as_str(), why);
        }
    }
}

fn verdict(mount: &Mount) -> Verdict {
    let source = mount.source.as_deref().unwrap_or_default();
    if !mount.is_plain() {
        return Verdict::Move("the CLI drops its options for Compose containers");
    }
    if mount.kind == MountKind::Volume && source.is_empty() {
        return Verdict::Move("an anonymous volume is written as one");
    }
    if is_unsafe(source) || is_unsafe(&mount.target) {
        return Verdict::Move("the CLI does not quote it for Compose");
    }
    match mount.kind {
        MountKind::Bind if source.starts_with('.') => {
            Verdict::Move("a relative path means another folder in a Compose file")
        }
        MountKind::Bind => Verdict::Stay(STAYS),
        _ if needs_cli(source) => Verdict::Stay(NEW_VOLUME),
        _ if !is_static(source) => {
            Verdict::Move("its name has a variable, and Compose would put the project's name first")
        }
        _ if !mount.typed => Verdict::AddType,
        _ => Verdict::Stay(STAYS),
    }
}

/// Variables that only the CLI can fill in.
pub(super) fn needs_cli(value: &str) -> bool {
    pieces(value).iter().any(|piece| {
        matches!(
            piece,
            Piece::Variable(
                Variable::DevcontainerId
                    | Variable::LocalWorkspaceFolderBasename
                    | Variable::LocalWorkspaceFolder
                    | Variable::ContainerEnv { .. }
            )
        )
    })
}

/// The CLI writes `- source:target` without quotes and without doubling `$`, after replacing the
/// variables, and splits the string at every `=`.
fn is_unsafe(value: &str) -> bool {
    let mut text = value;
    if paths::has_drive(value) {
        text = &value[2..];
    }
    text.starts_with(['!', '&', '*', '|', '>', '%', '@', '`', '{', '[', '"', '\'', '?'])
        || pieces(text).iter().any(|piece| match piece {
            Piece::Literal(text) => text.contains(['$', '#', ':', '=', '"', '\n', ',']),
            Piece::Variable(_) => false,
        })
}

/// A named volume keeps its name instead of getting the project's before it.
fn keep_identity(state: &mut State<'_>, mount: &Mount) {
    if let (MountKind::Volume, Some(source)) = (&mount.kind, &mount.source)
        && volume::is_volume_name(source)
        && state.top_level.volumes.get(source).is_none()
    {
        state.top_level.volumes.entry(source).set("name", source.as_str());
    }
}

fn add_type(state: &mut State<'_>, index: usize, mount: &Located<Mount>) {
    let Some(string) = &mount.value.string else {
        let why = "the type is missing; docker would refuse it";
        state.item(ItemKind::Note, "mounts", mount, what(mount), why);
        return;
    };
    keep_identity(state, &mount.value);
    state.edits.mounts_set.push((index, Json::from(format!("{string},type=volume"))));
    let why = "stays, with `type=volume` written out: Compose configurations fail without it";
    state.item(ItemKind::Moved, "mounts", mount, what(mount), why);
}

fn move_mount(state: &mut State<'_>, index: usize, mount: &Located<Mount>, why: &str) {
    match volume::long(state, &mount.value) {
        Ok(entry) => {
            state.service.push("volumes", entry.yaml);
            state.edits.mounts_remove.push(index);
            let name = if entry.fixed_basename { ", with the folder's name written in" } else { "" };
            let why = format!("`volumes`{name}: {why}");
            state.item(ItemKind::Moved, "mounts", mount, what(mount), why);
        }
        Err(error) => {
            let why = format!("{error}, and in devcontainer.json {why}");
            state.item(ItemKind::Lost, "mounts", mount, what(mount), why);
        }
    }
}

fn what(mount: &Located<Mount>) -> String {
    if let Some(string) = &mount.value.string {
        return string.clone();
    }
    let kind = match mount.value.kind {
        MountKind::Bind => "bind",
        MountKind::Volume => "volume",
        MountKind::Tmpfs => "tmpfs",
        MountKind::Other(_) => "other",
    };
    let source = mount.value.source.as_deref().unwrap_or("anonymous");
    format!("{kind} {source} on {}", mount.value.target)
}
