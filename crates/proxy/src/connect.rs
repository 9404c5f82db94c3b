//! A client of the gate's explicit proxy that bridges its streams: ssh's `ProxyCommand`.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};

use crate::limits::{DIAL_TIME, HEAD_BYTES};

/// Why nothing was bridged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// No usable proxy address was given.
    #[error("`{0}` is not the address of a proxy")]
    Proxy(String),
    /// The host or port cannot be put in a request.
    #[error("`{host}:{port}` is not a host and port")]
    Target {
        /// As given.
        host: String,
        /// As given.
        port: u16,
    },
    /// The gate did not answer.
    #[error("cannot reach the gate at {proxy}")]
    Unreachable {
        /// Host and port of the proxy.
        proxy: String,
        /// What the kernel said.
        #[source]
        source: io::Error,
    },
    /// The gate refused.
    #[error("drawbridge denied {host}:{port}: {why}")]
    Denied {
        /// As asked.
        host: String,
        /// As asked.
        port: u16,
        /// The gate's reason.
        why: String,
        /// The gate's advice, if it gave one.
        ask: Option<String>,
    },
    /// The gate allowed it, but the upstream cannot be reached.
    #[error("{host}:{port} cannot be reached: {why}")]
    Upstream {
        /// As asked.
        host: String,
        /// As asked.
        port: u16,
        /// The gate's reason.
        why: String,
    },
    /// The connection broke.
    #[error("the connection to the gate broke")]
    Io(#[from] io::Error),
}

impl ConnectError {
    /// The command that would let it through, to be run on the host.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Denied { ask, .. } => ask.clone(),
            Self::Proxy(_) => Some("set `https_proxy` to http://ADDRESS:3128".to_owned()),
            _ => None,
        }
    }
}

/// Host and port out of a proxy variable such as `http://198.18.0.2:3128`.
pub fn proxy_address(variable: &str) -> Result<(String, u16), ConnectError> {
    let bad = || ConnectError::Proxy(variable.to_owned());
    let rest = variable.trim().strip_prefix("http://").unwrap_or(variable.trim());
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = rest.rsplit_once(':').ok_or_else(bad)?;
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let port = port.parse().map_err(|_| bad())?;
    if host.is_empty() || host.contains(['@', '/', ' ']) {
        return Err(bad());
    }
    Ok((host.to_owned(), port))
}

/// Opens a tunnel to `host:port` through `proxy` and passes bytes both ways until the far side
/// closes. The end of `stdin` is passed on as a half-close.
///
/// # Errors
///
/// Nothing was bridged, except for [`ConnectError::Io`]; each message names host and port.
pub fn run(
    proxy: (&str, u16),
    host: &str,
    port: u16,
    stdin: impl Read + Send + 'static,
    stdout: &mut dyn Write,
) -> Result<(), ConnectError> {
    let fits = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:[]".contains(&b));
    if !fits || port == 0 {
        return Err(ConnectError::Target { host: host.to_owned(), port });
    }
    let stream = dial(proxy)?;
    let authority = if host.contains(':') && !host.starts_with('[') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    };
    write!(&stream, "CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n")?;
    let mut reader = BufReader::new(stream.try_clone()?);
    read_answer(&mut reader, host, port)?;
    stream.set_read_timeout(None)?;
    // Detached: ssh keeps our input open after the far side has closed.
    std::thread::spawn(move || pass_input(stdin, &stream));
    bridge(&mut reader, stdout)
}

fn dial((proxy, port): (&str, u16)) -> Result<TcpStream, ConnectError> {
    let open = || {
        let stream = TcpStream::connect((proxy, port))?;
        stream.set_nodelay(true)?;
        // The gate answers after it has reached the upstream.
        stream.set_read_timeout(Some(DIAL_TIME * 3))?;
        Ok(stream)
    };
    open().map_err(|source| ConnectError::Unreachable { proxy: format!("{proxy}:{port}"), source })
}

fn read_answer(reader: &mut impl BufRead, host: &str, port: u16) -> Result<(), ConnectError> {
    let mut head = reader.by_ref().take(HEAD_BYTES as u64);
    let mut status = String::new();
    head.read_line(&mut status)?;
    let code = status.split(' ').nth(1).and_then(|code| code.parse::<u16>().ok());
    let mut length = 0_u64;
    loop {
        let mut line = String::new();
        if head.read_line(&mut line)? == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        if line.trim_end().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    if code == Some(200) {
        return Ok(());
    }
    let mut body = Vec::new();
    reader.take(length.min(HEAD_BYTES as u64)).read_to_end(&mut body)?;
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |key: &str| body[key].as_str().map(printable);
    let why = text("why").unwrap_or_else(|| printable(status.trim_end()));
    let host = host.to_owned();
    if body["blocked_by"] == "drawbridge" {
        Err(ConnectError::Denied { host, port, why, ask: text("ask") })
    } else {
        Err(ConnectError::Upstream { host, port, why })
    }
}

/// Keeps text from the network from steering a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn pass_input(mut stdin: impl Read, mut stream: &TcpStream) {
    let _ = io::copy(&mut stdin, &mut stream);
    let _ = stream.shutdown(Shutdown::Write);
}

fn bridge(reader: &mut impl BufRead, stdout: &mut dyn Write) -> Result<(), ConnectError> {
    loop {
        let chunk = match reader.fill_buf() {
            Ok([]) => return Ok(()),
            Ok(chunk) => chunk,
            Err(err) if err.kind() == io::ErrorKind::Interrupted => continue,
            Err(err) => return Err(err.into()),
        };
        stdout.write_all(chunk)?;
        stdout.flush()?;
        let taken = chunk.len();
        reader.consume(taken);
    }
}
