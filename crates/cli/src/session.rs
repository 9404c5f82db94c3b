//! What a command may use of the process: streams, colours, the folder it is about.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

/// Streams and settings of one run; a test makes one from byte buffers.
pub(crate) struct Session<'a> {
    /// Standard input.
    pub(crate) stdin: &'a mut dyn Read,
    /// Standard output: data only.
    pub(crate) out: &'a mut dyn Write,
    /// Standard error: progress, notes, questions, errors.
    pub(crate) err: &'a mut dyn Write,
    /// Colours for `out`.
    pub(crate) paint_out: Paint,
    /// Colours for `err`.
    pub(crate) paint_err: Paint,
    /// Whether a person can be asked.
    pub(crate) terminal: bool,
    /// Whether `out` gets JSON.
    pub(crate) json: bool,
    /// Where to look for the workspace; `None` is the current folder.
    pub(crate) folder: Option<PathBuf>,
}

impl Session<'_> {
    /// Writes one JSON document to `out`.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.out, value)?;
        writeln!(self.out)
    }

    /// Asks a yes-or-no question on standard error; anything but yes is no.
    pub(crate) fn confirm(&mut self, question: &str) -> io::Result<bool> {
        write!(self.err, "{question} [y/N] ")?;
        self.err.flush()?;
        // Byte by byte, so that an answer to a later question stays in the stream.
        let mut answer = Vec::new();
        let mut byte = [0];
        while self.stdin.read(&mut byte)? == 1 && byte != [b'\n'] {
            if answer.len() < 16 {
                answer.extend(byte);
            }
        }
        Ok(matches!(answer.trim_ascii().to_ascii_lowercase().as_slice(), b"y" | b"yes"))
    }
}

/// Colours, or none. Colour never carries meaning alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    /// Colours if `on`.
    pub(crate) fn new(on: bool) -> Self {
        Self { on }
    }

    /// No colours.
    #[cfg(test)]
    pub(crate) fn plain() -> Self {
        Self { on: false }
    }

    /// Whether there are colours.
    pub(crate) fn is_on(self) -> bool {
        self.on
    }

    /// Bad news, removed lines.
    pub(crate) fn red(self, text: &str) -> String {
        self.with(AnsiColor::Red.on_default(), text)
    }

    /// Good news, added lines.
    pub(crate) fn green(self, text: &str) -> String {
        self.with(AnsiColor::Green.on_default(), text)
    }

    /// Warnings.
    pub(crate) fn yellow(self, text: &str) -> String {
        self.with(AnsiColor::Yellow.on_default(), text)
    }

    /// Places and hints.
    pub(crate) fn cyan(self, text: &str) -> String {
        self.with(AnsiColor::Cyan.on_default(), text)
    }

    /// Headings.
    pub(crate) fn bold(self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    /// Less important.
    pub(crate) fn dim(self, text: &str) -> String {
        self.with(Style::new().dimmed(), text)
    }

    fn with(self, style: Style, text: &str) -> String {
        if self.on { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}
