//! `gh-login-with-token`: the host's GitHub token is written into the container.

use drawbridge_jsonc::Edit;

use super::editor_log;
use crate::audit::{Cx, FixKind, Origin, Rule, Safety, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "gh-login-with-token",
    code: "DB512",
    title: "the host's GitHub token is written into the container",
    severity: Severity::High,
    fix: FixKind::Unsafe,
    strength: Strength::Cosmetic,
    since: "0.1.0",
    docs: include_str!("gh_login_with_token.md"),
    check,
};

const KEY: &str = "dev.containers.githubCLILoginWithToken";

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for setting in cx.settings().filter(|setting| setting.key == KEY && setting.value == true) {
        let message = format!("`{KEY}`: `gh` in the container is signed in with your token");
        match &setting.origin {
            Origin::File { spot, at } => {
                let edits = vec![Edit::Remove { at: at.clone() }];
                sink.at(rule, spot, message).fix(Safety::Unsafe, "Remove it", &spot.file, edits);
            }
            Origin::Machine { path } => {
                sink.live(rule, format!("{path}: {KEY} = true"), message);
            }
        }
    }
    if cx.live.is_none() {
        editor_log::report(rule, cx, sink);
    }
    for file in cx.live.iter().flat_map(|live| live.files_of("gh-token")) {
        sink.live(rule, format!("{} holds an oauth token", file.path), "`gh` in the container is signed in");
    }
}
