//! Laws of the patch engine over random documents and edits.

use drawbridge_jsonc::{Edit, PatchError, parse, patch};
use proptest::prelude::*;
use serde_json::Value;

use crate::generate::{Style, edits, key, object, style, walk, write};
use crate::{invariants, model};

fn document() -> impl Strategy<Value = (Value, Style)> {
    (object(), style())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn the_written_value_is_read((value, style) in document()) {
        let text = write(&value, &style);
        let parsed = parse(&text);
        prop_assert_eq!(&parsed.errors, &[], "{}", text);
        prop_assert_eq!(parsed.root.unwrap().to_json(), value, "{}", text);
        prop_assert_eq!(patch(&text, &[]), Ok(None));
    }

    #[test]
    fn edits_do_what_they_say(
        (value, style, edits) in document().prop_flat_map(|(value, style)| {
            let edits = edits(&value);
            (Just(value), Just(style), edits)
        })
    ) {
        let text = write(&value, &style);
        let intended = model::apply(value.clone(), &edits);
        match patch(&text, &edits) {
            Ok(edit) => {
                let after = edit.as_ref().map_or(text.clone(), |edit| edit.apply(&text));
                let context = format!("{edits:#?}\n--- before\n{text}\n--- after\n{after}");
                prop_assert_eq!(Some(parse(&after).root.unwrap().to_json()), intended, "{}", context);
                invariants::check(&text, &after);
                if let Some(edit) = edit {
                    prop_assert_eq!(edit.invert(&text).apply(&after), text);
                }
            }
            Err(PatchError::Result { message }) => prop_assert!(false, "{}\n{}", message, text),
            Err(error) => prop_assert_eq!(intended, None, "{}: {:#?}\n{}", error, edits, text),
        }
    }

    #[test]
    fn setting_what_is_there_changes_nothing((value, style) in document(), walk in walk()) {
        let text = write(&value, &style);
        let at = walk.pointer(&value);
        if let Some(there) = value.pointer(&at.to_string()) {
            let edit = Edit::Set { at, value: there.clone() };
            prop_assert_eq!(patch(&text, &[edit]), Ok(None), "{}", text);
        }
    }

    #[test]
    fn an_addition_moves_no_comment((value, style) in document(), walk in walk(), new in key()) {
        let text = write(&value, &style);
        let at = walk.pointer(&value);
        let value = Value::from(new.clone());
        for edit in [
            Edit::Append { at: at.clone(), value: value.clone() },
            Edit::Set { at: at.key(new.as_str()), value: value.clone() },
        ] {
            let exists = parse(&text).root.unwrap().at(&at.key(new.as_str())).is_some();
            if let Ok(Some(change)) = patch(&text, &[edit]) && !exists {
                invariants::check_addition(&text, &change.apply(&text));
            }
        }
    }
}
