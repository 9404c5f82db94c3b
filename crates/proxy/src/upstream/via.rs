//! CONNECT through a company's proxy.

use drawbridge_policy::Authority;
use hyper::header::HeaderValue;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::gate::Target;
use crate::limits::{DIAL_TIME, HEAD_FIELDS, PROXY_HEAD_BYTES};
use crate::refusal::Refusal;

/// The proxy that connections leave through.
#[derive(Debug)]
pub(crate) struct Via {
    pub(crate) proxy: Authority,
    /// The value of `Proxy-Authorization`.
    pub(crate) credentials: Option<HeaderValue>,
}

impl Via {
    /// The proxy is at fault, not the host behind it.
    pub(super) fn failed(&self, why: &dyn std::fmt::Display) -> Refusal {
        Refusal::BadUpstream(format!("the upstream proxy {}: {why}", self.proxy))
    }

    /// Has the proxy connect to `target`. Nothing behind its answer is read: the host may speak first.
    pub(super) async fn open(&self, mut stream: TcpStream, target: &Target) -> Result<TcpStream, Refusal> {
        let authority = target.host.with_port(target.port);
        let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n").into_bytes();
        if let Some(credentials) = &self.credentials {
            request.extend_from_slice(b"Proxy-Authorization: ");
            request.extend_from_slice(credentials.as_bytes());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        let asking = async {
            stream.write_all(&zeroize::Zeroizing::new(request)).await?;
            read_head(&mut stream).await
        };
        let head = timeout(DIAL_TIME, asking).await.map_err(|_| self.failed(&"it did not answer in time"))?;
        let head = head.map_err(|err| self.failed(&err))?;
        match status(&head) {
            Some(200..=299) => Ok(stream),
            Some(407) => Err(self.failed(&"it wants credentials, or other ones")),
            Some(status) => Err(self.failed(&format!("it answered {status}"))),
            None => Err(self.failed(&"its answer is not understood")),
        }
    }
}

/// Up to and with the empty line, and no byte more.
async fn read_head(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    const END: &[u8] = b"\r\n\r\n";
    let mut head = Vec::new();
    let mut room = [0; 1024];
    while head.len() < PROXY_HEAD_BYTES {
        let seen = stream.peek(&mut room).await?;
        if seen == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let from = head.len().saturating_sub(END.len() - 1);
        let before = head.len();
        head.extend_from_slice(&room[..seen]);
        let found = head[from..].windows(END.len()).position(|four| four == END);
        let length = found.map_or(head.len(), |at| from + at + END.len());
        stream.read_exact(&mut room[..length - before]).await?;
        if found.is_some() {
            head.truncate(length);
            return Ok(head);
        }
    }
    Err(std::io::ErrorKind::InvalidData.into())
}

fn status(head: &[u8]) -> Option<u16> {
    let mut fields = [httparse::EMPTY_HEADER; HEAD_FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    match response.parse(head) {
        Ok(httparse::Status::Complete(length)) if length == head.len() => response.code,
        _ => None,
    }
}
