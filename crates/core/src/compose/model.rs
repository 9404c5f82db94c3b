//! The services of a project, from all its files.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::node::{Node, Place, YamlError, parse};
use super::service::{Context, Service};
use super::{Located, node::Value};
use crate::project::{Entry, RelPath, Snapshot};

const MAX_FILES: usize = 64;
const MAX_EXTENDS: usize = 16;
const MAX_SHARES: usize = 16;

/// What a set of Compose files says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Model {
    /// Services by name.
    pub services: BTreeMap<String, Service>,
    /// Top-level `name`, the last one.
    pub name: Option<String>,
    /// Top-level networks that exist outside of the project.
    pub external_networks: BTreeSet<String>,
    /// Every file that was read, included and extended ones too.
    pub files: BTreeSet<RelPath>,
}

/// Why the files could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ComposeError {
    /// What is wrong.
    pub message: String,
    /// The file at fault.
    pub file: RelPath,
    /// Where in it.
    pub place: Option<Place>,
    /// A next step.
    pub hint: Option<&'static str>,
}

impl Model {
    /// Every service that starts with `services`, themselves included.
    pub fn closure<'m>(&'m self, services: impl IntoIterator<Item = &'m str>) -> BTreeSet<&'m str> {
        let mut open: Vec<&str> = services.into_iter().collect();
        let mut closed = BTreeSet::new();
        while let Some(name) = open.pop() {
            if let Some(service) = self.services.get(name)
                && closed.insert(name)
            {
                open.extend(service.needs.iter().map(String::as_str));
                open.extend(service.shares());
            }
        }
        closed
    }

    /// The service that owns the network namespace that `service` uses; one that shares another's
    /// when they go in a circle, or through more services than anybody chains.
    pub fn netns(&self, service: &str) -> String {
        let mut owner = service;
        for _ in 0..MAX_SHARES {
            match self.services.get(owner).and_then(Service::shares) {
                Some(next) => owner = next,
                None => break,
            }
        }
        owner.to_owned()
    }
}

/// Reads the files in order, as Compose merges them.
///
/// # Errors
///
/// A file that is missing, is a symbolic link, or is not a Compose file.
pub fn load(snapshot: &Snapshot, files: &[RelPath]) -> Result<Model, ComposeError> {
    let mut loader = Loader { snapshot, model: Model::default(), trees: BTreeMap::new() };
    let base = files.first().map(RelPath::parent).unwrap_or_default();
    for file in files {
        loader.file(file, &base, false)?;
    }
    Ok(loader.model)
}

/// Files that the given ones extend or include, as far as they were read; for [`crate::project::wanted`].
pub fn references(snapshot: &Snapshot, files: &[RelPath]) -> BTreeSet<RelPath> {
    let base = files.first().map(RelPath::parent).unwrap_or_default();
    let mut open: Vec<(RelPath, RelPath)> = files.iter().map(|file| (file.clone(), base.clone())).collect();
    let mut seen = BTreeSet::new();
    while let Some((file, base)) = open.pop() {
        if seen.len() >= MAX_FILES || !seen.insert(file.clone()) {
            continue;
        }
        for root in snapshot.text(&file).and_then(|text| parse(text).ok()).unwrap_or_default() {
            let extended = root.get("services").map(Node::members).unwrap_or_default();
            let extended = extended.iter().filter_map(|(_, node)| extends(node)?.0);
            open.extend(extended.filter_map(|path| base.join(path)).map(|f| (f.clone(), f.parent())));
            let included = includes(&root).into_iter().filter_map(|(path, _)| base.join(path));
            open.extend(included.map(|file| (file.clone(), file.parent())));
        }
    }
    seen
}

struct Loader<'a> {
    snapshot: &'a Snapshot,
    model: Model,
    trees: BTreeMap<RelPath, Rc<[Node]>>,
}

impl Loader<'_> {
    fn file(&mut self, file: &RelPath, base: &RelPath, included: bool) -> Result<(), ComposeError> {
        if self.model.files.len() >= MAX_FILES {
            return Err(fault(file, None, "more than 64 Compose files"));
        }
        for root in self.tree(file)?.iter() {
            self.document(root, file, base, included)?;
        }
        Ok(())
    }

    fn document(
        &mut self,
        root: &Node,
        file: &RelPath,
        base: &RelPath,
        included: bool,
    ) -> Result<(), ComposeError> {
        for (path, place) in includes(root) {
            let path = base
                .join(path)
                .ok_or_else(|| fault(file, Some(place), format!("`{path}` lies outside the workspace")))?;
            if !self.model.files.contains(&path) {
                self.file(&path, &path.parent(), true)?;
            }
        }
        if let Some(name) = root.get("name").and_then(Node::as_str).filter(|_| !included) {
            self.model.name = Some(name.to_owned());
        }
        for (key, network) in root.get("networks").map(Node::members).unwrap_or_default() {
            let external = network.get("external").is_some_and(|node| node.as_bool() != Some(false));
            if external {
                self.model.external_networks.insert(key.text.clone());
            }
        }
        for (key, node) in root.get("services").map(Node::members).unwrap_or_default() {
            if !matches!(node.value, Value::Map(_)) && !node.is_null() {
                let message = format!("service `{}` is not a mapping", key.text);
                return Err(fault(file, Some(node.place), message));
            }
            let mut service = self.model.services.remove(&key.text).unwrap_or_else(|| Service {
                included,
                at: Located { value: (), file: file.clone(), place: key.place },
                ..Service::default()
            });
            self.service(&mut service, node, Context { file, base }, MAX_EXTENDS)?;
            self.model.services.insert(key.text.clone(), service);
        }
        Ok(())
    }

    /// Absorbs what the service extends, then itself.
    fn service(
        &mut self,
        service: &mut Service,
        node: &Node,
        cx: Context<'_>,
        depth: usize,
    ) -> Result<(), ComposeError> {
        if let Some((path, name)) = extends(node) {
            if depth == 0 {
                return Err(fault(cx.file, Some(node.place), "`extends` goes in a circle"));
            }
            let other = match path {
                Some(path) => cx.base.join(path).ok_or_else(|| {
                    fault(cx.file, Some(node.place), format!("`{path}` lies outside the workspace"))
                })?,
                None => cx.file.clone(),
            };
            let parent = other.parent();
            let base = if path.is_some() { &parent } else { cx.base };
            let trees = self.tree(&other)?;
            let extended = trees.iter().find_map(|root| root.get("services")?.get(name));
            let extended = extended.ok_or_else(|| {
                fault(cx.file, Some(node.place), format!("no service `{name}` in `{other}`"))
            })?;
            self.service(service, extended, Context { file: &other, base }, depth - 1)?;
        }
        service.absorb(node, cx);
        Ok(())
    }

    fn tree(&mut self, file: &RelPath) -> Result<Rc<[Node]>, ComposeError> {
        if let Some(tree) = self.trees.get(file) {
            return Ok(Rc::clone(tree));
        }
        let text = match self.snapshot.get(file) {
            Some(Entry::Text(text)) => text,
            Some(Entry::Symlink) => {
                return Err(ComposeError {
                    hint: Some("put the file itself there; links are not followed"),
                    ..fault(file, None, "the Compose file is a symbolic link")
                });
            }
            Some(Entry::Unreadable(why)) => return Err(fault(file, None, why.clone())),
            Some(Entry::Present(why)) => return Err(fault(file, None, why.to_string())),
            Some(Entry::Dir(_)) => return Err(fault(file, None, "this is a folder")),
            Some(Entry::Missing) | None => {
                return Err(fault(file, None, "the Compose file does not exist"));
            }
        };
        let tree = parse(text).map_err(|YamlError { message, place }| fault(file, Some(place), message))?;
        for root in &tree {
            if !matches!(root.value, Value::Map(_)) && !root.is_null() {
                return Err(fault(file, Some(root.place), "a Compose file is a mapping"));
            }
        }
        self.model.files.insert(file.clone());
        let tree: Rc<[Node]> = tree.into();
        self.trees.insert(file.clone(), Rc::clone(&tree));
        Ok(tree)
    }
}

fn fault(file: &RelPath, place: Option<Place>, message: impl Into<String>) -> ComposeError {
    ComposeError { message: message.into(), file: file.clone(), place, hint: None }
}

/// The file, if it is another one, and the service.
fn extends(node: &Node) -> Option<(Option<&str>, &str)> {
    let extends = node.get("extends")?;
    match extends.as_str() {
        Some(name) => Some((None, name)),
        None => {
            Some((extends.get("file").and_then(Node::as_str), extends.get("service").and_then(Node::as_str)?))
        }
    }
}

fn includes(root: &Node) -> Vec<(&str, Place)> {
    let mut found = Vec::new();
    for item in root.get("include").map(Node::items).unwrap_or_default() {
        let paths = match item.get("path") {
            Some(path) if path.as_str().is_some() => std::slice::from_ref(path),
            Some(path) => path.items(),
            None => std::slice::from_ref(item),
        };
        found.extend(paths.iter().filter_map(|path| Some((path.as_str()?, path.place))));
    }
    found
}
