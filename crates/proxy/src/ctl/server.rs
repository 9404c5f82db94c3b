//! The sidecar's side of the control protocol.

use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, broadcast};

use super::Request;
use crate::denials::{Denial, Denials};
use crate::error::Error;
use crate::keeper::{Consent, GrantRequest, Keeper, KeeperError, Reloaded};
use crate::limits::{CTL_CLIENTS, CTL_LINE};
use crate::log::{Event, Process, clip};
use crate::secrets::{New, SecretError};
use crate::sidecar::Shared;

/// Binds the control socket with its final mode; a socket left by a crash is replaced.
///
/// It is made in a folder that nobody else may enter and moved to its place with mode 0600, so
/// that there is no moment in which another user could connect.
pub(crate) fn bind(path: &Path) -> Result<UnixListener, Error> {
    let folder = path.with_extension("new");
    let make = || {
        match std::fs::remove_dir_all(&folder) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
            _ => {}
        }
        DirBuilder::new().mode(0o700).create(&folder)?;
        let made = folder.join("s");
        let listener = UnixListener::bind(&made)?;
        std::fs::set_permissions(&made, Permissions::from_mode(0o600))?;
        std::fs::rename(&made, path)?;
        std::fs::remove_dir(&folder)?;
        Ok(listener)
    };
    make().map_err(|source| Error::Listen { what: format!("`{}`", path.display()), source })
}

/// Serves requests until the task is dropped.
pub(crate) async fn serve(shared: Arc<Shared>, listener: UnixListener) {
    let slots = Arc::new(Semaphore::new(CTL_CLIENTS));
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let Ok(slot) = slots.clone().acquire_owned().await else { return };
        let shared = shared.clone();
        tokio::spawn(async move {
            // A client that went away is not an event.
            let _ = serve_one(&shared, stream).await;
            drop(slot);
        });
    }
}

async fn serve_one(shared: &Shared, stream: UnixStream) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    while let Some(line) = read_line(&mut reader).await? {
        let request = match serde_json::from_slice::<Request>(&line) {
            Ok(request) => request,
            Err(err) => {
                send(&mut writer, &refusal(&format!("the request is not understood: {err}"), None)).await?;
                continue;
            }
        };
        if request == Request::Watch {
            return watch(shared, reader, writer).await;
        }
        send(&mut writer, &respond(shared, request)).await?;
    }
    Ok(())
}

/// One line without its newline; a longer one than allowed ends the connection.
async fn read_line(reader: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let count = reader.take(CTL_LINE).read_until(b'\n', &mut line).await?;
    match line.pop() {
        Some(b'\n') => Ok(Some(line)),
        _ if count as u64 == CTL_LINE => Err(io::ErrorKind::InvalidData.into()),
        _ => Ok(None),
    }
}

async fn send(writer: &mut OwnedWriteHalf, reply: &Value) -> io::Result<()> {
    let mut line = reply.to_string().into_bytes();
    line.push(b'\n');
    writer.write_all(&line).await
}

/// Streams log lines and takes attributions until the client closes.
async fn watch(
    shared: &Shared,
    mut reader: BufReader<tokio::net::unix::OwnedReadHalf>,
    mut writer: OwnedWriteHalf,
) -> io::Result<()> {
    let watcher = shared.gate.attribution.watch();
    let mut lines = shared.gate.log.subscribe();
    send(&mut writer, &json!({ "ok": true })).await?;
    let events = async {
        loop {
            match lines.recv().await {
                Ok(line) => writer.write_all(line.as_bytes()).await?,
                Err(broadcast::error::RecvError::Lagged(lines)) => {
                    let line = json!({ "type": "dropped", "lines": lines });
                    send(&mut writer, &line).await?;
                }
                Err(broadcast::error::RecvError::Closed) => return Ok(()),
            }
        }
    };
    let answers = async {
        while let Some(line) = read_line(&mut reader).await? {
            if let Ok(answer) = serde_json::from_slice::<Value>(&line)
                && let Some(id) = answer["attribute"].as_str()
            {
                shared.gate.attribution.attribute(id, process(&answer));
            }
        }
        Ok(())
    };
    let ended = tokio::select! {
        ended = events => ended,
        ended = answers => ended,
    };
    drop(watcher);
    ended
}

fn process(answer: &Value) -> Process {
    Process {
        pid: answer["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()),
        process: answer["process"].as_str().map(clip),
    }
}

fn respond(shared: &Shared, request: Request) -> Value {
    let mut keeper = shared.keeper.lock().unwrap_or_else(PoisonError::into_inner);
    match request {
        Request::Status => {
            let mut status = keeper.status();
            drop(keeper);
            status["ok"] = true.into();
            shared.describe(&mut status);
            status
        }
        Request::Reload { accept, sha256 } => {
            let consent = accept.then_some(Consent { sha256 });
            match keeper.reload(consent.as_ref()) {
                Ok(outcome) => {
                    let action = match outcome {
                        Reloaded::Unchanged => "unchanged",
                        Reloaded::Applied => "applied",
                        Reloaded::Pending => "pending",
                    };
                    let status = keeper.status();
                    json!({
                        "ok": true,
                        "action": action,
                        "generation": status["generation"],
                        "sha256": status["folder"]["sha256"],
                        "loosens": status["folder"]["loosens"],
                        "warnings": status["warnings"],
                    })
                }
                Err(err) => refused(&err),
            }
        }
        Request::Grant { host, port, private, seconds, reason } => {
            match keeper.grant(GrantRequest { host, port, private, seconds, reason }) {
                Ok(()) => json!({ "ok": true, "grants": keeper.grants() }),
                Err(err) => refused(&err),
            }
        }
        Request::Revoke { host } => match keeper.revoke(&host) {
            Ok(()) => json!({ "ok": true, "grants": keeper.grants() }),
            Err(err) => refused(&err),
        },
        Request::Grants => json!({ "ok": true, "grants": keeper.grants() }),
        Request::Policy => {
            let mut policy = keeper.effective();
            policy["ok"] = true.into();
            policy
        }
        Request::Observe { seconds, reason } => match keeper.observe(seconds, reason) {
            Ok(()) => json!({ "ok": true }),
            Err(err) => refused(&err),
        },
        Request::Denied { since } => {
            drop(keeper);
            let in_force = shared.gate.policy();
            remembered(shared, "denied", &shared.gate.denials, |denials, now| {
                denials.lasting(since_when(since, now), &in_force.policy, now)
            })
        }
        Request::Observed { since } => {
            drop(keeper);
            remembered(shared, "observed", &shared.gate.observed, |observed, now| {
                observed.since(since_when(since, now))
            })
        }
        Request::Ca => {
            let mut facts = json!(shared.gate.inspection.certificate());
            facts["ok"] = true.into();
            facts
        }
        Request::CaRotate => match shared.rotate_ca() {
            Ok(facts) => {
                let mut facts = json!(facts);
                facts["ok"] = true.into();
                facts
            }
            Err(err) => refusal(
                &chain(&err),
                Some("`ca` says which one is in force; a restart puts it into the share"),
            ),
        },
        Request::Secrets => json!({ "ok": true, "secrets": shared.gate.secrets.describe() }),
        Request::SecretSet { name, hosts, form, value } => {
            let new = New { name: name.clone(), hosts, form, value };
            let done = shared.gate.secrets.set(new, shared.gate.clock.now());
            secrets(shared, &mut keeper, done, "set", &name)
        }
        Request::SecretRemove { name } => {
            let done = shared.gate.secrets.remove(&name);
            secrets(shared, &mut keeper, done, "removed", &name)
        }
        Request::Watch => refusal("a watch is not answered with one line", None),
    }
}

/// After a change of the secrets.
fn secrets(
    shared: &Shared,
    keeper: &mut Keeper,
    done: Result<(), SecretError>,
    action: &'static str,
    name: &str,
) -> Value {
    match done {
        Ok(()) => {
            shared.gate.log.event(Event::Secret { action, name: clip(name) });
            keeper.write_effective();
            json!({ "ok": true, "secrets": shared.gate.secrets.describe() })
        }
        Err(err) => refusal(&err.to_string(), None),
    }
}

fn remembered(
    shared: &Shared,
    what: &str,
    seen: &Mutex<Denials>,
    chosen: impl FnOnce(&Denials, i64) -> Vec<&Denial>,
) -> Value {
    let now = shared.gate.clock.now();
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    json!({ "ok": true, "now": now, what: chosen(&seen, now) })
}

/// The moment that lies `seconds` before `now`.
fn since_when(seconds: Option<u64>, now: i64) -> Option<i64> {
    seconds.map(|seconds| now.saturating_sub(i64::try_from(seconds).unwrap_or(i64::MAX)))
}

fn refused(err: &KeeperError) -> Value {
    let hint = match err {
        KeeperError::Changed { .. } => Some("look at the change again, then accept that"),
        KeeperError::NoFolder(_) => {
            Some("create the container anew: it then starts with the text written in the overlay")
        }
        KeeperError::TooManyGrants => Some("put lasting rules in the policy file"),
        KeeperError::NotGranted(_) => Some("`grants` lists what is granted, as it was written"),
        KeeperError::Enforced => Some("take that out of your personal or organisation policy first"),
        KeeperError::ObserveTooLong | KeeperError::Invalid(_) => None,
    };
    refusal(&err.to_string(), hint)
}

/// An error with its causes.
fn chain(err: &dyn std::error::Error) -> String {
    let mut text = err.to_string();
    let mut cause = err.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

fn refusal(error: &str, hint: Option<&str>) -> Value {
    json!({ "ok": false, "error": error, "hint": hint })
}
