//! The `drawbridge` binary: arguments, input and output, exit codes.
//!
//! Commands translate between people and the crates below; none of them holds a rule of its own.
//! Standard output carries data, standard error everything else.

mod args;
mod certificates;
mod clock;
mod commands;
mod diagnostics;
mod diff;
mod error;
mod escape;
mod exit;
mod project;
mod protected;
mod render;
mod session;

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use crate::session::{Paint, Session};

fn main() -> ExitCode {
    let cli = args::parse();
    // Not locked: the sidecar's threads log, and `watch` reads, through the same streams.
    let (mut stdin, mut stdout, mut stderr) = (io::stdin(), io::stdout(), io::stderr());
    let mut session = Session {
        terminal: stdin.is_terminal() && stderr.is_terminal(),
        paint_out: Paint::new(cli.global.color.wants(stdout.is_terminal())),
        paint_err: Paint::new(cli.global.color.wants(stderr.is_terminal())),
        json: cli.global.json,
        folder: cli.global.workspace,
        stdin: &mut stdin,
        out: &mut stdout,
        err: &mut stderr,
    };
    let result = commands::run(cli.command, &mut session);
    exit::finish(result, &mut session)
}
