//! What the official CLI reads in each kind of text (devcontainer reference, section 6.1). The
//! values were taken from the npm package `jsonc-parser` 3.3.1 with its errors ignored.

use std::fmt::Write;

use drawbridge_jsonc::{MAX_BYTES, MAX_DEPTH, Node, Pointer, parse};
use drawbridge_text::{LineIndex, Span};
use serde_json::{Value, json};

#[track_caller]
fn value(text: &str) -> Option<Value> {
    parse(text).root.map(|root| root.to_json())
}

/// The value, and each error with its place and the text it points to.
fn report(text: &str) -> String {
    let parsed = parse(text);
    let index = LineIndex::new(text);
    let mut out = parsed.root.as_ref().map_or("none".to_owned(), |root| root.to_json().to_string());
    for error in &parsed.errors {
        let place = index.line_col(error.span.start);
        let at = error.span.slice(text).unwrap();
        write!(out, "\n{place} {at:?}: {error}").unwrap();
    }
    for duplicate in &parsed.duplicates {
        write!(out, "\n{} is written {} times", duplicate.at, duplicate.spans.len()).unwrap();
    }
    out
}

#[test]
fn clean_texts_have_no_errors() {
    for (text, want) in [
        ("{\"a\":1}", json!({ "a": 1 })),
        ("// before\n{ // in\n \"a\" /* k */ : /* v */ 1, // after\n} // end", json!({ "a": 1 })),
        ("/* a /* b */ {}", json!({})),
        ("{\"a\":1,}", json!({ "a": 1 })),
        ("[1,2,]", json!([1, 2])),
        ("{\r\n\"a\":1\r\n}\r\n", json!({ "a": 1 })),
        ("{\r\"a\":1 // c\r}", json!({ "a": 1 })),
        ("{\n\"a\":1,\r\n\"b\":2\r}", json!({ "a": 1, "b": 2 })),
        ("\t{\t\"a\"\t:\t1\t}", json!({ "a": 1 })),
        ("{\"a\":\"\u{2028}\u{2029}\"}", json!({ "a": "\u{2028}\u{2029}" })),
        ("{\"a\":\"\\ud800\"}", json!({ "a": "\u{fffd}" })),
        ("{\"a\":\"\\ud83d\\ude00\"}", json!({ "a": "😀" })),
        ("{\"\":null}", json!({ "": null })),
        ("{\"a\":1e2,\"b\":-0.5E-1,\"c\":0}", json!({ "a": 100.0, "b": -0.05, "c": 0 })),
        ("{\"a\":123456789012345678901234}", json!({ "a": 1.234_567_890_123_456_8e23 })),
        ("{\"a\":18446744073709551615}", json!({ "a": u64::MAX })),
        ("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"}", json!({ "a": "\"\\/\u{8}\u{c}\n\r\té" })),
        ("\u{feff}{\"a\":1}", json!({ "a": 1 })),
        ("\u{feff}// c\n{}", json!({})),
        ("\"text\"", json!("text")),
    ] {
        let parsed = parse(text);
        assert_eq!(parsed.errors, [], "{text:?}");
        assert_eq!(parsed.root.unwrap().to_json(), want, "{text:?}");
    }
}

#[test]
fn erroneous_texts_with_the_right_value() {
    insta::assert_snapshot!(report("# note\n{\"a\":1}"), @r##"
    {"a":1}
    1:1 "#": unexpected `#`
    1:3 "note": unexpected `note`
    "##);
    insta::assert_snapshot!(report("{\"a\":1,,\"b\":2}"), @r#"
    {"a":1,"b":2}
    1:8 ",": expected a key in double quotes
    "#);
    insta::assert_snapshot!(report("{,\"a\":1}"), @r#"
    {"a":1}
    1:2 ",": expected a value before `,`
    "#);
    insta::assert_snapshot!(report("{\"a\":1\n\"b\":2}"), @r#"
    {"a":1,"b":2}
    2:1 "\"b\"": expected `,`
    "#);
    insta::assert_snapshot!(report("{\"a\":{\"b\":1}"), @r#"
    {"a":{"b":1}}
    1:13 "": expected `}`
    "#);
    insta::assert_snapshot!(report("{\"a\":1}}"), @r#"
    {"a":1}
    1:8 "}": expected the end of the file
    "#);
    insta::assert_snapshot!(report("abc {\"a\":1}"), @r#"
    {"a":1}
    1:1 "abc": unexpected `abc`
    "#);
    insta::assert_snapshot!(report("{\"a\":1} {\"b\":2}"), @r#"
    {"a":1}
    1:9 "{": expected the end of the file
    "#);
    insta::assert_snapshot!(report("{\"a\":1} /* open"), @r#"
    {"a":1}
    1:9 "/*": comment is not closed by `*/`
    "#);
    insta::assert_snapshot!(report("{\u{a0}\"a\":\u{b} 1\u{c}}"), @r#"
    {"a":1}
    1:2 "\u{a0}": unexpected `\u{a0}`
    1:7 "\u{b}": unexpected `\u{b}`
    1:10 "\u{c}": unexpected `\u{c}`
    "#);
    insta::assert_snapshot!(report("{\"a\":\"x\ty\0\"}"), @r#"
    {"a":"x\ty\u0000"}
    1:8 "\t": control character in a string, write `\u0009`
    1:10 "\0": control character in a string, write `\u0000`
    "#);
}

#[test]
fn erroneous_texts_with_a_value_lost() {
    insta::assert_snapshot!(report("{\"a\" 1, \"b\":2}"), @r#"
    {"b":2}
    1:6 "1": expected `:` after the key
    "#);
    insta::assert_snapshot!(report("{\"a\":[1, \"b\":2}"), @r#"
    {"a":[1,"b"]}
    1:13 ":": expected `,`
    1:13 ":": expected a value
    1:16 "": expected `]`
    1:16 "": expected `}`
    "#);
    insta::assert_snapshot!(report("{'a':1}"), @r#"
    {}
    1:2 "'a'": unexpected `'a'`
    1:5 ":": expected a key in double quotes
    "#);
    insta::assert_snapshot!(report("{\"a\":'x', \"b\":y, \"c\":3}"), @r#"
    {"c":3}
    1:6 "'x'": unexpected `'x'`
    1:9 ",": expected a value
    1:15 "y": unexpected `y`
    1:16 ",": expected a value
    "#);
    insta::assert_snapshot!(report("{a:1}"), @r#"
    {}
    1:2 "a": unexpected `a`
    1:3 ":": expected a key in double quotes
    "#);
    insta::assert_snapshot!(report("{\"a\":True,\"b\":NaN,\"c\":+80,\"d\":.5,\"e\":5}"), @r#"
    {"e":5}
    1:6 "True": unexpected `True`
    1:10 ",": expected a value
    1:15 "NaN": unexpected `NaN`
    1:18 ",": expected a value
    1:23 "+80": unexpected `+80`
    1:26 ",": expected a value
    1:31 ".5": unexpected `.5`
    1:33 ",": expected a value
    "#);
    insta::assert_snapshot!(report("{\"a\":0x1F90,\"b\":0080,\"c\":1.,\"d\":1e,\"e\":5}"), @r#"
    {"a":0,"b":0,"c":1.0,"d":1,"e":5}
    1:7 "x1F90": unexpected `x1F90`
    1:18 "0": expected `,`
    1:18 "0": expected a key in double quotes
    1:26 "1.": number is not finished
    1:33 "1e": number is not finished
    "#);
    insta::assert_snapshot!(report("{\"a\":\"x\ny\",\"b\":2}"), @r#"
    {"a":"x"}
    1:6 "\"x": string is not closed by `"`
    2:1 "y": unexpected `y`
    2:2 "\",\"": expected `,`
    2:5 "b": unexpected `b`
    2:6 "\":2}": string is not closed by `"`
    2:6 "\":2}": expected `:` after the key
    2:10 "": expected `}`
    "#);
    insta::assert_snapshot!(report("{\"a\":\"\\q\",\"b\":\"\\u12G4\",\"c\":\"\\\"}"), @r#"
    {"a":"","b":"G4","c":"\"}"}
    1:7 "\\q": no such escape
    1:16 "\\u12": `\u` needs four hexadecimal digits
    1:28 "\"\\\"}": string is not closed by `"`
    1:32 "": expected `}`
    "#);
    insta::assert_snapshot!(report("{\"a\": True \"b\": 1}"), @r#"
    {"a":"b"}
    1:7 "True": unexpected `True`
    1:15 ":": expected `,`
    1:15 ":": expected a key in double quotes
    "#);
    insta::assert_snapshot!(report("{\"a\" {\"b\":1}, \"c\":2}"), @r#"
    {}
    1:6 "{": expected `:` after the key
    1:13 ",": expected the end of the file
    "#);
}

#[test]
fn texts_without_a_configuration() {
    for text in ["", " \n\t", "// only\n", "/* only */", "\u{feff}", "]", "{}x".split_at(2).1] {
        let parsed = parse(text);
        assert_eq!(parsed.root, None, "{text:?}");
        assert!(!parsed.errors.is_empty(), "{text:?}");
    }
    assert_eq!(value("[]"), Some(json!([])));
    assert_eq!(value("null"), Some(Value::Null));
}

#[test]
fn duplicates_are_reported_and_the_last_wins() {
    let text = "{\"a\":{\"x\":1,\"y\":0,\"\\u0078\":2},\"l\":[0,{\"k\":1,\"k\":1,\"k\":3}],\"a\":{\"x\":9}}";
    insta::assert_snapshot!(report(text), @r#"
    {"a":{"x":9},"l":[0,{"k":3}]}
    /a is written 2 times
    /a/x is written 2 times
    /l/1/k is written 3 times
    "#);
    let parsed = parse(text);
    let root = parsed.root.unwrap();
    assert_eq!(root.get("a").and_then(|a| a.get("x")).map(Node::to_json), Some(json!(9)));
    assert_eq!(root.at(&Pointer::parse("/l/1/k").unwrap()).map(Node::to_json), Some(json!(3)));
    let spans = &parsed.duplicates[1].spans;
    assert_eq!(
        spans.iter().map(|span| span.slice(text).unwrap()).collect::<Vec<_>>(),
        ["\"x\"", "\"\\u0078\""]
    );
}

#[test]
fn hidden_keys_are_errors() {
    insta::assert_snapshot!(report("{\"\\u005f_proto__\": {\"privileged\": true}}"), @r#"
    {"__proto__":{"privileged":true}}
    1:2 "\"\\u005f_proto__\"": `__proto__` hides values: JavaScript readers inherit them
    "#);
}

#[test]
fn spans_name_the_bytes() {
    let text = "\u{feff}{ \"é\" : [ true , null, -1.5e3 ] } // x";
    let root = parse(text).root.unwrap();
    let slice = |span: Span| span.slice(text).unwrap();
    let member = &root.members()[0];
    assert_eq!(slice(root.span), "{ \"é\" : [ true , null, -1.5e3 ] }");
    assert_eq!((slice(member.key_span), slice(member.span)), ("\"é\"", "\"é\" : [ true , null, -1.5e3 ]"));
    let elements = member.value.as_array().unwrap();
    let slices: Vec<&str> = elements.iter().map(|element| slice(element.span)).collect();
    assert_eq!(slices, ["true", "null", "-1.5e3"]);
    assert_eq!((elements[0].as_bool(), elements[1].is_null()), (Some(true), true));
    assert_eq!((elements[2].as_f64(), elements[2].as_i64()), (Some(-1500.0), None));
}

#[test]
fn pointers_follow_containers_only() {
    let root = parse("{\"a\":[{\"0\":\"x\"}]}").root.unwrap();
    let at = |text: &str| root.at(&Pointer::parse(text).unwrap()).map(Node::to_json);
    assert_eq!(at("/a/0/0"), Some(json!("x")));
    assert_eq!(at(""), Some(root.to_json()));
    for missing in ["/a/00", "/a/1", "/a/-", "/b", "/a/0/0/0", "/a/x"] {
        assert_eq!(at(missing), None, "{missing}");
    }
}

#[test]
fn depth_and_size_are_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(&nested(MAX_DEPTH)).is_clean());
    let deep = parse(&nested(MAX_DEPTH + 1));
    assert_eq!((deep.root, deep.errors.len()), (None, 1));
    assert_eq!(deep.errors[0].message, "nested deeper than 128 levels");
    assert_eq!(deep.errors[0].span.start, MAX_DEPTH);
    assert_eq!(parse(&"{\"a\":".repeat(500_000)).root, None);

    let padded = |len: usize| format!("{{}}{}", " ".repeat(len - 2));
    assert!(parse(&padded(MAX_BYTES)).is_clean());
    let large = parse(&padded(MAX_BYTES + 1));
    assert_eq!((large.root, large.errors[0].to_string()), (None, "file is larger than 4 MiB".to_owned()));
}

#[test]
fn reports_are_bounded() {
    let many = parse(&format!("[{}]", ",".repeat(100_000)));
    assert_eq!(many.errors.len(), 1000);
    let key = "k".repeat(100_000);
    let doubles: Vec<String> = (0..5000).map(|index| format!("\"{index}\":0,\"{index}\":0")).collect();
    let many = parse(&format!("{{\"{key}\":{{{}}}}}", doubles.join(",")));
    assert_eq!((many.errors.len(), many.duplicates.len()), (0, 1000));
}
