//! `drawbridge run`: one command and all its children out of reach of the IDE's bridge.
//!
//! The bridge belongs to the container's user and the agent runs as that user, so no file mode and no
//! setting parts them. What does, without root, capabilities or user namespaces: `no_new_privs`, seccomp
//! (no UNIX sockets, no reaching into other processes) and Landlock (only the files that the work needs).
//! Nothing here falls back silently: a wall that cannot be raised is an error or, on request, reported.

pub mod environment;
pub mod profile;
pub mod prove;
pub mod walls;

mod broker;
mod error;
mod files;
mod launch;
mod privileges;
mod supervise;
mod syscalls;
mod temporary;

pub use error::ConfineError;
pub use launch::{Report, foresee, raise, start, temporary_folder};
pub use profile::Profile;
pub use walls::{Facts, Options, Walls};
