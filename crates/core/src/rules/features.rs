//! Features that give the container an engine: one of its own, or the host's.

use drawbridge_jsonc::{Edit, Pointer};

use crate::audit::{Cx, FixKind, Rule, Safety, Severity, Sink, Strength};

const fn rule(
    id: &'static str,
    code: &'static str,
    severity: Severity,
    title: &'static str,
    docs: &'static str,
) -> Rule {
    Rule {
        id,
        code,
        title,
        severity,
        fix: FixKind::Unsafe,
        strength: Strength::ContainerProof,
        since: "0.1.0",
        docs,
        check,
    }
}

pub(super) static NESTED: Rule = rule(
    "docker-in-docker",
    "DB207",
    Severity::High,
    "a Feature makes the container privileged to run an engine in it",
    include_str!("docker_in_docker.md"),
);
pub(super) static OUTSIDE: Rule = rule(
    "docker-outside-of-docker",
    "DB208",
    Severity::Critical,
    "a Feature mounts the host's engine into the container",
    include_str!("docker_outside_of_docker.md"),
);

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        let features = view.config.as_ref().map(|config| config.features.as_slice()).unwrap_or_default();
        for (id, _) in features {
            let name = id.value.rsplit('/').next().unwrap_or_default();
            let why = match (name.split([':', '@']).next().unwrap_or_default(), rule.id) {
                ("docker-in-docker", "docker-in-docker") => "the container becomes privileged",
                ("docker-outside-of-docker" | "docker-from-docker", "docker-outside-of-docker") => {
                    "whoever reaches the engine can start a container with any folder of the host"
                }
                _ => continue,
            };
            let edits = vec![Edit::Remove { at: Pointer::root().key("features").key(id.value.as_str()) }];
            sink.at(rule, &view.spot(id.span), format!("`{}`: {why}", id.value)).about(&view.path).fix(
                Safety::Unsafe,
                format!("Remove `{}`", id.value),
                &view.path,
                edits,
            );
        }
    }
}
