//! What is known about the place under the pointer: rules of the audit, bundles and hosts of a policy.

use std::fmt::Write as _;

use drawbridge_core::audit::Finding;
use drawbridge_core::project::RelPath;
use drawbridge_jsonc::{Node, parse};
use drawbridge_policy::HostPattern;
use drawbridge_policy::catalogue::{Bundle, bundle, entry_of};
use drawbridge_report::document::{category, class, severity, strength};
use drawbridge_report::escape::foreign;
use drawbridge_text::LineIndex;

use crate::place::{offset, range};
use crate::protocol::{Hover, Position};
use crate::{Error, Project};

impl Project {
    /// What is known about a place of `file`; the finding with the shortest text there wins.
    pub fn hover(&self, file: &str, at: Position) -> Result<Option<Hover>, Error> {
        let Some(path) = RelPath::new(file) else { return Ok(None) };
        let (snapshot, report) = self.audited()?;
        let Some(text) = snapshot.text(&path).map(str::to_owned).or_else(|| self.text(file)) else {
            return Ok(None);
        };
        let index = LineIndex::new(&text);
        let offset = offset(&index, at);
        if path.name() == Some("policy.jsonc")
            && let Some(found) = in_policy(&text, offset)
        {
            let (span, markdown) = found;
            return Ok(Some(Hover { range: range(&index, span), markdown }));
        }
        let here = report.findings.iter().filter_map(|found| {
            let place = found.location().filter(|place| place.file == path)?;
            (place.span.start <= offset && offset <= place.span.end).then_some((place.span, found))
        });
        let Some(shortest) = here.clone().map(|(span, _)| span).min_by_key(|span| span.len()) else {
            return Ok(None);
        };
        let pages: Vec<String> =
            here.filter(|(span, _)| *span == shortest).map(|(_, found)| about(found)).collect();
        Ok(Some(Hover { range: range(&index, shortest), markdown: pages.join("\n\n---\n\n") }))
    }
}

fn about(found: &Finding) -> String {
    let rule = found.rule;
    let docs = rule.docs.split("\n```").next().unwrap_or_default().trim();
    format!(
        "**{} `{}`** {}, {}\n\n{}\n\n{docs}\n\n_{}; {} fix_",
        rule.code,
        rule.id,
        severity(found.severity),
        class(found.class),
        escaped(&found.message),
        category(rule.category()),
        strength(rule.strength),
    )
}

/// What a string of a policy names, when the catalogue knows it.
fn in_policy(text: &str, offset: usize) -> Option<(drawbridge_text::Span, String)> {
    let root = parse(text).root?;
    let node = string_at(&root, offset)?;
    let word = node.as_str()?;
    let name = word.split(':').next().unwrap_or(word);
    let in_use = root.get("use").is_some_and(|list| list.span.contains(offset));
    if in_use && let Some(bundle) = bundle(name) {
        return Some((node.span, about_bundle(bundle)));
    }
    // The last word without its path is the host in every form of a rule.
    let host = word.split(' ').next_back()?;
    let host = host.split_once("://").map_or(host, |(_, rest)| rest);
    let host = host.split(['/', '?']).next()?.split(':').next()?;
    let pattern = HostPattern::parse(host, false).ok()?;
    let (bundle, entry) = entry_of(&pattern)?;
    let markdown = format!(
        "**{}** is part of `{}`: {}\n\nWhen it is denied: {}",
        escaped(host),
        bundle.id,
        entry.about,
        entry.if_denied
    );
    Some((node.span, markdown))
}

/// A bundle with the hosts that it opens by default.
pub(crate) fn about_bundle(bundle: &Bundle) -> String {
    let mut text = format!("**{}**: {}\n", bundle.id, bundle.about);
    for entry in &bundle.hosts {
        let _ = write!(text, "\n- `{}` {}", entry.pattern(), entry.about);
    }
    text
}

fn string_at(node: &Node, offset: usize) -> Option<&Node> {
    if !(node.span.start <= offset && offset <= node.span.end) {
        return None;
    }
    if node.as_str().is_some() {
        return Some(node);
    }
    let items = node.as_array().unwrap_or_default().iter();
    let values = node.members().iter().map(|member| &member.value);
    items.chain(values).find_map(|child| string_at(child, offset))
}

/// Foreign text in Markdown: nothing in it is markup, a link or HTML.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in foreign(text).chars() {
        if c.is_ascii_punctuation()
            && !matches!(c, '.' | ',' | '-' | ':' | '/' | '\'' | ';' | '?' | '%' | '=')
        {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_no_markup() {
        assert_eq!(escaped("a.example/x-y"), "a.example/x-y");
        assert_eq!(escaped("<img src=x>[a](b)"), "\\<img src=x\\>\\[a\\]\\(b\\)");
        assert_eq!(escaped("`x`\u{202e}"), "\\`x\\`\\\\u\\{202e\\}");
    }

    #[test]
    fn bundles_and_hosts_of_a_policy_are_known_by_every_form_of_a_rule() {
        let npm = bundle("npm").expect("a bundle");
        let host = npm.hosts[0].pattern().to_string();
        let said = |text: &str, word: &str| in_policy(text, text.find(word)?).map(|(_, markdown)| markdown);
        assert!(said(r#"{"use": ["npm:read"]}"#, "npm").expect("a bundle").starts_with("**npm**"));
        for rule in [host.clone(), format!("https://{host}/x"), format!("GET,HEAD {host}/x/**?a=b")] {
            let text = format!("{{\"allow\": [\"{rule}\"]}}");
            assert!(said(&text, &host).is_some(), "{rule}");
        }
        assert_eq!(said(r#"{"allow": ["nowhere.example"]}"#, "nowhere"), None);
        assert_eq!(said("{\"use\": [", "use"), None);
    }
}
