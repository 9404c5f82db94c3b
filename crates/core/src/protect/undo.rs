//! The difference between two devcontainer.json values, small enough to be taken back later without
//! touching what the user changed in between.

use std::collections::BTreeSet;

use drawbridge_jsonc::{Edit, Pointer, parse, patch};
use serde_json::{Map, Value};

use crate::overlay::record::Undo;

/// How to get from `after` back to `before`. Objects are compared member by member, lists as a whole.
pub(crate) fn diff(before: &Value, after: &Value) -> Vec<Undo> {
    let mut undo = Vec::new();
    compare(&Pointer::root(), Some(before), Some(after), &mut undo);
    undo
}

fn compare(at: &Pointer, before: Option<&Value>, after: Option<&Value>, undo: &mut Vec<Undo>) {
    match (before, after) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => members(at, old, new, undo),
        (None, Some(Value::Object(new))) => {
            // Members first, so that the object itself goes only when nothing else is in it.
            members(at, &Map::new(), new, undo);
            undo.push(step(at, None, Some(&Value::Object(Map::new()))));
        }
        (before, after) if before == after => {}
        (before, after) => undo.push(step(at, before, after)),
    }
}

fn members(at: &Pointer, old: &Map<String, Value>, new: &Map<String, Value>, undo: &mut Vec<Undo>) {
    // By name, so that the order of members in the file does not matter.
    for key in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        compare(&at.key(key.as_str()), old.get(key), new.get(key), undo);
    }
}

fn step(at: &Pointer, was: Option<&Value>, is: Option<&Value>) -> Undo {
    Undo { at: at.to_string(), was: was.cloned(), is: is.cloned() }
}

/// A text after [`restore`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Restored {
    pub(crate) text: String,
    /// Pointers of values that were edited since and stay.
    pub(crate) edited: Vec<String>,
}

/// Takes steps back from `text`. `entry` is our own file in `dockerComposeFile`, which goes also when
/// the list was edited since. `None` when the text cannot be patched.
pub(crate) fn restore(text: &str, undo: &[Undo], entry: &str) -> Option<Restored> {
    let mut value = parse(text).root?.to_json();
    let mut edits = Vec::new();
    let mut edited = Vec::new();
    for step in undo {
        let Ok(at) = Pointer::parse(&step.at) else {
            continue;
        };
        let now = value.pointer(&step.at).cloned();
        let edit = if now == step.is {
            reverse(&at, now.as_ref(), step.was.as_ref())
        } else if now == step.was {
            None
        } else if step.at == "/dockerComposeFile" {
            edited.push(step.at.clone());
            without(now.as_ref(), entry).map(|value| Edit::Set { at, value })
        } else {
            edited.push(step.at.clone());
            None
        };
        if let Some(edit) = edit {
            apply(&mut value, &edit);
            edits.push(edit);
        }
    }
    let text = match patch(text, &edits).ok()? {
        Some(edit) => edit.apply(text),
        None => text.to_owned(),
    };
    Some(Restored { text, edited })
}

fn reverse(at: &Pointer, now: Option<&Value>, was: Option<&Value>) -> Option<Edit> {
    match (now, was) {
        (_, Some(was)) => Some(Edit::Set { at: at.clone(), value: was.clone() }),
        (Some(_), None) => Some(Edit::Remove { at: at.clone() }),
        (None, None) => None,
    }
}

fn without(files: Option<&Value>, entry: &str) -> Option<Value> {
    let files = files?.as_array()?;
    let same = |file: &Value| file.as_str().is_some_and(|file| file.trim_start_matches("./") == entry);
    files.iter().any(same).then(|| files.iter().filter(|file| !same(file)).cloned().collect())
}

/// The same on the value, for the steps that follow. Only `Set` and `Remove` of members occur.
fn apply(value: &mut Value, edit: &Edit) {
    let (Edit::Set { at, .. } | Edit::Remove { at }) = edit else {
        return;
    };
    let Some((parent, key)) = at.split_last() else {
        return;
    };
    let mut place = value;
    for segment in parent.segments() {
        let Value::Object(members) = place else {
            return;
        };
        place = members.entry(segment).or_insert_with(|| Value::Object(Map::new()));
    }
    if let Value::Object(members) = place {
        match edit {
            Edit::Set { value, .. } => drop(members.insert(key.to_owned(), value.clone())),
            _ => drop(members.shift_remove(key)),
        }
    }
}

/// Edits that turn the document `from` into the value `to`.
pub(crate) fn towards(from: &Value, to: &Value) -> Vec<Edit> {
    let edits = diff(to, from).into_iter().filter_map(|step| {
        let at = Pointer::parse(&step.at).ok()?;
        match (step.was, step.is) {
            (Some(value), _) => Some(Edit::Set { at, value }),
            (None, Some(_)) => Some(Edit::Remove { at }),
            (None, None) => None,
        }
    });
    edits.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn round(before: &str, after: &str) -> Vec<Undo> {
        let value = |text| parse(text).root.expect("test input").to_json();
        let undo = diff(&value(before), &value(after));
        let restored = restore(after, &undo, "ours.yaml").expect("patches");
        assert_eq!(value(&restored.text), value(before), "{undo:?}");
        assert_eq!(restored.edited, Vec::<String>::new());
        undo
    }

    #[test]
    fn goes_back() {
        round(r#"{"image": "a", "x": null}"#, r#"{"dockerComposeFile": "ours.yaml", "service": "dev"}"#);
        round(r#"{"c": {"v": {"e": [1]}}}"#, r#"{"c": {"v": {"e": [1], "s": {"a": false}}, "j": {}}}"#);
        round(r#"{"a": [1, 2]}"#, r#"{"a": [2], "b": {"c": {}}}"#);
        assert_eq!(round(r#"{"a": 1}"#, r#"{"a": 1}"#), []);
    }

    #[test]
    fn keeps_what_was_edited_since() {
        let undo = diff(
            &json!({"f": "a.yml"}),
            &json!({"dockerComposeFile": ["a.yml", "ours.yaml"], "c": {"s": {"x": 1, "y": 2}}}),
        );
        let now = r#"{"dockerComposeFile": ["a.yml", "./ours.yaml", "b.yml"], "c": {"s": {"x": 3, "y": 2, "z": 4}}}"#;
        let restored = restore(now, &undo, "ours.yaml").expect("patches");
        let value = parse(&restored.text).root.expect("parses").to_json();
        let expected =
            json!({"f": "a.yml", "dockerComposeFile": ["a.yml", "b.yml"], "c": {"s": {"x": 3, "z": 4}}});
        assert_eq!(value, expected);
        assert_eq!(restored.edited, ["/c/s/x", "/c/s", "/c", "/dockerComposeFile"]);
    }

    #[test]
    fn finds_the_way_to_a_value() {
        let (from, to) = (json!({"a": 1, "b": {"c": 2}}), json!({"b": {"c": 3, "d": 4}, "e": {"f": 5}}));
        let text = from.to_string();
        let edit = patch(&text, &towards(&from, &to)).expect("applies").expect("changes");
        assert_eq!(parse(&edit.apply(&text)).root.expect("parses").to_json(), to);
    }

    fn object() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            "[a/~ é]{0,3}".prop_map(Value::from)
        ];
        let value = leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[ab/~]{1,2}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        });
        prop::collection::btree_map("[ab/~]{1,2}", value, 0..4)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
    }

    proptest! {
        #[test]
        fn every_difference_goes_both_ways(before in object(), after in object()) {
            let text = after.to_string();
            let restored = restore(&text, &diff(&before, &after), "ours.yaml").expect("patches");
            prop_assert_eq!(parse(&restored.text).root.map(|root| root.to_json()), Some(before.clone()));
            let old = before.to_string();
            let new = match patch(&old, &towards(&before, &after)).expect("patches") {
                Some(edit) => edit.apply(&old),
                None => old,
            };
            prop_assert_eq!(parse(&new).root.map(|root| root.to_json()), Some(after));
        }
    }
}
