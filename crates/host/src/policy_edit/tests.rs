use super::*;
use crate::testing::protected;

fn rule(text: &str, reason: Option<&str>) -> NewRule {
    NewRule { text: text.to_owned(), reason: reason.map(str::to_owned), until: None }
}

fn allow_line(rule: &NewRule) -> (String, Vec<String>, bool) {
    let (snapshot, options, plan) = protected();
    let edited = add(&snapshot, &options, &plan, List::Allow, rule, 0).unwrap();
    let paths = edited.changes.iter().map(|change| change.path.clone()).collect();
    let root = parse(&edited.text).root.unwrap();
    let entry = &root.get("allow").and_then(Node::as_array).unwrap()[0];
    (entry.to_json().to_string(), paths, edited.reason_dropped)
}

#[test]
fn a_rule_with_a_reason_is_an_object_and_the_overlay_follows() {
    let (line, paths, dropped) = allow_line(&rule("repo.example.org", Some("our artifacts")));
    assert_eq!(line, r#"{"host":"repo.example.org","reason":"our artifacts"}"#);
    assert_eq!(paths, [".devcontainer/drawbridge/policy.jsonc", ".devcontainer/drawbridge.compose.yaml"]);
    assert!(!dropped);
}

#[test]
fn parts_of_the_string_form_become_keys() {
    let line = |text| allow_line(&rule(text, Some("r"))).0;
    assert_eq!(
        line("GET,HEAD docs.example/guide/**"),
        r#"{"host":"docs.example","methods":["GET","HEAD"],"paths":["/guide/**"],"reason":"r"}"#
    );
    assert_eq!(
        line("ssh://git.example:2222"),
        r#"{"host":"git.example","scheme":"ssh","ports":[2222],"reason":"r"}"#
    );
    assert_eq!(allow_line(&rule("*.cdn.example", None)).0, r#""*.cdn.example""#);
}

#[test]
fn comments_stay_and_a_second_time_changes_nothing() {
    let (mut snapshot, options, plan) = protected();
    let wanted = rule("repo.example.org", Some("x"));
    let edited = add(&snapshot, &options, &plan, List::Allow, &wanted, 0).unwrap();
    assert!(edited.text.contains("// Wins over every allow"));
    snapshot.files.insert(plan.policy.clone(), Entry::Text(edited.text));
    let again = add(&snapshot, &options, &plan, List::Allow, &rule("REPO.example.org", None), 0);
    assert_eq!(again.unwrap().changes, []);
}

#[test]
fn removing_takes_both_forms() {
    let (mut snapshot, options, plan) = protected();
    let text = r#"{"version": 1, "allow": ["a.example", {"host": "A.example", "reason": "x"}, "b.example"]}"#;
    snapshot.files.insert(plan.policy.clone(), Entry::Text(text.to_owned()));
    let edited = remove(&snapshot, &options, &plan, "a.example", 0).unwrap();
    let root = parse(&edited.text).root.unwrap();
    assert_eq!(root.get("allow").unwrap().to_json(), json!(["b.example"]));
    assert_eq!(remove(&snapshot, &options, &plan, "c.example", 0).unwrap().changes, []);
}

#[test]
fn what_is_no_rule_is_refused() {
    let (snapshot, options, plan) = protected();
    for bad in ["", "a b c", "http://", "*.com", "169.254.169.254"] {
        let result = add(&snapshot, &options, &plan, List::Allow, &rule(bad, Some("r")), 0);
        assert!(matches!(result, Err(EditError::Invalid { .. })), "{bad}: {result:?}");
    }
}

#[test]
fn an_edited_overlay_keeps_its_edits() {
    let (mut snapshot, options, plan) = protected();
    let generated = snapshot.text(&plan.overlay).unwrap().to_owned();
    let edited = generated.replace("    image: \"drawbridge", "    hostname: mine\n    image: \"drawbridge");
    assert_ne!(edited, generated);
    snapshot.files.insert(plan.overlay.clone(), Entry::Text(edited.clone()));
    let wanted = rule("repo.example.org", None);
    let result = add(&snapshot, &options, &plan, List::Allow, &wanted, 0).unwrap();
    let after = String::from_utf8(result.changes[1].after.clone().unwrap()).unwrap();
    assert!(after.contains("hostname: mine") && after.contains("\"repo.example.org\""), "{after}");
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(lines(&edited).difference(&lines(&after)).count(), 1, "only the list itself changed");
}
