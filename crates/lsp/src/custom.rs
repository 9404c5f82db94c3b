//! The `drawbridge/*` methods and the commands for clients that have no code of ours.
//!
//! Parameters may name a `folder` by its URI; without one the first folder is meant. Shapes are those of
//! [`drawbridge_service::protocol`].

use std::sync::Arc;
use std::time::Duration;

use drawbridge_service::protocol::protect::{Applied, HistoryEntry, Plan, ProtectOptions, Undone};
use drawbridge_service::protocol::{
    AcceptRequest, AllowRequest, Allowed, Channel, Check, Event, Policy, Review, Shown,
};
use drawbridge_service::{Fed, Project};
use serde::{Deserialize, Serialize};
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::notification::Notification;
use tower_lsp::ls_types::{LSPAny, MessageActionItem, MessageType, Uri};

use crate::server::{Backend, off_runtime};

/// Shows what would change, asks, and writes.
pub(crate) const PROTECT: &str = "drawbridge.protect";
const UNDO: &str = "drawbridge.undo";
/// Arguments: the rule, the reason.
const ALLOW: &str = "drawbridge.allow";

/// Commands of `workspace/executeCommand`.
pub(crate) const COMMANDS: [&str; 3] = [PROTECT, UNDO, ALLOW];

/// So often a feed looks whether its client is still there.
const PATIENCE: Duration = Duration::from_secs(1);

/// Which folder.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct InFolder {
    folder: Option<Uri>,
}

/// `drawbridge/audit`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AuditParams {
    folder: Option<Uri>,
    live: bool,
}

/// `drawbridge/protect`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ProtectParams {
    folder: Option<Uri>,
    options: ProtectOptions,
}

/// `drawbridge/apply`
#[derive(Debug, Deserialize)]
pub(crate) struct ApplyParams {
    #[serde(default)]
    folder: Option<Uri>,
    #[serde(default)]
    options: ProtectOptions,
    digest: String,
}

/// `drawbridge/allow`
#[derive(Debug, Deserialize)]
pub(crate) struct AllowParams {
    #[serde(default)]
    folder: Option<Uri>,
    request: AllowRequest,
}

/// `drawbridge/deny`
#[derive(Debug, Deserialize)]
pub(crate) struct DenyParams {
    #[serde(default)]
    folder: Option<Uri>,
    rule: String,
    reason: String,
}

/// `drawbridge/revoke`
#[derive(Debug, Deserialize)]
pub(crate) struct RevokeParams {
    #[serde(default)]
    folder: Option<Uri>,
    host: String,
}

/// `drawbridge/accept`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AcceptParams {
    folder: Option<Uri>,
    file: Option<String>,
    shown: Option<Vec<Shown>>,
    container: bool,
}

/// `drawbridge/explain`
#[derive(Debug, Deserialize)]
pub(crate) struct ExplainParams {
    rule: String,
}

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
    fn project(&self, folder: Option<&Uri>) -> Result<Arc<Project>> {
        self.session.project(folder).ok_or_else(|| Error::invalid_params("no such folder is open"))
    }

    pub(crate) async fn audit(&self, params: AuditParams) -> Result<Check> {
        let project = self.project(params.folder.as_ref())?;
        off_runtime(&project, move |project| project.check(params.live)).await
    }

    pub(crate) async fn bridge(&self, params: AuditParams) -> Result<Vec<Channel>> {
        Ok(self.audit(params).await?.channels)
    }

    pub(crate) async fn protect(&self, params: ProtectParams) -> Result<Plan> {
        let project = self.project(params.folder.as_ref())?;
        off_runtime(&project, move |project| project.plan(&params.options)).await
    }

    pub(crate) async fn apply(&self, params: ApplyParams) -> Result<Applied> {
        let project = self.project(params.folder.as_ref())?;
        off_runtime(&project, move |project| project.apply(&params.options, &params.digest)).await
    }

    pub(crate) async fn undo(&self, params: InFolder) -> Result<Undone> {
        let project = self.project(params.folder.as_ref())?;
        off_runtime(&project, Project::undo).await
    }

    pub(crate) async fn history(&self, params: InFolder) -> Result<Vec<HistoryEntry>> {
        let project = self.project(params.folder.as_ref())?;
        off_runtime(&project, Project::history).await
    }

    pub(crate) async fn policy(&self, params: InFolder) -> Result<Policy> {
        let project = self.project(params.folder.as_ref())?;
        off_runtime(&project, Project::policy).await
    }

    pub(crate) async fn allow(&self, params: AllowParams) -> Result<Allowed> {
        let project = self.project(params.folder.as_ref())?;
        off_runtime(&project, move |project| project.allow(&params.request)).await
    }

    pub(crate) async fn deny(&self, params: DenyParams) -> Result<Allowed> {
        let project = self.project(params.folder.as_ref())?;
        off_runtime(&project, move |project| project.deny(&params.rule, &params.reason)).await
    }

    pub(crate) async fn revoke(&self, params: RevokeParams) -> Result<Allowed> {
        let project = self.project(params.folder.as_ref())?;
        off_runtime(&project, move |project| project.revoke(&params.host)).await
    }

    pub(crate) async fn review(&self, params: InFolder) -> Result<Review> {
        let project = self.project(params.folder.as_ref())?;
        off_runtime(&project, Project::review).await
    }

    pub(crate) async fn accept(&self, params: AcceptParams) -> Result<Review> {
        let project = self.project(params.folder.as_ref())?;
        let AcceptParams { file, shown, container, .. } = params;
        let request = AcceptRequest { file, shown, container };
        off_runtime(&project, move |project| project.accept(&request)).await
    }

    #[expect(clippy::unused_async, reason = "the router wants a future")]
    pub(crate) async fn explain(&self, params: ExplainParams) -> Result<Option<String>> {
        Ok(drawbridge_service::explain(&params.rule))
    }

    /// Sends `drawbridge/event` for what the running gate denies, until it goes away.
    pub(crate) async fn follow(&self, params: InFolder) -> Result<bool> {
        let project = self.project(params.folder.as_ref())?;
        let mut feed = off_runtime(&project, Project::follow).await?;
        let (client, session) = (self.client.clone(), Arc::clone(&self.session));
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || {
            while !session.was_shut_down() {
                let event = match feed.next(PATIENCE) {
                    Fed::Blocked(blocked) => Event::Blocked { blocked: *blocked },
                    Fed::Nothing => continue,
                    Fed::Ended => Event::Ended,
                };
                let ended = event == Event::Ended;
                let event = serde_json::to_value(event).unwrap_or_default();
                runtime.block_on(client.send_notification::<EventNotification>(EventParams { event }));
                if ended {
                    break;
                }
            }
        });
        Ok(true)
    }
}

/// `workspace/executeCommand`.
pub(crate) async fn execute(
    backend: &Backend,
    command: &str,
    arguments: Vec<LSPAny>,
) -> Result<Option<LSPAny>> {
    let said = match command {
        PROTECT => protect(backend).await?,
        UNDO => {
            let undone = backend.undo(InFolder::default()).await?;
            if undone.files.is_empty() {
                "Nothing to undo here".to_owned()
            } else {
                format!("As before: {}", undone.files.join(", "))
            }
        }
        ALLOW => {
            let words: Vec<&str> = arguments.iter().filter_map(LSPAny::as_str).collect();
            let [rule, reason] = words[..] else {
                return Err(Error::invalid_params("wanted: the rule and the reason"));
            };
            let request = AllowRequest { rule: rule.to_owned(), reason: reason.to_owned(), seconds: None };
            let allowed = backend.allow(AllowParams { folder: None, request }).await?;
            format!("{rule}: {}", allowed.state)
        }
        _ => return Err(Error::invalid_params("no such command")),
    };
    backend.client.show_message(MessageType::INFO, said).await;
    Ok(None)
}

async fn protect(backend: &Backend) -> Result<String> {
    const WRITE: &str = "Write";
    let plan = backend.protect(ProtectParams::default()).await?;
    if plan.changes.is_empty() {
        return Ok("Already protected".to_owned());
    }
    let files: Vec<&str> = plan.changes.iter().map(|change| change.file.as_str()).collect();
    let question = format!("Drawbridge writes {}; `drawbridge undo` puts them back", files.join(", "));
    let choices = [WRITE, "Cancel"].map(|title| MessageActionItem {
        title: title.to_owned(),
        properties: std::collections::HashMap::new(),
    });
    let answer =
        backend.client.show_message_request(MessageType::INFO, question, Some(choices.to_vec())).await?;
    if answer.is_none_or(|answer| answer.title != WRITE) {
        return Ok("Nothing was written".to_owned());
    }
    let params = ApplyParams { folder: None, options: ProtectOptions::default(), digest: plan.digest };
    let applied = backend.apply(params).await?;
    Ok(format!("Written: {}. Rebuild the container to use it", applied.files.join(", ")))
}
