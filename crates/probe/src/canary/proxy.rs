//! The explicit proxy: what it must refuse before it opens a tunnel or forwards a request.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::net::{Reach, connect};
use super::schedule::Deadline;
use super::{Canary, Targets, Verdict};

/// Enough for a head and the start of a body.
const MAX_REPLY: usize = 16 * 1024;

pub(super) fn plan(targets: &Targets) -> Vec<Canary> {
    let denied = &targets.denied_host;
    let mut canaries = vec![connect_to(targets, "proxy-connect-denied", &format!("{denied}:443"))];
    match &targets.allowed_host {
        Some(allowed) => {
            canaries.push(connect_to(targets, "proxy-connect-port", &format!("{allowed}:22")));
        }
        None => canaries.push(Canary::skipped(
            "proxy-connect-port",
            "curl -p -x SIDECAR:3128 telnet://ALLOWED:22",
            "needs an allowed host",
        )),
    }
    for address in &targets.private {
        let id = format!("proxy-connect-private:{address}");
        canaries.push(connect_to(targets, &id, &address.to_string()));
    }
    for endpoint in &targets.direct {
        let id = format!("proxy-connect-literal:{}", endpoint.address);
        canaries.push(connect_to(targets, &id, &endpoint.address.to_string()));
    }
    canaries.push(plain(targets, "proxy-http-denied", denied, denied));
    let allowed = targets.allowed_host.as_deref();
    canaries.push(match allowed {
        Some(allowed) => plain(targets, "proxy-host-differs", allowed, denied),
        None => Canary::skipped(
            "proxy-host-differs",
            format!("curl -x http://SIDECAR:3128 -H 'Host: {denied}' http://ALLOWED/"),
            "needs an allowed host",
        ),
    });
    canaries
}

impl Targets {
    /// The explicit proxy.
    pub(super) fn proxy_address(&self) -> Option<SocketAddr> {
        self.proxy.or_else(|| self.sidecar.map(|ip| SocketAddr::new(ip, 3128)))
    }
}

const NO_PROXY: &str = "the proxy's address was not given";

fn connect_to(targets: &Targets, id: &str, authority: &str) -> Canary {
    let Some(proxy) = targets.proxy_address() else {
        let attempt = format!("curl -p -x SIDECAR:3128 telnet://{authority}");
        return Canary::skipped(id, attempt, NO_PROXY);
    };
    let attempt = format!("curl -p -x http://{proxy} telnet://{authority}");
    let authority = authority.to_owned();
    Canary::new(id, attempt, move |deadline| {
        let request = connect_request(&authority);
        match exchange(proxy, &request, deadline) {
            Ok((_, reply)) => judge_connect(&reply),
            Err(why) => Verdict::skip(why),
        }
    })
}

fn plain(targets: &Targets, id: &str, host: &str, header: &str) -> Canary {
    let Some(proxy) = targets.proxy_address() else {
        let attempt = format!("curl -x http://SIDECAR:3128 -H 'Host: {header}' http://{host}/");
        return Canary::skipped(id, attempt, NO_PROXY);
    };
    let attempt = format!("curl -x http://{proxy} -H 'Host: {header}' http://{host}/");
    let request = format!("GET http://{host}/ HTTP/1.1\r\nHost: {header}\r\nConnection: close\r\n\r\n");
    Canary::new(id, attempt, move |deadline| match exchange(proxy, &request, deadline) {
        Ok((_, reply)) => judge_plain(&reply),
        Err(why) => Verdict::skip(why),
    })
}

/// Opens a tunnel through `proxy`.
pub(super) fn tunnel(proxy: SocketAddr, authority: &str, deadline: Deadline) -> Result<TcpStream, String> {
    let (stream, reply) = exchange(proxy, &connect_request(authority), deadline)?;
    match reply.status {
        Some(200..=299) => Ok(stream),
        Some(status) => Err(format!("the proxy answered {status}")),
        None => Err("the proxy closed the connection".to_owned()),
    }
}

fn connect_request(authority: &str) -> String {
    format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n")
}

/// What the proxy said.
#[derive(Debug, Default, PartialEq, Eq)]
struct Reply {
    /// `None` when it closed without an HTTP answer.
    status: Option<u16>,
    /// The answer carries the gate's own refusal.
    by_gate: bool,
}

/// Sends `request` and reads the head of the answer, and the body where there is one.
fn exchange(proxy: SocketAddr, request: &str, deadline: Deadline) -> Result<(TcpStream, Reply), String> {
    let Reach::Connected(mut stream) = connect(proxy, deadline) else {
        return Err(format!("the proxy at {proxy} does not answer"));
    };
    let sent =
        stream.set_write_timeout(Some(deadline.left())).and_then(|()| stream.write_all(request.as_bytes()));
    let mut bytes = Vec::new();
    let mut silent = false;
    while sent.is_ok() && bytes.len() < MAX_REPLY && !complete(&bytes) {
        let mut buffer = [0; 2048];
        let read = stream.set_read_timeout(Some(deadline.left())).and_then(|()| stream.read(&mut buffer));
        match read {
            Ok(0) => break,
            Ok(length) => bytes.extend_from_slice(buffer.get(..length).unwrap_or_default()),
            Err(err) => {
                silent = matches!(err.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut);
                break;
            }
        }
    }
    let reply = parse(&bytes);
    if silent && reply.status.is_none() {
        return Err("the proxy did not answer in time".to_owned());
    }
    Ok((stream, reply))
}

/// Whether nothing more is needed: a tunnel is open, or the body names who refused.
fn complete(bytes: &[u8]) -> bool {
    let reply = parse(bytes);
    match reply.status {
        Some(200..=299) => contains(bytes, b"\r\n\r\n"),
        Some(_) => reply.by_gate,
        None => false,
    }
}

fn parse(bytes: &[u8]) -> Reply {
    let line = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let status = line
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.split(' ').nth(1))
        .and_then(|status| status.parse().ok());
    Reply { status, by_gate: contains(bytes, b"\"blocked_by\"") }
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// The status of a CONNECT is the proxy's own word.
fn judge_connect(reply: &Reply) -> Verdict {
    match reply.status {
        None => Verdict::pass("the connection was closed"),
        Some(status @ 200..=299) => Verdict::fail(format!("the tunnel was opened ({status})")),
        Some(status @ (502 | 504)) => {
            Verdict::fail(format!("not refused: the proxy tried to connect ({status})"))
        }
        Some(status @ 400..=499) => Verdict::pass(format!("refused with {status}")),
        Some(status) => Verdict::skip(format!("the answer {status} does not tell")),
    }
}

/// A plain request may be answered by the host itself, so a refusal must carry the gate's mark.
fn judge_plain(reply: &Reply) -> Verdict {
    match reply.status {
        None => Verdict::pass("the connection was closed"),
        Some(status @ 400..=499) if reply.by_gate => Verdict::pass(format!("refused with {status}")),
        Some(status @ (400 | 403 | 405 | 421)) => {
            Verdict::skip(format!("{status}, but not from the gate: the host may have answered"))
        }
        Some(status) => Verdict::fail(format!("not refused: the answer was {status}")),
    }
}

#[cfg(test)]
mod tests;
