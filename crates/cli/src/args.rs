//! The command line's outer shape. Each command's own arguments are in its file.

use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};

use crate::commands::Command;

const EXAMPLES: &str = "\
Examples:
  drawbridge                           what is here, what is open, what to do next
  drawbridge protect                   close the dev container's network; shows a diff first
  drawbridge up && drawbridge exec -- mvn -q verify
  drawbridge allow repo.example.org --reason \"our artifacts\"
  drawbridge prove                     try to get out, and print what happened
  drawbridge undo                      put every file back, byte for byte

Exit codes: 0 done, 1 findings or something blocked, 2 could not run.";

/// Closes a dev container's way out, and opens only what its policy names
#[derive(Debug, Parser)]
#[command(name = "drawbridge", version, after_help = EXAMPLES)]
#[command(disable_help_subcommand = true, infer_long_args = false, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// Folder of the project; default: the current folder
    #[arg(long, short = 'C', global = true, value_name = "FOLDER")]
    pub(crate) workspace: Option<PathBuf>,

    /// Print JSON on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// When to use colour; `NO_COLOR` in the environment turns `auto` off
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Whether a stream gets colours.
    pub(crate) fn wants(self, terminal: bool) -> bool {
        let refused =
            || std::env::var_os(drawbridge_host::variables::NO_COLOR).is_some_and(|value| !value.is_empty());
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => terminal && !refused(),
        }
    }
}
