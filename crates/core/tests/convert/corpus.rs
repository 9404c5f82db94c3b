//! Every image and Dockerfile configuration of the corpus converts, or says what it would lose.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use drawbridge_core::convert::{Context, Conversion, ItemKind, to_service};
use drawbridge_core::devcontainer::{Config, Kind};
use drawbridge_core::project::{HostFacts, RelPath};

use crate::support::{compose, patched};

#[expect(clippy::disallowed_methods, reason = "the ban is for the crate; its tests read fixtures")]
fn read(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// Configurations of real projects; `None` with a message where the corpus is not there.
fn corpus() -> Option<Vec<(String, RelPath, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let Some(manifest) = read(&root.join("MANIFEST.tsv")) else {
        eprintln!("skipped: no corpus beside the repository");
        return None;
    };
    let rows = manifest.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let (name, config) = (fields.first()?, fields.get(4)?);
        let text = read(&root.join(name).join(config))?;
        Some(((*name).to_owned(), RelPath::new(config)?, text))
    });
    Some(rows.collect())
}

fn convert(name: &str, path: &RelPath, text: &str) -> Option<Conversion> {
    let parsed = drawbridge_jsonc::parse(text);
    let config = Config::read(&parsed, text).ok()?;
    let facts = HostFacts {
        workspace_name: name.split("__").nth(1).unwrap_or(name).to_owned(),
        ..HostFacts::default()
    };
    let compose = RelPath::new(".devcontainer/drawbridge.compose.yaml").expect("relative");
    let context = Context {
        service: "dev",
        config: path,
        compose: &compose,
        facts: &facts,
        image: None,
        features: None,
    };
    to_service(&config, &context)
}

#[test]
fn every_configuration_converts_into_a_compose_one() {
    let Some(corpus) = corpus() else { return };
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut lost: BTreeMap<String, usize> = BTreeMap::new();
    for (name, path, text) in &corpus {
        let parsed = drawbridge_jsonc::parse(text);
        let config = Config::read(&parsed, text).unwrap_or_else(|errors| {
            panic!("{name}: {:?}", errors.iter().map(ToString::to_string).collect::<Vec<_>>())
        });
        let kind = match config.kind {
            Kind::Image => "image",
            Kind::Dockerfile => "dockerfile",
            Kind::Compose => "compose",
            Kind::None => "none",
        };
        *kinds.entry(kind).or_default() += 1;
        let Some(conversion) = convert(name, path, text) else {
            assert!(matches!(config.kind, Kind::Compose | Kind::None), "{name}");
            continue;
        };
        assert_eq!(Some(&conversion), convert(name, path, text).as_ref(), "{name}: not deterministic");
        for item in conversion.lost() {
            *lost.entry(item.code.clone()).or_default() += 1;
        }
        for item in &conversion.items {
            assert!(!item.what.is_empty() && !item.why.is_empty(), "{name}: {item:?}");
            assert!(item.span.end <= text.len(), "{name}: {item:?}");
        }
        let after = patched(text, &conversion);
        let parsed = drawbridge_jsonc::parse(&after);
        let config = Config::read(&parsed, &after).expect("a readable result");
        assert_eq!(config.kind, Kind::Compose, "{name}");
        for key in ["image", "build", "dockerFile", "context", "runArgs", "appPort", "workspaceMount"] {
            assert!(!config.has(key), "{name}: `{key}` is left");
        }
        assert!(config.workspace_folder.is_some() && config.override_command.is_some(), "{name}");
        let yaml = compose(&conversion);
        assert!(!yaml.contains("${local") && !yaml.contains("${devcontainerId}"), "{name}:\n{yaml}");
    }
    println!("{kinds:?}\nlost: {lost:?}");
    assert!(kinds.get("image").is_some_and(|count| *count > 70), "{kinds:?}");
    assert!(kinds.get("dockerfile").is_some_and(|count| *count > 60), "{kinds:?}");
}

#[test]
fn what_is_lost_in_the_corpus_is_known() {
    let Some(corpus) = corpus() else { return };
    let mut lines: Vec<String> = Vec::new();
    for (name, path, text) in &corpus {
        let Some(conversion) = convert(name, path, text) else { continue };
        for item in conversion.items.iter().filter(|item| item.kind == ItemKind::Lost) {
            lines.push(format!("{name}: {}", item.what));
        }
    }
    insta::assert_snapshot!(lines.join("\n"), @r"
    Aire-One__devcontainer-features__1: --userns=keep-id
    FocoosAI__focoos__1: workspaceFolder ${localWorkspaceFolder}
    FocoosAI__focoos__1: workspaceMount source=${localWorkspaceFolder},target=${localWorkspaceFolder},type=bind
    NVIDIA__cccl__1: --rm
    ansible__ansible-dev-tools__3: --security-opt unmask=/sys/fs/cgroup
    rapidsai__devcontainers__3: --rm
    rapidsai__rmm__1: --rm
    rapidsai__rmm__3: --rm
    ");
}

#[test]
fn a_damaged_configuration_never_panics() {
    let Some(corpus) = corpus() else { return };
    for (name, path, text) in &corpus {
        let step = (text.len() / 24).max(1);
        for cut in (0..text.len()).step_by(step).filter(|cut| text.is_char_boundary(*cut)) {
            let _ = convert(name, path, &text[..cut]);
            let _ = convert(name, path, &text.replacen('"', "", cut % 7));
        }
    }
}
