//! `remote-script-in-build`: the build runs whatever a server sends today.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Spot, Strength, instructions};

pub(super) static RULE: Rule = Rule {
    id: "remote-script-in-build",
    code: "DB912",
    title: "the build runs a script that a server sends, unchecked",
    severity: Severity::Low,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("remote_script_in_build.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        for file in &view.dockerfiles {
            let Some(text) = cx.snapshot.text(file) else { continue };
            for found in instructions(text) {
                let what = match found.keyword.as_str() {
                    "RUN" if pipes_to_shell(&found.rest) => "a download is piped into a shell",
                    "ADD" if found.rest.contains("://") && !is_pinned(&found.rest) => {
                        "`ADD` of a URL without `--checksum`"
                    }
                    _ => continue,
                };
                let spot = Spot { file: file.clone(), span: found.span };
                let message = format!("{what}: whoever holds that server decides what is in the image");
                sink.at(rule, &spot, message).about(&view.path);
            }
        }
    }
}

/// By a checksum, or by the commit of a git repository (`#COMMIT`, `?ref=COMMIT`, `?checksum=COMMIT`).
fn is_pinned(added: &str) -> bool {
    let is_commit = |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words = || added.split(|c: char| !c.is_ascii_alphanumeric());
    added.contains("--checksum=") || (added.contains(".git") && words().any(is_commit))
}

fn pipes_to_shell(command: &str) -> bool {
    let mut parts = command.split('|').map(str::trim);
    let mut fetched = false;
    parts.any(|part| {
        let first = part
            .trim_start_matches("sudo ")
            .trim_start_matches("-E ")
            .split_whitespace()
            .next()
            .unwrap_or_default();
        let shell = matches!(
            first.rsplit('/').next().unwrap_or_default(),
            "sh" | "bash" | "zsh" | "python3" | "python" | "perl"
        );
        let hit = fetched && shell;
        fetched = ["curl ", "wget "].iter().any(|tool| part.contains(tool)) && part.contains("://");
        hit
    })
}
