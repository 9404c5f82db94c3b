//! The schema names what the loader knows, no more and no less.

use drawbridge_policy::{LayerKind, schema};
use serde_json::{Value, json};

use crate::world::{errors, layer};

/// Every key of `properties` loads with some value of its kind, and every other key does not.
fn check_keys(properties: &Value, document: impl Fn(&str, Value) -> Value) {
    let keys: Vec<&String> = properties.as_object().unwrap().keys().collect();
    assert!(keys.len() > 1);
    for key in keys {
        // The wrong type for every key, so that each known key is an error of another kind.
        let text = document(key, json!({ "nonsense": null })).to_string();
        let Err(said) = drawbridge_policy::load(&[layer(LayerKind::Personal, &text)], 0) else {
            continue;
        };
        let unknown = format!("`{key}` is not a key");
        assert!(said.iter().all(|one| !one.message.contains(&unknown)), "{key} is not known to the loader");
    }
    let text = document("somethingElse", json!(1)).to_string();
    assert!(errors(LayerKind::Personal, &text).contains("unknown-key"), "{text}");
}

#[test]
fn keys_of_the_schema_are_keys_of_the_loader() {
    let schema = schema();
    let with = |mut object: Value, key: &str, value: Value| {
        object[key] = value;
        object
    };
    check_keys(&schema["properties"], |key, value| with(json!({}), key, value));
    let defs = &schema["$defs"];
    let rule = json!({ "host": "a.example" });
    check_keys(
        &defs["allow"]["properties"],
        |key, value| json!({ "allow": [with(rule.clone(), key, value)] }),
    );
    check_keys(&defs["deny"]["properties"], |key, value| json!({ "deny": [with(rule.clone(), key, value)] }));
    let bundle = json!({ "bundle": "npm" });
    check_keys(
        &defs["bundle"]["properties"],
        |key, value| json!({ "use": [with(bundle.clone(), key, value)] }),
    );
    let secret = json!({ "secret": "s", "host": "a.example" });
    check_keys(
        &defs["secret"]["properties"],
        |key, value| json!({ "asks": [with(secret.clone(), key, value)] }),
    );
}

#[test]
fn keys_of_the_loader_are_keys_of_the_schema() {
    // The loader lists its keys in the hint of an unknown one.
    let schema = schema();
    for (text, properties) in [
        (r#"{"zzzzzz": 1}"#, &schema["properties"]),
        (r#"{"allow": [{"host": "a.example", "zzzzzz": 1}]}"#, &schema["$defs"]["allow"]["properties"]),
        (r#"{"deny": [{"host": "a.example", "zzzzzz": 1}]}"#, &schema["$defs"]["deny"]["properties"]),
        (r#"{"use": [{"bundle": "npm", "zzzzzz": 1}]}"#, &schema["$defs"]["bundle"]["properties"]),
    ] {
        let said = errors(LayerKind::Personal, text);
        let keys = said.split("known keys: ").nth(1).unwrap().trim().split(", ");
        for key in keys {
            assert!(properties.get(key).is_some(), "{key} is missing in the schema");
        }
    }
}
