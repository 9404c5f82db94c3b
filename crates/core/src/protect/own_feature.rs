//! Drawbridge's own Feature in a configuration that asked for it.

use drawbridge_jsonc::{Edit, Pointer};
use serde_json::json;

use super::Options;
use crate::devcontainer::Config;
use crate::overlay::topology::Findings;
use crate::project::{RelPath, Snapshot, lock_file};

/// What the CLI puts in place of the option `ca`: base64 of PEM, from the environment of whoever builds, so that no company's CA
/// is in a repository. Empty where nobody set it, and then the Feature adds none.
const CA: &str = "${localEnv:DRAWBRIDGE_CA}";

/// The Feature, first of all, because the downloads of others need its CA. One that the user wrote keeps its options.
pub(super) fn edits(
    snapshot: &Snapshot,
    path: &RelPath,
    config: &Config<'_>,
    options: &Options,
    findings: &mut Findings,
) -> Vec<Edit> {
    let Some(reference) = options.feature.as_ref() else { return Vec::new() };
    if config.features.iter().any(|(id, _)| id.value == *reference) {
        return Vec::new();
    }
    if let Some(lock) = lock_file(path).filter(|lock| snapshot.exists(lock)) {
        findings.warn(
            lock.to_string(),
            format!("has no entry for {reference} yet; the next `up` writes it, `--frozen-lockfile` fails"),
        );
    }
    let root = Pointer::root();
    let mut edits =
        vec![Edit::Set { at: root.key("features").key(reference.as_str()), value: json!({ "ca": CA }) }];
    let id = without_version(reference);
    let order: Vec<&str> = config.feature_order.iter().map(|text| text.value.as_str()).collect();
    if !config.features.is_empty() && !order.contains(&id) {
        let order: Vec<&str> = std::iter::once(id).chain(order).collect();
        edits.push(Edit::Set { at: root.key("overrideFeatureInstallOrder"), value: json!(order) });
    }
    edits
}

/// `registry.example:5000/a/b` of `registry.example:5000/a/b:1` or `…@sha256:…`: the order names Features like this.
fn without_version(reference: &str) -> &str {
    let name = reference.rfind('/').map_or(0, |slash| slash + 1);
    reference[name..].find([':', '@']).map_or(reference, |at| &reference[..name + at])
}
