//! Every configuration of the corpus of real projects through the edits that `protect` makes.

use std::path::{Path, PathBuf};

use drawbridge_jsonc::{Edit, Node, NodeKind, Pointer, parse, patch};
use serde_json::{Value, json};

use crate::{invariants, model};

/// The texts of all configurations with their paths; empty, and said so, where there is no corpus.
#[expect(clippy::disallowed_methods, reason = "a test may read files, the crate may not")]
pub(crate) fn texts() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let Ok(manifest) = std::fs::read_to_string(root.join("MANIFEST.tsv")) else {
        println!("skipped: no corpus beside the workspace");
        return Vec::new();
    };
    let mut texts = Vec::new();
    for line in manifest.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let path = root.join(fields[0]).join(fields[4]);
        let bytes = std::fs::read(&path).unwrap();
        texts.push((path, String::from_utf8(bytes).unwrap()));
    }
    assert!(texts.len() >= 200, "only {} configurations in the corpus", texts.len());
    texts
}

/// Every address in the document that has one value.
fn addresses(node: &Node) -> Vec<Pointer> {
    let mut found = Vec::new();
    let mut open = vec![(Pointer::root(), node)];
    while let Some((at, node)) = open.pop() {
        match &node.kind {
            NodeKind::Array(elements) => {
                open.extend(elements.iter().enumerate().map(|(index, element)| (at.index(index), element)));
            }
            NodeKind::Object(members) => {
                open.extend(members.iter().map(|member| (at.key(member.key.as_str()), &member.value)));
            }
            _ => {}
        }
        if !at.is_root() {
            found.push(at);
        }
    }
    found
}

/// Applies one edit, checks every law, and returns the result.
#[track_caller]
fn checked(path: &Path, text: &str, root: &Node, edit: &Edit) -> String {
    let edits = std::slice::from_ref(edit);
    let change = patch(text, edits).unwrap_or_else(|error| panic!("{}: {edit:?}: {error}", path.display()));
    let intended = model::apply(root.to_json(), edits);
    let Some(change) = change else {
        assert_eq!(Some(root.to_json()), intended, "{}: {edit:?}", path.display());
        return text.to_owned();
    };
    let after = change.apply(text);
    assert_eq!(change.invert(text).apply(&after), text, "{}: {edit:?}", path.display());
    let now = parse(&after).root.map(|root| root.to_json());
    assert_eq!(now, intended, "{}: {edit:?}\n{after}", path.display());
    invariants::check(text, &after);
    after
}

#[test]
fn everything_is_read_and_left_alone() {
    for (path, text) in texts() {
        let parsed = parse(&text);
        assert_eq!(parsed.errors, [], "{}", path.display());
        assert_eq!(parsed.duplicates, [], "{}", path.display());
        assert_eq!(patch(&text, &[]), Ok(None));
        let root = parsed.root.unwrap();
        for at in addresses(&root) {
            let value = root.at(&at).unwrap().to_json();
            assert_eq!(patch(&text, &[Edit::Set { at, value }]), Ok(None), "{}", path.display());
        }
    }
}

#[test]
fn additions_keep_every_comment_in_its_place() {
    for (path, text) in texts() {
        let root = parse(&text).root.unwrap();
        let compose = json!(["docker-compose.yml", "drawbridge.compose.yaml"]);
        let set = |at: &str, value: Value| Edit::Set { at: Pointer::parse(at).unwrap(), value };
        let append = |at: &str, value: Value| Edit::Append { at: Pointer::parse(at).unwrap(), value };
        let mut edits = vec![
            set("/x-new", json!("dev")),
            set("/x-new/deep/er", json!({ "list": [1, { "a": [] }], "text": "é\n" })),
            append("/x-new", json!({ "type": "volume", "source": "s", "target": "/t" })),
            append("/x-new", json!("one")),
            set("/customizations/x-new/settings/x.y", json!(true)),
        ];
        for member in root.members() {
            let at = Pointer::root().key(member.key.as_str());
            match &member.value.kind {
                NodeKind::Array(_) => edits.push(Edit::Append { at, value: compose.clone() }),
                NodeKind::Object(_) => edits.push(Edit::Set { at: at.key("x-new"), value: json!("dev") }),
                _ => {}
            }
        }
        for edit in &edits {
            let after = checked(&path, &text, &root, edit);
            invariants::check_addition(&text, &after);
        }
    }
}

#[test]
fn every_value_can_be_replaced_and_removed() {
    for (path, text) in texts() {
        let root = parse(&text).root.unwrap();
        for (turn, at) in addresses(&root).into_iter().enumerate() {
            let to = Pointer::root().key("x-new");
            let other = match turn % 3 {
                0 => Edit::Set { at: at.clone(), value: json!("replaced") },
                1 => Edit::Set { at: at.clone(), value: json!({ "a": [1, {}] }) },
                _ => Edit::Move { from: at.clone(), to },
            };
            checked(&path, &text, &root, &other);
            checked(&path, &text, &root, &Edit::Remove { at });
        }
    }
}

#[test]
fn a_document_can_be_emptied_and_filled_again() {
    for (path, text) in texts() {
        let root = parse(&text).root.unwrap();
        let keys: Vec<&str> = root.members().iter().map(|member| member.key.as_str()).collect();
        let mut edits: Vec<Edit> =
            keys.iter().map(|key| Edit::Remove { at: Pointer::root().key(*key) }).collect();
        edits.extend(keys.iter().map(|key| {
            let at = Pointer::root().key(*key);
            Edit::Set { value: root.at(&at).unwrap().to_json(), at }
        }));
        let after = patch(&text, &edits).unwrap().map_or(text.clone(), |change| change.apply(&text));
        assert_eq!(parse(&after).root.unwrap().to_json(), root.to_json(), "{}", path.display());
        invariants::check(&text, &after);
    }
}

#[test]
fn the_addition_is_the_only_change() {
    for (path, text) in texts() {
        let edit = Edit::Set { at: Pointer::root().key("x-new"), value: json!(1) };
        let change = patch(&text, &[edit]).unwrap().unwrap();
        let after = change.apply(&text);
        let (old, new): (Vec<&str>, Vec<&str>) = (text.lines().collect(), after.lines().collect());
        assert!(new.len() <= old.len() + 1, "{}: more than one new line\n{after}", path.display());
        let differing = old.iter().filter(|line| !new.contains(line)).count();
        assert!(differing <= 1, "{}: {differing} old lines changed\n{after}", path.display());
    }
}
