//! `editor-entry-files`: files by which the workspace has an editor other than VS Code and JetBrains start something.

use drawbridge_text::Span;

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Spot, Strength};

pub(super) static RULE: Rule = Rule {
    id: "editor-entry-files",
    code: "DB816",
    title: "an editor of the host starts what files of the workspace name",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("editor_entry_files.md"),
    check,
};

/// File, one of the words that must be in it, when its editor follows it. Helix: helix-editor/helix#9514 and its page
/// "Workspace trust". Zed: its page "Trusted worktrees". Neovim and Vim: `:help 'exrc'`. Emacs: "Safety of File
/// Variables" in its manual.
const FILES: [(&str, &[&str], &str); 8] = [
    (
        ".helix/languages.toml",
        &["command"],
        "Helix 25.01 starts what it names when a file is opened; versions with workspace trust ask before",
    ),
    (
        ".zed/settings.json",
        &["\"command\"", "\"binary\""],
        "Zed starts what it names once the folder is trusted; versions without trusted worktrees do not ask",
    ),
    (
        ".zed/tasks.json",
        &["\"command\""],
        "Zed offers its tasks, which run on this machine in a local window",
    ),
    (".nvim.lua", &[""], NEOVIM),
    (".nvimrc", &[""], NEOVIM),
    (".exrc", &[""], VIM),
    (".vimrc", &[""], VIM),
    (
        ".dir-locals.el",
        &["eval"],
        "Emacs evaluates it after one yes, or without one where the user allowed all variables",
    ),
];
const NEOVIM: &str = "Neovim runs it where `exrc` is on, and asks again after each change";
const VIM: &str = "Vim runs it where `exrc` is on, without asking; Neovim asks";

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (name, signs, why) in FILES {
        let Some((file, text)) = cx.text(name) else { continue };
        let Some((start, sign)) = signs.iter().find_map(|sign| Some((text.find(sign)?, sign))) else {
            continue;
        };
        let spot = Spot { file, span: Span::new(start, start + sign.len()) };
        sink.at(rule, &spot, format!("`{name}`: {why}"));
    }
}
