//! `image-unpinned`: the image is a name that its owner can move.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};
use crate::devcontainer::variable::is_static;

pub(super) static RULE: Rule = Rule {
    id: "image-unpinned",
    code: "DB901",
    title: "the image is a tag that its owner can move",
    severity: Severity::Low,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("image_unpinned.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        if let Some(image) = view.config.as_ref().and_then(|config| config.image.as_ref())
            && let Some(message) = complaint(&image.value).filter(|_| is_static(&image.value))
        {
            sink.at(rule, &view.spot(image.span), message).about(&view.path);
        }
        for (name, service) in view.services() {
            let Some(image) = service.image.as_ref().filter(|_| service.build.is_none()) else { continue };
            if let Some(message) = complaint(image).filter(|_| !image.contains('$')) {
                let message = format!("service `{name}`: {message}");
                sink.at(rule, &view.compose_spot(&service.at), message).about(&view.path);
            }
        }
    }
}

/// What is wrong with a reference; `None` when it has a digest.
pub(super) fn complaint(image: &str) -> Option<String> {
    if image.contains("@sha256:") || image == "scratch" {
        return None;
    }
    let last = image.rsplit('/').next().unwrap_or(image);
    Some(match last.split_once(':') {
        None => format!("`{image}` names no version: whoever owns it decides what runs next time"),
        Some((_, "latest")) => format!("`{image}`: `latest` moves with every release"),
        Some(_) => format!("`{image}` has no digest: its owner can move the tag"),
    })
}
