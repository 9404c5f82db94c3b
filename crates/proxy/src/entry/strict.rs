//! Every request head of an HTTP/1.1 connection, looked at before hyper interprets it.
//!
//! hyper follows RFC 9112 §6.3 where it leaves a choice: of `Transfer-Encoding` and
//! `Content-Length` together it takes the first and says nothing. The gate refuses what two readers
//! could end at different places, so it follows the framing itself, byte by byte, and remembers the
//! first head that is not strict. The request's handler asks for the verdict.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::head::{self, Framing};
use crate::limits::HEAD_BYTES;
use crate::refusal::Refusal;

/// Longest chunk-size line with its extensions, in bytes.
const CHUNK_LINE: usize = 4096;

/// What the reader found; shared with the handler of requests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Verdict(Arc<Mutex<Option<&'static str>>>);

/// A connection whose input is followed.
#[derive(Debug)]
pub(crate) struct Strict<IO> {
    io: IO,
    scan: Scan,
    verdict: Verdict,
}

/// What the gate makes of the requests of one HTTP/1.1 connection that arrive in these `pieces`.
///
/// # Errors
///
/// What two readers could understand differently, in a few words.
pub fn follow<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<(), &'static str> {
    let (mut strict, verdict) = Strict::new(());
    pieces.into_iter().for_each(|piece| strict.follow(piece));
    verdict.get()
}

/// Where in the stream of messages the next byte stands.
#[derive(Debug)]
enum Scan {
    Head(Vec<u8>),
    Sized(u64),
    /// The line that says how long the next chunk is.
    ChunkSize(Vec<u8>),
    /// Data and the line end behind it.
    Chunk(u64),
    /// Behind the last chunk, up to an empty line.
    Trailers {
        line: usize,
    },
    /// Something was refused.
    Off,
}

impl Verdict {
    /// Refuses once a head was not strict. All requests of such a connection are suspect.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        self.get().map_err(Refusal::BadRequest)
    }

    fn get(&self) -> Result<(), &'static str> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    fn refuse(&self, why: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
    }
}

impl<IO> Strict<IO> {
    pub(crate) fn new(io: IO) -> (Self, Verdict) {
        let verdict = Verdict::default();
        (Self { io, scan: Scan::Head(Vec::new()), verdict: verdict.clone() }, verdict)
    }

    pub(crate) fn into_inner(self) -> IO {
        self.io
    }

    fn follow(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match self.scan.step(&mut bytes) {
                Ok(None) => {}
                Ok(Some(next)) => self.scan = next,
                Err(why) => {
                    self.verdict.refuse(why);
                    self.scan = Scan::Off;
                }
            }
        }
    }
}

impl Scan {
    /// Consumes some of `bytes`; the next state, where it is another one.
    fn step(&mut self, bytes: &mut &[u8]) -> Result<Option<Self>, &'static str> {
        match self {
            Self::Head(seen) => {
                // RFC 9112 §2.2: empty lines in front of a request are to be ignored.
                if seen.is_empty() && matches!(bytes[0], b'\r' | b'\n') {
                    *bytes = &bytes[1..];
                    return Ok(None);
                }
                let whole = take_until(seen, bytes, b"\r\n\r\n");
                if seen.len() > HEAD_BYTES {
                    return Err("a head without end");
                }
                if !whole {
                    return Ok(None);
                }
                Ok(Some(match head::framing(seen)? {
                    Framing::None | Framing::Sized(0) => Self::Head(Vec::new()),
                    Framing::Sized(length) => Self::Sized(length),
                    Framing::Chunked => Self::ChunkSize(Vec::new()),
                }))
            }
            Self::Sized(left) => Ok(skip(left, bytes).then(|| Self::Head(Vec::new()))),
            Self::ChunkSize(line) => {
                let whole = take_until(line, bytes, b"\n");
                if line.len() > CHUNK_LINE {
                    return Err(CHUNKS);
                }
                if !whole {
                    return Ok(None);
                }
                Ok(Some(match chunk_size(line)? {
                    0 => Self::Trailers { line: 0 },
                    size => Self::Chunk(size.checked_add(2).ok_or(CHUNKS)?),
                }))
            }
            Self::Chunk(left) => Ok(skip(left, bytes).then(|| Self::ChunkSize(Vec::new()))),
            Self::Trailers { line } => {
                let byte = bytes[0];
                *bytes = &bytes[1..];
                match byte {
                    b'\n' if *line == 0 => return Ok(Some(Self::Head(Vec::new()))),
                    b'\n' => *line = 0,
                    b'\r' => {}
                    _ => *line += 1,
                }
                Ok(None)
            }
            Self::Off => {
                *bytes = &[];
                Ok(None)
            }
        }
    }
}

const CHUNKS: &str = "a chunk of the body";

/// Moves bytes to `seen` up to and with `end`; true when it is there.
fn take_until(seen: &mut Vec<u8>, bytes: &mut &[u8], end: &[u8]) -> bool {
    let from = seen.len().saturating_sub(end.len() - 1);
    let before = seen.len();
    seen.extend_from_slice(bytes);
    let Some(at) = seen[from..].windows(end.len()).position(|window| window == end) else {
        *bytes = &[];
        return false;
    };
    let length = from + at + end.len();
    *bytes = &bytes[length - before..];
    seen.truncate(length);
    true
}

/// Consumes up to `left` bytes; true when none is left.
fn skip(left: &mut u64, bytes: &mut &[u8]) -> bool {
    let count = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
    *bytes = &bytes[count..];
    *left -= count as u64;
    *left == 0
}

/// RFC 9112 §7.1: hexadecimal digits, then perhaps extensions, then CRLF.
fn chunk_size(line: &[u8]) -> Result<u64, &'static str> {
    let line = line.strip_suffix(b"\r\n").ok_or(CHUNKS)?;
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let rest = line[digits..].trim_ascii_start();
    if !rest.is_empty() && rest[0] != b';' {
        return Err(CHUNKS);
    }
    let text = std::str::from_utf8(&line[..digits]).map_err(|_| CHUNKS)?;
    u64::from_str_radix(text, 16).map_err(|_| CHUNKS)
}

impl<IO: AsyncRead + Unpin> AsyncRead for Strict<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        let polled = Pin::new(&mut this.io).poll_read(cx, buf);
        if polled.is_ready() {
            this.follow(&buf.filled()[before..]);
        }
        polled
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Strict<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const CHUNKED: &str = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
                           3;x=y\r\nabc\r\n00A\r\n0123456789\r\n0\r\nX: y\r\n\r\n";
    const SIZED: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n\r\n\r\n";
    const BOTH: &str =
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n";

    fn strict(pieces: &[&[u8]]) -> bool {
        follow(pieces.iter().copied()).is_ok()
    }

    #[test]
    fn a_long_head_is_refused_however_it_arrives() {
        let head = |length: usize| {
            let frame = "GET / HTTP/1.1\r\nX: \r\n\r\n".len();
            format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(length - frame))
        };
        for (length, fits) in [(HEAD_BYTES, true), (HEAD_BYTES + 1, false)] {
            let head = head(length);
            assert_eq!(strict(&[head.as_bytes()]), fits, "at once");
            assert_eq!(follow(head.as_bytes().chunks(1)).is_ok(), fits, "byte by byte");
        }
    }

    #[test]
    fn pitfall_10_a_later_head_is_as_strict_as_the_first() {
        for before in [GET, CHUNKED, SIZED, "\r\n"] {
            assert!(strict(&[before.as_bytes(), GET.as_bytes()]), "{before}");
            assert!(!strict(&[before.as_bytes(), BOTH.as_bytes()]), "{before}");
        }
    }

    #[test]
    fn pitfall_10_chunks_that_two_readers_split_differently() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        for bad in
            ["3\nabc\r\n", "+3\r\nabc", "0x3\r\nabc", "\r\n", "3 3\r\nabc", "ffffffffffffffff\r\n", "g\r\n"]
        {
            assert!(!strict(&[head.as_bytes(), bad.as_bytes()]), "{bad:?}");
        }
    }

    proptest! {
        /// Where the reads fall makes no difference.
        #[test]
        fn reads_may_fall_anywhere(cuts in prop::collection::vec(0_usize..400, 0..12), bad: bool) {
            let text = [CHUNKED, SIZED, GET, if bad { BOTH } else { GET }].concat().into_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
            prop_assert_eq!(strict(&pieces), !bad);
        }

        #[test]
        fn never_panics(bytes: Vec<u8>) {
            strict(&[CHUNKED.as_bytes(), &bytes, &bytes]);
        }
    }
}
