//! One conversion as readable text.

use std::fmt::Write as _;

use drawbridge_core::convert::{Context, Conversion, ItemKind, to_service};
use drawbridge_core::devcontainer::Config;
use drawbridge_core::devcontainer::merge::Merged;
use drawbridge_core::project::{HostFacts, RelPath};
use drawbridge_core::yaml::{Yaml, emit};

/// The surroundings of a configuration; the default is `.devcontainer/devcontainer.json` in `app`.
pub(crate) struct Around {
    pub(crate) config: &'static str,
    pub(crate) facts: HostFacts,
    pub(crate) image: Option<Merged>,
    pub(crate) features: Option<Merged>,
}

impl Default for Around {
    fn default() -> Self {
        let facts = HostFacts { workspace_name: "app".to_owned(), ..HostFacts::default() };
        Self { config: ".devcontainer/devcontainer.json", facts, image: None, features: None }
    }
}

impl Around {
    pub(crate) fn convert(&self, text: &str) -> Conversion {
        let parsed = drawbridge_jsonc::parse(text);
        let config = Config::read(&parsed, text).expect("a readable configuration");
        let path = |path: &str| RelPath::new(path).expect("a path below the workspace");
        let context = Context {
            service: "dev",
            config: &path(self.config),
            compose: &path(".devcontainer/drawbridge.compose.yaml"),
            facts: &self.facts,
            image: self.image.as_ref(),
            features: self.features.as_ref(),
        };
        to_service(&config, &context).expect("an image or Dockerfile configuration")
    }
}

/// The Compose file that holds nothing but the conversion.
pub(crate) fn compose(conversion: &Conversion) -> String {
    let mut root = Yaml::map();
    root.entry("services").set(conversion.service.name.as_str(), conversion.service.body.clone());
    conversion.top_level.write_to(&mut root);
    emit(&root, &[])
}

/// devcontainer.json after the edits.
pub(crate) fn patched(text: &str, conversion: &Conversion) -> String {
    match drawbridge_jsonc::patch(text, &conversion.edits).expect("edits that apply") {
        Some(edit) => edit.apply(text),
        None => text.to_owned(),
    }
}

/// What one setting of an otherwise minimal configuration becomes: lines of the Compose file that
/// a minimal one does not have, changed lines of devcontainer.json, ports, and items. A setting that
/// moved without a word to say about it has no item line.
pub(crate) fn shown(text: &str, conversion: &Conversion) -> String {
    const MINIMAL: &str = "services:\n  dev:\n    image: debian\n    volumes:\n      - type: bind\n        source: ..\n        target: /workspaces/app\n";
    const ALWAYS: [&str; 4] =
        ["\"dockerComposeFile\"", "\"service\"", "\"workspaceFolder\"", "\"overrideCommand\""];
    let mut out = String::new();
    let yaml = compose(conversion);
    out.push_str(yaml.strip_prefix(MINIMAL).unwrap_or(&yaml));
    let after = patched(text, conversion);
    let same = |line: &str| {
        let bare = |line: &str| line.trim_end_matches(',').to_owned();
        text.lines().any(|old| bare(old) == bare(line))
    };
    for line in after.lines().filter(|line| !same(line)) {
        if !ALWAYS.iter().any(|key| line.contains(key)) {
            let _ = writeln!(out, "json: {}", line.trim());
        }
    }
    for port in &conversion.published {
        let _ = writeln!(out, "port: {} > {}", port.value.publish(20000), port.value.target);
    }
    for item in conversion.items.iter().filter(|item| item.kind != ItemKind::Kept) {
        let silent =
            item.kind == ItemKind::Moved && item.why.matches('`').count() == 2 && item.why.ends_with('`');
        if !silent {
            let _ = writeln!(out, "{:?} [{}] {}: {}", item.kind, item.code, item.what, item.why);
        }
    }
    out
}

/// `shown` for every set of members of `{"image": "debian", …}`.
pub(crate) fn images(cases: &[&str]) -> String {
    each(cases, |members| format!("{{\n  \"image\": \"debian\",\n  {members}\n}}\n"))
}

/// `shown` for every list of `runArgs`, written with a space between the words; `␣` stands for a
/// space inside a word.
pub(crate) fn run_args(cases: &[&str]) -> String {
    each(cases, |case| {
        let words: Vec<String> = case.split(' ').map(|word| word.replace('␣', " ")).collect();
        let list = serde_json::Value::from(words);
        format!("{{\n  \"image\": \"debian\",\n  \"runArgs\": {list}\n}}\n")
    })
}

/// `shown` for every case, as a document that `text` makes of it.
pub(crate) fn each(cases: &[&str], text: impl Fn(&str) -> String) -> String {
    let show = |case: &&str| {
        let text = text(case);
        format!("## {case}\n{}\n", shown(&text, &Around::default().convert(&text)))
    };
    cases.iter().map(show).collect()
}

/// A snapshot of a table, without the table's source in it.
#[macro_export]
macro_rules! table {
    ($value:expr) => {
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!($value) })
    };
}
