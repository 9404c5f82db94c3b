use std::sync::OnceLock;
use std::time::Duration;

use proptest::prelude::*;
use tokio::io::AsyncWriteExt as _;

use super::*;
use crate::testing::{Hello, rustls_hello};

fn parse(bytes: &[u8]) -> Result<Option<ClientHello>, HelloError> {
    Reassembly::default().advance(bytes)
}

fn name_of(bytes: &[u8]) -> Option<String> {
    parse(bytes).unwrap().expect("complete").server_name
}

/// The same message in records of at most `size` bytes.
fn in_records(hello: &[u8], size: usize) -> Vec<u8> {
    hello[5..]
        .chunks(size)
        .flat_map(|chunk| {
            let length = u16::try_from(chunk.len()).unwrap().to_be_bytes();
            [&[22, 3, 1, length[0], length[1]], chunk].concat()
        })
        .collect()
}

#[test]
fn reads_the_name_a_real_client_sends() {
    assert_eq!(name_of(&rustls_hello("docs.example")).as_deref(), Some("docs.example"));
}

#[test]
fn reassembles_over_records_of_every_size() {
    let hello = rustls_hello("docs.example");
    for size in [1, 3, 7, 100, 250] {
        assert_eq!(name_of(&in_records(&hello, size)).as_deref(), Some("docs.example"), "{size}");
    }
}

#[test]
fn every_prefix_asks_for_more() {
    let hello = in_records(&rustls_hello("docs.example"), 50);
    let mut reassembly = Reassembly::default();
    for end in 0..hello.len() {
        assert_eq!(reassembly.advance(&hello[..end]).unwrap(), None, "{end}");
    }
    assert!(reassembly.advance(&hello).unwrap().is_some());
}

#[test]
fn other_protocols_are_refused_at_their_first_byte() {
    for banner in [&b"S"[..], b"GET / HTTP/1.1", b"\x80\x2e\x01\x03\x01", b"\x16\x02", b"\x17\x03"] {
        assert!(matches!(parse(banner), Err(HelloError::NotTls)), "{banner:?}");
    }
}

#[test]
fn ambiguous_names_are_malformed() {
    let twice = Hello::new().server_name("a.example").server_name("b.example").bytes();
    assert!(matches!(parse(&twice), Err(HelloError::Malformed(_))));
    let mut list = Hello::name_list(&["a.example"]);
    list.extend(Hello::name_list(&["b.example"]));
    let listed = Hello::new().extension(0, &list).bytes();
    assert!(matches!(parse(&listed), Err(HelloError::Malformed(_))));
    let both = Hello::new().extension(0, &Hello::name_list(&["a.example", "b.example"])).bytes();
    assert!(matches!(parse(&both), Err(HelloError::Malformed(_))));
    let empty = Hello::new().server_name("").bytes();
    assert!(matches!(parse(&empty), Err(HelloError::Malformed(_))));
    let foreign = Hello::new().server_name("é.example").bytes();
    assert!(matches!(parse(&foreign), Err(HelloError::Malformed(_))));
}

#[test]
fn sees_encrypted_client_hello() {
    let plain = Hello::new().server_name("a.example").bytes();
    assert!(!parse(&plain).unwrap().unwrap().ech);
    let ech = Hello::new().server_name("a.example").extension(0xfe0d, &[0; 40]).bytes();
    assert!(parse(&ech).unwrap().unwrap().ech);
}

#[test]
fn no_name_is_not_an_error_of_the_parser() {
    assert_eq!(name_of(&Hello::new().bytes()), None);
}

#[test]
fn a_length_beyond_the_limit_is_refused_before_it_is_buffered() {
    let huge = [22, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff];
    assert!(matches!(parse(&huge), Err(HelloError::TooLong)));
}

#[tokio::test]
async fn reads_over_segments_and_keeps_what_follows() {
    let hello = rustls_hello("docs.example");
    let (mut client, mut server) = tokio::io::duplex(64);
    let sent = [&hello[..], b"early data"].concat();
    let copy = sent.clone();
    let writer = tokio::spawn(async move { client.write_all(&copy).await });
    let (read, bytes) = read_client_hello(&mut server, Vec::new(), Duration::from_secs(5)).await.unwrap();
    assert_eq!(read.server_name.as_deref(), Some("docs.example"));
    assert!(sent.starts_with(&bytes) && bytes.len() >= hello.len());
    drop(server);
    let _ = writer.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn pitfall_21_a_trickling_client_does_not_extend_the_deadline() {
    let hello = rustls_hello("docs.example");
    let (mut client, mut server) = tokio::io::duplex(64);
    tokio::spawn(async move {
        for byte in hello {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if client.write_all(&[byte]).await.is_err() {
                return;
            }
        }
    });
    let started = tokio::time::Instant::now();
    let read = read_client_hello(&mut server, Vec::new(), Duration::from_secs(5)).await;
    assert!(matches!(read, Err(HelloError::Timeout)));
    assert_eq!(started.elapsed(), Duration::from_secs(5));
}

proptest! {
    #[test]
    fn never_panics_and_never_reads_outside(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = parse(&bytes);
        let framed = [&[22, 3, 1, 1, 0, 1, 0, 0, 252], &bytes[..]].concat();
        let _ = parse(&framed);
    }

    #[test]
    fn a_damaged_hello_names_no_other_length(at in 0_usize..300, to in any::<u8>()) {
        static HELLO: OnceLock<Vec<u8>> = OnceLock::new();
        let mut hello = HELLO.get_or_init(|| rustls_hello("docs.example")).clone();
        let at = at % hello.len();
        hello[at] = to;
        if let Ok(Some(read)) = parse(&hello)
            && let Some(name) = read.server_name
        {
            prop_assert_eq!(name.len(), "docs.example".len());
        }
    }
}
