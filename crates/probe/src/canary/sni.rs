//! The gate's TLS entry: a hello with a denied name, or with none, must not reach a server.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::net::{Reach, connect};
use super::schedule::Deadline;
use super::{Canary, Targets, Verdict, hello, proxy};

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

pub(super) fn plan(targets: &Targets) -> Vec<Canary> {
    let entry = targets.tls.or_else(|| targets.sidecar.map(|ip| SocketAddr::new(ip, 443)));
    let denied = targets.denied_host.clone();
    let entry_name = entry.map_or_else(|| "SIDECAR:443".to_owned(), |entry| entry.to_string());
    let named = format!("openssl s_client -connect {entry_name} -servername {denied}");
    let nameless = format!("openssl s_client -connect {entry_name} -noservername");
    let Some(entry) = entry else {
        let why = "the sidecar's address was not given";
        return vec![
            Canary::skipped("sni-denied", named, why),
            Canary::skipped("sni-absent", nameless, why),
            mismatch(targets),
        ];
    };
    vec![
        Canary::new("sni-denied", named, move |deadline| at_entry(entry, Some(&denied), deadline)),
        Canary::new("sni-absent", nameless, move |deadline| at_entry(entry, None, deadline)),
        mismatch(targets),
    ]
}

fn at_entry(entry: SocketAddr, name: Option<&str>, deadline: Deadline) -> Verdict {
    match connect(entry, deadline) {
        Reach::Connected(stream) => say_hello(stream, name, deadline),
        _ => Verdict::skip(format!("the gate at {entry} does not answer")),
    }
}

/// A tunnel to an allowed host in which the hello names a denied one.
fn mismatch(targets: &Targets) -> Canary {
    const ID: &str = "sni-differs-from-connect";
    let denied = targets.denied_host.clone();
    let allowed = targets.allowed_host.clone();
    let proxy = targets.proxy_address();
    let attempt = format!(
        "openssl s_client -proxy {} -connect {}:443 -servername {denied}",
        proxy.map_or_else(|| "SIDECAR:3128".to_owned(), |proxy| proxy.to_string()),
        allowed.as_deref().unwrap_or("ALLOWED"),
    );
    let (Some(proxy), Some(allowed)) = (proxy, allowed) else {
        return Canary::skipped(ID, attempt, "needs the proxy's address and an allowed host");
    };
    Canary::new(ID, attempt, move |deadline| {
        match proxy::tunnel(proxy, &format!("{allowed}:443"), deadline) {
            Ok(stream) => say_hello(stream, Some(&denied), deadline),
            Err(why) => Verdict::skip(format!("no tunnel to the allowed host: {why}")),
        }
    })
}

/// Sends a hello and judges by the first record that comes back.
fn say_hello(mut stream: TcpStream, name: Option<&str>, deadline: Deadline) -> Verdict {
    let sent = stream
        .set_read_timeout(Some(deadline.left()))
        .and_then(|()| stream.set_write_timeout(Some(deadline.left())))
        .and_then(|()| stream.write_all(&hello::client_hello(name)));
    let mut first = [0];
    match sent.and_then(|()| stream.read(&mut first)) {
        Ok(0) => Verdict::pass("the connection was closed without an answer"),
        Ok(_) => match first {
            [ALERT] => Verdict::pass("refused with a TLS alert"),
            [HANDSHAKE] => Verdict::fail("a server answered the handshake"),
            [byte] => Verdict::fail(format!("something answered, first byte {byte:#04x}")),
        },
        Err(err) if closed(&err) => Verdict::pass("the connection was reset"),
        Err(err) => Verdict::skip(format!("neither an answer nor an end in time: {err}")),
    }
}

fn closed(err: &io::Error) -> bool {
    matches!(err.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests;
