//! Dev container and Compose model, protect planner, audit: text in, values out.
//!
//! The crate touches nothing: the host reads files into a [`project::Snapshot`], [`protect::plan`]
//! turns it into a [`protect::Plan`] of whole-file changes, and the host applies and journals them.

pub mod audit;
pub mod brought;
pub mod compose;
pub mod convert;
pub mod detect;
pub mod devcontainer;
mod dockerfile;
pub mod drift;
pub mod eject;
pub mod ground;
pub mod harden;
pub mod init;
pub mod jetbrains;
pub mod overlay;
pub mod policy_file;
pub mod project;
pub mod protect;
pub mod rules;
pub mod subnet;
pub mod summary;
pub mod yaml;
