//! Egress policy: which host, port, method and path a dev container may reach, and which line says so.
//!
//! Everything that enters is attacker-controlled: the repository's policy file, the names a client
//! sends, the addresses a resolver answers. So every type that a decision rests on ([`Host`],
//! [`Authority`], [`path::CanonicalPath`]) has one canonical form that only its parser can make,
//! and whatever is not known is denied.
//!
//! The crate is pure: texts and the time are arguments.

pub mod address;
pub mod catalogue;
pub mod import;
pub mod path;

mod ask;
mod authority;
mod bundle;
mod check;
mod compile;
mod cover;
mod date;
mod decide;
mod decision;
mod diagnostic;
mod document;
mod glob;
mod grammar;
mod host;
mod ignores;
mod layer;
mod lint;
mod loosen;
mod object_form;
mod pattern;
mod policy;
mod query;
mod report;
mod request;
mod rule;
mod schema;
mod tree;

pub use ask::{Ask, AskKind, SECRET_PLACEHOLDER};
pub use authority::{Authority, AuthorityError};
pub use check::{CheckError, Checked};
pub use decision::{Decision, Reason, RuleRef, Verdict};
pub use diagnostic::{Diagnostic, Severity};
pub use host::{Host, HostError};
pub use ignores::{Ignore, Ignores, ignores};
pub use layer::{Layer, LayerKind};
pub use object_form::object_form;
pub use pattern::{HostPattern, PatternError, SuffixKind};
pub use policy::{DeniedNames, Listener, Loaded, Policy, UpstreamProxy, load};
pub use request::{Request, Scheme};
pub use rule::{Action, Rule};
pub use schema::schema;
