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
  drawbridge audit                     what is open: bridge, ground, configuration
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

/// The same command line for `drawbridge run` alone. Building the definitions of all commands takes longer than
/// raising the walls, and an agent is started often.
#[cfg(target_os = "linux")]
#[derive(Debug, Parser)]
#[command(name = "drawbridge run", bin_name = "drawbridge run", version)]
#[command(infer_long_args = false, max_term_width = 100)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(flatten)]
    pub(crate) run: crate::commands::inside::run::Args,
}

/// The command line of this process.
pub(crate) fn parse() -> Cli {
    #[cfg(target_os = "linux")]
    if std::env::args_os().nth(1).is_some_and(|first| first == "run") {
        let run = Run::parse_from(std::env::args_os().skip(1));
        return Cli {
            global: run.global,
            command: Some(Command::Inside(crate::commands::inside::Command::Run(run.run))),
        };
    }
    Cli::parse()
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(arguments: &[&str]) -> Result<Cli, clap::error::ErrorKind> {
        let arguments = std::iter::once("drawbridge").chain(arguments.iter().copied());
        Cli::try_parse_from(arguments).map_err(|error| error.kind())
    }

    #[test]
    fn the_definitions_are_sound() {
        Cli::command().debug_assert();
    }

    /// Both ways of parsing `run` must show and take the same.
    #[test]
    fn run_alone_is_run_in_the_tree() {
        let names = |command: &clap::Command| {
            let mut names: Vec<String> =
                command.get_arguments().map(|arg| arg.get_id().to_string()).collect();
            names.sort();
            names
        };
        let mut tree = Cli::command();
        tree.build();
        let mut alone = Run::command();
        alone.build();
        let inside = tree.find_subcommand("run").expect("`run` is a command");
        let mut alone = names(&alone);
        alone.retain(|name| name != "version");
        assert_eq!(names(inside), alone);
        let parsed = Run::try_parse_from(["run", "--json", "--port", "443", "--", "sh", "-C"]).unwrap();
        assert!(parsed.global.json && parsed.global.workspace.is_none());
    }

    #[test]
    fn global_options_stand_anywhere_and_words_of_a_command_are_its_own() {
        let cli = parse(&["protect", "--json", "-C", "shop", "--color", "never"]).unwrap();
        assert!(cli.global.json && cli.global.color == Color::Never);
        assert_eq!(cli.global.workspace, Some(PathBuf::from("shop")));
        let cli = parse(&["exec", "mvn", "--json", "-C", "x"]).unwrap();
        assert!(!cli.global.json && cli.global.workspace.is_none());
        assert!(parse(&[]).unwrap().command.is_none());
    }

    #[test]
    fn contradictions_are_refused() {
        use clap::error::ErrorKind::{ArgumentConflict, MissingRequiredArgument, ValueValidation};
        let kind = |arguments: &[&str]| parse(arguments).map(drop).unwrap_err();
        assert_eq!(kind(&["protect", "--yes", "--dry-run"]), ArgumentConflict);
        assert_eq!(kind(&["allow", "a.example"]), MissingRequiredArgument);
        assert_eq!(kind(&["allow", "a.example", "--reason", "x", "--for", "2"]), ValueValidation);
        let both = ["allow", "a.example", "--reason", "x", "--for", "2h", "--until", "2030-01-01"];
        assert_eq!(kind(&both), ArgumentConflict);
        assert_eq!(kind(&["exec"]), MissingRequiredArgument);
        assert_eq!(kind(&["proxy", "run", "--publish", "80=web"]), ValueValidation);
    }

    #[test]
    fn help_fits_on_a_screen() {
        let help = Cli::command().render_help().to_string();
        insta::assert_snapshot!(help, @r#"
        Closes a dev container's way out, and opens only what its policy names

        Usage: drawbridge [OPTIONS] [COMMAND]

        Commands:
          init         Write a small configuration for a repository that has none, behind its gate
          protect      Close the dev container's way out: policy, gate and read-only configuration
          undo         Put the files of the last change back, byte for byte
          history      List the changes that were made here, newest first
          eject        Take everything of Drawbridge out of the repository; your later edits stay
          up           Start the dev container behind its gate
          exec         Run a command in the dev container
          shell        Open a shell in the dev container
          logs         Print the gate's decisions
          down         Stop and remove the dev container and its gate
          blocked      List what the gate denied, who wanted it, and the command that would allow it
          allow        Let the dev container reach a host
          deny         Deny a host, whatever allows it
          revoke       Take back what was allowed for a host: grants, and rules of the repository's policy
          observe      Let everything through for a while, and record it
          learn        Propose rules for what was blocked or only observed, by cause
          audit        Find what is open: the editor's bridge, files that the host runs, the configuration
          explain      Say what a rule of the audit finds and what to do; without a rule, list all
          baseline     Remember the files that the host executes and the next launch follows
          review       Show what changed since the baseline, in files and in running containers
          prove        Try to get out of the dev container, and print what happened
          why          Say whether a URL may be reached, and which line of which file decides
          check        Check the policy: errors, warnings, and whether the gate's copy is up to date
          reload       Make the running gate read the policy again
          status       Show what runs, which policy is in force and what waits for a word
          secret       Credentials that the gate adds to requests, and the container never sees
          ca           Certificate authorities: the gate's own, and those of your company
          catalogue    The lists of hosts that a policy's `use` names
          sidecar      The gate's image
          doctor       Check what this machine has: engine, Compose, Dev Containers CLI, image, addresses
          run          Run a command out of reach of the editor's bridge, in the container
          trust        Certificate authorities in every trust store of this container
          lsp          Serve an editor over standard input and output (Language Server Protocol 3.17)
          completions  Print a completion script for a shell

        Options:
          -h, --help     Print help
          -V, --version  Print version

        Options of every command:
          -C, --workspace <FOLDER>  Folder of the project; default: the current folder
              --json                Print JSON on standard output
              --color <WHEN>        When to use colour; `NO_COLOR` in the environment turns `auto` off
                                    [default: auto] [possible values: auto, always, never]

        Examples:
          drawbridge                           what is here, what is open, what to do next
          drawbridge protect                   close the dev container's network; shows a diff first
          drawbridge up && drawbridge exec -- mvn -q verify
          drawbridge allow repo.example.org --reason "our artifacts"
          drawbridge audit                     what is open: bridge, ground, configuration
          drawbridge prove                     try to get out, and print what happened
          drawbridge undo                      put every file back, byte for byte

        Exit codes: 0 done, 1 findings or something blocked, 2 could not run.
        "#);
    }
}
