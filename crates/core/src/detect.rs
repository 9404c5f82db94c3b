//! Ecosystems, agents and editors, from what lies in the workspace.
//!
//! Only names are looked at, never contents other than the configurations', so detection costs
//! nothing and a file cannot talk its way into the policy.

use drawbridge_jsonc::{Node, parse};
use serde::Serialize;

use crate::project::{Entry, RelPath, Snapshot, is_config};

/// What was detected, each with the path that gave it away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Detected {
    /// Package ecosystems; `id` is the catalogue bundle.
    pub ecosystems: Vec<Found>,
    /// Coding agents; `id` is the catalogue bundle.
    pub agents: Vec<Found>,
    /// Editors; `id` is the catalogue bundle.
    pub ides: Vec<Found>,
}

/// One thing that was detected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The catalogue bundle.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The file that gave it away.
    pub because: RelPath,
}

/// How something is recognised.
struct Sign {
    id: &'static str,
    name: &'static str,
    /// Names in the workspace folder; `*.ext` for any file of that sort.
    files: &'static [&'static str],
    /// Words in `image`, the keys of `features` and extension identifiers, between `/ - : . _ @`.
    words: &'static [&'static str],
}

const fn sign(
    id: &'static str,
    name: &'static str,
    files: &'static [&'static str],
    words: &'static [&'static str],
) -> Sign {
    Sign { id, name, files, words }
}

const ECOSYSTEMS: [Sign; 16] = [
    sign("maven", "Maven", &["pom.xml", "mvnw", ".mvn"], &["maven", "java", "openjdk", "temurin"]),
    sign(
        "gradle",
        "Gradle",
        &["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts", "gradlew"],
        &["gradle"],
    ),
    sign(
        "npm",
        "npm",
        &["package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"],
        &["node", "javascript", "typescript", "bun"],
    ),
    sign(
        "pypi",
        "Python",
        &["pyproject.toml", "requirements.txt", "setup.py", "setup.cfg", "Pipfile", "poetry.lock", "uv.lock"],
        &["python", "python3"],
    ),
    sign("yarn", "Yarn", &["yarn.lock", ".yarnrc.yml", ".yarnrc"], &[]),
    sign("playwright", "Playwright", &["playwright.config.ts", "playwright.config.js"], &["playwright"]),
    sign("conda", "conda", &["environment.yml", "environment.yaml"], &["conda", "miniconda", "anaconda"]),
    sign("cargo", "Cargo", &["Cargo.toml", "Cargo.lock"], &["rust"]),
    sign("rustup", "rustup", &["rust-toolchain.toml", "rust-toolchain"], &["rust"]),
    sign("go", "Go", &["go.mod", "go.work"], &["go", "golang"]),
    sign("rubygems", "RubyGems", &["Gemfile", "*.gemspec"], &["ruby"]),
    sign(
        "nuget",
        "NuGet",
        &["*.csproj", "*.fsproj", "*.sln", "*.slnx", "global.json", "Directory.Build.props"],
        &["dotnet", "dotnetcore"],
    ),
    sign("composer", "Composer", &["composer.json", "composer.lock"], &["php"]),
    sign("hex", "Hex", &["mix.exs", "rebar.config"], &["elixir"]),
    sign("pub", "Dart", &["pubspec.yaml"], &["dart", "flutter"]),
    sign("terraform", "Terraform", &["*.tf"], &["terraform"]),
];

const AGENTS: [Sign; 9] = [
    sign("claude-code", "Claude Code", &["CLAUDE.md", ".claude"], &["claude"]),
    sign("codex", "Codex", &[".codex"], &["codex", "chatgpt"]),
    sign("copilot", "GitHub Copilot", &[], &["copilot"]),
    sign("gemini", "Gemini CLI", &["GEMINI.md", ".gemini"], &["gemini"]),
    sign("cursor", "Cursor", &[".cursor", ".cursorrules"], &["cursor"]),
    sign("jetbrains-ai", "Junie", &[".junie"], &["junie"]),
    sign("opencode", "OpenCode", &["opencode.json", "opencode.jsonc", ".opencode"], &["opencode"]),
    sign("amp", "Amp", &[".amp"], &["amp"]),
    sign("aider", "Aider", &[".aider.conf.yml"], &["aider"]),
];

const IDES: [Sign; 2] =
    [sign("vscode", "VS Code", &[".vscode"], &[]), sign("jetbrains", "JetBrains", &[".idea"], &[])];

/// Detects from the listing of the workspace and its configurations.
pub fn detect(snapshot: &Snapshot) -> Detected {
    let words = config_words(snapshot);
    let find = |signs: &[Sign]| -> Vec<Found> {
        signs.iter().filter_map(|sign| Some(sign.found(because(snapshot, &words, sign)?))).collect()
    };
    let mut detected = Detected { ecosystems: find(&ECOSYSTEMS), agents: find(&AGENTS), ides: find(&IDES) };
    for sign in &IDES {
        let known = detected.ides.iter().any(|found| found.id == sign.id);
        if let Some((path, _)) = words.iter().find(|(_, word)| !known && *word == customization(sign.id)) {
            detected.ides.push(sign.found(path.clone()));
        }
    }
    detected
}

impl Sign {
    fn found(&self, because: RelPath) -> Found {
        Found { id: self.id.to_owned(), name: self.name.to_owned(), because }
    }
}

fn customization(ide: &str) -> String {
    format!("customizations/{ide}")
}

fn because(snapshot: &Snapshot, words: &[(RelPath, String)], sign: &Sign) -> Option<RelPath> {
    if let Some(Entry::Dir(names)) = snapshot.get(&RelPath::root()) {
        for file in sign.files {
            let mut matching: Vec<&String> = match file.strip_prefix('*') {
                Some(ending) => names.iter().filter(|name| name.ends_with(ending)).collect(),
                None => names.iter().filter(|name| name == file).collect(),
            };
            matching.sort();
            if let Some(path) = matching.first().and_then(|name| RelPath::new(name)) {
                return Some(path);
            }
        }
    }
    if sign.id == "copilot"
        && let Some(Entry::Dir(names)) = RelPath::new(".github").and_then(|path| snapshot.get(&path))
        && names.iter().any(|name| name == "copilot-instructions.md")
    {
        return RelPath::new(".github/copilot-instructions.md");
    }
    let known = |word: &str| sign.words.contains(&word);
    words.iter().find(|(_, word)| known(word)).map(|(path, _)| path.clone())
}

/// Words of every configuration that name tools, with the file that they are in.
fn config_words(snapshot: &Snapshot) -> Vec<(RelPath, String)> {
    let mut words = Vec::new();
    for (path, entry) in snapshot.files.iter().filter(|(path, _)| is_config(path)) {
        let Some(root) = entry.text().and_then(|text| parse(text).root) else {
            continue;
        };
        let mut texts: Vec<&str> = root.get("image").and_then(Node::as_str).into_iter().collect();
        let features = root.get("features").map(Node::members).unwrap_or_default();
        texts.extend(features.iter().map(|member| member.key.as_str()));
        let customizations = root.get("customizations");
        let editors = customizations.map(Node::members).unwrap_or_default();
        words.extend(editors.iter().map(|member| (path.clone(), customization(&member.key))));
        let vscode = customizations.and_then(|node| node.get("vscode")?.get("extensions"));
        for list in [vscode, root.get("extensions")].into_iter().flatten() {
            texts.extend(list.as_array().unwrap_or_default().iter().filter_map(Node::as_str));
        }
        for text in texts.into_iter().take(1000) {
            let parts = text.split(['/', '-', ':', '.', '_', '@']);
            words.extend(parts.map(|word| (path.clone(), word.to_ascii_lowercase())));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[&str], config: &str) -> String {
        let mut snapshot = Snapshot::default();
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        snapshot.files.insert(RelPath::root(), Entry::Dir(names));
        let path = RelPath::new(".devcontainer/devcontainer.json").expect("a path");
        snapshot.files.insert(path, Entry::Text(config.to_owned()));
        let found = detect(&snapshot);
        let line = |list: &[Found]| {
            list.iter().map(|f| format!("{} ({})", f.id, f.because)).collect::<Vec<_>>().join(", ")
        };
        [line(&found.ecosystems), line(&found.agents), line(&found.ides)].join(" | ")
    }

    #[test]
    fn reads_names_and_configurations() {
        insta::assert_snapshot!(
            check(&["pom.xml", "CLAUDE.md", ".idea", "App.csproj"], "{}"),
            @"maven (pom.xml), nuget (App.csproj) | claude-code (CLAUDE.md) | jetbrains (.idea)"
        );
        insta::assert_snapshot!(
            check(&[], r#"{
                "image": "mcr.example/devcontainers/typescript-node:20",
                "features": {"ghcr.io/devcontainers/features/rust:1": {}},
                "customizations": {"vscode": {"extensions": ["GitHub.copilot", "x.pythonic"]}}
            }"#),
            @"npm (.devcontainer/devcontainer.json), cargo (.devcontainer/devcontainer.json), rustup (.devcontainer/devcontainer.json) | copilot (.devcontainer/devcontainer.json) | vscode (.devcontainer/devcontainer.json)"
        );
        assert_eq!(check(&[], "[[["), " |  | ");
    }
}
