//! `credentials-in-container`: keys and tokens of a person lie in the container.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "credentials-in-container",
    code: "DB522",
    title: "keys or tokens of a person lie in the container",
    severity: Severity::High,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("credentials_in_container.md"),
    check,
};

/// Kinds of files that the probe names, and what they are.
const KINDS: [(&str, &str); 9] = [
    ("ssh-key", "a private ssh key"),
    ("gpg-key", "private GnuPG keys"),
    ("netrc", "passwords"),
    ("git-credentials", "git passwords"),
    ("docker-credentials", "registry passwords"),
    ("aws-credentials", "cloud credentials"),
    ("gcloud-credentials", "cloud credentials"),
    ("azure-credentials", "cloud credentials"),
    ("kube-config", "cluster credentials"),
];

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for file in cx.live.iter().flat_map(|live| &live.files) {
        if let Some((_, what)) = KINDS.iter().find(|(kind, _)| *kind == file.kind) {
            let message = format!("`{}`: {what}, readable by every process of this user", file.path);
            sink.live(rule, format!("{} is there", file.path), message);
        }
    }
}
