//! What edits mean, written a second time on plain values: the oracle for the patch engine.

use drawbridge_jsonc::{Edit, Pointer};
use serde_json::{Map, Value};

/// Applies `edits` in order; `None` when one does not apply.
pub(crate) fn apply(mut root: Value, edits: &[Edit]) -> Option<Value> {
    for edit in edits {
        match edit {
            Edit::Set { at, value } => *reach(&mut root, at)? = value.clone(),
            Edit::Insert { at, value } => insert(&mut root, at, value.clone())?,
            Edit::Append { at, value } => {
                let array = reach(&mut root, at)?;
                if *array == Value::String(ABSENT.to_owned()) {
                    *array = Value::Array(Vec::new());
                }
                array.as_array_mut()?.push(value.clone());
            }
            Edit::Remove { at } => drop(remove(&mut root, at)?),
            Edit::Move { from, to } if from == to => {
                from.split_last()?;
                root.pointer(&from.to_string())?;
            }
            Edit::Move { from, to } => {
                if to.starts_with(from) {
                    return None;
                }
                let value = remove(&mut root, from)?;
                insert(&mut root, to, value)?;
            }
        }
    }
    Some(root)
}

/// Stands for a member that [`reach`] just made.
const ABSENT: &str = "\u{0}absent";

/// The value at `at`, made with the objects on the way when it is not there.
fn reach<'v>(root: &'v mut Value, at: &Pointer) -> Option<&'v mut Value> {
    let mut value = root;
    for segment in at.segments() {
        if *value == Value::String(ABSENT.to_owned()) {
            *value = Value::Object(Map::new());
        }
        value = match value {
            Value::Object(members) => {
                members.entry(segment).or_insert_with(|| Value::String(ABSENT.to_owned()))
            }
            Value::Array(elements) => elements.get_mut(segment.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}

fn insert(root: &mut Value, at: &Pointer, value: Value) -> Option<()> {
    let (parent, last) = at.split_last()?;
    let exists = root.pointer(&at.to_string()).is_some();
    if let Some(Value::Array(elements)) = root.pointer_mut(&parent.to_string()) {
        let index = last.parse::<usize>().ok().filter(|index| *index <= elements.len())?;
        elements.insert(index, value);
        return Some(());
    }
    if exists {
        return None;
    }
    *reach(root, at)? = value;
    Some(())
}

fn remove(root: &mut Value, at: &Pointer) -> Option<Value> {
    let (parent, last) = at.split_last()?;
    match root.pointer_mut(&parent.to_string())? {
        Value::Object(members) => members.shift_remove(last),
        Value::Array(elements) => {
            let index = last.parse::<usize>().ok().filter(|index| *index < elements.len())?;
            Some(elements.remove(index))
        }
        _ => None,
    }
}
