//! `runArgs` as flags with their places, for the audit.

use drawbridge_jsonc::Edit;

use crate::devcontainer::{Mount, Text};

use super::argv::{self, Word};
use super::run_flags::RUN_FLAGS;
use super::volume;

/// One use of a flag of `docker run`.
#[derive(Debug, Clone)]
pub(crate) struct RunFlag {
    /// The long name without dashes.
    pub(crate) name: &'static str,
    /// Its value, with the place of the word that holds it.
    pub(crate) value: Text,
    /// A switch that is on; true for flags that take a value.
    pub(crate) on: bool,
    /// The flag as the user wrote it, with its value.
    pub(crate) written: String,
    /// What takes it away and leaves every other flag as it is, when that is certain.
    pub(crate) removal: Option<Vec<Edit>>,
}

impl RunFlag {
    /// Gives it another value, where its removal would be certain too.
    pub(crate) fn with_value(&self, value: &str) -> Option<Edit> {
        let word = match self.removal.as_deref()? {
            [_] => format!("{}{value}", self.written.strip_suffix(&self.value.value)?),
            _ => value.to_owned(),
        };
        Some(Edit::Set { at: self.value.at.clone(), value: word.into() })
    }
}

/// The flags of `runArgs` in order, as docker reads them.
pub(crate) fn run_flags(words: &[Text]) -> Vec<RunFlag> {
    let mut flags = Vec::new();
    // What follows a word that is not understood may be its value.
    let mut understood = true;
    for word in argv::parse(words, &RUN_FLAGS) {
        let Word::Flag(used) = word else {
            understood = false;
            continue;
        };
        let on = used.is_on();
        let removal = used.word.as_ref().filter(|_| understood && used.is_certain()).map(|word| {
            // The value first: an index holds for what is before it.
            let value = Some(&used.value.at).filter(|at| *at != word);
            value.into_iter().chain([word]).map(|at| Edit::Remove { at: at.clone() }).collect()
        });
        flags.push(RunFlag { name: used.flag.long, value: used.value, on, written: used.what, removal });
    }
    flags
}

/// A `-v` value as a mount.
pub(crate) fn run_volume(value: &str) -> Option<Mount> {
    let short = volume::short(value)?;
    let source = short.source.map(str::to_owned);
    let bind = source.as_deref().is_some_and(|source| !volume::is_volume_name(source));
    let mut mount =
        Mount::object(Some(if bind { "bind" } else { "volume" }), source, short.target.to_owned());
    mount.read_only = short.modes.contains(&"ro");
    Some(mount)
}

#[cfg(test)]
mod tests {
    use drawbridge_jsonc::{Node, parse, patch};
    use proptest::prelude::*;

    use super::*;
    use crate::convert::argv::Used;
    use crate::devcontainer::Config;

    /// `runArgs` without the last use of a flag, byte for byte.
    fn without(array: &str, name: &str) -> Option<String> {
        let text = format!("{{ \"image\": \"x\", \"runArgs\": {array} }}");
        let parsed = parse(&text);
        let config = Config::read(&parsed, &text).expect("a configuration");
        let flags = run_flags(&config.run_args);
        let flag = flags.iter().rfind(|flag| flag.name == name).expect("a flag of this name");
        let edit = patch(&text, flag.removal.as_deref()?).expect("an edit that can be made");
        let after = edit.expect("an edit that changes something").apply(&text);
        let start = text.len() - array.len() - " }".len();
        Some(after[start..after.len() - " }".len()].to_owned())
    }

    #[test]
    fn a_flag_goes_with_its_value_and_comments_stay() {
        let array = r#"[
    "--init", // reaps
    // for strace
    "--cap-add", "SYS_PTRACE", /* still needed? */
    "--pid=host"
  ]"#;
        insta::assert_snapshot!(without(array, "cap-add").unwrap(), @r#"
        [
            "--init", // reaps
            // for strace
            /* still needed? */
            "--pid=host"
          ]
        "#);
        insta::assert_snapshot!(without(array, "pid").unwrap(), @r#"
        [
            "--init", // reaps
            // for strace
            "--cap-add", "SYS_PTRACE" /* still needed? */
          ]
        "#);
        for (array, name, after) in [
            (r#"["--privileged"]"#, "privileged", "[]"),
            (r#"["-v", "${localEnv:HOME}/.ssh:/x", "-it"]"#, "volume", r#"["-it"]"#),
            (r#"["-v/a:/b", "-v=/c:/d"]"#, "volume", r#"["-v/a:/b"]"#),
            (r#"["--env", "--pid", "--pid", "host"]"#, "pid", r#"["--env", "--pid"]"#),
            (r#"["--pid=host", "--what", "x"]"#, "pid", r#"["--what", "x"]"#),
        ] {
            assert_eq!(without(array, name).as_deref(), Some(after), "{array}");
        }
    }

    #[test]
    fn what_is_not_understood_stays() {
        for (array, name) in [
            (r#"["-itv", "/a:/b"]"#, "volume"),
            (r#"["-iv/a:/b"]"#, "volume"),
            (r#"["--privileged=${localEnv:P}"]"#, "privileged"),
            (r#"["--what", "--pid=host"]"#, "pid"),
            (r#"["--${localEnv:FLAG}", "--pid=host"]"#, "pid"),
            (r#"["${localEnv:FLAG}", "--pid", "host"]"#, "pid"),
            (r#"["--gpus all", "-v", "/a:/b"]"#, "volume"),
        ] {
            assert_eq!(without(array, name), None, "{array}");
        }
    }

    const WORDS: &[&str] = &[
        "--privileged",
        "--privileged=false",
        "--privileged=${localEnv:P}",
        "--cap-add",
        "--cap-add=ALL",
        "ALL",
        "-v",
        "-v/a:/b",
        "-v=/a:/b",
        "-iv",
        "-it",
        "-i=0",
        "/a:/b",
        "--pid",
        "--pid=host",
        "host",
        "--what",
        "--what=x",
        "--gpus all",
        "-z",
        "-",
        "--",
        "",
        "${localEnv:X}",
        "-e",
        "A=b",
    ];

    fn texts(words: &[&str]) -> Vec<Text> {
        let document = parse(&serde_json::json!({ "image": "x", "runArgs": words }).to_string());
        let nodes = document.root.as_ref().and_then(|root| root.get("runArgs")).and_then(Node::as_array);
        let at = drawbridge_jsonc::Pointer::root().key("runArgs");
        let text = |(index, node): (usize, &Node)| Text {
            value: node.as_str().unwrap_or_default().to_owned(),
            span: node.span,
            at: at.index(index),
        };
        nodes.unwrap_or_default().iter().enumerate().map(text).collect()
    }

    /// Everything that docker would read, in order.
    fn read(words: &[&str]) -> Vec<String> {
        let said = |word| match word {
            Word::Flag(Used { what, .. }) => what,
            Word::Other { text, why } => format!("{}: {why}", text.value),
        };
        argv::parse(&texts(words), &RUN_FLAGS).into_iter().map(said).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// A removal takes one flag and changes the meaning of no other word.
        #[test]
        fn the_rest_means_what_it_meant(words in prop::collection::vec(prop::sample::select(WORDS), 0..12)) {
            let before = read(&words);
            for flag in run_flags(&texts(&words)) {
                let Some(removal) = flag.removal else { continue };
                let mut left = words.clone();
                for edit in removal {
                    let Edit::Remove { at } = edit else { panic!("only words go") };
                    let index = at.segments().nth(1).expect("an address below `runArgs`");
                    left.remove(index.parse::<usize>().expect("an index"));
                }
                let after = read(&left);
                prop_assert_eq!(after.len() + 1, before.len());
                let gone = before.iter().zip(&after).position(|(b, a)| b != a).unwrap_or(after.len());
                prop_assert_eq!(&before[gone], &flag.written);
                prop_assert_eq!(&before[gone + 1..], &after[gone..]);
            }
        }
    }
}
