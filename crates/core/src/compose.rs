//! What other people's Compose files say, as far as protecting them needs it, and edits of them.
//!
//! Reading is bounded (size, depth, aliases) because the files are hostile input. Variables such as
//! `${PORT:-80}` stay text: their values live on machines that we do not see.

mod edit;
mod model;
mod node;
mod outline;
mod port;
mod published;
mod service;
mod volume;

use crate::project::RelPath;

pub use edit::{Edit, patch};
pub use model::{ComposeError, Model, load, references};
pub use node::{Key, Node, Place, Value, YamlError, parse};
pub(crate) use port::word_on_loopback;
pub use port::{Port, PortError, expand};
pub use published::Published;
pub use service::{Build, Network, Service};
pub use volume::{Source, Volume, is_engine_socket};
pub(crate) use {port::split, published::is_everywhere};

/// A value and where it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// The file.
    pub file: RelPath,
    /// Where in it.
    pub place: Place,
}
