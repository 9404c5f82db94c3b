//! Publishes what the audit finds, after the client paused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use drawbridge_service::protocol::{Channel, Problem};
use serde::{Deserialize, Serialize};
use tower_lsp::Client;
use tower_lsp::ls_types::notification::Notification;

use crate::convert::Columns;
use crate::session::Session;

/// Keys follow each other faster than that.
const PAUSE: Duration = Duration::from_millis(120);

/// `drawbridge/bridgeChanged`: the ways between container and host are not those of before.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BridgeChanged {
    /// The folder's URI.
    folder: String,
    /// All of them.
    channels: serde_json::Value,
}

/// See [`BridgeChanged`].
#[derive(Debug)]
pub(crate) enum BridgeChangedNotification {}

impl Notification for BridgeChangedNotification {
    type Params = BridgeChanged;
    const METHOD: &'static str = "drawbridge/bridgeChanged";
}

/// Checks a folder once nothing was changed for a while. What changes meanwhile is checked by its own
/// call, so a result that is old by then is dropped.
pub(crate) fn schedule(client: &Client, session: &Arc<Session>, folder: usize) {
    let generation = session.outdate(folder);
    let (client, session) = (client.clone(), Arc::clone(session));
    tokio::spawn(async move {
        tokio::time::sleep(PAUSE).await;
        if session.is_current(folder, generation) {
            publish(&client, &session, folder, generation).await;
        }
    });
}

async fn publish(client: &Client, session: &Arc<Session>, folder: usize, generation: u64) {
    let Some(project) = session.project_at(folder) else { return };
    let checked = tokio::task::spawn_blocking(move || project.check(false)).await;
    let Ok(Ok(check)) = checked else { return };
    if !session.is_current(folder, generation) {
        return;
    }
    let mut by_file: BTreeMap<String, Vec<Problem>> = BTreeMap::new();
    for problem in check.problems {
        by_file.entry(problem.file.clone()).or_default().push(problem);
    }
    let now: BTreeSet<String> = by_file.keys().cloned().collect();
    let gone = session.publish(folder, now);
    by_file.extend(gone.into_iter().map(|file| (file, Vec::new())));
    let encoding = session.encoding();
    for (file, problems) in by_file {
        let Some(uri) = session.uri(folder, &file) else { continue };
        let text = session.project_at(folder).and_then(|project| project.text(&file)).unwrap_or_default();
        let columns = Columns::new(&text, encoding);
        let diagnostics = problems.iter().map(|problem| columns.diagnostic(problem)).collect();
        // An edit that came while we wrote has its own check behind it.
        if !session.is_current(folder, generation) {
            return;
        }
        client.publish_diagnostics(uri, diagnostics, session.version(folder, &file)).await;
    }
    if session.channels_changed(folder, &check.channels) {
        tell(client, session, folder, &check.channels).await;
    }
}

async fn tell(client: &Client, session: &Arc<Session>, folder: usize, channels: &[Channel]) {
    let Some(uri) = session.uri(folder, "") else { return };
    let channels = serde_json::to_value(channels).unwrap_or_default();
    let changed = BridgeChanged { folder: uri.as_str().to_owned(), channels };
    client.send_notification::<BridgeChangedNotification>(changed).await;
}
