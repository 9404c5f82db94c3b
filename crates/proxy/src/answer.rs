//! Puts a refusal to a client: a JSON body where HTTP is spoken, an alert where TLS is.

use serde::Serialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::gate::Attempt;
use crate::limits::LINGER_TIME;
use crate::log::Phase;
use crate::refusal::{Answer, Kind, Refusal, alert_record, status_text};

/// What a tool or an agent reads when it is refused.
#[derive(Serialize)]
struct Body<'a> {
    /// Only for what a human can change; a dead upstream is not Drawbridge's doing.
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reported_by: Option<&'static str>,
    host: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    reason: &'static str,
    why: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ask: Option<String>,
}

/// The JSON body of a refusal, with its newline.
pub(crate) fn body(attempt: &Attempt, refusal: &Refusal, answer: Answer) -> Vec<u8> {
    let denied = answer.kind == Kind::Denied;
    let body = Body {
        blocked_by: denied.then_some("drawbridge"),
        reported_by: (!denied).then_some("drawbridge"),
        host: &attempt.host,
        port: attempt.port,
        method: attempt.method.as_deref(),
        path: attempt.path.as_deref(),
        reason: answer.reason,
        why: refusal.to_string(),
        ask: refusal.can_be_allowed().then(|| ask(attempt)),
    };
    // Invariant: string keys and no fallible serializer.
    let mut bytes = serde_json::to_vec(&body).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// What an agent should tell its human. It cannot run this itself: the command works on the host.
fn ask(attempt: &Attempt) -> String {
    format!(
        "do not work around this; ask the person you work for to run on the host: \
         drawbridge allow {} --reason \"why it is needed\"",
        rule(attempt)
    )
}

/// The narrowest rule that is safe to paste into a shell. The host is canonical; a path is the
/// client's own text, and one with `$` or a quote in it would run as a command.
fn rule(attempt: &Attempt) -> String {
    let Attempt { host, port, phase, .. } = attempt;
    let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    let port = port.unwrap_or(443);
    let plain = *phase == Phase::Http || port == 80;
    let (scheme, usual) = if plain { ("http://", 80) } else { ("", 443) };
    let place = if port == usual { host.clone() } else { format!("{host}:{port}") };
    if plain || *phase == Phase::Inspect {
        return match (&attempt.method, &attempt.path) {
            (Some(method), Some(path)) if is_plain(method) && is_plain(path) && path != "/" => {
                format!("\"{method} {scheme}{place}{path}\"")
            }
            _ => format!("{scheme}{place}"),
        };
    }
    match port {
        22 => format!("ssh://{host}"),
        _ => place,
    }
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_'))
}

/// Answers an HTTP client whose request was read by hand, and closes.
pub(crate) async fn send_http(client: &mut TcpStream, attempt: &Attempt, refusal: &Refusal, answer: Answer) {
    let body = body(attempt, refusal, answer);
    let head = format!(
        "HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\nCache-Control: no-store\r\n\r\n",
        answer.status,
        status_text(answer.status),
        body.len()
    );
    finish(client, &[head.into_bytes(), body].concat()).await;
}

/// Answers a client that waits for a TLS handshake, and closes.
pub(crate) async fn send_alert(client: &mut TcpStream, answer: Answer) {
    match answer.alert {
        Some(alert) => finish(client, &alert_record(alert)).await,
        None => finish(client, &[]).await,
    }
}

/// Writes the last bytes and reads what the client still sends: closing a socket with unread
/// input makes the kernel send a reset, which destroys the answer on its way.
async fn finish(client: &mut TcpStream, bytes: &[u8]) {
    let last = async {
        client.write_all(bytes).await?;
        client.shutdown().await?;
        let mut sink = vec![0; 4096];
        while client.read(&mut sink).await? > 0 {}
        std::io::Result::Ok(())
    };
    // A client that broke off does not need the answer.
    let _ = tokio::time::timeout(LINGER_TIME, last).await;
}
