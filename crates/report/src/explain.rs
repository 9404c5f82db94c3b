//! A rule's page: for the terminal and, generated into `docs/rules/`, for the web.

use std::fmt::Write as _;

use drawbridge_core::audit::{FixKind, Rule};

use crate::document::{fix_kind, severity, strength};

/// The page in Markdown.
pub fn page(rule: &Rule) -> String {
    let fix = match rule.fix {
        FixKind::None => "advice only",
        FixKind::Safe => "`drawbridge audit --fix`",
        FixKind::Unsafe => "offered, applied by `drawbridge audit --fix-rule`",
    };
    format!(
        "# {code} `{id}`\n\n{title}.\n\n| severity | group | fix | worth of the fix | since |\n\
         |---|---|---|---|---|\n| {severity} | {category} | {fix} | {strength} | {since} |\n\n{docs}",
        code = rule.code,
        id = rule.id,
        title = first_upper(rule.title),
        severity = severity(rule.severity),
        category = rule.category().title(),
        strength = strength(rule.strength),
        since = rule.since,
        docs = plain_fences(rule.docs),
    )
}

/// One line for the list of rules: code, id, severity, title.
pub fn row(rule: &Rule) -> String {
    format!(
        "| {} | [{}]({}.md) | {} | {} | {} |",
        rule.code,
        rule.id,
        rule.id,
        severity(rule.severity),
        fix_kind(rule.fix),
        rule.title.replace('|', "\\|")
    )
}

/// Fences as a reader wants them: the language, and `bad` or `good` as a heading.
fn plain_fences(docs: &str) -> String {
    let mut text = String::with_capacity(docs.len());
    for line in docs.lines() {
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else {
            text.push_str(line);
            text.push('\n');
            continue;
        };
        let words: Vec<&str> = info.split_whitespace().collect();
        let kind = match (words.contains(&"bad"), words.contains(&"and")) {
            (_, true) => "And",
            (true, _) => "Found",
            (false, _) => "Not found",
        };
        let file = words.iter().find_map(|word| word.strip_prefix("file="));
        let place = match file {
            Some(file) => format!(" in `{file}`"),
            None if words.contains(&"live") => " in a running container".to_owned(),
            None if words.contains(&"brought") => " in what the image and Features bring".to_owned(),
            None if words.iter().any(|word| word.starts_with("host=")) => " on the host".to_owned(),
            None => String::new(),
        };
        let _ = write!(text, "{kind}{place}:\n\n```{}\n", words[0]);
    }
    text
}

fn first_upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
