//! Replays the seeds of the fuzz targets on the stable toolchain.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use drawbridge_proxy::dns::{Verdict, answer};
use drawbridge_proxy::follow_requests;
use drawbridge_proxy::hello::{HelloError, Reassembly};

/// Every seed by name; an empty folder is a broken checkout, not a success.
fn seeds(target: &str) -> io::Result<Vec<(String, Vec<u8>)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut seeds = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        seeds.push((entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?));
    }
    seeds.sort();
    assert!(seeds.len() >= 5, "{} has no seeds", folder.display());
    Ok(seeds)
}

/// What a `ClientHello` seed reads as, in a word. A file's name says what is expected.
fn reading(bytes: &[u8]) -> String {
    match Reassembly::default().advance(bytes) {
        Ok(None) => "incomplete".to_owned(),
        Ok(Some(hello)) => match hello.server_name {
            Some(_) if hello.ech => "ech".to_owned(),
            Some(_) => "named".to_owned(),
            None => "nameless".to_owned(),
        },
        Err(HelloError::NotTls) => "not-tls".to_owned(),
        Err(HelloError::TooLong) => "too-long".to_owned(),
        Err(_) => "malformed".to_owned(),
    }
}

#[test]
fn client_hello_seeds_read_as_their_names_say() {
    for (name, bytes) in seeds("client_hello").unwrap() {
        let reading = reading(&bytes);
        assert!(name.starts_with(&reading), "{name} reads as {reading}");
        let mut trickled = Reassembly::default();
        let ended = (0..=bytes.len()).find(|end| !matches!(trickled.advance(&bytes[..*end]), Ok(None)));
        assert_eq!(ended.is_none(), reading == "incomplete", "{name} byte by byte");
    }
}

#[test]
fn dns_seeds_are_answered_as_their_names_say() {
    let own = Verdict::Steer(IpAddr::V4(Ipv4Addr::new(198, 18, 0, 2)));
    for (name, bytes) in seeds("dns").unwrap() {
        let reply = answer(&bytes, |_| own);
        let reading = match &reply {
            None => "ignored",
            Some(reply) if reply[3] & 0xf == 1 => "formerr",
            Some(reply) if reply[3] & 0xf == 4 => "notimp",
            Some(reply) if reply[3] & 0xf == 5 => "refused",
            Some(reply) if reply[7] == 1 => "steered",
            Some(_) => "empty",
        };
        assert!(name.starts_with(reading), "{name} reads as {reading}");
        assert!(reply.is_none_or(|reply| reply.len() <= 512), "{name}");
    }
}

#[test]
fn request_seeds_are_taken_as_their_names_say() {
    for (name, bytes) in seeds("requests").unwrap() {
        let whole = follow_requests([bytes.as_slice()]);
        let reading = if whole.is_ok() { "strict" } else { "refused" };
        assert!(name.starts_with(reading), "{name}: {whole:?}");
        assert_eq!(whole, follow_requests(bytes.chunks(1)), "{name} byte by byte");
    }
}
