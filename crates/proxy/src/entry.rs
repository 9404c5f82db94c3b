//! The listeners and what each speaks. They differ only in how a target is read.

pub(crate) mod explicit;
pub(crate) mod http;
pub(crate) mod inspected;
pub(crate) mod listen;
pub(crate) mod opaque;
pub(crate) mod relay;
pub(crate) mod tls;

mod head;
pub(crate) mod rewind;
pub(crate) mod strict;
