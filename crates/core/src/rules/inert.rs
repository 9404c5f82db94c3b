//! Settings that look like locks and are not read where they stand: one rule for each reason.

use drawbridge_bridge::settings::{Inert, VSCODE, inert};
use drawbridge_jsonc::Edit;

use crate::audit::{Cx, FixKind, Origin, Rule, Safety, Severity, Sink, Strength};

const fn rule(id: &'static str, code: &'static str, title: &'static str, docs: &'static str) -> Rule {
    Rule {
        id,
        code,
        title,
        severity: Severity::Medium,
        fix: FixKind::Safe,
        strength: Strength::Cosmetic,
        since: "0.1.0",
        docs,
        check,
    }
}

pub(super) static NONEXISTENT: Rule = rule(
    "setting-does-not-exist",
    "DB701",
    "a setting that no product reads was written to harden the container",
    include_str!("setting_does_not_exist.md"),
);
pub(super) static SCOPE: Rule = rule(
    "setting-of-another-scope",
    "DB702",
    "a setting is read from the host's user settings only and does nothing here",
    include_str!("setting_of_another_scope.md"),
);
pub(super) static PRODUCT: Rule = rule(
    "setting-of-another-product",
    "DB703",
    "a setting of another product, or an old name, does nothing here",
    include_str!("setting_of_another_product.md"),
);

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let code = |why| match why {
        Inert::Nonexistent => "DB701",
        Inert::HostOnly => "DB702",
        Inert::OtherProduct | Inert::Renamed => "DB703",
    };
    for setting in cx.settings() {
        let Some(row) = inert(&setting.key).filter(|row| code(row.why) == rule.code) else { continue };
        let Origin::File { spot, at } = &setting.origin else { continue };
        let reason = match row.why {
            Inert::Nonexistent => format!("no such setting exists (VS Code {VSCODE})"),
            Inert::HostOnly => format!("ignored here, read on the host only (VS Code {VSCODE})"),
            Inert::OtherProduct => row.source.to_owned(),
            Inert::Renamed => format!("an old name (VS Code {VSCODE})"),
        };
        let message = format!("`{}`: {reason}; to {}: {}", setting.key, row.meant, row.instead);
        let edits = vec![Edit::Remove { at: at.clone() }];
        sink.at(rule, spot, message).fix(
            Safety::Safe,
            format!("Remove `{}`", setting.key),
            &spot.file,
            edits,
        );
    }
}
