//! Writing [`Yaml`] as text.

use std::fmt::Write as _;

use super::Yaml;

/// Block-style text of `root`, which is a mapping in every use, with a final newline.
///
/// `comments` are pairs of a place and a text. A place is the keys from the root joined by `/`
/// (`services/dev/networks`); the lines of the text stand as `# …` before that key. The empty
/// place is the head of the file. A place that is not in `root` is left out.
pub fn emit(root: &Yaml, comments: &[(&str, &str)]) -> String {
    let mut writer = Writer { out: String::new(), comments };
    writer.comment("", 0);
    match root {
        Yaml::Map(members) if !members.is_empty() => writer.map(members, 0, ""),
        Yaml::Seq(items) if !items.is_empty() => writer.seq(items, 0, ""),
        other => {
            writer.out.push_str(&scalar(other));
            writer.out.push('\n');
        }
    }
    writer.out
}

struct Writer<'a> {
    out: String,
    comments: &'a [(&'a str, &'a str)],
}

impl Writer<'_> {
    fn map(&mut self, members: &[(String, Yaml)], indent: usize, place: &str) {
        for (index, (key, value)) in members.iter().enumerate() {
            let here = if place.is_empty() { key.clone() } else { format!("{place}/{key}") };
            self.comment(&here, indent);
            // The first key of a mapping in a list stands behind the dash.
            if index > 0 || !self.out.ends_with("- ") {
                self.pad(indent);
            }
            self.out.push_str(&string(key));
            self.out.push(':');
            self.value(value, indent, &here);
        }
    }

    /// What follows `key:`, with the newline.
    fn value(&mut self, value: &Yaml, indent: usize, place: &str) {
        match value {
            Yaml::Tagged(tag, inner) => {
                let _ = write!(self.out, " {tag}");
                self.value(inner, indent, place);
            }
            Yaml::Map(members) if !members.is_empty() => {
                self.out.push('\n');
                self.map(members, indent + 2, place);
            }
            Yaml::Seq(items) if !items.is_empty() => {
                self.out.push('\n');
                self.seq(items, indent + 2, place);
            }
            Yaml::Str(text) if fits_block(text) => self.block(text, indent + 2),
            other => {
                let _ = writeln!(self.out, " {}", scalar(other));
            }
        }
    }

    fn seq(&mut self, items: &[Yaml], indent: usize, place: &str) {
        for item in items {
            self.pad(indent);
            match item {
                Yaml::Map(members) if !members.is_empty() => {
                    self.out.push_str("- ");
                    self.map(members, indent + 2, place);
                }
                other => {
                    self.out.push('-');
                    self.value(other, indent, place);
                }
            }
        }
    }

    /// A literal block: what people read in a diff is what the reader gets.
    fn block(&mut self, text: &str, indent: usize) {
        let (body, mark) = text.strip_suffix('\n').map_or((text, "|-"), |body| (body, "|"));
        let _ = writeln!(self.out, " {mark}");
        for line in body.split('\n') {
            if !line.is_empty() {
                self.pad(indent);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    fn comment(&mut self, place: &str, indent: usize) {
        for (_, text) in self.comments.iter().filter(|(at, _)| *at == place) {
            for line in text.lines() {
                self.pad(indent);
                self.out.push('#');
                if !line.is_empty() {
                    self.out.push(' ');
                    self.out.extend(line.chars().filter(|c| printable(*c)));
                }
                self.out.push('\n');
            }
        }
    }

    fn pad(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }
}

fn scalar(value: &Yaml) -> String {
    match value {
        Yaml::Null => "null".to_owned(),
        Yaml::Bool(value) => value.to_string(),
        Yaml::Int(value) => value.to_string(),
        Yaml::Str(text) => string(text),
        Yaml::Seq(_) => "[]".to_owned(),
        Yaml::Map(_) => "{}".to_owned(),
        Yaml::Tagged(tag, inner) => format!("{tag} {}", scalar(inner)),
    }
}

fn string(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

/// Whether every YAML version reads the bare text as this string, as a key and as a value.
fn is_plain(text: &str) -> bool {
    /// YAML 1.1 booleans and nulls, which Go's and Python's parsers know in some of their versions.
    const WORDS: [&str; 10] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nil"];
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '_')
        || text.starts_with("./")
        || text.starts_with("../")
        || text == "..";
    starts_well
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "/_.-@+".contains(c))
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// JSON's form, which is a YAML double-quoted scalar, with what YAML does not print escaped too.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if printable(c) => out.push(c),
            c if u32::from(c) <= 0xffff => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

/// The printable set of YAML 1.2 §5.1 without the line breaks and the byte order mark, and without
/// the characters that change the direction of what a reader of the diff sees.
fn printable(c: char) -> bool {
    match c {
        '\u{feff}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
        ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' => true,
        c => u32::from(c) >= 0x1_0000,
    }
}

/// Whether a literal block gives back exactly this text without an indentation indicator.
fn fits_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with(['\n', ' ', '\t'])
        && body.chars().all(|c| c == '\n' || c == '\t' || printable(c))
        && body.split('\n').all(|line| line.is_empty() || !line.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::compose::{Node, Value, parse};

    #[test]
    fn doubtful_words_are_quoted() {
        for text in [
            "",
            " ",
            "yes",
            "No",
            "ON",
            "off",
            "y",
            "true",
            "null",
            "~",
            "1",
            "010",
            "0x1f",
            "1e3",
            "1_000",
            ".5",
            ".inf",
            ".NaN",
            "-1",
            "-",
            "a: b",
            "a #b",
            "22:22",
            "@a",
            "*a",
            "&a",
            "!a",
            "{a",
            "[a",
            "a,b",
            "%a",
            "|",
            ">",
            "?",
            "'",
            "\"",
            "\t",
            "a\u{85}b",
            "\u{feff}",
            "<<",
            "=",
            "2027-01-31",
            "nil",
            "é",
        ] {
            assert!(string(text).starts_with('"'), "{text:?} is written as {}", string(text));
        }
        for text in ["debian", "/a/b.c", "./a", "../a", "..", "a-b_c", "no-new-privileges", "a@b"] {
            assert_eq!(string(text), text);
        }
    }

    #[test]
    fn everything_at_once() {
        let root = Yaml::from([
            ("name", "${P:-app}".into()),
            (
                "services",
                Yaml::from([(
                    "dev",
                    Yaml::from([
                        ("networks", Yaml::overriding(Yaml::strings(["gate"]))),
                        ("network_mode", Yaml::reset()),
                        ("empty", Yaml::overriding(Yaml::Seq(Vec::new()))),
                        ("command", Yaml::strings(["proxy", "run"])),
                        ("volumes", vec![Yaml::from([("type", "bind".into()), ("count", 1.into())])].into()),
                        ("policy", "{\n  // a\n\n  \"b\": 1\n}\n".into()),
                        ("nested", vec![Yaml::strings(["a"]), Yaml::map()].into()),
                    ]),
                )]),
            ),
        ]);
        let comments = [
            ("", "Written by a tool.\n\nDo not edit."),
            ("services/dev/networks", "The only network."),
            ("services/gone", "never"),
        ];
        insta::assert_snapshot!(emit(&root, &comments), @r#"
        # Written by a tool.
        #
        # Do not edit.
        name: "${P:-app}"
        services:
          dev:
            # The only network.
            networks: !override
              - gate
            network_mode: !reset null
            empty: !override []
            command:
              - proxy
              - run
            volumes:
              - type: bind
                count: 1
            policy: |
              {
                // a

                "b": 1
              }
            nested:
              -
                - a
              - {}
        "#);
    }

    fn values() -> impl Strategy<Value = Yaml> {
        let text = prop_oneof![
            "[ -~]{0,8}",
            "([ -~]{0,6}\n){1,3}[ -~]{0,3}",
            any::<String>(),
            "(yes|no|null|0[0-9]{1,3}|- |: |#)",
        ];
        let leaf = prop_oneof![
            Just(Yaml::Null),
            any::<bool>().prop_map(Yaml::Bool),
            any::<i64>().prop_map(Yaml::Int),
            text.prop_map(Yaml::Str),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Yaml::Seq),
                prop::collection::vec((any::<String>(), inner), 0..4).prop_map(|members| {
                    let mut map = Yaml::map();
                    for (key, value) in members {
                        map.set(key, value);
                    }
                    map
                }),
            ]
        })
    }

    fn same(yaml: &Yaml, node: &Node) -> bool {
        match (yaml, &node.value) {
            (Yaml::Null, _) => node.is_null(),
            (Yaml::Bool(value), Value::Scalar { text, plain: true }) => *text == value.to_string(),
            (Yaml::Int(value), Value::Scalar { text, plain: true }) => *text == value.to_string(),
            (Yaml::Str(value), Value::Scalar { text, .. }) => text == value && !node.is_null(),
            (Yaml::Seq(items), Value::Seq(nodes)) => {
                items.len() == nodes.len() && items.iter().zip(nodes).all(|(a, b)| same(a, b))
            }
            (Yaml::Map(members), Value::Map(nodes)) => {
                members.len() == nodes.len()
                    && members
                        .iter()
                        .zip(nodes)
                        .all(|((key, value), (other, node))| *key == other.text && same(value, node))
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn a_yaml_reader_gets_back_what_was_written(value in values()) {
            let root = Yaml::from([("root", value)]);
            let text = emit(&root, &[("", "head"), ("root", "before")]);
            let nodes = parse(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
            prop_assert!(same(&root, &nodes[0]), "{text}\n{nodes:?}");
        }
    }
}
