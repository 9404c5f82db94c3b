//! Findings as terminal text, JSON, SARIF and one HTML file.
//!
//! Pure: a report goes in, text comes out. The only place that makes foreign text (paths, lines of
//! files, names of processes) safe for where it is shown.

pub mod document;
pub mod escape;
pub mod explain;
pub mod html;
pub mod sarif;
pub mod terminal;
pub mod ways;
