//! A second opinion on texts without errors: the crate `jsonc-parser`, written independently.

use drawbridge_jsonc::parse;
use drawbridge_text::split_bom;
use jsonc_parser::{ParseOptions, parse_to_serde_value};
use proptest::prelude::*;
use serde_json::Value;

use crate::{corpus, generate};

/// Every number as a double, which is what JavaScript makes of it.
fn doubles(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64()),
        Value::Array(elements) => elements.into_iter().map(doubles).collect(),
        Value::Object(members) => members.into_iter().map(|(key, value)| (key, doubles(value))).collect(),
        other => other,
    }
}

#[track_caller]
fn check(text: &str) {
    let ours = parse(text);
    assert_eq!(ours.errors, [], "{text}");
    let theirs: Value = parse_to_serde_value(split_bom(text).1, &ParseOptions::default()).unwrap();
    assert_eq!(doubles(ours.root.unwrap().to_json()), doubles(theirs), "{text}");
}

#[test]
fn the_corpus_is_read_alike() {
    for (_, text) in corpus::texts() {
        check(&text);
    }
}

/// Why that crate does not read configurations here: the CLI sees no `b` in this text.
#[test]
fn a_raw_newline_in_a_string_is_read_differently() {
    let text = "{\"a\": \"x\ny\", \"b\": 2}";
    let theirs: Value = parse_to_serde_value(text, &ParseOptions::default()).unwrap();
    assert_eq!(theirs["b"], 2);
    let ours = parse(text);
    assert!(ours.root.unwrap().get("b").is_none() && !ours.errors.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn random_documents_are_read_alike((value, style) in (generate::object(), generate::style())) {
        check(&generate::write(&value, &style));
    }
}
