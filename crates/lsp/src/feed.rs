//! `drawbridge/follow` and `drawbridge/unfollow`: one feed of the gate's events for each folder.

use std::sync::Arc;
use std::time::Duration;

use drawbridge_service::Project;
use drawbridge_service::protocol::Event;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};
use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::notification::Notification;

use crate::custom::InFolder;
use crate::server::{Backend, off_runtime};

/// So often a feed looks whether its client is still there.
const PATIENCE: Duration = Duration::from_secs(1);

/// `drawbridge/event`
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct EventParams {
    event: serde_json::Value,
}

enum EventNotification {}

impl Notification for EventNotification {
    type Params = EventParams;
    const METHOD: &'static str = "drawbridge/event";
}

impl Backend {
    /// Sends `drawbridge/event` for what happens at the running gate, until it goes away or the feed is ended; a feed
    /// that the folder had before is ended. `false`: it was ended while it was opened.
    pub(crate) async fn follow(&self, params: InFolder) -> Result<bool> {
        let project = self.project(params.folder.as_ref())?;
        let (opened, answer) = oneshot::channel();
        // Nothing may wait between the request and this: an `unfollow` behind it ends it.
        self.session.change_feed(&project, |before| {
            Some(tokio::spawn(Self::pass_on(self.clone(), Arc::clone(&project), before, opened)))
        });
        answer.await.unwrap_or(Ok(false))
    }

    /// Ends the folder's feed, also one that is being opened. Whether there was one.
    pub(crate) async fn unfollow(&self, params: InFolder) -> Result<bool> {
        let project = self.project(params.folder.as_ref())?;
        let mut feed = None;
        self.session.change_feed(&project, |before| {
            feed = before;
            None
        });
        Ok(ended(feed).await)
    }

    async fn pass_on(
        self,
        project: Arc<Project>,
        before: Option<JoinHandle<()>>,
        opened: oneshot::Sender<Result<bool>>,
    ) {
        ended(before).await;
        let mut feed = match off_runtime(&project, Project::follow).await {
            Ok(feed) => feed,
            Err(error) => return drop(opened.send(Err(error))),
        };
        // A request that was cancelled opens nothing.
        if opened.send(Ok(true)).is_err() {
            return;
        }
        while !self.session.was_shut_down() {
            let next = spawn_blocking(move || (feed.next(PATIENCE), feed)).await;
            let Ok((event, again)) = next else { return };
            feed = again;
            let Some(event) = event else { continue };
            let is_last = event == Event::Ended;
            let event = serde_json::to_value(event).unwrap_or_default();
            self.client.send_notification::<EventNotification>(EventParams { event }).await;
            if is_last {
                return;
            }
        }
    }
}

/// Stops the task; it sends nothing afterwards. Whether it was still at work.
async fn ended(feed: Option<JoinHandle<()>>) -> bool {
    let Some(feed) = feed else { return false };
    feed.abort();
    feed.await.is_err_and(|error| error.is_cancelled())
}
