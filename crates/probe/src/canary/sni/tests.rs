use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use super::*;
use crate::canary::{DEADLINE, Status};

/// A server that reads what comes, answers `reply`, and hands back what it read.
fn serving(replies: Vec<&'static [u8]>) -> (SocketAddr, JoinHandle<Vec<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.6:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut requests = Vec::new();
        for reply in replies {
            let mut bytes = vec![0; 2048];
            let length = stream.read(&mut bytes).unwrap();
            bytes.truncate(length);
            requests.push(bytes);
            stream.write_all(reply).unwrap();
        }
        requests
    });
    (address, serving)
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_server_that_answers_the_handshake_fails() {
    let (entry, server) = serving(vec![&[HANDSHAKE, 3, 3, 0, 1, 2]]);
    let verdict = at_entry(entry, Some("denied.example"), Deadline::after(DEADLINE));
    assert_eq!(verdict, Verdict::fail("a server answered the handshake"));
    let hello = server.join().unwrap().remove(0);
    assert_eq!(hello[0], HANDSHAKE);
    assert_eq!(hello.len(), usize::from(u16::from_be_bytes([hello[3], hello[4]])) + 5);
    assert!(contains(&hello, "denied.example"));
}

#[test]
fn an_alert_and_a_closed_connection_pass() {
    let (entry, server) = serving(vec![&[ALERT, 3, 3, 0, 2, 2, 112]]);
    let verdict = at_entry(entry, None, Deadline::after(DEADLINE));
    assert_eq!(verdict, Verdict::pass("refused with a TLS alert"));
    server.join().unwrap();

    let (entry, server) = serving(vec![b""]);
    let verdict = at_entry(entry, Some("denied.example"), Deadline::after(DEADLINE));
    assert_eq!(verdict, Verdict::pass("the connection was closed without an answer"));
    server.join().unwrap();
}

#[test]
fn a_tunnel_with_another_name_inside_is_tried_whole() {
    let (proxy, server) = serving(vec![b"HTTP/1.1 200 OK\r\n\r\n", &[HANDSHAKE, 3, 3, 0, 1, 2]]);
    let targets = Targets {
        proxy: Some(proxy),
        allowed_host: Some("allowed.example".to_owned()),
        denied_host: "denied.example".to_owned(),
        ..Targets::default()
    };
    let verdict = (mismatch(&targets).job)(Deadline::after(DEADLINE));
    assert_eq!(verdict.status, Status::Fail);
    let requests = server.join().unwrap();
    assert!(requests[0].starts_with(b"CONNECT allowed.example:443 "));
    assert!(contains(&requests[1], "denied.example"));
}

#[test]
fn without_a_tunnel_the_mismatch_is_skipped() {
    let (proxy, server) = serving(vec![b"HTTP/1.1 502 Bad Gateway\r\n\r\n"]);
    let targets = Targets {
        proxy: Some(proxy),
        allowed_host: Some("allowed.example".to_owned()),
        ..Targets::default()
    };
    let verdict = (mismatch(&targets).job)(Deadline::after(DEADLINE));
    assert_eq!(verdict, Verdict::skip("no tunnel to the allowed host: the proxy answered 502"));
    server.join().unwrap();
}

#[test]
fn a_real_tls_server_answers_our_hello() {
    use std::process::{Command, Stdio};
    let listener = TcpListener::bind("127.0.0.6:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args(["-subj", "/CN=denied.example", "-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder.path())
        .stderr(Stdio::null())
        .status();
    if !made.is_ok_and(|status| status.success()) {
        println!("skipped: no openssl on this machine");
        return;
    }
    let mut server = Command::new("openssl")
        .args(["s_server", "-accept", &address.to_string(), "-cert", "cert.pem", "-key", "key.pem"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It prints ACCEPT once it listens.
    let mut output = std::io::BufReader::new(server.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("ACCEPT") {
        line.clear();
        assert_ne!(std::io::BufRead::read_line(&mut output, &mut line).unwrap(), 0);
    }
    let verdict = at_entry(address, Some("denied.example"), Deadline::after(DEADLINE));
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(verdict, Verdict::fail("a server answered the handshake"));
}
