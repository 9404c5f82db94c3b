//! `extension-signature`: an extension's code names a way to the host.

use drawbridge_bridge::signatures::{SIGNATURES, Weight};

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "extension-signature",
    code: "DB613",
    title: "the code of an installed extension names a way to the host",
    severity: Severity::High,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("extension_signature.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for extension in cx.live.iter().flat_map(|live| &live.extensions) {
        let hits = SIGNATURES.iter().filter(|known| {
            extension.signatures.iter().any(|text| text == known.text)
                && !known
                    .known
                    .iter()
                    .any(|publisher| extension.id.to_ascii_lowercase().starts_with(publisher))
        });
        for hit in hits {
            let message =
                format!("`{}` holds `{}`: {}; an indicator, not a proof", extension.id, hit.text, hit.gives);
            let finding = sink.live(rule, format!("{}: {}", extension.path, hit.text), message);
            if hit.weight == Weight::Medium {
                finding.severity(Severity::Low);
            }
        }
    }
}
