//! `passwordless-sudo`: the user of the container becomes root at will.

use drawbridge_jsonc::Node;

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Spot, Strength, instructions};

pub(super) static RULE: Rule = Rule {
    id: "passwordless-sudo",
    code: "DB206",
    title: "every process of the container becomes root without a password",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("passwordless_sudo.md"),
    check,
};

const WHY: &str = "a second user in the container is no wall, because every process becomes root";

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if let Some(live) = cx.live.filter(|live| live.privileges.sudo) {
        sink.live(rule, format!("user {} may run everything with sudo and no password", live.uid), WHY);
    }
    for view in &cx.configs {
        let features = view.config.as_ref().map(|config| config.features.as_slice()).unwrap_or_default();
        for (id, options) in features {
            let name = id.value.rsplit('/').next().unwrap_or_default();
            let is_none = options.get("username").and_then(Node::as_str) == Some("none");
            if name.split([':', '@']).next() == Some("common-utils") && !is_none {
                let message = format!("`{}` gives the user sudo without a password: {WHY}", id.value);
                sink.at(rule, &view.spot(id.span), message).about(&view.path).inferred();
            }
        }
        for file in &view.dockerfiles {
            let Some(text) = cx.snapshot.text(file) else { continue };
            for found in instructions(text).into_iter().filter(|found| found.rest.contains("NOPASSWD")) {
                let spot = Spot { file: file.clone(), span: found.span };
                match only(&found.rest) {
                    None => sink.at(rule, &spot, format!("`NOPASSWD`: {WHY}")).about(&view.path),
                    Some(programs) => {
                        let message = format!(
                            "`NOPASSWD`: every process runs `{programs}` as root, and whatever that starts"
                        );
                        sink.at(rule, &spot, message).about(&view.path).severity(Severity::Low)
                    }
                };
            }
        }
    }
}

/// The programs that every `NOPASSWD` of a command is limited to, by absolute path; `None` when one is not.
fn only(command: &str) -> Option<String> {
    let mut programs = Vec::new();
    for part in command.split("NOPASSWD:").skip(1) {
        let list = part.split(['"', '\'', '\\', '>', '\n', '&', ';', '|']).next().unwrap_or_default();
        for program in list.split(',').map(str::trim) {
            if !program.starts_with('/') || program.contains(['*', '$']) {
                return None;
            }
            programs.push(program);
        }
    }
    (!programs.is_empty()).then(|| programs.join("`, `"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_paths_limit_sudo() {
        let limited = |text| only(text).unwrap_or_default();
        assert_eq!(
            limited("echo \"u ALL=(root) NOPASSWD: /bin/a, /bin/b -x\" > /etc/x"),
            "/bin/a`, `/bin/b -x"
        );
        for all in [
            "u ALL=(ALL) NOPASSWD:ALL",
            "NOPASSWD: /bin/a, ALL",
            "NOPASSWD:SETENV: ALL",
            "NOPASSWD: /bin/*",
            "NOPASSWD: $X",
            "NOPASSWD",
            "NOPASSWD: /a' && echo 'v ALL=(ALL) NOPASSWD: ALL'",
        ] {
            assert_eq!(limited(all), "", "{all}");
        }
    }
}
