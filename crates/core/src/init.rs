//! `init`: a small devcontainer.json for a repository that has none, ready to be protected.

use crate::detect::{Detected, Found};
use crate::project::{RelPath, Snapshot, discover};
use crate::protect::{Change, Refusal};

/// An image for a project, by what it builds with.
struct Base {
    id: &'static str,
    image: &'static str,
    /// What people look for first.
    about: &'static str,
}

/// In the order of preference when a project has several: the first is the image, the others are
/// named in a comment.
const BASES: [Base; 10] = [
    Base { id: "maven", image: "java:21", about: "JDK 21" },
    Base { id: "gradle", image: "java:21", about: "JDK 21" },
    Base { id: "nuget", image: "dotnet:9.0", about: ".NET SDK" },
    Base { id: "cargo", image: "rust:1", about: "Rust toolchain" },
    Base { id: "go", image: "go:1", about: "Go toolchain" },
    Base { id: "rubygems", image: "ruby:3", about: "Ruby" },
    Base { id: "composer", image: "php:8", about: "PHP and Composer" },
    Base { id: "pypi", image: "python:3", about: "Python" },
    Base { id: "npm", image: "typescript-node:22", about: "Node and TypeScript" },
    Base { id: "conda", image: "miniconda:3", about: "conda" },
];

const FALLBACK: Base = Base { id: "", image: "base:debian", about: "Debian with git and a shell" };

/// Plans the file. The host applies it together with the plan of `protect` for the result.
///
/// # Errors
///
/// A [`Refusal`] when there is a configuration already.
pub fn init(snapshot: &Snapshot) -> Result<Change, Refusal> {
    if let Some(found) = discover(snapshot).into_iter().next() {
        return Err(Refusal::at(&found.path, "there is a configuration already")
            .hint("`drawbridge protect` puts it behind the gate"));
    }
    let path = RelPath::new(".devcontainer/devcontainer.json").unwrap_or_default();
    let text = text(snapshot, &crate::detect::detect(snapshot));
    Ok(Change { path, before: None, after: Some(text) })
}

fn text(snapshot: &Snapshot, detected: &Detected) -> String {
    let known = |found: &&Found| BASES.iter().any(|base| base.id == found.id);
    let built: Vec<&Found> = detected.ecosystems.iter().filter(known).collect();
    let base = BASES.iter().find(|base| built.iter().any(|found| found.id == base.id)).unwrap_or(&FALLBACK);
    let because = match built.iter().find(|found| found.id == base.id) {
        Some(found) => format!("{}, because of {}", base.about, one_line(found.because.as_str())),
        None => base.about.to_owned(),
    };
    let others: Vec<&str> =
        built.iter().filter(|found| found.id != base.id).map(|found| found.name.as_str()).collect();
    let others = if others.is_empty() {
        "  // Tools beside it: \"features\", listed at containers.dev/features.\n".to_owned()
    } else {
        format!(
            "  // Also found: {}. Add them as \"features\", listed at containers.dev/features.\n",
            others.join(", ")
        )
    };
    let tools = build_tool(snapshot, base.id);
    let name = serde_json::Value::String(snapshot.facts.workspace_name.clone());
    format!(
        "// Made by `drawbridge init`. What each property means: containers.dev/implementors/json_reference\n\
         {{\n\
         \x20 \"name\": {name},\n\
         \n\
         \x20 // {because}\n\
         \x20 \"image\": \"mcr.microsoft.com/devcontainers/{}\",\n\
         \n\
         {others}\
         {tools}\
         \n\
         \x20 // Runs once in the new container, for example to install dependencies.\n\
         \x20 // \"postCreateCommand\": \"\"\n\
         }}\n",
        base.image
    )
}

/// A file name is hostile text: it must not end the comment that it stands in.
fn one_line(name: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    name.chars().take(80).map(|c| if breaks(c) { '?' } else { c }).collect()
}

/// The image has a JDK only; a wrapper in the repository brings the build tool itself.
fn build_tool(snapshot: &Snapshot, id: &str) -> String {
    let (wrapper, option) = match id {
        "maven" => ("mvnw", "installMaven"),
        "gradle" => ("gradlew", "installGradle"),
        _ => return String::new(),
    };
    if RelPath::new(wrapper).is_some_and(|path| snapshot.exists(&path)) {
        return String::new();
    }
    format!(
        "  \"features\": {{\n    \
         \"ghcr.io/devcontainers/features/java:1\": {{ \"version\": \"none\", \"{option}\": \"true\" }}\n  }},\n"
    )
}
