//! Errors for people and, with `--json`, for programs.

use std::error::Error;
use std::fmt::Write as _;

use serde_json::json;

use crate::error::{CliError, Place};
use crate::escape;
use crate::session::{Paint, Session};

/// Writes the error to standard error, and as JSON to standard output where that was asked for.
pub(crate) fn report(error: &CliError, session: &mut Session<'_>) {
    let text = error_text(error, session.paint_err);
    // Nothing is left to tell the user when even this fails.
    drop(session.err.write_all(text.as_bytes()));
    if session.json {
        let places: Vec<_> = error
            .places()
            .iter()
            .map(|place| {
                json!({"file": place.file, "line": place.line, "column": place.column,
                       "message": place.message})
            })
            .collect();
        let value = json!({"error": {"message": error.to_string(), "causes": causes(error),
                           "places": places, "hint": error.hint()}});
        drop(session.json(&value));
    }
}

fn error_text(error: &CliError, paint: Paint) -> String {
    let mut text = format!("{} {}\n", paint.red("error:"), multiline(&error.to_string()));
    for at in error.places() {
        text.push_str(&place(at, paint));
    }
    for cause in causes(error) {
        let _ = writeln!(text, "  {} {}", paint.dim("because:"), multiline(&cause));
    }
    if let Some(hint) = error.hint() {
        let _ = writeln!(text, "{} {}", paint.cyan("hint:"), multiline(&hint));
    }
    text
}

/// ` --> file:line:column: message` and the line with a caret.
pub(crate) fn place(place: &Place, paint: Paint) -> String {
    let mut text = String::new();
    let mut at = escape::foreign(&place.file).into_owned();
    for number in [place.line, place.column].into_iter().flatten() {
        let _ = write!(at, ":{number}");
    }
    let _ = match &place.message {
        Some(message) => writeln!(text, " {} {at}: {}", paint.cyan("-->"), multiline(message)),
        None => writeln!(text, " {} {at}", paint.cyan("-->")),
    };
    if let (Some(line), Some(source)) = (place.line, &place.source) {
        push_source(&mut text, line, place.column, source, paint);
    }
    text
}

fn push_source(text: &mut String, line: usize, column: Option<usize>, source: &str, paint: Paint) {
    /// A minified file has one line of a megabyte.
    const WIDTH: usize = 120;
    let column = column.unwrap_or(1).max(1);
    let skip = if column > WIDTH { column - WIDTH / 2 } else { 0 };
    let shown: String = source.chars().skip(skip).take(WIDTH).collect();
    let number = line.to_string();
    let gutter = " ".repeat(number.len());
    let _ = writeln!(text, "{} {}", paint.cyan(&format!("{number} |")), escape::line(&shown));
    // Tabs stay tabs, so that the caret stands where the terminal puts the character.
    let lead: String = escape::line(&shown.chars().take(column - 1 - skip).collect::<String>())
        .chars()
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let _ = writeln!(text, "{} {lead}{}", paint.cyan(&format!("{gutter} |")), paint.red("^"));
}

fn causes(error: &CliError) -> Vec<String> {
    let mut causes = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    causes
}

fn multiline(text: &str) -> String {
    text.lines().map(escape::line).collect::<Vec<_>>().join("\n  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(places: Vec<Place>) -> String {
        let error = CliError::Refused {
            message: "`image` is written twice".to_owned(),
            places,
            hint: Some("keep one of the two".to_owned()),
        };
        error_text(&error, Paint::plain())
    }

    fn at(column: usize, source: &str) -> Place {
        Place {
            file: ".devcontainer/devcontainer.json".to_owned(),
            line: Some(12),
            column: Some(column),
            source: Some(source.to_owned()),
            message: None,
        }
    }

    #[test]
    fn points_at_the_character() {
        insta::assert_snapshot!(refused(vec![at(3, "\t\t\"image\": \"é\"")]), @r#"
        error: `image` is written twice
         --> .devcontainer/devcontainer.json:12:3
        12 | 		"image": "é"
           | 		^
        hint: keep one of the two
        "#);
    }

    #[test]
    fn foreign_text_is_escaped_and_long_lines_are_cut() {
        let source = format!("{}\u{1b}[2Jx", " ".repeat(500));
        let text = refused(vec![at(501, &source)]);
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(text.contains("\\u{1b}[2Jx"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() < 140), "{text}");
    }

    #[test]
    fn a_place_beyond_the_line_is_no_panic() {
        assert!(refused(vec![at(9_999, "x")]).contains('^'));
        assert!(refused(vec![at(0, "")]).contains('^'));
    }

    #[test]
    fn causes_follow_the_message() {
        let error = CliError::from(drawbridge_host::process::ProcessError::Io {
            program: "docker".to_owned(),
            source: std::io::Error::other("no more processes"),
        });
        insta::assert_snapshot!(error_text(&error, Paint::plain()), @r"
        error: `docker` could not be run
          because: no more processes
        ");
    }
}
