//! `runArgs` as flags with their places, for the audit.

use crate::devcontainer::{Mount, Text};

use super::run_args::uses;
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
}

/// The flags of `runArgs` in order, as docker reads them.
pub(crate) fn run_flags(words: &[Text]) -> Vec<RunFlag> {
    uses(words)
        .map(|used| {
            let on = used.is_on();
            RunFlag { name: used.flag.long, value: used.value, on }
        })
        .collect()
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
