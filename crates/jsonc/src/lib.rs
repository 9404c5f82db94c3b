//! JSONC with spans: parse, duplicate-key report, pointers, comment-keeping patches.
//!
//! What Drawbridge reads in a `devcontainer.json` must be what the official Dev Containers CLI
//! reads, because the CLI starts the container. The CLI uses the npm package `jsonc-parser` 3.3.1
//! and ignores its errors, so [`parse`] recovers from broken input exactly as that package does and
//! reports every error beside the value. [`patch`] is stricter: it edits only what has one
//! meaning for every reader.
//!
//! The crate `jsonc-parser` is the second opinion in the tests, not the parser: it stops at the
//! first error, and it takes a raw newline in a string, where the CLI ends the string and reads
//! another configuration.
//!
//! Input is hostile: nothing here panics, time is linear in the text, and [`MAX_BYTES`] and
//! [`MAX_DEPTH`] bound what is looked at.

mod node;
mod parse;
mod patch;
mod pointer;
mod scanner;

pub use node::{Member, Node, NodeKind};
pub use parse::{Duplicate, MAX_BYTES, MAX_DEPTH, Parsed, SyntaxError, parse};
pub use patch::{Edit, PatchError, patch};
pub use pointer::{Pointer, PointerError};
