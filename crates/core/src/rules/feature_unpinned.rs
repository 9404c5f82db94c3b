//! `feature-unpinned`: a Feature's code is a tag that its owner can move.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};
use crate::project::lock_file;

pub(super) static RULE: Rule = Rule {
    id: "feature-unpinned",
    code: "DB902",
    title: "a Feature runs as root in the build and is a tag that its owner can move",
    severity: Severity::Low,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("feature_unpinned.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        let lock = lock_file(&view.path).and_then(|path| cx.snapshot.text(&path));
        let features = view.config.as_ref().map(|config| config.features.as_slice()).unwrap_or_default();
        for (id, _) in features {
            let text = id.value.as_str();
            let is_local = text.starts_with("./") || text.starts_with("../");
            let is_locked = lock.is_some_and(|lock| lock.contains(&format!("\"{text}\"")));
            if is_local || is_locked || text.contains("@sha256:") || text.starts_with("https://") {
                continue;
            }
            let last = text.rsplit('/').next().unwrap_or_default();
            let what = match last.split_once(':') {
                None | Some((_, "latest")) => "follows every release",
                Some(_) => "has no digest and no lock file",
            };
            sink.at(rule, &view.spot(id.span), format!("`{text}` {what}: its install script runs as root"))
                .about(&view.path);
        }
    }
}
