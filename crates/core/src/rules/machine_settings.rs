//! Machine settings in the container: whether the agent can write them, and whether somebody did.

use serde_json::Value;

use crate::audit::{Cx, FixKind, Origin, Rule, Severity, Sink, Strength};

pub(super) static WRITABLE: Rule = Rule {
    id: "machine-settings-writable",
    code: "DB811",
    title: "a process can rewrite the settings that the editor takes from the container",
    severity: Severity::High,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("machine_settings_writable.md"),
    check,
};
pub(super) static DRIFT: Rule = Rule {
    id: "machine-settings-drift",
    code: "DB812",
    title: "the container's settings are not those of the configuration",
    severity: Severity::High,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("machine_settings_drift.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(live) = cx.live else { return };
    if rule.id == WRITABLE.id {
        for file in live.settings.iter().filter(|file| file.writable) {
            let message = format!("`{}` is writable, and a change counts at once", file.path);
            sink.live(rule, format!("user {} may write {}", live.uid, file.path), message);
        }
        return;
    }
    // With several configurations nobody knows which one made the container.
    let [view] = cx.configs.as_slice() else { return };
    for setting in &cx.machine_settings {
        let Origin::Machine { path } = &setting.origin else { continue };
        let written: Option<&Value> = view.setting(&setting.key).map(|setting| &setting.value);
        let message = match written {
            Some(value) if *value == setting.value => continue,
            Some(value) => {
                format!("`{}` is {} here and {value} in the configuration", setting.key, setting.value)
            }
            None => format!("`{}` is {} here and not in the configuration", setting.key, setting.value),
        };
        let finding = sink.live(rule, format!("{path}: {}", setting.key), message);
        // The image and Features bring settings too.
        if written.is_none() {
            finding.severity(Severity::Low);
        }
    }
}
