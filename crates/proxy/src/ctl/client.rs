//! The blocking side of the control protocol; `docker exec` runs it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::Request;

/// An answer is due within this time; a health check has two seconds in all.
const REPLY_TIME: Duration = Duration::from_millis(1500);

/// Why no answer was had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Nothing listens, or this process may not connect.
    #[error("cannot reach the sidecar at `{}`", socket.display())]
    Connect {
        /// The socket.
        socket: PathBuf,
        /// What the kernel said.
        #[source]
        source: io::Error,
    },
    /// The connection broke, or no answer came in time.
    #[error("the sidecar did not answer")]
    Io(#[from] io::Error),
    /// The answer is not a JSON line.
    #[error("the sidecar's answer is not understood")]
    Reply(#[from] serde_json::Error),
}

/// How a request ended, for the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// `"ok": true`.
    Done,
    /// `"ok": false`; the reply says why.
    Refused,
}

/// Sends one request and returns the reply; not for [`Request::Watch`].
pub fn ask(socket: &Path, request: &Request) -> Result<Value, ClientError> {
    let (_, reply) = open(socket, request)?;
    Ok(serde_json::from_str(&reply)?)
}

/// Sends one request and writes the reply line to `out`; for [`Request::Watch`] then passes
/// lines both ways until either side closes.
pub fn client(
    socket: &Path,
    request: &Request,
    stdin: impl Read + Send + 'static,
    out: &mut dyn Write,
) -> Result<Outcome, ClientError> {
    let (mut reader, reply) = open(socket, request)?;
    out.write_all(reply.as_bytes())?;
    out.flush()?;
    let value: Value = serde_json::from_str(&reply)?;
    if value["ok"] != true {
        return Ok(Outcome::Refused);
    }
    if *request == Request::Watch {
        reader.get_ref().set_read_timeout(None)?;
        pass_input(stdin, reader.get_ref().try_clone()?);
        let mut line = Vec::new();
        while more(reader.read_until(b'\n', &mut line))? {
            out.write_all(&line)?;
            out.flush()?;
            line.clear();
        }
    }
    Ok(Outcome::Done)
}

/// Whether a line came. A sidecar that closes before it has read all of ours resets the connection: that is an end too.
fn more(read: io::Result<usize>) -> io::Result<bool> {
    match read {
        Err(err) if err.kind() == io::ErrorKind::ConnectionReset => Ok(false),
        read => Ok(read? > 0),
    }
}

fn open(socket: &Path, request: &Request) -> Result<(BufReader<UnixStream>, String), ClientError> {
    let stream = UnixStream::connect(socket)
        .map_err(|source| ClientError::Connect { socket: socket.to_owned(), source })?;
    stream.set_read_timeout(Some(REPLY_TIME))?;
    stream.set_write_timeout(Some(REPLY_TIME))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    (&stream).write_all(&line)?;
    let mut reader = BufReader::new(stream);
    let mut reply = String::new();
    if reader.read_line(&mut reply)? == 0 {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    Ok((reader, reply))
}

/// Copies attributions to the sidecar; the end of `stdin` ends the watch.
fn pass_input(mut stdin: impl Read + Send + 'static, mut stream: UnixStream) {
    // Detached: a blocked read of stdin must not keep the process alive once the sidecar closes.
    std::thread::spawn(move || {
        let _ = io::copy(&mut stdin, &mut stream);
        let _ = stream.shutdown(std::net::Shutdown::Both);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_that_the_sidecar_resets_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("ctl");
        let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let sidecar = std::thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            let mut request = [0; 1];
            // Closed with the rest of it unread.
            stream.read_exact(&mut request).unwrap();
            stream.write_all(b"{\"ok\":true}\n").unwrap();
        });
        let (stdin, _open) = UnixStream::pair().unwrap();
        let outcome = client(&socket, &Request::Watch, stdin, &mut Vec::new());
        assert_eq!(outcome.unwrap(), Outcome::Done);
        sidecar.join().unwrap();
    }
}
