//! The first flight of a TLS client, read without ending TLS.
//!
//! The only thing a pass-through gate can see of a TLS connection is its `ClientHello`
//! (RFC 8446 §4.1.2). Post-quantum key shares make it 1.5 to 2.1 KB, so it arrives in several
//! TCP segments, and a client may spread it over several records (§5.1).

mod parse;

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::limits::HELLO_BYTES;
pub use parse::Reassembly;

/// What the gate needs from a `ClientHello`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientHello {
    /// The `server_name` extension as sent: not canonical, not checked against any policy.
    pub server_name: Option<String>,
    /// Encrypted Client Hello is present, so `server_name` is the *outer* name. Browsers send
    /// it with random content too (GREASE), which must not be held against them.
    pub ech: bool,
}

/// Why no [`ClientHello`] was had. The connection is of no further use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HelloError {
    /// The hello was not complete in time.
    #[error("the ClientHello was not complete in time")]
    Timeout,
    /// The limit was reached.
    #[error("the ClientHello is too long")]
    TooLong,
    /// The bytes are not TLS. Deny; never guess a host.
    #[error("the client does not speak TLS")]
    NotTls,
    /// It is TLS, but the hello breaks the grammar.
    #[error("the ClientHello is malformed: {0}")]
    Malformed(&'static str),
    /// The peer closed before the hello was complete; `bytes` had arrived.
    #[error("the client closed after {bytes} bytes")]
    Closed {
        /// Bytes that had arrived.
        bytes: usize,
    },
    /// The socket failed.
    #[error("the connection broke")]
    Io(#[from] std::io::Error),
}

/// Reads a connection up to the end of its TLS `ClientHello`; `seen` holds what was read before.
///
/// Returns the hello and every byte read so far, to be replayed to the upstream. `time` covers
/// the whole hello, not each read, so a client that trickles bytes gains nothing.
///
/// # Cancel safety
///
/// Not cancel safe: bytes already read are lost, so drop the connection too.
pub(crate) async fn read_client_hello(
    io: &mut (impl AsyncRead + Unpin),
    seen: Vec<u8>,
    time: Duration,
) -> Result<(ClientHello, Vec<u8>), HelloError> {
    tokio::time::timeout(time, read(io, seen)).await.unwrap_or(Err(HelloError::Timeout))
}

async fn read(
    io: &mut (impl AsyncRead + Unpin),
    seen: Vec<u8>,
) -> Result<(ClientHello, Vec<u8>), HelloError> {
    let mut bytes = seen;
    let mut reassembly = Reassembly::default();
    loop {
        if let Some(hello) = reassembly.advance(&bytes)? {
            return Ok((hello, bytes));
        }
        if bytes.len() >= HELLO_BYTES {
            return Err(HelloError::TooLong);
        }
        bytes.reserve(2048);
        let room = u64::try_from(HELLO_BYTES - bytes.len()).unwrap_or(0);
        if (&mut *io).take(room).read_buf(&mut bytes).await? == 0 {
            return Err(HelloError::Closed { bytes: bytes.len() });
        }
    }
}

#[cfg(test)]
mod tests;
