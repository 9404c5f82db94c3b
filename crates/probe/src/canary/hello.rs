//! A TLS `ClientHello` that any server answers (RFC 8446, section 4.1.2), with a server name of our choice.

use std::hash::{BuildHasher, RandomState};

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_NAME: u16 = 0;
const SUPPORTED_GROUPS: u16 = 10;
const SIGNATURE_ALGORITHMS: u16 = 13;
const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;

/// One record with a whole hello for TLS 1.2 and 1.3; without a name the extension is left out.
pub(super) fn client_hello(server_name: Option<&str>) -> Vec<u8> {
    let mut extensions = Vec::new();
    if let Some(name) = server_name {
        let entry = [&[0][..], &with_length(name.as_bytes())].concat();
        extension(&mut extensions, SERVER_NAME, &with_length(&entry));
    }
    // x25519, secp256r1
    extension(&mut extensions, SUPPORTED_GROUPS, &with_length(&[0, 0x1d, 0, 0x17]));
    // ECDSA and RSA-PSS with SHA-256, RSA PKCS #1 with SHA-256 and SHA-384
    let signatures = [4, 3, 8, 4, 4, 1, 5, 1];
    extension(&mut extensions, SIGNATURE_ALGORITHMS, &with_length(&signatures));
    extension(&mut extensions, SUPPORTED_VERSIONS, &[4, 3, 4, 3, 3]);
    // Any 32 bytes are a valid x25519 share; the handshake is never finished.
    let share = [&[0, 0x1d][..], &with_length(&random::<32>())].concat();
    extension(&mut extensions, KEY_SHARE, &with_length(&share));

    let mut hello = vec![3, 3];
    hello.extend_from_slice(&random::<32>());
    hello.push(0); // No session to resume.
    // TLS 1.3: AES-128-GCM, AES-256-GCM, ChaCha20; TLS 1.2: the same with ECDHE.
    let suites = [0x13, 1, 0x13, 2, 0x13, 3, 0xc0, 0x2b, 0xc0, 0x2f, 0xcc, 0xa9, 0xcc, 0xa8];
    hello.extend_from_slice(&with_length(&suites));
    hello.extend_from_slice(&[1, 0]); // No compression.
    hello.extend_from_slice(&with_length(&extensions));

    let mut message = vec![CLIENT_HELLO, 0];
    message.extend_from_slice(&with_length(&hello));
    [&[HANDSHAKE, 3, 1][..], &with_length(&message)].concat()
}

fn extension(out: &mut Vec<u8>, kind: u16, content: &[u8]) {
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&with_length(content));
}

/// `content` behind its length in two bytes; a name too long for that is cut.
fn with_length(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    let content = content.get(..usize::from(length)).unwrap_or(content);
    [&length.to_be_bytes()[..], content].concat()
}

/// Bytes that differ from call to call; nothing secret depends on them.
fn random<const N: usize>() -> [u8; N] {
    let state = RandomState::new();
    let mut out = [0; N];
    for (index, chunk) in out.chunks_mut(8).enumerate() {
        let bytes = state.hash_one(index).to_be_bytes();
        chunk.copy_from_slice(bytes.get(..chunk.len()).unwrap_or(&[]));
    }
    out
}
