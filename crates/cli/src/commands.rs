//! One file per command.

mod allow;
mod audit;
mod blocked;
mod ca;
mod catalogue;
mod completions;
mod doctor;
mod eject;
mod exec;
mod explain;
mod history;
mod init;
#[cfg(target_os = "linux")]
pub(crate) mod inside;
mod layers;
mod learn;
mod logs;
mod look;
mod lsp;
mod protect;
mod prove;
mod review;
mod secret;
mod sidecar;
mod status;
mod summary;
mod undo;
mod up;
mod why;

use clap::Subcommand;

use crate::error::CliError;
use crate::exit::Outcome;
use crate::session::Session;

/// Every command, in the order of a day's work.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(init::Args),
    Protect(protect::Args),
    Undo(undo::Args),
    History(history::Args),
    Eject(eject::Args),
    Up(up::Args),
    Exec(exec::Args),
    Shell(exec::Shell),
    Logs(logs::Logs),
    Down(logs::Down),
    Blocked(blocked::Args),
    Allow(allow::Allow),
    Deny(allow::Deny),
    Revoke(allow::Revoke),
    Observe(learn::Observe),
    Learn(learn::Learn),
    Audit(audit::Args),
    Explain(explain::Args),
    Baseline(review::BaselineArgs),
    Review(review::Review),
    Prove(prove::Args),
    Why(why::Why),
    Check(why::Check),
    Reload(status::Reload),
    Status(status::Status),
    #[command(subcommand)]
    Secret(secret::Command),
    #[command(subcommand)]
    Ca(ca::Command),
    #[command(subcommand)]
    Catalogue(catalogue::Command),
    #[command(subcommand)]
    Sidecar(sidecar::Command),
    Doctor(doctor::Args),
    #[cfg(target_os = "linux")]
    #[command(flatten)]
    Inside(inside::Command),
    Lsp(lsp::Args),
    Completions(completions::Args),
}

/// Runs a command; without one, the summary.
pub(crate) fn run(command: Option<Command>, session: &mut Session<'_>) -> Result<Outcome, CliError> {
    let Some(command) = command else { return summary::run(session) };
    match command {
        Command::Init(args) => args.run(session),
        Command::Protect(args) => args.run(session),
        Command::Undo(args) => args.run(session),
        Command::History(args) => args.run(session),
        Command::Eject(args) => args.run(session),
        Command::Up(args) => args.run(session),
        Command::Exec(args) => args.run(session),
        Command::Shell(args) => args.run(session),
        Command::Logs(args) => args.run(session),
        Command::Down(args) => args.run(session),
        Command::Blocked(args) => args.run(session),
        Command::Allow(args) => args.run(session),
        Command::Deny(args) => args.run(session),
        Command::Revoke(args) => args.run(session),
        Command::Observe(args) => args.run(session),
        Command::Learn(args) => args.run(session),
        Command::Audit(args) => args.run(session),
        Command::Explain(args) => args.run(session),
        Command::Baseline(args) => args.run(session),
        Command::Review(args) => args.run(session),
        Command::Prove(args) => args.run(session),
        Command::Why(args) => args.run(session),
        Command::Check(args) => args.run(session),
        Command::Reload(args) => args.run(session),
        Command::Status(args) => args.run(session),
        Command::Secret(command) => command.run(session),
        Command::Ca(command) => command.run(session),
        Command::Catalogue(command) => command.run(session),
        Command::Sidecar(command) => command.run(session),
        Command::Doctor(args) => args.run(session),
        Command::Lsp(args) => args.run(session),
        Command::Completions(args) => args.run(session),
        #[cfg(target_os = "linux")]
        Command::Inside(command) => command.run(session),
    }
}
