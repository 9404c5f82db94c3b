//! `copy-git-config-half-set`: one of two keys that only work together.

use drawbridge_jsonc::{Edit, Pointer};
use serde_json::json;

use crate::audit::{Cx, FixKind, Origin, Rule, Safety, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "copy-git-config-half-set",
    code: "DB705",
    title: "one of the two `copyGitConfig` keys alone does nothing",
    severity: Severity::Medium,
    fix: FixKind::Safe,
    strength: Strength::Cosmetic,
    since: "0.1.0",
    docs: include_str!("copy_git_config_half_set.md"),
    check,
};

const TWINS: [&str; 2] = ["dev.containers.copyGitConfig", "remote.containers.copyGitConfig"];

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        let off = |key| view.setting(key).filter(|setting| setting.value == false);
        let [dev, remote] = TWINS;
        let (set, missing) = match (off(dev), off(remote)) {
            (Some(set), None) => (set, remote),
            (None, Some(set)) => (set, dev),
            _ => continue,
        };
        let Origin::File { spot, .. } = &set.origin else { continue };
        let message = format!(
            "`{}` alone is read as unset, and your .gitconfig is copied: add `\"{missing}\": false`",
            set.key
        );
        let at = Pointer::root().key("customizations").key("vscode").key("settings").key(missing);
        let edits = vec![Edit::Set { at, value: json!(false) }];
        sink.at(rule, spot, message).about(&view.path).fix(
            Safety::Safe,
            format!("Add `{missing}`"),
            &view.path,
            edits,
        );
    }
}
