//! One table row per habit of people who write `devcontainer.json` files. The rows about comments
//! are the cases that other tools get wrong (devcontainer reference, section 6.3).

use drawbridge_jsonc::{Edit, PatchError, Pointer, parse, patch};
use drawbridge_text::Span;
use serde_json::{Value, json};

use crate::invariants;

fn at(pointer: &str) -> Pointer {
    Pointer::parse(pointer).unwrap()
}

fn set(pointer: &str, value: Value) -> Edit {
    Edit::Set { at: at(pointer), value }
}

fn insert(pointer: &str, value: Value) -> Edit {
    Edit::Insert { at: at(pointer), value }
}

fn append(pointer: &str, value: Value) -> Edit {
    Edit::Append { at: at(pointer), value }
}

fn remove(pointer: &str) -> Edit {
    Edit::Remove { at: at(pointer) }
}

fn shift(from: &str, to: &str) -> Edit {
    Edit::Move { from: at(from), to: at(to) }
}

#[track_caller]
fn check(before: &str, edits: &[Edit], after: &str) {
    let change = patch(before, edits).unwrap();
    let result = change.as_ref().map_or(before.to_owned(), |change| change.apply(before));
    assert_eq!(result, after, "\n--- got\n{result}\n--- want\n{after}\n---");
    invariants::check(before, after);
    if let Some(change) = change {
        assert_eq!(change.invert(before).apply(after), before);
    }
}

#[test]
fn a_note_stays_on_the_line_of_its_member() {
    let b = || [set("/b", json!(2))];
    check("{\n  \"a\": 1, // note\n}\n", &b(), "{\n  \"a\": 1, // note\n  \"b\": 2,\n}\n");
    check("{\n  \"a\": 1 // note\n}\n", &b(), "{\n  \"a\": 1, // note\n  \"b\": 2\n}\n");
    check("{\n  \"a\": 1 /* note */\n}\n", &b(), "{\n  \"a\": 1, /* note */\n  \"b\": 2\n}\n");
    check("{\n  \"a\": 1 /* x */, // y\n}\n", &b(), "{\n  \"a\": 1 /* x */, // y\n  \"b\": 2,\n}\n");
    check("{ \"a\": 1 /* note */ }", &b(), "{ \"a\": 1 /* note */, \"b\": 2 }");
    check(
        "{\n  \"a\": 1 // note\n  , \"c\": 3 }",
        &b(),
        "{\n  \"a\": 1 // note\n  , \"c\": 3,\n  \"b\": 2 }",
    );
    check(
        "{\n  \"a\": 1 // note\n\n  // \"remoteUser\": \"root\"\n}\n",
        &b(),
        "{\n  \"a\": 1, // note\n  \"b\": 2\n\n  // \"remoteUser\": \"root\"\n}\n",
    );
}

#[test]
fn a_new_member_looks_like_its_siblings() {
    let b = || [set("/b", json!({ "c": [1] }))];
    check("{\n\t\"a\": 1\n}\n", &b(), "{\n\t\"a\": 1,\n\t\"b\": {\n\t\t\"c\": [1]\n\t}\n}\n");
    check(
        "{\r\n    \"a\": 1\r\n}",
        &b(),
        "{\r\n    \"a\": 1,\r\n    \"b\": {\r\n        \"c\": [1]\r\n    }\r\n}",
    );
    check("{\r\"a\": 1\r}", &[set("/b", json!(2))], "{\r\"a\": 1,\r\"b\": 2\r}");
    check("{\"a\":1}", &b(), "{\"a\":1, \"b\":{ \"c\": [1] }}");
    check("{\n  \"a\" : 1\n}", &[set("/b", json!(2))], "{\n  \"a\" : 1,\n  \"b\" : 2\n}");
    check("\u{feff}{\n  \"a\": 1\n}", &[set("/b", json!(2))], "\u{feff}{\n  \"a\": 1,\n  \"b\": 2\n}");
    // Mixed indentation: the neighbour decides, at each level anew.
    check(
        "{\n\t\"a\": {\n\t    \"x\": 1\n\t}\n}",
        &[set("/a/y", json!({ "z": 1 }))],
        "{\n\t\"a\": {\n\t    \"x\": 1,\n\t    \"y\": {\n\t        \"z\": 1\n\t    }\n\t}\n}",
    );
    // Mixed line endings: those of the neighbour.
    check(
        "{\r\n  \"a\": 1,\n  \"b\": 2\r\n}",
        &[set("/c", json!(3))],
        "{\r\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\r\n}",
    );
}

#[test]
fn what_is_empty_opens_where_it_may() {
    let a = || [set("/a", json!(1))];
    check("{}", &a(), "{\n  \"a\": 1\n}");
    check("{ }\n", &a(), "{\n  \"a\": 1\n}\n");
    check("{\n}\n", &a(), "{\n  \"a\": 1\n}\n");
    check("{\n  // only a comment\n}\n", &a(), "{\n  // only a comment\n  \"a\": 1\n}\n");
    check("{ // only a comment\n}\n", &a(), "{ // only a comment\n  \"a\": 1\n}\n");
    check("{ /* only */ }", &a(), "{ /* only */\n  \"a\": 1\n}");
    check(
        "{\n  \"features\": {}\n}",
        &[set("/features/f", json!({}))],
        "{\n  \"features\": {\n    \"f\": {}\n  }\n}",
    );
    check("{\n  \"l\": []\n}", &[append("/l", json!("x"))], "{\n  \"l\": [\"x\"]\n}");
    check("{\n  \"l\": [ ]\n}", &[append("/l", json!("x"))], "{\n  \"l\": [ \"x\" ]\n}");
    check(
        "{\n  \"l\": []\n}",
        &[append("/l", json!({ "x": 1 }))],
        "{\n  \"l\": [\n    {\n      \"x\": 1\n    }\n  ]\n}",
    );
}

#[test]
fn an_array_on_one_line_stays_on_one_line() {
    let x = || [append("/l", json!("x"))];
    check("{\n  \"l\": [\"--init\"]\n}", &x(), "{\n  \"l\": [\"--init\", \"x\"]\n}");
    check("{\n  \"l\": [\"--init\",]\n}", &x(), "{\n  \"l\": [\"--init\", \"x\",]\n}");
    check("{\n  \"l\": [ 1, 2 ]\n}", &x(), "{\n  \"l\": [ 1, 2, \"x\" ]\n}");
    check("{\n  \"l\": [1,2]\n}", &x(), "{\n  \"l\": [1,2,\"x\"]\n}");
    check("{\"l\": [1 /* one */]}", &x(), "{\"l\": [1 /* one */, \"x\"]}");
    check("{\n  \"l\": [1, // one\n  ]\n}", &x(), "{\n  \"l\": [1, // one\n    \"x\",\n  ]\n}");
    check(
        "{\n  \"l\": [\n    1, 2,\n    3, 4\n  ]\n}",
        &x(),
        "{\n  \"l\": [\n    1, 2,\n    3, 4, \"x\"\n  ]\n}",
    );
    check("{\"l\": [1]}", &[append("/l", json!({ "a": [] }))], "{\"l\": [1, { \"a\": [] }]}");
    check("{\n  \"l\": [\n    1\n  ]\n}", &x(), "{\n  \"l\": [\n    1,\n    \"x\"\n  ]\n}");
    check("{\n  \"l\": [\n    1,\n  ]\n}", &x(), "{\n  \"l\": [\n    1,\n    \"x\",\n  ]\n}");
}

#[test]
fn an_element_goes_before_another() {
    let x = |index| [insert(&format!("/l/{index}"), json!(0))];
    check("{\"l\": [1, 2]}", &x(0), "{\"l\": [0, 1, 2]}");
    check("{\"l\": [1, 2]}", &x(1), "{\"l\": [1, 0, 2]}");
    check("{\"l\": [1, 2]}", &x(2), "{\"l\": [1, 2, 0]}");
    check("{\"l\": [ 1 ]}", &x(0), "{\"l\": [ 0, 1 ]}");
    check("{\"l\": [/* one */ 1]}", &x(0), "{\"l\": [0, /* one */ 1]}");
    check("{\"l\": [ // list\n  1\n]}", &x(0), "{\"l\": [ // list\n  0,\n  1\n]}");
    check("{\"l\": [\n  // one\n  1, // 1\n  2\n]}", &x(1), "{\"l\": [\n  // one\n  1, // 1\n  0,\n  2\n]}");
    check("{\"l\": [\n  // one\n  1\n]}", &x(0), "{\"l\": [\n  0,\n  // one\n  1\n]}");
}

#[test]
fn a_replaced_value_keeps_what_is_around_it() {
    check(
        "{\n  \"f\": /* x */ \"a.yml\" /* y */, // z\n}",
        &[set("/f", json!(["a.yml", "b.yml"]))],
        "{\n  \"f\": /* x */ [\"a.yml\", \"b.yml\"] /* y */, // z\n}",
    );
    check("[\r\n\t1,\r\n\t2\r\n]", &[set("/1", json!({}))], "[\r\n\t1,\r\n\t{}\r\n]");
    // Equal parts of containers keep their bytes and their comments.
    check(
        "{\n  \"a\": { \"x\": 1.0, /* y */ \"y\": [ 1, /* two */ 2, 3 ] }\n}",
        &[set("/a", json!({ "x": 1.0, "y": [1, 2, 4], "z": null }))],
        "{\n  \"a\": { \"x\": 1.0, /* y */ \"y\": [ 1, /* two */ 2, 4 ], \"z\": null }\n}",
    );
    check(
        "[\n  1, // one\n  2, // two\n  3\n]",
        &[set("", json!([1, 3]))],
        "[\n  1, // one\n  // two\n  3\n]",
    );
    // Comments that lose their place stay at the member.
    check(
        "{\n  \"build\": {\n    // why\n    \"context\": \"..\" // where\n  }\n}",
        &[set("/build", json!(null))],
        "{\n  // why\n  // where\n  \"build\": null\n}",
    );
    check("{ \"a\": [1 /* one */] }", &[set("/a", json!(1))], "{ \"a\": 1 /* one */ }");
    check("// top\n{ /* in */ }", &[set("", json!([]))], "// top\n/* in */\n[]");
}

#[test]
fn long_lists_are_broken_and_short_ones_are_not() {
    let long: Vec<String> = (0..20).map(|index| format!("element-{index}")).collect();
    let change = patch("{\n}", &[set("/l", json!(long))]).unwrap().unwrap();
    let text = change.apply("{\n}");
    assert!(text.starts_with("{\n  \"l\": [\n    \"element-0\",\n    \"element-1\",\n"), "{text}");
    check("{\n}", &[set("/l", json!(["a", 1]))], "{\n  \"l\": [\"a\", 1]\n}");
}

#[test]
fn a_removed_member_leaves_every_comment() {
    check("{\n  \"a\": 1,\n  \"b\": 2\n}", &[remove("/b")], "{\n  \"a\": 1\n}");
    check("{\n  \"a\": 1,\n  \"b\": 2,\n}", &[remove("/b")], "{\n  \"a\": 1,\n}");
    check("{\n  \"a\": 1,\n  \"b\": 2\n}", &[remove("/a")], "{\n  \"b\": 2\n}");
    check("{ \"a\": 1, \"b\": 2 }", &[remove("/a")], "{ \"b\": 2 }");
    check("{ \"a\": 1, \"b\": 2 }", &[remove("/b")], "{ \"a\": 1 }");
    check("{ \"a\": 1 }", &[remove("/a")], "{}");
    check("{\n  \"a\": 1\n}\n", &[remove("/a")], "{}\n");
    check(
        "{\n  // about a\n  \"a\": 1, // tail a\n  // about b\n  \"b\": 2 // tail b\n}",
        &[remove("/b")],
        "{\n  // about a\n  \"a\": 1 // tail a\n  // about b\n  // tail b\n}",
    );
    check(
        "{\n  // about a\n  \"a\": 1, // tail a\n  \"b\": 2\n}",
        &[remove("/a")],
        "{\n  // about a\n  // tail a\n  \"b\": 2\n}",
    );
    check("[1, /* two */ 2 /* 2 */, 3]", &[remove("/1")], "[1, /* two */ /* 2 */ 3]");
    check("[1, 2 // two\n]", &[remove("/1")], "[1\n// two\n]");
    check("{\n  \"a\": 1,\n\n  \"b\": 2,\n  \"c\": 3\n}", &[remove("/b")], "{\n  \"a\": 1,\n\n  \"c\": 3\n}");
    check("{\n  \"a\": 1,\n\n  // about b\n  \"b\": 2\n}", &[remove("/a")], "{\n  // about b\n  \"b\": 2\n}");
    check("{\n  \"a\": 1\n  , \"b\": 2\n}", &[remove("/b")], "{\n  \"a\": 1\n}");
    check("{ \"a\": 1, // note\n  \"b\": 2 }", &[remove("/b")], "{ \"a\": 1 // note\n}");
}

#[test]
fn a_moved_value_takes_its_notes_along() {
    check(
        "{\n  \"a\": 1, // note\n  \"c\": 3\n}",
        &[shift("/a", "/b")],
        "{\n  \"b\": 1, // note\n  \"c\": 3\n}",
    );
    check(
        "{\n  // above\n  \"l\": [\n    1 // one\n  ], // list\n  \"c\": {\n    \"x\": 0\n  }\n}",
        &[shift("/l", "/c/l")],
        "{\n  // above\n  \"c\": {\n    \"x\": 0,\n    \"l\": [\n      1 // one\n    ] // list\n  }\n}",
    );
    check("[1, 2, 3]", &[shift("/0", "/2")], "[2, 3, 1]");
    check(
        "{\"x\": 1, // n\r\"b\": {\"k\": 2}}",
        &[shift("/x", "/b/x"), shift("/b", "/c/b")],
        "{\r  \"c\": {\r    \"b\": {\"k\": 2, \"x\": 1 // n\r    }\r  }\r}",
    );
    // Two notes of which the first needs a line of its own.
    check("[\n  1 // x\n  , /* y */\n  2\n]", &[shift("/0", "/1")], "[\n  2,\n  // x\n  /* y */\n  1\n]");
    check("{\n  \"a\": 1\n}", &[shift("/a", "/x/y")], "{\n  \"x\": {\n    \"y\": 1\n  }\n}");
    check("{\"a\": 1}", &[shift("/a", "/a")], "{\"a\": 1}");
}

#[test]
fn edits_see_the_edits_before_them() {
    check(
        "{\n  \"image\": \"debian\"\n}\n",
        &[
            shift("/image", "/dockerComposeFile"),
            set("/dockerComposeFile", json!([])),
            append("/dockerComposeFile", json!("a.yaml")),
            append("/dockerComposeFile", json!("b.yaml")),
            set("/customizations/vscode/settings/x", json!({})),
            set("/customizations/vscode/settings/x/y", json!(1)),
            remove("/dockerComposeFile/0"),
        ],
        "{\n  \"dockerComposeFile\": [\"b.yaml\"],\n  \"customizations\": {\n    \"vscode\": {\n      \
         \"settings\": {\n        \"x\": {\n          \"y\": 1\n        }\n      }\n    }\n  }\n}\n",
    );
    check("{\"a\": 1}", &[set("/b", json!(2)), remove("/b")], "{\"a\": 1}");
}

#[test]
fn what_is_so_already_needs_no_edit() {
    for text in ["{ \"a\" :1e0 }", "\u{feff}// c\r{\"a\":\t1.0 ,}//d"] {
        assert_eq!(patch(text, &[set("/a", json!(1.0))]), Ok(None), "{text}");
        assert_eq!(patch(text, &[]), Ok(None), "{text}");
    }
    let text = "{\"s\": \"\\u0061\\/\", \"l\": [1, [], {}]}";
    assert_eq!(patch(text, &[set("", json!({ "l": [1, [], {}], "s": "a/" }))]), Ok(None));
}

#[test]
fn the_edit_is_small() {
    let text = "{\n  \"a\": 1,\n  \"b\": [1, 2]\n}\n";
    let change = patch(text, &[append("/b", json!(3))]).unwrap().unwrap();
    assert_eq!((change.span, change.insert.as_str()), (Span::at(text.find(']').unwrap()), ", 3"));
}

#[test]
fn what_has_two_meanings_is_refused() {
    let text = "{\"a\": {\"x\": 1}, \"b\": 1, \"a\": {\"x\": 2}}";
    let duplicate = |pointer| Err(PatchError::Duplicate { at: at(pointer) });
    for edit in [
        set("/a", json!(1)),
        set("/a/x", json!(1)),
        set("/a/y", json!(1)),
        insert("/a", json!(1)),
        remove("/a"),
        append("/a", json!(1)),
        shift("/a", "/c"),
        shift("/b", "/a/x"),
    ] {
        assert_eq!(patch(text, std::slice::from_ref(&edit)), duplicate("/a"), "{edit:?}");
    }
    assert!(matches!(patch(text, &[shift("/b", "/a")]), Err(PatchError::Exists { .. })));
    check(text, &[set("/b", json!(2))], "{\"a\": {\"x\": 1}, \"b\": 2, \"a\": {\"x\": 2}}");
    // Replacing the object that has the two ends the ambiguity, even by an equal value.
    check("{\"o\": {\"x\": 1, \"x\": 2}}", &[set("/o", json!({ "x": 2 }))], "{\"o\": { \"x\": 2 }}");
    assert_eq!(
        patch("{\"o\": {\"\\u0078\": 1, \"x\": 2}}", &[remove("/o/x")]),
        Err(PatchError::Duplicate { at: at("/o/x") }),
        "keys are compared as values, not as bytes",
    );
}

#[test]
fn what_cannot_be_done_says_why() {
    let text = "{\"s\": 1, \"l\": [1], \"o\": {}}";
    let said = |edit: Edit| patch(text, &[edit]).unwrap_err().to_string();
    assert_eq!(said(remove("/x/y")), "nothing at `/x`");
    assert_eq!(said(remove("/l/1")), "nothing at `/l/1`");
    assert_eq!(said(set("/l/1", json!(1))), "nothing at `/l/1`");
    assert_eq!(said(set("/l/01", json!(1))), "nothing at `/l/01`");
    assert_eq!(said(insert("/l/2", json!(1))), "nothing at `/l/2`");
    assert_eq!(said(set("/l/1/x", json!(1))), "nothing at `/l/1`");
    assert_eq!(said(set("/s/x", json!(1))), "`/s` is not an object or an array");
    assert_eq!(said(append("/s", json!(1))), "`/s` is not an array");
    assert_eq!(said(append("", json!(1))), "the document is not an array");
    assert_eq!(said(append("/o", json!(1))), "`/o` is not an array");
    assert_eq!(said(insert("/s", json!(1))), "`/s` is there already");
    assert_eq!(said(shift("/s", "/l")), "`/l` is there already");
    assert_eq!(said(shift("/o", "/o/x")), "`/o/x` is no place for this edit");
    assert_eq!(said(remove("")), "the document is no place for this edit");
    assert_eq!(
        said(set("/p", json!({ "__proto__": 1 }))),
        "the result would not be readable: `__proto__` hides values: JavaScript readers inherit them"
    );
    let deep = (0..200).fold(json!(1), |value, _| json!([value]));
    assert_eq!(said(set("/d", deep)), "the result would not be readable: nested deeper than 128 levels");
    let deep = (0..127).fold(json!(1), |value, _| json!([value]));
    assert!(patch(text, &[set("/d", deep.clone())]).is_ok());
    assert_eq!(said(set("/o/d", deep)), "the result would not be readable: nested deeper than 128 levels");
}

#[test]
fn a_broken_document_is_refused_with_the_place() {
    for (text, message, span) in [
        ("{\"a\": 1 \"b\": 2}", "expected `,`", Span::new(8, 11)),
        ("{\"a\": True}", "unexpected `True`", Span::new(6, 10)),
        ("", "expected a value", Span::at(0)),
        ("{\"a\": 1", "expected `}`", Span::at(7)),
    ] {
        let error = patch(text, &[set("/x", json!(1))]).unwrap_err();
        assert_eq!(error, PatchError::Syntax { message: message.to_owned(), span });
        assert_eq!(error.hint(), Some("correct the file, then try again"));
        assert_eq!(parse(text).errors[0].span, span);
    }
}
