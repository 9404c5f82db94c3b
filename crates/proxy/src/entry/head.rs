//! The first request head of a connection, read byte-exact before anything interprets it.
//!
//! Parsers forgive what smuggling is made of (bare LF, folded lines, doubled framing). The gate
//! does not: a head that two readers could split differently is refused.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::limits::{HEAD_BYTES, HEAD_FIELDS};
use crate::refusal::Refusal;

/// A strict request head, and what was read behind it.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) method: String,
    /// As on the request line.
    pub(crate) target: String,
    /// Values of every `Host` header.
    pub(crate) hosts: Vec<String>,
    /// Whether the request announces a body.
    pub(crate) framed: bool,
    /// The whole input so far: head and rest.
    pub(crate) bytes: Vec<u8>,
    /// Where the rest starts.
    pub(crate) end: usize,
}

/// How the body of a request is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    None,
    /// Bytes.
    Sized(u64),
    Chunked,
}

/// Reads one head; `time` covers all of it. `Ok(None)`: the peer closed without a byte.
pub(crate) async fn read(io: &mut (impl AsyncRead + Unpin), time: Duration) -> Result<Option<Head>, Refusal> {
    let reading = async {
        let mut bytes: Vec<u8> = Vec::with_capacity(1024);
        let mut searched = 0;
        loop {
            if let Some(end) = head_end(&bytes, &mut searched) {
                return parse(bytes, end).map(Some);
            }
            if bytes.len() >= HEAD_BYTES {
                return Err(Refusal::HeadTooLong);
            }
            let room = u64::try_from(HEAD_BYTES - bytes.len()).unwrap_or(0);
            if (&mut *io).take(room).read_buf(&mut bytes).await? == 0 {
                if bytes.is_empty() {
                    return Ok(None);
                }
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
        }
    };
    tokio::time::timeout(time, reading).await.unwrap_or(Err(Refusal::HeadTimeout))
}

/// Finds the empty line, or what can never become a strict head. Looks at each byte once.
fn head_end(bytes: &[u8], searched: &mut usize) -> Option<usize> {
    let from = searched.saturating_sub(3);
    *searched = bytes.len();
    let found = bytes[from..].windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(from + found + 4)
}

/// Checks a whole head, the empty line included, that something else will interpret.
pub(crate) fn framing(head: &[u8]) -> Result<Framing, &'static str> {
    check_bytes(head)?;
    let mut fields = [httparse::EMPTY_HEADER; HEAD_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    match request.parse(head) {
        Ok(httparse::Status::Complete(length)) if length == head.len() => {}
        _ => return Err("the request head"),
    }
    framing_of(request.headers)
}

fn parse(bytes: Vec<u8>, end: usize) -> Result<Head, Refusal> {
    check_bytes(&bytes[..end]).map_err(Refusal::BadRequest)?;
    let mut fields = [httparse::EMPTY_HEADER; HEAD_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    match request.parse(&bytes[..end]) {
        Ok(httparse::Status::Complete(length)) if length == end => {}
        Err(httparse::Error::TooManyHeaders) => return Err(Refusal::HeadTooLong),
        _ => return Err(Refusal::BadRequest("the request head")),
    }
    let named = |name: &'static str| {
        request.headers.iter().filter(move |field| field.name.eq_ignore_ascii_case(name))
    };
    let framing = framing_of(request.headers).map_err(Refusal::BadRequest)?;
    let text = |value: &[u8]| {
        std::str::from_utf8(value).map(str::to_owned).map_err(|_| Refusal::BadRequest("the `Host` header"))
    };
    let hosts = named("host").map(|field| text(field.value)).collect::<Result<_, _>>()?;
    let (method, target) = (request.method.unwrap_or_default(), request.path.unwrap_or_default());
    let (method, target) = (method.to_owned(), target.to_owned());
    if method != "CONNECT" && target.parse::<hyper::Uri>().is_err() {
        return Err(Refusal::BadRequest("the request target"));
    }
    let framed = !matches!(framing, Framing::None | Framing::Sized(0));
    Ok(Head { method, target, hosts, framed, bytes, end })
}

/// RFC 9112 §2.2 lets readers accept a bare LF and RFC 9110 §5.5 lets them replace a bare CR or
/// NUL: two readers then see two messages.
fn check_bytes(head: &[u8]) -> Result<(), &'static str> {
    for (at, byte) in head.iter().enumerate() {
        let bad = match byte {
            b'\n' => at == 0 || head[at - 1] != b'\r',
            b'\r' => head.get(at + 1) != Some(&b'\n'),
            0 => true,
            _ => false,
        };
        if bad {
            return Err("a bare CR, LF or NUL in the head");
        }
    }
    if head.windows(3).any(|three| three.starts_with(b"\r\n") && matches!(three[2], b' ' | b'\t')) {
        return Err("a folded header line");
    }
    Ok(())
}

/// One framing, or none: RFC 9112 §6.3.
fn framing_of(fields: &[httparse::Header<'_>]) -> Result<Framing, &'static str> {
    let values = |name: &'static str| {
        let named = fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name));
        named.map(|field| field.value)
    };
    let (mut lengths, mut codings) = (values("content-length"), values("transfer-encoding"));
    match (lengths.next(), lengths.next(), codings.next(), codings.next()) {
        (None, None, None, None) => Ok(Framing::None),
        (Some(length), None, None, None) => length_of(length).map(Framing::Sized),
        (None, None, Some(coding), None) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunked),
        _ => Err(AMBIGUOUS),
    }
}

const AMBIGUOUS: &str = "ambiguous framing of the body";

/// Digits alone; `parse` would take a sign.
fn length_of(value: &[u8]) -> Result<u64, &'static str> {
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(value).ok().filter(|_| digits);
    text.and_then(|text| text.parse().ok()).ok_or(AMBIGUOUS)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_text(text: &str) -> Result<Option<Head>, Refusal> {
        read(&mut text.as_bytes(), Duration::from_secs(1)).await
    }

    #[tokio::test]
    async fn keeps_what_follows_the_head() {
        let head = read_text("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n\x16\x03")
            .await
            .unwrap()
            .unwrap();
        assert_eq!((head.method.as_str(), head.target.as_str()), ("CONNECT", "a.example:443"));
        assert_eq!(head.hosts, ["a.example:443"]);
        assert_eq!(&head.bytes[head.end..], b"\x16\x03");
        assert!(!head.framed);
    }

    #[tokio::test]
    async fn pitfall_10_heads_that_two_readers_split_differently() {
        for bad in [
            "GET / HTTP/1.1\nHost: a.example\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a.example\r\nX: a\rb\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a.example\r\nX: a\0b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a.example\r\n folded\r\n\r\n",
            "GET / HTTP/1.1\r\nHost : a.example\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a.example\r\nContent-Length: +1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1, 1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a.example\r\nno colon\r\n\r\n",
            "GET /`a` HTTP/1.1\r\nHost: a.example\r\n\r\n",
            "GET  / HTTP/1.1\r\nHost: a.example\r\n\r\n",
            "G\u{e9}T / HTTP/1.1\r\nHost: a.example\r\n\r\n",
        ] {
            let read = read_text(bad).await;
            assert!(matches!(read, Err(Refusal::BadRequest(_))), "{bad:?}: {read:?}");
        }
    }

    #[tokio::test]
    async fn a_head_is_bounded_in_bytes_and_fields() {
        let long = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(HEAD_BYTES));
        assert!(matches!(read_text(&long).await, Err(Refusal::HeadTooLong)));
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "X: a\r\n".repeat(HEAD_FIELDS + 1));
        assert!(matches!(read_text(&many).await, Err(Refusal::HeadTooLong)));
    }

    #[tokio::test(start_paused = true)]
    async fn pitfall_21_half_a_request_line_then_silence() {
        let (mut client, mut server) = tokio::io::duplex(64);
        tokio::io::AsyncWriteExt::write_all(&mut client, b"GET / HT").await.unwrap();
        let started = tokio::time::Instant::now();
        let read = read(&mut server, Duration::from_secs(10)).await;
        assert!(matches!(read, Err(Refusal::HeadTimeout)));
        assert_eq!(started.elapsed(), Duration::from_secs(10));
    }
}
