//! `root-user`: processes in the container are root.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Spot, Strength, instructions};
use crate::brought;

pub(super) static RULE: Rule = Rule {
    id: "root-user",
    code: "DB205",
    title: "processes in the container run as root",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("root_user.md"),
    check,
};

const WHY: &str = "root in the container reads every socket and file in it and has its capabilities";

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        let Some(config) = &view.config else { continue };
        // `remoteUser` decides; `containerUser` and the image's user stand in for it.
        let written = config.remote_user.as_ref().or(config.container_user.as_ref());
        if let Some(user) = written {
            if is_root(&user.value) {
                sink.at(rule, &view.spot(user.span), format!("the user is `{}`: {WHY}", user.value))
                    .about(&view.path);
            }
            continue;
        }
        if brought::base_image(cx.snapshot, &view.path).is_some_and(|image| brings_user(&image)) {
            continue;
        }
        for file in &view.dockerfiles {
            let Some(text) = cx.snapshot.text(file) else { continue };
            let mut users = instructions(text)
                .into_iter()
                .filter(|found| matches!(found.keyword.as_str(), "USER" | "FROM"));
            let Some(last) = users.next_back().filter(|last| last.keyword == "USER" && is_root(&last.rest))
            else {
                continue;
            };
            let spot = Spot { file: file.clone(), span: last.span };
            sink.at(rule, &spot, format!("the image's user is root: {WHY}")).about(&view.path);
        }
    }
}

/// The label of the devcontainers project's images names a `remoteUser` that is not root
/// (`devcontainers/images`, `src/*/.devcontainer/devcontainer.json`); it counts whatever the Dockerfile ends with.
fn brings_user(image: &str) -> bool {
    image.starts_with("mcr.microsoft.com/devcontainers/")
}

fn is_root(user: &str) -> bool {
    matches!(user.split(':').next().unwrap_or_default().trim(), "root" | "0")
}
