//! Words of a `docker` command line, read as docker reads them.
//!
//! The elements of `runArgs` and `build.options` are words already: no shell splits them.

use drawbridge_jsonc::Pointer;

use crate::devcontainer::{Text, mount::truth};

/// Whether a flag takes a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arity {
    /// `--init`, `--init=false`
    Switch,
    /// `--user X`, `--user=X`, `-uX`, `-u=X`
    Value,
}

/// A flag that the command knows. `T` is what becomes of it.
#[derive(Debug)]
pub(super) struct Flag<T: 'static> {
    pub(super) long: &'static str,
    pub(super) short: Option<char>,
    pub(super) arity: Arity,
    pub(super) rule: T,
}

/// One flag as it was used.
#[derive(Debug)]
pub(super) struct Used<T: 'static> {
    pub(super) flag: &'static Flag<T>,
    /// The word that belongs to it, with the place of the word that holds it.
    pub(super) value: Text,
    /// As the user wrote it.
    pub(super) what: String,
    /// The word that names it, unless that word names other flags too.
    pub(super) word: Option<Pointer>,
}

impl<T> Used<T> {
    /// Whether a switch is on; anything that is not a boolean would be refused by docker.
    pub(super) fn is_on(&self) -> bool {
        truth(&self.value.value).unwrap_or(true)
    }

    /// Whether docker would take the value, as far as it can be known without its variables.
    pub(super) fn is_certain(&self) -> bool {
        self.flag.arity == Arity::Value || truth(&self.value.value).is_some()
    }
}

/// What was read.
#[derive(Debug)]
pub(super) enum Word<T: 'static> {
    /// A known flag.
    Flag(Used<T>),
    /// Something else, with the word behind it when that looks like its value, and why it is refused.
    Other { text: Text, why: &'static str },
}

const UNKNOWN: &str = "not a flag of the command that is known here";
const SPACE: &str = "flag and value are in one word, which docker refuses: write two list entries";
const POSITIONAL: &str = "not a flag: docker would take it for the image";
const NO_VALUE: &str = "the value is missing";

/// Reads `words` against the flags of one command.
pub(super) fn parse<T>(words: &[Text], flags: &'static [Flag<T>]) -> Vec<Word<T>> {
    let mut out = Vec::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let text = word.value.as_str();
        if let Some(long) = text.strip_prefix("--").filter(|long| !long.is_empty()) {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            };
            match flags.iter().find(|flag| flag.long == name) {
                Some(flag) => out.push(take(flag, word, value, &mut words, true)),
                None if name.contains(' ') => out.push(other(word, SPACE)),
                None => {
                    let is_value = |next: &&Text| value.is_none() && !next.value.starts_with('-');
                    let text = match words.next_if(is_value) {
                        Some(next) => word.with(format!("{} {}", word.value, next.value)),
                        None => word.clone(),
                    };
                    out.push(Word::Other { text, why: UNKNOWN });
                }
            }
        } else if let Some(cluster) = text.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            parse_cluster(cluster, word, &mut words, flags, &mut out);
        } else {
            out.push(other(word, POSITIONAL));
        }
    }
    out
}

/// `-it`, `-eK=V`, `-p80:80`, `-v=x`: switches up to a flag that takes the rest as its value.
fn parse_cluster<'a, T>(
    cluster: &str,
    word: &'a Text,
    words: &mut impl Iterator<Item = &'a Text>,
    flags: &'static [Flag<T>],
    out: &mut Vec<Word<T>>,
) {
    let mut rest = cluster;
    while let Some(letter) = rest.chars().next() {
        let is_first = rest.len() == cluster.len();
        rest = &rest[letter.len_utf8()..];
        let Some(flag) = flags.iter().find(|flag| flag.short == Some(letter)) else {
            out.push(other(word, UNKNOWN));
            return;
        };
        let attached = rest.strip_prefix('=').or((!rest.is_empty()).then_some(rest));
        if flag.arity == Arity::Value || rest.starts_with('=') {
            out.push(take(flag, word, attached, words, is_first));
            return;
        }
        out.push(take(flag, word, None, words, is_first && rest.is_empty()));
    }
}

fn take<'a, T>(
    flag: &'static Flag<T>,
    word: &'a Text,
    attached: Option<&str>,
    words: &mut impl Iterator<Item = &'a Text>,
    alone: bool,
) -> Word<T> {
    let (value, what) = match (attached, flag.arity) {
        (Some(value), _) => (word.with(value.to_owned()), word.value.clone()),
        (None, Arity::Switch) => (word.with("true".to_owned()), format!("--{}", flag.long)),
        (None, Arity::Value) => match words.next() {
            // The word after a flag is its value whatever it starts with.
            Some(next) => (next.clone(), format!("{} {}", word.value, next.value)),
            None => return other(word, NO_VALUE),
        },
    };
    Word::Flag(Used { flag, value, what, word: alone.then(|| word.at.clone()) })
}

fn other<T>(word: &Text, why: &'static str) -> Word<T> {
    Word::Other { text: word.clone(), why }
}

#[cfg(test)]
mod tests {
    use drawbridge_jsonc::Pointer;
    use drawbridge_text::Span;

    use super::*;
    use crate::devcontainer::Located;

    static FLAGS: [Flag<()>; 5] = [
        Flag { long: "env", short: Some('e'), arity: Arity::Value, rule: () },
        Flag { long: "interactive", short: Some('i'), arity: Arity::Switch, rule: () },
        Flag { long: "tty", short: Some('t'), arity: Arity::Switch, rule: () },
        Flag { long: "publish", short: Some('p'), arity: Arity::Value, rule: () },
        Flag { long: "init", short: None, arity: Arity::Switch, rule: () },
    ];

    fn read(words: &[&str]) -> Vec<String> {
        let words: Vec<Text> = words
            .iter()
            .map(|word| Located { value: (*word).to_owned(), span: Span::default(), at: Pointer::root() })
            .collect();
        parse(&words, &FLAGS)
            .iter()
            .map(|word| match word {
                Word::Flag(used) => format!("{}={}", used.flag.long, used.value.value),
                Word::Other { text, .. } => format!("? {}", text.value),
            })
            .collect()
    }

    #[test]
    fn long_flags() {
        assert_eq!(
            read(&["--env=A=b", "--env", "-x", "--init", "--init=false", "--env"]),
            ["env=A=b", "env=-x", "init=true", "init=false", "? --env"]
        );
    }

    #[test]
    fn clusters() {
        assert_eq!(
            read(&["-it", "-eK=V", "-e", "K", "-p80:80", "-p=1:2", "-ite=X", "-i=false"]),
            [
                "interactive=true",
                "tty=true",
                "env=K=V",
                "env=K",
                "publish=80:80",
                "publish=1:2",
                "interactive=true",
                "tty=true",
                "env=X",
                "interactive=false",
            ]
        );
    }

    #[test]
    fn what_docker_would_refuse_is_told() {
        assert_eq!(
            read(&["--gpus all", "word", "--what", "x", "--so", "-z", "-", "--"]),
            ["? --gpus all", "? word", "? --what x", "? --so", "? -z", "? -", "? --"]
        );
    }
}
