//! The two shapes of a protected configuration: a service that we write, and a service of the user's
//! Compose files.

use std::collections::BTreeSet;

use drawbridge_jsonc::{Edit, Pointer};
use drawbridge_text::LineIndex;
use serde_json::json;

use super::{Item, Note, NoteKind, Refusal, risk};
use crate::brought::Brought;
use crate::compose::{self, Model, Source as VolumeSource};
use crate::convert::{self, Conversion, ItemKind};
use crate::devcontainer::merge::merge;
use crate::devcontainer::{Config, Kind};
use crate::ground::Mounted;
use crate::overlay::topology::{Findings, Topology, draw};
use crate::project::{Entry, HostFacts, Layout, RelPath, Snapshot, slug};

/// What the two kinds have in common from here on.
pub(crate) struct Shape {
    pub(crate) topology: Topology,
    pub(crate) converted: Option<Conversion>,
    /// Compose files of the user in order.
    pub(crate) files: Vec<RelPath>,
    /// Folder of the first Compose file.
    pub(crate) project_dir: RelPath,
    /// Edits of devcontainer.json.
    pub(crate) edits: Vec<Edit>,
    /// Compose files, included and extended ones too.
    pub(crate) used: BTreeSet<RelPath>,
    /// Dockerfiles that services are built from.
    pub(crate) dockerfiles: BTreeSet<RelPath>,
    /// Variables that the user set.
    pub(crate) taken: BTreeSet<String>,
    /// Mounts of the workspace or parts of it.
    pub(crate) mounted: Vec<Mounted>,
    /// `name:` of the user's Compose files.
    pub(crate) declared: Option<String>,
}

/// What a shape is made from.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) facts: &'a HostFacts,
    pub(crate) config: &'a Config<'a>,
    pub(crate) path: &'a RelPath,
    /// The text that `config` was read from.
    pub(crate) text: &'a str,
    pub(crate) layout: &'a Layout,
}

/// Shapes the configuration.
pub(crate) fn shape(input: Input<'_>, findings: &mut Findings) -> Result<Shape, Refusal> {
    findings.items.extend(risk::of_config(input.config, input.path, input.text));
    if let Some(brought) = &input.facts.brought {
        findings.items.extend(risk::of_brought(input.config, brought, input.path, input.text));
        findings.notes.extend(unknown(input.config, brought));
    }
    let mut shape = match input.config.kind {
        Kind::Image | Kind::Dockerfile => converted(input, findings)?,
        Kind::Compose => patched(input, findings)?,
        Kind::None => {
            return Err(Refusal::at(input.path, "neither image, build nor dockerComposeFile")
                .hint("say what the container is made from, for example with `\"image\"`"));
        }
    };
    let config = input.config;
    shape.taken.extend(config.container_env.iter().map(|(name, _)| name.clone()));
    shape.taken.extend(config.remote_env.iter().map(|(name, _)| name.clone()));
    Ok(shape)
}

/// What could not be asked, where it may matter.
fn unknown(config: &Config<'_>, brought: &Brought) -> Vec<Note> {
    let warn = |what: &str, why: &str| Note {
        kind: NoteKind::Warning,
        what: what.to_owned(),
        why: format!(
            "{why}, so settings that it may bring were not looked at: `drawbridge protect` again after the first start"
        ),
    };
    let image = (brought.image.is_none() && config.kind != Kind::None)
        .then(|| warn("base image", "is not on this machine yet or a variable decides it"));
    let features = (brought.features.is_none() && !config.features.is_empty()).then(|| {
        warn("features", "the Dev Containers CLI, which reads them, is not installed or found none")
    });
    image.into_iter().chain(features).collect()
}

fn converted(input: Input<'_>, findings: &mut Findings) -> Result<Shape, Refusal> {
    refuse_missing_dockerfile(input)?;
    let service = input.layout.named("dev");
    let brought = input.facts.brought.as_ref();
    let image = brought.and_then(|brought| brought.image.as_deref()).map(merge);
    let features = brought.and_then(|brought| brought.features.as_deref()).map(merge);
    let context = convert::Context {
        service: &service,
        config: input.path,
        compose: &input.layout.overlay,
        facts: input.facts,
        image: image.as_ref(),
        features: features.as_ref(),
    };
    let Some(mut conversion) = convert::to_service(input.config, &context) else {
        return Err(Refusal::at(input.path, "this kind of configuration cannot be converted"));
    };
    let index = LineIndex::new(input.text);
    for item in &conversion.items {
        let kind = match item.kind {
            ItemKind::Lost => {
                let place = index.line_col(item.span.start);
                findings.items.push(Item {
                    code: item.code.clone(),
                    what: item.what.clone(),
                    why: item.why.clone(),
                    file: Some(input.path.clone()),
                    line: Some(place.line),
                    column: Some(place.column),
                });
                continue;
            }
            ItemKind::Kept | ItemKind::Note => NoteKind::Kept,
            ItemKind::Moved => NoteKind::Moved,
            ItemKind::Warning => NoteKind::Warning,
        };
        let (what, why) = (item.what.clone(), item.why.clone());
        findings.notes.push(Note { kind, what, why });
    }
    let ports = conversion.published.iter().map(|port| port.value.clone());
    let topology = Topology::alone(&service, ports);
    let taken = conversion.service.get("environment").map(crate::yaml::Yaml::members);
    let taken = taken.unwrap_or_default().iter().map(|(name, _)| name.clone()).collect();
    let bound = conversion.workspace.bound.as_ref().filter(|bound| !bound.read_only);
    let mounted = bound.and_then(|bound| {
        Some(Mounted {
            part: bound.part.clone(),
            target: conversion.workspace.in_container(&bound.part)?,
            below: bound.down.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        })
    });
    let project_dir = input.layout.overlay.parent();
    let edits = std::mem::take(&mut conversion.edits);
    Ok(Shape {
        topology,
        converted: Some(conversion),
        files: Vec::new(),
        project_dir,
        edits,
        used: BTreeSet::new(),
        dockerfiles: BTreeSet::new(),
        taken,
        mounted: mounted.into_iter().collect(),
        declared: None,
    })
}

/// A path with a variable, or outside of the workspace, was not looked at and is not judged.
fn refuse_missing_dockerfile(input: Input<'_>) -> Result<(), Refusal> {
    let Some(named) = &input.config.build.dockerfile else {
        return Ok(());
    };
    match input.path.parent().join(&named.value) {
        Some(path) if input.snapshot.get(&path) == Some(&Entry::Missing) => {
            Err(Refusal::at(input.path, format!("the Dockerfile `{path}` does not exist"))
                .span(input.text, named.span)
                .hint("correct the path; it is relative to the folder of devcontainer.json"))
        }
        _ => Ok(()),
    }
}

fn patched(input: Input<'_>, findings: &mut Findings) -> Result<Shape, Refusal> {
    let files = compose_files(input)?;
    let model = compose::load(input.snapshot, &files)?;
    let dev = service_name(input, &model)?;
    let taken_names = [input.layout.named("drawbridge")];
    if let Some(service) = taken_names.iter().find_map(|name| model.services.get(name)) {
        let message = format!("a service is called `{}` already", taken_names[0]);
        return Err(Refusal {
            line: Some(service.at.place.line),
            column: Some(service.at.place.column),
            ..Refusal::at(&service.at.file, message)
        }
        .hint("rename it: the sidecar needs that name"));
    }
    let topology = draw(&model, &dev, findings)?;
    risk::of_services(&model, &topology, findings);
    let project_dir = files.first().map(RelPath::parent).unwrap_or_default();
    let service = &model.services[&dev];
    let built = model.services.values().filter_map(|service| service.build.as_ref()?.dockerfile.clone());
    Ok(Shape {
        edits: vec![append(input, &input.layout.entry(input.path))],
        mounted: mounted(input, service, &project_dir, findings),
        taken: service.environment.keys().cloned().collect(),
        declared: model.name.clone(),
        topology,
        converted: None,
        files,
        project_dir,
        used: model.files.clone(),
        dockerfiles: built.collect(),
    })
}

fn compose_files(input: Input<'_>) -> Result<Vec<RelPath>, Refusal> {
    let written = input.config.compose_files.as_deref().unwrap_or_default();
    if written.is_empty() {
        return Err(Refusal::at(input.path, "`dockerComposeFile` names no file")
            .span(input.text, input.config.span("dockerComposeFile").unwrap_or_default())
            .hint("write the files' names, for example `\"docker-compose.yml\"`"));
    }
    let resolve = |text: &crate::devcontainer::Text| {
        if text.value.contains("${") {
            return Err(Refusal::at(input.path, format!("`{}` depends on the machine", text.value))
                .span(input.text, text.span)
                .hint("write the path without a variable"));
        }
        input.path.parent().join(&text.value).ok_or_else(|| {
            Refusal::at(input.path, format!("`{}` lies outside the workspace", text.value))
                .span(input.text, text.span)
                .hint("open the folder that holds both, or copy the file into the workspace")
        })
    };
    written.iter().map(resolve).collect()
}

fn service_name(input: Input<'_>, model: &Model) -> Result<String, Refusal> {
    let Some(service) = &input.config.service else {
        return Err(Refusal::at(input.path, "`service` is missing"));
    };
    if model.services.contains_key(&service.value) {
        return Ok(service.value.clone());
    }
    let known: Vec<String> = model.services.keys().take(20).map(|name| format!("`{name}`")).collect();
    Err(Refusal::at(input.path, format!("no Compose file has a service `{}`", service.value))
        .span(input.text, service.span)
        .hint(format!("services are {}", known.join(", "))))
}

/// Our file comes last, so that it has the last word.
fn append(input: Input<'_>, entry: &str) -> Edit {
    let at = Pointer::root().key("dockerComposeFile");
    match input.config.root.get("dockerComposeFile").and_then(|node| node.as_str()) {
        Some(file) => Edit::Set { at, value: json!([file, entry]) },
        None => Edit::Append { at, value: json!(entry) },
    }
}

/// Where the workspace, or a part of it, is mounted writable.
fn mounted(
    input: Input<'_>,
    service: &compose::Service,
    project_dir: &RelPath,
    findings: &mut Findings,
) -> Vec<Mounted> {
    let mut mounted = Vec::new();
    for volume in service.volumes.iter().map(|at| &at.value).filter(|volume| !volume.read_only) {
        let VolumeSource::Bind { text, path } = &volume.source else {
            continue;
        };
        let target = volume.target.trim_end_matches('/');
        if let Some(path) = path {
            mounted.push(Mounted { part: path.clone(), target: target.to_owned(), below: Vec::new() });
        } else if is_parent(text, project_dir) {
            let name = &input.facts.workspace_name;
            if name.is_empty() || name.contains(['$', '{', '}', ':']) {
                continue;
            }
            let folder = crate::overlay::with_default(&input.layout.variable("WORKSPACE"), name);
            mounted.push(Mounted {
                part: RelPath::root(),
                target: format!("{target}/{folder}"),
                below: vec![name.clone()],
            });
            findings.warn(
                format!("volumes: {text}"),
                format!(
                    "mounts the folder above the workspace, so every repository beside it is in the \
                     container; `{}:{target}/{name}` mounts this one only",
                    RelPath::root().from_dir(project_dir)
                ),
            );
        } else if text.contains('$') {
            findings.warn(
                format!("volumes: {text}"),
                "a variable decides what this is; if it is the workspace, nothing in it is bound \
                 read-only",
            );
        }
    }
    for mount in &input.config.mounts {
        let Some(rest) =
            mount.value.source.as_deref().and_then(|s| s.strip_prefix("${localWorkspaceFolder}"))
        else {
            continue;
        };
        if let Some(path) = RelPath::new(rest.trim_start_matches('/'))
            && !mount.value.target.contains("${")
        {
            let target = mount.value.target.trim_end_matches('/').to_owned();
            mounted.push(Mounted { part: path, target, below: Vec::new() });
        }
    }
    mounted
}

/// Whether a bind source is the folder above the workspace.
fn is_parent(text: &str, project_dir: &RelPath) -> bool {
    let levels = project_dir.parts().count() + 1;
    let parts: Vec<&str> = text.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    !text.starts_with('/') && parts.len() == levels && parts.iter().all(|part| *part == "..")
}

/// The project's name as the official CLI derives it (`reference/devcontainer.md` §4).
pub(crate) fn project_name(input: Input<'_>, shape: &Shape) -> String {
    let workspace = &input.facts.workspace_name;
    if shape.converted.is_some() {
        let parts = input.layout.overlay.parent().join("..").unwrap_or_default();
        let mut names: Vec<&str> = vec![workspace];
        names.extend(parts.parts());
        names.push("devcontainer");
        names.extend(input.layout.name.as_deref());
        return normal(&names.join("_"));
    }
    let from_env = RelPath::new(".env").and_then(|path| {
        let text = input.snapshot.text(&path)?;
        let value = text.lines().rev().find_map(|line| line.trim().strip_prefix("COMPOSE_PROJECT_NAME="))?;
        Some(value.trim().trim_matches(['"', '\'']).to_owned())
    });
    if let Some(name) = from_env.or_else(|| shape.declared.clone()).filter(|name| !name.contains('$')) {
        return normal(&name);
    }
    // The user's Compose files know nothing of the name that the repository was protected under.
    let opened = &input.snapshot.facts.workspace_name;
    match shape.project_dir.as_str() {
        ".devcontainer" => normal(&format!("{opened}_devcontainer")),
        "" => normal(opened),
        _ => normal(shape.project_dir.name().unwrap_or_default()),
    }
}

/// Compose's own normalisation: lower case, and only letters, digits, `-` and `_`.
fn normal(name: &str) -> String {
    let kept: String = name
        .to_lowercase()
        .chars()
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
        .collect();
    let kept = kept.trim_start_matches(['-', '_']);
    if kept.is_empty() { slug(name) } else { kept.to_owned() }
}
