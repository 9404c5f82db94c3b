//! `mounts`: what the CLI writes faithfully for Compose stays, the rest moves.

use serde_json::Value as Json;

use crate::devcontainer::variable::{Piece, Variable, is_static, pieces};
use crate::devcontainer::{Located, Mount, MountKind};

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

/// Mounts that the image's label brings: the CLI writes them last, so our file cannot correct them.
pub(super) fn convert_label(state: &mut State<'_>) {
    let (Some(label), Some(image)) = (state.context.image, &state.config.image) else { return };
    for mount in &label.mounts {
        keep_identity(state, mount);
        if !mount.is_plain() {
            let why = format!(
                "the image's label mounts `{}` with options that the CLI drops for Compose containers",
                mount.target
            );
            state.item(ItemKind::Lost, "image-mounts", image, "image", why);
        }
    }
}

/// Volumes of Features have names that only the CLI can compute.
pub(super) fn note_features(state: &mut State<'_>) {
    /// Of the published ones, those that bring a volume.
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
