//! Broken and hostile input: no text may make the crate panic or lie about places.

use proptest::prelude::*;

use crate::{corpus, seeds};

/// Every construct once, with characters of one to four bytes.
const SAMPLE: &str = "\u{feff}// é\r\n{\r\n\t\"a\" /* k */ : [1, -2.5e+3, true, null, \"\\u00e9\\\"😀\",], // n\r\n\
                      \t\"ü\": {\"\": {}, \"a\": []} /* end */\r\n}\r\n// bye";

/// What mutations are made of.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "/",
    "/*",
    "*/",
    "//",
    "\n",
    "\r",
    "\u{feff}",
    "😀",
    "\0",
    "-",
    "0",
    "1e",
    "true",
    "\\u12",
    "\"a\":",
    "\"__proto__\":",
];

#[track_caller]
fn check(text: &str) {
    for program in ["", "s@@1a", "i@A2r@@@p@@3m@A@", "m@@@s@Bbi@@c"] {
        seeds::check(&format!("{program}\n{text}"));
    }
}

fn boundaries(text: &str) -> impl Iterator<Item = usize> {
    (0..=text.len()).filter(|at| text.is_char_boundary(*at))
}

#[test]
fn every_truncation_is_survived() {
    let mut texts = vec![SAMPLE.to_owned()];
    let mut corpus = corpus::texts();
    corpus.sort_by_key(|(_, text)| text.len());
    texts.extend(corpus.into_iter().map(|(_, text)| text).step_by(20).take(8));
    for text in texts {
        for at in boundaries(&text) {
            check(&text[..at]);
            check(&text[at..]);
        }
    }
}

#[test]
fn every_lost_or_doubled_character_is_survived() {
    let all: Vec<usize> = boundaries(SAMPLE).collect();
    for pair in all.windows(2) {
        let (before, rest) = SAMPLE.split_at(pair[0]);
        let (char, after) = rest.split_at(pair[1] - pair[0]);
        check(&format!("{before}{after}"));
        check(&format!("{before}{char}{char}{after}"));
        for piece in PIECES {
            check(&format!("{before}{piece}{after}"));
        }
    }
}

/// Shapes that cost quadratic time or deep stacks where something is done once per item.
#[test]
fn hostile_shapes_end() {
    const TIMES: usize = 20_000;
    let line = |item: &str, close: &str| format!("{{\"x\":[{}{close}],\"y\":{{}}}}", item.repeat(TIMES));
    let keys: Vec<String> = (0..TIMES).map(|index| format!("\"{index}\":0")).collect();
    for text in [
        line("1,", ""),
        line("/**/", ""),
        line("1/**/,", "//\n"),
        line("\n//\n1,", ""),
        line("[],{},", ""),
        line("{\"a\":1,\"a\":2},", ""),
        line("\"\\ud800\",", ""),
        line("/*", "*/"),
        format!("{{{}}}", keys.join(",")),
        format!("{{\"x\":{{{}}}}}", keys.join(",")),
        format!("{{\"x\":{}{}}}", "[".repeat(120), "]".repeat(120)),
        format!("{}{{\"x\":1}}{}", "//\n".repeat(TIMES), "/**/".repeat(TIMES)),
        format!("{{\"{}\":{{\"a\":1,\"a\":1}}}}", "k".repeat(TIMES)),
        format!("{{\"{}\":1}}", "\\u0041".repeat(TIMES)),
        "{".repeat(TIMES),
        "{\"a\"".repeat(TIMES),
        "[,".repeat(TIMES),
        "\"".repeat(TIMES),
        "/*".repeat(TIMES),
    ] {
        for program in ["d@@c", "dA@ddA@bdA@a", "rA@@r@@@", "mA@cpA1c", "sA1b", "dA@a"] {
            seeds::check(&format!("{program}\n{text}"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn soup_is_survived(picks in prop::collection::vec(0..PIECES.len(), 0..30), program in "[ -~]{0,15}") {
        let text: String = picks.iter().map(|pick| PIECES[*pick]).collect();
        seeds::check(&format!("{program}\n{text}"));
        seeds::check(&format!("{program}\n{{{text}}}"));
    }

    #[test]
    fn any_text_is_survived(text in "\\PC{0,60}", program in "[ -~]{0,15}") {
        seeds::check(&format!("{program}\n{text}"));
    }
}
