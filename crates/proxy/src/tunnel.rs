//! Bytes both ways, unseen.
//!
//! A direction waits for readiness without a buffer and borrows one only while data flows, so an
//! idle tunnel holds none. A direction that moved much goes through a pipe instead. A half-close (FIN) is passed on: ssh and
//! HTTP/1.0 peers end their side first and still expect the answer.

mod splice;

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::Instant;

use crate::live::LiveGuard;
use splice::Pipe;

/// Measured: 64 KiB costs half the CPU per byte that 8 KiB does.
const BUFFER: usize = 64 * 1024;
/// A TLS record holds 16 KiB.
const RELAY_BUFFER: usize = 16 * 1024;
/// Buffers kept for the next burst.
const SPARE: usize = 16;

/// How a tunnel ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Both sides closed.
    Closed,
    /// One side broke off.
    Reset,
    /// Nothing moved for too long.
    Idle,
    /// The policy no longer allows it.
    Revoked,
}

impl End {
    /// The code in the log.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Reset => "reset",
            Self::Idle => "idle",
            Self::Revoked => "revoked",
        }
    }
}

/// Bytes moved; readable while the tunnel lives.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    /// From the client to the upstream.
    pub(crate) up: AtomicU64,
    /// From the upstream to the client.
    pub(crate) down: AtomicU64,
}

/// Buffers that no tunnel holds right now.
#[derive(Debug, Default)]
pub(crate) struct Buffers(Mutex<Vec<Box<[u8]>>>);

impl Buffers {
    fn take(&self) -> Box<[u8]> {
        let spare = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        spare.unwrap_or_else(|| vec![0; BUFFER].into_boxed_slice())
    }

    fn give(&self, buffer: Box<[u8]>) {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < SPARE {
            spare.push(buffer);
        }
    }
}

/// Copies until both sides are done, nothing moved for `idle`, or `live` says it is over.
pub(crate) async fn run(
    client: &mut TcpStream,
    upstream: &mut TcpStream,
    traffic: &Traffic,
    buffers: &Buffers,
    live: &LiveGuard,
    idle: Duration,
) -> End {
    let (client_read, client_write) = client.split();
    let (upstream_read, upstream_write) = upstream.split();
    let up = pass(client_read, upstream_write, &traffic.up, buffers);
    let down = pass(upstream_read, client_write, &traffic.down, buffers);
    let end = tokio::select! {
        done = async { tokio::try_join!(up, down) } => {
            if done.is_ok() { End::Closed } else { End::Reset }
        }
        () = silence(traffic, idle) => End::Idle,
        () = live.ended() => End::Revoked,
    };
    if end != End::Closed {
        // A reset, so that the peer does not take a cut for the end of the data.
        let _ = client.set_zero_linger();
        let _ = upstream.set_zero_linger();
    }
    end
}

/// As [`run`], for streams that are not plain sockets.
pub(crate) async fn relay<C, U>(
    client: C,
    upstream: U,
    traffic: &Traffic,
    live: &LiveGuard,
    idle: Duration,
) -> End
where
    C: AsyncRead + AsyncWrite,
    U: AsyncRead + AsyncWrite,
{
    let (client_read, client_write) = tokio::io::split(client);
    let (upstream_read, upstream_write) = tokio::io::split(upstream);
    let up = copy(client_read, upstream_write, &traffic.up);
    let down = copy(upstream_read, client_write, &traffic.down);
    tokio::select! {
        done = async { tokio::try_join!(up, down) } => {
            if done.is_ok() { End::Closed } else { End::Reset }
        }
        () = silence(traffic, idle) => End::Idle,
        () = live.ended() => End::Revoked,
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    moved: &AtomicU64,
) -> io::Result<()> {
    let mut buffer = vec![0; RELAY_BUFFER];
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return to.shutdown().await;
        }
        to.write_all(&buffer[..count]).await?;
        to.flush().await?;
        moved.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::Relaxed);
    }
}

async fn pass(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    moved: &AtomicU64,
    buffers: &Buffers,
) -> io::Result<()> {
    let start = moved.load(Ordering::Relaxed);
    loop {
        if moved.load(Ordering::Relaxed) - start >= splice::BULK
            && let Some(pipe) = Pipe::new()
        {
            pipe.pass(from.as_ref(), to.as_ref(), moved).await?;
            return to.shutdown().await;
        }
        let (buffer, count) = read(&mut from, buffers).await?;
        let written = to.write_all(&buffer[..count]).await;
        buffers.give(buffer);
        written?;
        if count == 0 {
            return to.shutdown().await;
        }
        moved.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::Relaxed);
    }
}

/// Reads into a borrowed buffer and gives it back while there is nothing to read.
///
/// `poll_read`, unlike `try_read`, knows that a short read emptied the socket, which saves a
/// system call per message.
async fn read(from: &mut ReadHalf<'_>, buffers: &Buffers) -> io::Result<(Box<[u8]>, usize)> {
    std::future::poll_fn(|cx| {
        let mut buffer = buffers.take();
        let mut space = ReadBuf::new(&mut buffer);
        let polled = Pin::new(&mut *from).poll_read(cx, &mut space);
        let count = space.filled().len();
        match polled {
            Poll::Ready(Ok(())) => Poll::Ready(Ok((buffer, count))),
            Poll::Ready(Err(err)) => {
                buffers.give(buffer);
                Poll::Ready(Err(err))
            }
            Poll::Pending => {
                buffers.give(buffer);
                Poll::Pending
            }
        }
    })
    .await
}

/// Returns after `idle` without a byte. Looks rarely instead of resetting a timer per read.
async fn silence(traffic: &Traffic, idle: Duration) {
    let moved = || (traffic.up.load(Ordering::Relaxed), traffic.down.load(Ordering::Relaxed));
    let (mut seen, mut since) = (moved(), Instant::now());
    loop {
        tokio::time::sleep(idle / 8).await;
        let now = moved();
        if now != seen {
            (seen, since) = (now, Instant::now());
        } else if since.elapsed() >= idle {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
