//! What the compiler cannot check: the dependency table of `docs/architecture.md`, file sizes, and
//! texts that must never be committed.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context, bail, ensure};

/// Longest source file that needs no reason.
const MAX_LINES: usize = 450;

/// Names that may not be written out anywhere, as label lists from the top-level domain down.
const REGISTRY_HOSTS: &[&[&str]] = &[
    &["org", "npmjs", "registry"],
    &["org", "pypi"],
    &["org", "pythonhosted", "files"],
    &["io", "crates", "index"],
    &["io", "crates", "static"],
    &["org", "debian", "deb"],
    &["org", "maven", "repo1"],
    &["org", "apache", "maven", "repo"],
    &["org", "golang", "proxy"],
    &["org", "golang", "sum"],
];

/// Runs every check and fails with all complaints at once.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut complaints = Vec::new();
    dependency_table(&mut complaints)?;
    sources(&mut complaints)?;
    crate::generate::stale(&mut complaints)?;
    for complaint in &complaints {
        println!("{complaint}");
    }
    ensure!(complaints.is_empty(), "{} complaints", complaints.len());
    println!("tidy: nothing to complain about");
    Ok(())
}

fn dependency_table(complaints: &mut Vec<String>) -> anyhow::Result<()> {
    let document = std::fs::read_to_string("docs/architecture.md")?;
    let allowed = allowed_imports(&document);
    ensure!(!allowed.is_empty(), "no crate table in docs/architecture.md");
    for (from, to) in workspace_edges()? {
        match allowed.get(&from) {
            None => complaints.push(format!("docs/architecture.md: no row for crate `{from}`")),
            Some(may) if !may.contains(&to) => complaints.push(format!(
                "crates/{from}/Cargo.toml: imports `{to}`, which docs/architecture.md does not list"
            )),
            Some(_) => {}
        }
    }
    Ok(())
}

/// Rows `` | `name` | … | a, b | `` of the table under "## Crates".
fn allowed_imports(document: &str) -> BTreeMap<String, BTreeSet<String>> {
    let section = document.split("\n## ").find(|section| section.starts_with("Crates"));
    let mut table = BTreeMap::new();
    for row in section.unwrap_or_default().lines() {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [name, _, may] = cells.as_slice() else { continue };
        let Some(name) = name.strip_prefix('`').and_then(|name| name.strip_suffix('`')) else {
            continue;
        };
        let may = may.split(',').map(|import| import.trim().to_owned()).collect();
        table.insert(name.to_owned(), may);
    }
    table
}

fn workspace_edges() -> anyhow::Result<Vec<(String, String)>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps"])
        .output()
        .context("cannot run cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata failed");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let Some(packages) = metadata["packages"].as_array() else { bail!("no packages in cargo metadata") };
    let short = |name: &str| name.strip_prefix("drawbridge-").unwrap_or(name).to_owned();
    let mut edges = Vec::new();
    for package in packages {
        let from = short(package["name"].as_str().unwrap_or_default());
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let name = dependency["name"].as_str().unwrap_or_default();
            if name.starts_with("drawbridge-") && dependency["kind"].is_null() {
                edges.push((from.clone(), short(name)));
            }
        }
    }
    Ok(edges)
}

fn sources(complaints: &mut Vec<String>) -> anyhow::Result<()> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()?;
    ensure!(output.status.success(), "git ls-files failed");
    let hosts: Vec<String> = REGISTRY_HOSTS
        .iter()
        .map(|labels| labels.iter().rev().copied().collect::<Vec<_>>().join("."))
        .collect();
    let home = std::env::current_dir()?.display().to_string();
    for path in String::from_utf8(output.stdout)?.split_terminator('\0') {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        if path != "Cargo.lock" {
            forbidden(path, &text, &hosts, &home, complaints);
        }
        let lines = text.lines().count();
        let source = [".rs", ".ts", ".kt", ".sh"].iter().any(|ending| path.ends_with(ending));
        if source && lines > MAX_LINES {
            complaints.push(format!("{path}: {lines} lines, more than {MAX_LINES}"));
        }
    }
    Ok(())
}

fn forbidden(path: &str, text: &str, hosts: &[String], home: &str, complaints: &mut Vec<String>) {
    for (number, line) in (1..).zip(text.lines()) {
        if hosts.iter().any(|host| mentions(line, host)) {
            complaints.push(format!("{path}:{number}: writes out the host name of a public registry"));
        }
        if line.contains(home) {
            complaints.push(format!("{path}:{number}: contains a path of this machine"));
        }
    }
}

/// Whether `line` names `host` itself and not merely a longer word that ends in it.
fn mentions(line: &str, host: &str) -> bool {
    line.match_indices(host)
        .any(|(at, _)| !line[..at].ends_with(|before: char| before.is_ascii_alphanumeric() || before == '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_table() {
        let table = allowed_imports(
            "# A\n\n## Crates\n\n| crate | x | y |\n|---|---|---|\n| `a` | one | – |\n| `b` | two | a, c |\n\n## Next\n| `z` | | a |\n",
        );
        assert_eq!(table.keys().collect::<Vec<_>>(), ["a", "b"]);
        assert!(table["b"].contains("a") && table["b"].contains("c"));
    }

    #[test]
    fn finds_a_host_but_not_a_longer_word() {
        assert!(mentions("see https://host.example/x", "host.example"));
        assert!(mentions("see www.host.example", "host.example"));
        assert!(!mentions("see ghost.example", "host.example"));
    }
}
