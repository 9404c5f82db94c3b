//! What an editor asks of a workspace, answered in plain data.
//!
//! The language server and the addon are two doors to this crate: they translate its values and hold none
//! of their own, so both give the same answers. The command line shares what it does with a protected
//! configuration. Everything is synchronous: whoever calls decides on which thread to wait.

mod actions;
mod check;
mod complete;
mod error;
mod gate;
mod hover;
mod lens;
pub mod look;
mod place;
mod plan;
mod project;
pub mod protected;
pub mod protocol;
mod review;

pub use error::Error;
pub use gate::{Feed, rules};
pub use plan::{Written, written};
pub use project::{Project, concerns};

/// A rule's page in Markdown, by id or code.
pub fn explain(rule: &str) -> Option<String> {
    drawbridge_core::rules::find(rule).map(drawbridge_report::explain::page)
}
