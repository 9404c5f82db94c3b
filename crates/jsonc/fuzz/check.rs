// Shared by the fuzz target and the replay test, which say what the modules `model` and
// `invariants` are.

use drawbridge_jsonc::{Edit, Node, NodeKind, PatchError, Pointer, parse, patch};
use drawbridge_text::Span;
use serde_json::{Value, json};

use crate::{invariants, model};

/// Checks one input: a line that says what to edit, then the document.
///
/// Four characters of the line are one edit: what to do, two steps down the document (a letter is
/// a step, `@` is none, a digit is a new key at the end), and the value to write.
pub(crate) fn check(input: &str) {
    let (program, text) = input.split_once('\n').unwrap_or(("", input));
    let parsed = parse(text);
    for error in &parsed.errors {
        assert!(error.span.slice(text).is_some(), "{error:?}");
    }
    for duplicate in &parsed.duplicates {
        assert!(duplicate.spans.len() > 1 && duplicate.spans.iter().all(|span| span.slice(text).is_some()));
    }
    let Some(root) = &parsed.root else {
        assert!(!parsed.errors.is_empty());
        return;
    };
    check_spans(root, Span::new(0, text.len()), text);
    let unchanged = patch(text, &[]);
    if !parsed.errors.is_empty() {
        assert!(matches!(unchanged, Err(PatchError::Syntax { .. })));
        return;
    }
    assert_eq!(unchanged, Ok(None));
    let json = root.to_json();
    let edits = edits(program, &json);
    match patch(text, &edits) {
        Ok(Some(edit)) => {
            let after = edit.apply(text);
            assert_eq!(edit.invert(text).apply(&after), text);
            invariants::check_bytes(text, &after);
            let now = parse(&after).root.map(|root| root.to_json());
            assert_eq!(now, model::apply(json, &edits), "{edits:#?}\n{text}\n---\n{after}");
        }
        Ok(None) => assert_eq!(Some(json.clone()), model::apply(json, &edits), "{edits:#?}\n{text}"),
        Err(PatchError::Duplicate { .. }) => assert!(!parsed.duplicates.is_empty()),
        Err(PatchError::Result { .. }) => {}
        Err(error) => assert_eq!(model::apply(json, &edits), None, "{error}: {edits:#?}\n{text}"),
    }
}

fn check_spans(node: &Node, inside: Span, text: &str) {
    let Span { start, end } = node.span;
    assert!(inside.start <= start && start < end && end <= inside.end, "{node:?} in {inside:?}");
    assert!(node.span.slice(text).is_some());
    match &node.kind {
        NodeKind::Array(elements) => {
            for element in elements {
                check_spans(element, node.span, text);
            }
        }
        NodeKind::Object(members) => {
            for member in members {
                assert!(member.key_span.slice(text).is_some_and(|key| key.starts_with('"')));
                check_spans(&member.value, member.span, text);
            }
        }
        _ => {}
    }
}

fn edits(program: &str, json: &Value) -> Vec<Edit> {
    let edit = |step: &[u8]| {
        let byte = |index: usize| step.get(index).copied().unwrap_or(b'@');
        let at = address(&[byte(1), byte(2)], json);
        let value = match byte(3) % 8 {
            0 => json!(null),
            1 => json!({}),
            2 => json!([]),
            3 => json!({ "a": [1, { "b": "é\n\"//" }], "c": {} }),
            4 => json!([[], "x", { "k": null }]),
            5 => json!(-0.5),
            6 => at_value(json, &address(&[byte(2)], json)),
            _ => json!("/* text */"),
        };
        match byte(0) % 5 {
            0 => Edit::Set { at, value },
            1 => Edit::Insert { at, value },
            2 => Edit::Remove { at },
            3 => Edit::Append { at, value },
            _ => Edit::Move { to: address(&[byte(3), byte(2)], json), from: at },
        }
    };
    program.as_bytes().chunks(4).take(8).map(edit).collect()
}

fn address(steps: &[u8], json: &Value) -> Pointer {
    let (mut at, mut value) = (Pointer::root(), json);
    for step in steps {
        match (step, value) {
            (b'@', _) => {}
            (b'0'..=b'9', _) => return at.key(char::from(*step).to_string()),
            (_, Value::Array(elements)) if !elements.is_empty() => {
                let index = usize::from(*step) % elements.len();
                (at, value) = (at.index(index), &elements[index]);
            }
            (_, Value::Object(members)) => {
                let pick = members.iter().nth(usize::from(*step) % members.len().max(1));
                let Some((key, member)) = pick else { break };
                (at, value) = (at.key(key.as_str()), member);
            }
            _ => break,
        }
    }
    at
}

fn at_value(json: &Value, at: &Pointer) -> Value {
    json.pointer(&at.to_string()).cloned().unwrap_or_default()
}
