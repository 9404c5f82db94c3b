//! Every number that bounds what a client can make the sidecar hold or wait for.

use std::time::Duration;

/// Connections held at once, over all clients.
pub(crate) const CONNECTIONS: usize = 40_960;
/// Connections held at once for one client address.
pub(crate) const CONNECTIONS_PER_CLIENT: usize = 10_240;
/// A request head must be complete this long after the connection or the previous answer.
pub(crate) const HEAD_TIME: Duration = Duration::from_secs(10);
/// Longest request head in bytes.
pub(crate) const HEAD_BYTES: usize = 64 * 1024;
/// Longest answer of an upstream proxy to CONNECT in bytes.
pub(crate) const PROXY_HEAD_BYTES: usize = 16 * 1024;
/// Most header fields in a request head.
pub(crate) const HEAD_FIELDS: usize = 100;
/// A `ClientHello` must be complete this long after the connection or the `200`.
pub(crate) const HELLO_TIME: Duration = Duration::from_secs(5);
/// Longest `ClientHello` in bytes, record headers included.
pub(crate) const HELLO_BYTES: usize = 64 * 1024;
/// A tunnel without a byte in either direction for this long is closed.
pub(crate) const TUNNEL_IDLE: Duration = Duration::from_mins(30);
/// One name lookup.
pub(crate) const RESOLVE_TIME: Duration = Duration::from_secs(5);
/// One attempt to reach one address.
pub(crate) const DIAL_TIME: Duration = Duration::from_secs(10);
/// Head start of an address over the next one.
pub(crate) const DIAL_STAGGER: Duration = Duration::from_millis(250);
/// Addresses of one name that are tried.
pub(crate) const DIAL_ADDRESSES: usize = 8;
/// A refused peer may take this long to read its answer before the socket is closed.
pub(crate) const LINGER_TIME: Duration = Duration::from_secs(1);
/// A denied connection waits this long for a watcher on the host to name the process.
pub(crate) const HOLD_TIME: Duration = Duration::from_millis(500);
/// Denials remembered for `ctl denied`.
pub(crate) const DENIALS: usize = 1000;
/// Largest policy file in bytes.
pub(crate) const POLICY_BYTES: u64 = 1024 * 1024;
/// Secrets held at once.
pub(crate) const SECRETS: usize = 100;
/// Hosts of one secret.
pub(crate) const SECRET_HOSTS: usize = 20;
/// Longest time, in seconds, for which a word from the host lets everything through.
pub(crate) const OBSERVE: u64 = 24 * 60 * 60;
/// Grants held at once.
pub(crate) const GRANTS: usize = 256;
/// Log lines that may wait for the writer before further ones are counted and dropped.
pub(crate) const LOG_LINES: usize = 8192;
/// Longest text from outside in one log field, in bytes.
pub(crate) const LOG_FIELD: usize = 2048;
/// Longest line of the control protocol in bytes.
pub(crate) const CTL_LINE: u64 = 64 * 1024;
/// Control connections served at once.
pub(crate) const CTL_CLIENTS: usize = 32;
/// Largest DNS message over UDP that is read, in bytes.
pub(crate) const DNS_MESSAGE: usize = 4096;
/// A DNS connection over TCP is closed after this long without a query.
pub(crate) const DNS_IDLE: Duration = Duration::from_secs(10);
/// Lifetime of a DNS answer in seconds; short, so that a reload acts.
pub(crate) const DNS_TTL: u32 = 5;
/// A silent peer is probed after this long, so that a dead one is found.
pub(crate) const KEEPALIVE: Duration = Duration::from_mins(1);
/// A TLS handshake, on either leg, must be complete this long after its first bytes.
pub(crate) const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// Certificates of inspected hosts that are kept.
pub(crate) const LEAVES: usize = 1000;
/// Idle connections kept to one inspected host.
pub(crate) const POOL_PER_HOST: usize = 64;
/// An idle connection to an inspected host is not used again after this long.
pub(crate) const POOL_IDLE: Duration = Duration::from_secs(55);
/// Bytes of one HTTP/2 stream that may wait for their reader.
pub(crate) const H2_STREAM_WINDOW: u32 = 256 * 1024;
/// The same for one HTTP/2 connection.
pub(crate) const H2_CONNECTION_WINDOW: u32 = 1024 * 1024;
/// Requests that a client may have open on one HTTP/2 connection.
pub(crate) const H2_STREAMS: u32 = 250;
/// Longest header list of HTTP/2 in bytes.
pub(crate) const H2_HEADER_BYTES: u32 = 64 * 1024;
/// A silent HTTP/2 peer is asked after this long whether it is still there.
pub(crate) const H2_PING: Duration = Duration::from_mins(1);
