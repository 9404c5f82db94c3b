//! Denials for people and programs.

use std::io::{self, Write};

use drawbridge_host::blocked::{Cause, Causes, Denial, INSPECTED};
use drawbridge_host::files::Root;
use serde_json::{Value, json};

use crate::escape;
use crate::session::Paint;

/// One line per denial, then the commands that would allow them.
pub(in crate::commands) fn text(
    denials: &[Denial],
    root: &Root,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    let causes = Causes::read(root);
    let width = denials.iter().map(|denial| target(denial).chars().count()).max().unwrap_or(0);
    let mut rules: Vec<String> = Vec::new();
    for denial in denials {
        let cause = causes.find(&denial.host);
        let label = paint.red("blocked");
        let target = target(denial);
        writeln!(out, "{label}  {target:width$}  {}", who(denial, cause.as_ref()))?;
        rules.extend(rule(denial).filter(|rule| !rules.contains(rule)));
    }
    for rule in &rules {
        let command = paint.cyan(&format!("drawbridge allow {rule} --reason \"\u{2026}\""));
        // Grants are for hosts.
        let grant = if rule.contains(' ') { "" } else { "   (add --for 2h for a temporary grant)" };
        writeln!(out, "         {command}{grant}")?;
    }
    Ok(())
}

/// The same for programs.
pub(in crate::commands) fn json(denials: &[Denial], root: &Root) -> Vec<Value> {
    let causes = Causes::read(root);
    let line = |denial: &Denial| {
        let cause = causes.find(&denial.host);
        let allow = rule(denial).map(|rule| format!("drawbridge allow {rule} --reason"));
        json!({"denial": denial, "cause": cause, "allow": allow})
    };
    denials.iter().map(line).collect()
}

fn target(denial: &Denial) -> String {
    let host = escape::foreign(&denial.host);
    if let (INSPECTED, Some(method), Some(path)) = (denial.phase.as_str(), &denial.method, &denial.path) {
        return format!("{} {host}{}", escape::foreign(method), escape::foreign(path));
    }
    match denial.port {
        Some(port) => format!("{host}:{port}"),
        None => host.into_owned(),
    }
}

fn who(denial: &Denial, cause: Option<&Cause>) -> String {
    let mut parts = Vec::new();
    match (&denial.process, denial.pid) {
        (Some(name), Some(pid)) => parts.push(format!("{} (pid {pid})", escape::foreign(name))),
        (Some(name), None) => parts.push(escape::foreign(name).into_owned()),
        _ if denial.phase == "dns" => parts.push("DNS, process unknown".to_owned()),
        _ => parts.push("process unknown".to_owned()),
    }
    if let Some(cause) = cause {
        let what = cause.what.as_deref().map(|what| format!(" {what}")).unwrap_or_default();
        parts.push(format!("declared in {}:{}{what}", escape::foreign(&cause.file), cause.line));
    }
    if denial.reason != "host-not-allowed" && !denial.reason.is_empty() {
        let why = denial.why.as_deref().unwrap_or(&denial.reason);
        parts.push(escape::foreign(why).into_owned());
    }
    if denial.count > 1 {
        parts.push(format!("{} times", denial.count));
    }
    parts.join("   ")
}

/// The narrowest rule that would let it through, as one word of a shell.
fn rule(denial: &Denial) -> Option<String> {
    denial.rule().map(|rule| shell_word(&rule))
}

/// A host is safe in a shell; anything else is quoted, because people paste these lines.
fn shell_word(host: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if host.chars().all(safe) && !host.starts_with('-') {
        host.to_owned()
    } else {
        format!("'{}'", escape::foreign(host).replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(denials: &[Denial]) -> String {
        let dir = tempfile::tempdir().unwrap();
        let pom = "<repositories>\n<repository>\n<url>https://repo.example.org/m2</url>\n";
        std::fs::write(dir.path().join("pom.xml"), pom).unwrap();
        let mut out = Vec::new();
        text(denials, &Root::open(dir.path()).unwrap(), Paint::plain(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn denial(host: &str, port: Option<u16>, phase: &str, reason: &str) -> Denial {
        Denial {
            host: host.to_owned(),
            port,
            phase: phase.to_owned(),
            reason: reason.to_owned(),
            count: 1,
            ..Denial::default()
        }
    }

    #[test]
    fn names_the_cause_the_process_and_the_command() {
        let mut curl = denial("files.example.net", Some(443), "sni", "host-not-allowed");
        curl.process = Some("curl".to_owned());
        curl.pid = Some(812);
        curl.count = 3;
        let mut refused = denial("169.254.169.254", Some(80), "http", "address-refused");
        refused.why = Some("this kind of address is refused".to_owned());
        let name = denial("repo.example.org", None, "dns", "host-not-allowed");
        let mut seen = denial("docs.example", Some(443), "inspect", "path");
        (seen.method, seen.path) = (Some("GET".to_owned()), Some("/admin".to_owned()));
        insta::assert_snapshot!(shown(&[name, curl, refused, seen]), @r#"
        blocked  repo.example.org        DNS, process unknown   declared in pom.xml:3 <repository>
        blocked  files.example.net:443   curl (pid 812)   3 times
        blocked  169.254.169.254:80      process unknown   this kind of address is refused
        blocked  GET docs.example/admin  process unknown   path
                 drawbridge allow repo.example.org --reason "…"   (add --for 2h for a temporary grant)
                 drawbridge allow files.example.net --reason "…"   (add --for 2h for a temporary grant)
                 drawbridge allow 'GET docs.example/admin' --reason "…"
        "#);
    }

    #[test]
    fn a_hostile_name_neither_steers_the_terminal_nor_the_shell() {
        let text = shown(&[denial("a\u{1b}[2J'; rm -rf ~ #", None, "dns", "host-not-allowed")]);
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(text.contains("drawbridge allow 'a\\u{1b}[2J'\\''; rm -rf ~ #'"), "{text}");
    }
}
