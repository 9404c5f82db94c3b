//! Random JSONC as people write it: every place for trivia gets some now and then.

use drawbridge_jsonc::{Edit, Pointer};
use proptest::prelude::*;
use serde_json::{Map, Number, Value};

/// How one document is written; `noise` is read in a circle to decide at each place.
#[derive(Clone, Debug)]
pub(crate) struct Style {
    pub(crate) newline: &'static str,
    unit: &'static str,
    bom: bool,
    final_newline: bool,
    compact: bool,
    noise: Vec<u8>,
}

pub(crate) fn style() -> impl Strategy<Value = Style> {
    let newline = prop::sample::select(vec!["\n", "\n", "\r\n", "\r"]);
    let unit = prop::sample::select(vec!["  ", "\t", "    ", ""]);
    let noise = prop::collection::vec(any::<u8>(), 1..40);
    (newline, unit, any::<bool>(), any::<bool>(), any::<bool>(), noise).prop_map(
        |(newline, unit, bom, final_newline, compact, noise)| Style {
            newline,
            unit,
            bom,
            final_newline,
            compact,
            noise,
        },
    )
}

pub(crate) fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c", "", "é", "a/b", "~", "0", "q\"\\"]).prop_map(str::to_owned)
}

pub(crate) fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(|number| Value::Number(Number::from(number))),
        Just(Value::from(0.5)),
        "[a/*\"\\\\\n😀 ]{0,6}".prop_map(Value::String),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((key(), inner), 0..4)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

/// An object, as a configuration is.
pub(crate) fn object() -> impl Strategy<Value = Value> {
    prop::collection::vec((key(), value()), 0..5).prop_map(|members| Value::Object(Map::from_iter(members)))
}

/// Edits whose addresses are often there: `picks` walk down from the root of `value`.
pub(crate) fn edits(value: &Value) -> impl Strategy<Value = Vec<Edit>> + use<> {
    let value = value.clone();
    prop::collection::vec((0..5_u8, walk(), walk(), self::value()), 1..5).prop_map(move |plans| {
        let plan = |(kind, first, second, new): (u8, Walk, Walk, Value)| {
            let at = first.pointer(&value);
            match kind {
                0 => Edit::Set { at, value: new },
                1 => Edit::Insert { at, value: new },
                2 => Edit::Remove { at },
                3 => Edit::Append { at, value: new },
                _ => Edit::Move { from: at, to: second.pointer(&value) },
            }
        };
        plans.into_iter().map(plan).collect()
    })
}

/// A way down a value, and now and then one step beyond.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    picks: Vec<u8>,
    beyond: Option<String>,
}

pub(crate) fn walk() -> impl Strategy<Value = Walk> {
    let beyond = prop::option::weighted(0.4, prop_oneof![key(), Just("1".to_owned())]);
    (prop::collection::vec(any::<u8>(), 0..4), beyond).prop_map(|(picks, beyond)| Walk { picks, beyond })
}

impl Walk {
    pub(crate) fn pointer(&self, value: &Value) -> Pointer {
        let (mut at, mut value) = (Pointer::root(), value);
        for pick in &self.picks {
            let pick = usize::from(*pick);
            match value {
                Value::Array(elements) if !elements.is_empty() => {
                    let index = pick % elements.len();
                    (at, value) = (at.index(index), &elements[index]);
                }
                Value::Object(members) if !members.is_empty() => {
                    let (key, member) = members.iter().nth(pick % members.len()).unwrap();
                    (at, value) = (at.key(key.as_str()), member);
                }
                _ => break,
            }
        }
        self.beyond.iter().fold(at, |at, key| at.key(key.as_str()))
    }
}

/// `value` written in `style`.
pub(crate) fn write(value: &Value, style: &Style) -> String {
    let mut writer = Writer { style, out: String::new(), at: 0, comments: 0 };
    if style.bom {
        writer.out.push('\u{feff}');
    }
    writer.trivia(0);
    writer.value(value, 0, style.compact);
    writer.trivia(0);
    if style.final_newline {
        writer.out.push_str(style.newline);
    }
    writer.out
}

struct Writer<'s> {
    style: &'s Style,
    out: String,
    at: usize,
    comments: usize,
}

impl Writer<'_> {
    fn roll(&mut self, sides: u8) -> u8 {
        self.at += 1;
        let noise = self.style.noise[self.at % self.style.noise.len()];
        noise.wrapping_add(u8::try_from(self.at % 251).unwrap()) % sides
    }

    fn line(&mut self, level: usize) {
        self.out.push_str(self.style.newline);
        self.out.push_str(&self.style.unit.repeat(level));
    }

    /// A comment now and then, each with its own number so that a lost one is noticed.
    fn trivia(&mut self, level: usize) {
        self.comments += 1;
        let number = self.comments;
        match self.roll(16) {
            0 => {
                self.comment(&format!(" // c{number} \"x\" }}, /*"));
                self.line(level);
            }
            1 => self.comment(&format!(" /* c{number}, // */")),
            2 => {
                self.line(level);
                self.comment(&format!("/* c{number}{} \" */ ", self.style.newline));
            }
            3 => {
                self.line(level);
                self.comment(&format!("// c{number}"));
                self.line(level);
            }
            4 => self.out.push(' '),
            5 => self.line(level),
            _ => {}
        }
    }

    fn comment(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn value(&mut self, value: &Value, level: usize, compact: bool) {
        match value {
            Value::Array(elements) => {
                let items = elements.iter().map(|element| (None, element));
                self.items('[', items, ']', level, compact);
            }
            Value::Object(members) => {
                let items = members.iter().map(|(key, member)| (Some(key), member));
                self.items('{', items, '}', level, compact);
            }
            _ => self.out.push_str(&value.to_string()),
        }
    }

    fn items<'v>(
        &mut self,
        open: char,
        items: impl ExactSizeIterator<Item = (Option<&'v String>, &'v Value)>,
        close: char,
        level: usize,
        compact: bool,
    ) {
        self.out.push(open);
        let compact = compact || self.roll(4) == 0;
        let last = items.len().wrapping_sub(1);
        self.trivia(level + 1);
        for (index, (key, item)) in items.enumerate() {
            if !compact {
                self.line(level + 1);
                self.trivia(level + 1);
            } else if index > 0 {
                self.out.push(' ');
            }
            if let Some(key) = key {
                self.out.push_str(&Value::from(key.as_str()).to_string());
                self.trivia(level + 1);
                self.out.push(':');
                self.trivia(level + 1);
            }
            self.value(item, level + 1, compact);
            self.trivia(level + 1);
            if index != last || self.roll(3) == 0 {
                self.out.push(',');
                self.trivia(level + 1);
            }
        }
        if !compact {
            self.line(level);
        }
        self.out.push(close);
    }
}
