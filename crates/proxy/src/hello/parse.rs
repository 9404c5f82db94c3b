//! Grammar of the `ClientHello`: records, the handshake message, the two extensions of interest.

use super::{ClientHello, HelloError};
use crate::limits::HELLO_BYTES;

const RECORD_HEADER: usize = 5;
const RECORD_HANDSHAKE: u8 = 22;
/// RFC 8446 §5.1: a plaintext record carries at most 2^14 bytes.
const RECORD_PAYLOAD: usize = 1 << 14;
const HANDSHAKE_HEADER: usize = 4;
const HANDSHAKE_CLIENT_HELLO: u8 = 1;
const EXTENSION_SERVER_NAME: u16 = 0;
/// `encrypted_client_hello`, RFC 9849.
const EXTENSION_ECH: u16 = 0xfe0d;
const NAME_HOST: u8 = 0;

/// Joins the records of a growing buffer; each byte is looked at once.
#[derive(Debug, Default)]
pub struct Reassembly {
    /// Where the next record starts.
    next: usize,
    message: Vec<u8>,
}

impl Reassembly {
    /// Goes on where the last call stopped. `bytes` is the whole connection so far.
    ///
    /// # Errors
    ///
    /// As soon as the bytes can no longer become a `ClientHello`; `Ok(None)` asks for more.
    pub fn advance(&mut self, bytes: &[u8]) -> Result<Option<ClientHello>, HelloError> {
        while let Some(payload) = self.record(bytes)? {
            self.message.extend_from_slice(payload);
            self.next += RECORD_HEADER + payload.len();
            if let Some(body) = complete(&self.message)? {
                return client_hello(body).map(Some);
            }
        }
        Ok(None)
    }

    /// The next record's payload, if all of it has arrived.
    fn record<'a>(&self, bytes: &'a [u8]) -> Result<Option<&'a [u8]>, HelloError> {
        let rest = bytes.get(self.next..).unwrap_or_default();
        // Judged byte by byte, so that an ssh banner is refused at once and not after a timeout.
        if rest.first().is_some_and(|kind| *kind != RECORD_HANDSHAKE)
            || rest.get(1).is_some_and(|major| *major != 3)
        {
            return Err(if self.next == 0 {
                HelloError::NotTls
            } else {
                HelloError::Malformed("another record inside the ClientHello")
            });
        }
        let Some(header) = rest.first_chunk::<RECORD_HEADER>() else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
        if length == 0 || length > RECORD_PAYLOAD {
            return Err(HelloError::Malformed("length of a record"));
        }
        Ok(rest.get(RECORD_HEADER..RECORD_HEADER + length))
    }
}

/// The handshake message's body, if all of it is there.
fn complete(message: &[u8]) -> Result<Option<&[u8]>, HelloError> {
    let Some(header) = message.first_chunk::<HANDSHAKE_HEADER>() else { return Ok(None) };
    if header[0] != HANDSHAKE_CLIENT_HELLO {
        return Err(HelloError::Malformed("not a ClientHello"));
    }
    let length = usize::from(header[1]) << 16 | usize::from(header[2]) << 8 | usize::from(header[3]);
    if length > HELLO_BYTES {
        return Err(HelloError::TooLong);
    }
    let body = message.get(HANDSHAKE_HEADER..).unwrap_or_default();
    if body.len() > length {
        // RFC 8446 §5.1: nothing may follow in the same record before keys change.
        return Err(HelloError::Malformed("bytes after the ClientHello"));
    }
    Ok((body.len() == length).then_some(body))
}

fn client_hello(body: &[u8]) -> Result<ClientHello, HelloError> {
    let mut cursor = Cursor(body);
    cursor.take(2 + 32)?; // legacy_version, random
    cursor.vector8()?; // legacy_session_id
    cursor.vector16()?; // cipher_suites
    cursor.vector8()?; // legacy_compression_methods
    let mut hello = ClientHello::default();
    if cursor.0.is_empty() {
        return Ok(hello); // TLS 1.2 without extensions: no name.
    }
    let mut extensions = Cursor(cursor.vector16()?);
    if !cursor.0.is_empty() {
        return Err(HelloError::Malformed("bytes after the extensions"));
    }
    let mut named = false;
    while !extensions.0.is_empty() {
        let kind = extensions.u16()?;
        let data = extensions.vector16()?;
        match kind {
            EXTENSION_SERVER_NAME if named => {
                // Two readers might each take another one.
                return Err(HelloError::Malformed("two server_name extensions"));
            }
            EXTENSION_SERVER_NAME => {
                named = true;
                hello.server_name = Some(server_name(data)?);
            }
            EXTENSION_ECH => hello.ech = true,
            _ => {}
        }
    }
    Ok(hello)
}

/// RFC 6066 §3, with exactly one name: a list of several has no agreed meaning.
fn server_name(data: &[u8]) -> Result<String, HelloError> {
    let mut outer = Cursor(data);
    let mut list = Cursor(outer.vector16()?);
    let kind = list.take(1)?;
    let name = list.vector16()?;
    if kind != [NAME_HOST] || !list.0.is_empty() || !outer.0.is_empty() {
        return Err(HelloError::Malformed("server_name is not one host name"));
    }
    match std::str::from_utf8(name) {
        Ok(name) if !name.is_empty() && name.is_ascii() => Ok(name.to_owned()),
        _ => Err(HelloError::Malformed("server_name is not ASCII")),
    }
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], HelloError> {
        let (head, rest) =
            self.0.split_at_checked(count).ok_or(HelloError::Malformed("a length leads outside"))?;
        self.0 = rest;
        Ok(head)
    }

    fn u16(&mut self) -> Result<u16, HelloError> {
        let bytes = self.take(2)?;
        Ok(u16::from(bytes[0]) << 8 | u16::from(bytes[1]))
    }

    fn vector8(&mut self) -> Result<&'a [u8], HelloError> {
        let length = usize::from(self.take(1)?[0]);
        self.take(length)
    }

    fn vector16(&mut self) -> Result<&'a [u8], HelloError> {
        let length = usize::from(self.u16()?);
        self.take(length)
    }
}
