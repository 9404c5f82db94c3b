use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use super::*;
use crate::canary::{DEADLINE, Status};

/// A proxy that gives one answer and keeps the request it got.
fn answering(reply: &'static str) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.5:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 1024];
        let length = stream.read(&mut request).unwrap();
        stream.write_all(reply.as_bytes()).unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    (address, serving)
}

fn verdict(reply: &'static str, canary: impl Fn(&Targets) -> Canary) -> (Verdict, String) {
    let (proxy, serving) = answering(reply);
    let targets = Targets { proxy: Some(proxy), ..Targets::default() };
    let verdict = (canary(&targets).job)(Deadline::after(DEADLINE));
    (verdict, serving.join().unwrap())
}

#[test]
fn an_open_tunnel_fails() {
    let (verdict, request) = verdict("HTTP/1.1 200 Connection established\r\n\r\n", |targets| {
        connect_to(targets, "proxy-connect-denied", "denied.example:443")
    });
    assert_eq!(verdict, Verdict::fail("the tunnel was opened (200)"));
    assert_eq!(request, "CONNECT denied.example:443 HTTP/1.1\r\nHost: denied.example:443\r\n\r\n");
}

#[test]
fn a_refused_tunnel_passes() {
    let canary = |targets: &Targets| connect_to(targets, "proxy-connect-denied", "denied.example:443");
    let refused = "HTTP/1.1 403 Forbidden\r\nContent-Length: 17\r\n\r\n{\"blocked_by\":\"\"}";
    assert_eq!(verdict(refused, canary).0, Verdict::pass("refused with 403"));
    assert_eq!(verdict("", canary).0, Verdict::pass("the connection was closed"));
}

#[test]
fn a_tunnel_that_was_tried_was_not_refused() {
    let canary = |targets: &Targets| connect_to(targets, "id", "10.0.0.1:443");
    assert_eq!(verdict("HTTP/1.1 502 Bad Gateway\r\n\r\n", canary).0.status, Status::Fail);
    assert_eq!(verdict("HTTP/1.1 504 Gateway Timeout\r\n\r\n", canary).0.status, Status::Fail);
    assert_eq!(verdict("HTTP/1.1 503 Busy\r\n\r\n", canary).0.status, Status::Skip);
}

#[test]
fn a_plain_request_must_be_refused_by_the_gate_itself() {
    let canary = |targets: &Targets| plain(targets, "id", "allowed.example", "denied.example");
    let by_gate = "HTTP/1.1 421 Misdirected Request\r\n\r\n{\"blocked_by\":\"drawbridge\"}";
    let (passed, request) = verdict(by_gate, canary);
    assert_eq!(passed, Verdict::pass("refused with 421"));
    assert!(request.starts_with("GET http://allowed.example/ HTTP/1.1\r\nHost: denied.example\r\n"));
    assert_eq!(verdict("HTTP/1.1 403 Forbidden\r\n\r\n", canary).0.status, Status::Skip);
    assert_eq!(verdict("HTTP/1.1 404 Not Found\r\n\r\n", canary).0.status, Status::Fail);
    assert_eq!(verdict("HTTP/1.1 200 OK\r\n\r\nhello", canary).0.status, Status::Fail);
}

#[test]
fn without_a_proxy_everything_is_skipped() {
    for canary in plan(&Targets::default()) {
        let verdict = (canary.job)(Deadline::after(DEADLINE));
        assert_eq!(verdict.status, Status::Skip, "{}", canary.id);
    }
}

#[test]
fn a_proxy_that_is_away_proves_nothing() {
    let listener = TcpListener::bind("127.0.0.5:0").unwrap();
    let proxy = listener.local_addr().unwrap();
    drop(listener);
    let targets = Targets { proxy: Some(proxy), ..Targets::default() };
    let canary = connect_to(&targets, "id", "denied.example:443");
    assert_eq!((canary.job)(Deadline::after(DEADLINE)).status, Status::Skip);
}
