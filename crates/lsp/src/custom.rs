//! The `drawbridge/*` methods and the commands for clients that have no code of ours.
//!
//! Parameters may name a `folder` by its URI; without one the first folder is meant. Shapes are those of
//! [`drawbridge_service::protocol`].

use std::sync::Arc;

use drawbridge_service::Project;
use drawbridge_service::protocol::protect::{Applied, HistoryEntry, Plan, ProtectOptions, Undone};
use drawbridge_service::protocol::review::{AcceptRequest, Review, Shown};
use drawbridge_service::protocol::{AllowRequest, Allowed, Channel, Check, Configuration, Loss, Policy};
use serde::Deserialize;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{LSPAny, MessageActionItem, MessageType, Uri};

use crate::server::{Backend, off_runtime};

/// Shows what would change, asks, and writes.
pub(crate) const PROTECT: &str = "drawbridge.protect";
const UNDO: &str = "drawbridge.undo";
/// Arguments: the rule, the reason.
const ALLOW: &str = "drawbridge.allow";

/// Leaves everything as it is, in every question.
const CANCEL: &str = "Cancel";

/// Commands of `workspace/executeCommand`.
pub(crate) const COMMANDS: [&str; 3] = [PROTECT, UNDO, ALLOW];

/// Which folder.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct InFolder {
    pub(crate) folder: Option<Uri>,
}

/// `drawbridge/choose`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ChooseParams {
    folder: Option<Uri>,
    file: Option<String>,
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

impl Backend {
    pub(crate) fn project(&self, folder: Option<&Uri>) -> Result<Arc<Project>> {
        self.session.project(folder).ok_or_else(|| Error::invalid_params("no such folder is open"))
    }

    pub(crate) async fn configurations(&self, params: InFolder) -> Result<Vec<Configuration>> {
        let project = self.project(params.folder.as_ref())?;
        off_runtime(&project, Project::configurations).await
    }

    pub(crate) async fn choose(&self, params: ChooseParams) -> Result<Vec<Configuration>> {
        let project = self.project(params.folder.as_ref())?;
        off_runtime(&project, move |project| {
            project.choose(params.file.as_deref())?;
            project.configurations()
        })
        .await
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
    const NOTHING: &str = "Nothing was written";
    let Some(options) = chosen(backend).await? else { return Ok(NOTHING.to_owned()) };
    let Some((options, plan)) = planned(backend, options).await? else { return Ok(NOTHING.to_owned()) };
    if plan.changes.is_empty() {
        return Ok("Already protected".to_owned());
    }
    let files: Vec<&str> = plan.changes.iter().map(|change| change.file.as_str()).collect();
    let question = format!("Drawbridge writes {}; `drawbridge undo` puts them back", files.join(", "));
    if ask(backend, question, &[WRITE, CANCEL]).await?.as_deref() != Some(WRITE) {
        return Ok(NOTHING.to_owned());
    }
    let applied = backend.apply(ApplyParams { folder: None, options, digest: plan.digest }).await?;
    Ok(format!("Written: {}. Rebuild the container to use it", applied.files.join(", ")))
}

/// Options with the configuration that is meant; `None` when there are several and none was chosen.
async fn chosen(backend: &Backend) -> Result<Option<ProtectOptions>> {
    let all = backend.configurations(InFolder::default()).await?;
    if all.len() < 2 || all.iter().any(|one| one.chosen) {
        return Ok(Some(ProtectOptions::default()));
    }
    let mut files: Vec<&str> = all.iter().map(|one| one.file.as_str()).collect();
    files.push(CANCEL);
    let answer = ask(backend, "Which dev container does Drawbridge protect?".to_owned(), &files).await?;
    let config = answer.filter(|answer| all.iter().any(|one| one.file == *answer));
    Ok(config.map(|config| ProtectOptions { config: Some(config), ..ProtectOptions::default() }))
}

/// The plan, once everything that it would lose was accepted; `None` when something was not.
async fn planned(backend: &Backend, mut options: ProtectOptions) -> Result<Option<(ProtectOptions, Plan)>> {
    const ACCEPT: &str = "Go on without it";
    let project = backend.project(None)?;
    loop {
        let asked = options.clone();
        let (plan, losses) = off_runtime(&project, move |project| match project.plan(&asked) {
            Ok(plan) => Ok((Some(plan), Vec::new())),
            Err(error) => match error.failure().losses {
                losses if losses.is_empty() => Err(error),
                losses => Ok((None, losses)),
            },
        })
        .await?;
        if let Some(plan) = plan {
            return Ok(Some((options, plan)));
        }
        for (code, question) in questions(&losses) {
            if ask(backend, question, &[ACCEPT, CANCEL]).await?.as_deref() != Some(ACCEPT) {
                return Ok(None);
            }
            options.accept_loss.push(code);
        }
    }
}

/// Each code once, with everything that its acceptance gives up.
fn questions(losses: &[Loss]) -> Vec<(String, String)> {
    let question = |code: &str| {
        let of_code = || losses.iter().filter(|loss| loss.code == code);
        let whats = distinct(of_code().map(|loss| &loss.what));
        let whys = distinct(of_code().map(|loss| &loss.why));
        let as_is = if whats.len() == 1 { "as it is" } else { "as they are" };
        format!("{} cannot be protected {as_is}: {}", whats.join(", "), whys.join("; "))
    };
    let codes = distinct(losses.iter().map(|loss| &loss.code));
    codes.into_iter().map(|code| (code.to_owned(), question(code))).collect()
}

/// Each once, in the order of their first.
fn distinct<'t>(texts: impl Iterator<Item = &'t String>) -> Vec<&'t str> {
    let mut found: Vec<&str> = Vec::new();
    for text in texts {
        if !found.contains(&text.as_str()) {
            found.push(text);
        }
    }
    found
}

async fn ask(backend: &Backend, question: String, choices: &[&str]) -> Result<Option<String>> {
    let choice = |title: &&str| MessageActionItem {
        title: (*title).to_owned(),
        properties: std::collections::HashMap::new(),
    };
    let choices = choices.iter().map(choice).collect();
    let answer = backend.client.show_message_request(MessageType::INFO, question, Some(choices)).await?;
    Ok(answer.map(|answer| answer.title))
}
