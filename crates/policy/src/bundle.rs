//! A `use` entry to rules.

use crate::Scheme;
use crate::catalogue::{Entry, Inspection, Surface};
use crate::document::{Access, Use};
use crate::grammar;
use crate::rule::Target;

const READING: [&str; 2] = ["GET", "HEAD"];

/// The rules that `usage` stands for.
pub(crate) fn expand(usage: &Use) -> Vec<Target> {
    let mut targets = Vec::new();
    for entry in usage.bundle.hosts.iter().filter(|entry| usage.phases.contains(&entry.phase)) {
        for scheme in &entry.schemes {
            for surface in surfaces(entry, usage) {
                targets.push(target(entry, (*scheme).into(), &surface));
            }
        }
    }
    targets
}

/// What of the entry is opened; an empty surface is everything.
fn surfaces(entry: &Entry, usage: &Use) -> Vec<Surface> {
    if !usage.repos.is_empty()
        && let Some(repo) = &entry.repo
    {
        let templates = match usage.access {
            Access::Read => &repo.read,
            Access::Write => &repo.write,
        };
        return templates.iter().map(|template| for_repos(template, &usage.repos)).collect();
    }
    // A host that breaks when it is looked into is opened as a whole or, for `:read`, not at all.
    if usage.read && entry.inspect == Inspection::Never && entry.surfaces.is_empty() {
        return Vec::new();
    }
    match (usage.read, entry.read.is_empty(), entry.surfaces.is_empty()) {
        (true, false, _) => entry.read.clone(),
        (true, true, true) => vec![reading(&Surface::default())],
        (true, true, false) => entry.surfaces.iter().map(reading).collect(),
        (false, _, true) => vec![Surface::default()],
        (false, _, false) => entry.surfaces.clone(),
    }
}

fn reading(surface: &Surface) -> Surface {
    Surface { methods: READING.map(str::to_owned).to_vec(), paths: surface.paths.clone() }
}

fn for_repos(template: &Surface, repos: &[String]) -> Surface {
    let paths = template
        .paths
        .iter()
        .flat_map(|path| repos.iter().map(move |repo| path.replace("{repo}", repo)))
        .collect();
    Surface { methods: template.methods.clone(), paths }
}

fn target(entry: &Entry, scheme: Scheme, surface: &Surface) -> Target {
    let methods = surface.methods.iter().map(String::as_str);
    let paths = surface.paths.iter().map(String::as_str);
    Target {
        pattern: entry.pattern(),
        scheme: Some(scheme),
        ports: scheme.default_port().map(|port| Box::from([port])),
        methods: (!surface.methods.is_empty())
            .then(|| grammar::methods(methods).expect("embedded methods are checked by a test")),
        paths: (!surface.paths.is_empty())
            .then(|| grammar::paths(paths).expect("embedded paths are checked by a test")),
        query: None,
        private: false,
    }
}
