//! What the binary is made of, from the lock file: a `CycloneDX` document for the release.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

const BINARY: &str = "drawbridge-cli";

pub(crate) fn run() -> anyhow::Result<()> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .output()
        .context("cargo metadata does not run")?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    println!("{:#}", document(&metadata)?);
    Ok(())
}

fn document(metadata: &Value) -> anyhow::Result<Value> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let packages = list(&metadata["packages"]);
    let binary = packages.iter().find(|package| package["name"] == BINARY).context("no binary in it")?;
    let nodes = list(&metadata["resolve"]["nodes"]);
    let mut reached = BTreeSet::from([text(&binary["id"])]);
    let mut pending: Vec<String> = reached.iter().cloned().collect();
    while let Some(id) = pending.pop() {
        let node = nodes.iter().find(|node| node["id"] == id.as_str());
        for dependency in node.map(|node| list(&node["deps"])).unwrap_or_default() {
            // What only tests or builds need is not in the binary.
            let normal = list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
            let id = text(&dependency["pkg"]);
            if normal && reached.insert(id.clone()) {
                pending.push(id);
            }
        }
    }
    let mut components: Vec<Value> = packages
        .iter()
        .filter(|package| package["id"] != binary["id"] && reached.contains(&text(&package["id"])))
        .map(component)
        .collect();
    components.sort_by_key(|component| text(&component["bom-ref"]));
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": { "type": "application", "name": "drawbridge", "version": binary["version"] } },
        "components": components,
    }))
}

fn component(package: &Value) -> Value {
    let (name, version) = (text(&package["name"]), text(&package["version"]));
    let purl = format!("pkg:cargo/{name}@{version}");
    let mut component = json!({
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
    });
    if let Some(license) = package["license"].as_str() {
        // Older packages write `MIT/Apache-2.0`.
        component["licenses"] = json!([{ "expression": license.replace('/', " OR ") }]);
    }
    component
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_what_is_linked_and_nothing_else() {
        let package =
            |name: &str| json!({ "id": name, "name": name, "version": "1.0.0", "license": "MIT/Apache-2.0" });
        let dependency = |name: &str, kind: Value| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        let metadata = json!({
            "packages": [package(BINARY), package("a"), package("b"), package("test-only"), package("other")],
            "resolve": { "nodes": [
                { "id": BINARY, "deps": [dependency("a", Value::Null), dependency("test-only", json!("dev"))] },
                { "id": "a", "deps": [dependency("b", Value::Null)] },
            ] },
        });
        let document = document(&metadata).unwrap();
        let names: Vec<&Value> =
            document["components"].as_array().unwrap().iter().map(|component| &component["purl"]).collect();
        assert_eq!(names, ["pkg:cargo/a@1.0.0", "pkg:cargo/b@1.0.0"]);
        assert_eq!(document["components"][0]["licenses"][0]["expression"], "MIT OR Apache-2.0");
    }
}
