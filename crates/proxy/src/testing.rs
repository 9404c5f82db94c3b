//! Captured and hand-made bytes, and a whole sidecar on loopback.

mod tls;
mod world;

use std::sync::Arc;

pub(crate) use tls::{TlsServer, connector, public_root, tls_client, untrusted_acceptor};
pub(crate) use world::{PUBLIC, World, exchange, policy, within};

/// A host that the catalogue says must not be looked into.
pub(crate) fn never_inspected() -> String {
    use drawbridge_policy::HostPattern;
    use drawbridge_policy::catalogue::{Inspection, bundles};
    let mut hosts = bundles().iter().flat_map(|bundle| &bundle.hosts);
    let never = hosts.find_map(|entry| match entry.pattern() {
        HostPattern::Exact(host) if entry.inspect == Inspection::Never => Some(host),
        _ => None,
    });
    never.unwrap().as_str().to_owned()
}

/// The bytes rustls sends first to `name`.
pub(crate) fn rustls_hello(name: &str) -> Vec<u8> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let name = name.to_owned().try_into().unwrap();
    let mut connection = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut bytes = Vec::new();
    connection.write_tls(&mut bytes).unwrap();
    bytes
}

/// A hand-made `ClientHello`, for what no client library sends.
pub(crate) struct Hello {
    extensions: Vec<u8>,
}

impl Hello {
    pub(crate) fn new() -> Self {
        Self { extensions: Vec::new() }
    }

    pub(crate) fn extension(mut self, kind: u16, data: &[u8]) -> Self {
        self.extensions.extend(kind.to_be_bytes());
        self.extensions.extend(vector16(data));
        self
    }

    pub(crate) fn server_name(self, name: &str) -> Self {
        self.extension(0, &Self::name_list(&[name]))
    }

    pub(crate) fn name_list(names: &[&str]) -> Vec<u8> {
        let entries: Vec<u8> =
            names.iter().flat_map(|name| [vec![0], vector16(name.as_bytes())].concat()).collect();
        vector16(&entries)
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.push(0);
        body.extend(vector16(&[0x13, 0x01]));
        body.extend([1, 0]);
        body.extend(vector16(&self.extensions));
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        let message = [&[1, length[1], length[2], length[3]], &body[..]].concat();
        [&[22, 3, 1][..], &vector16(&message)].concat()
    }
}

fn vector16(data: &[u8]) -> Vec<u8> {
    [&u16::try_from(data.len()).unwrap().to_be_bytes(), data].concat()
}
