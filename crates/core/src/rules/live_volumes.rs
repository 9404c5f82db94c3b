//! Volumes that every dev container of an engine shares: one rule for each editor.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

const fn rule(id: &'static str, code: &'static str, title: &'static str, docs: &'static str) -> Rule {
    Rule {
        id,
        code,
        title,
        severity: Severity::Medium,
        fix: FixKind::None,
        strength: Strength::ContainerProof,
        since: "0.1.0",
        docs,
        check,
    }
}

pub(super) static VSCODE: Rule = rule(
    "vscode-shared-volume",
    "DB117",
    "the editor's server is on a volume that every dev container can write",
    include_str!("vscode_shared_volume.md"),
);
pub(super) static JETBRAINS: Rule = rule(
    "jetbrains-shared-volume",
    "DB118",
    "the back end is on a volume that every JetBrains dev container can write",
    include_str!("jetbrains_shared_volume.md"),
);

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(live) = cx.live else { return };
    let (target, volume) = if rule.id == VSCODE.id {
        ("/vscode", "vscode")
    } else {
        ("/.jbdevcontainer", "jb_devcontainers_shared_volume")
    };
    for mount in live.mounts.iter().filter(|mount| mount.target == target && !mount.read_only) {
        let message =
            format!("volume `{volume}` at `{target}`: code that one container puts there runs in the others");
        let finding = sink.live(rule, format!("{} mounted at {target}, writable", mount.root), message);
        // Root writes what the server's user does not.
        if live.uid == 0 || live.privileges.sudo {
            finding.severity(Severity::High);
        }
    }
}
