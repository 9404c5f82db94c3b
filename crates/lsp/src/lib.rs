//! The language server: [`drawbridge_service`] over standard input and output, LSP 3.17.
//!
//! Protocol types stay in this crate. Handlers wait and copy; the answers are the service's.

mod convert;
mod custom;
mod diagnostics;
mod document;
mod feed;
mod server;
mod session;

use std::path::PathBuf;
use std::sync::Arc;

use tower_lsp::{LspService, Server};

use crate::server::Backend;
use crate::session::Session;

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// After `shutdown`.
    Orderly,
    /// The client went away, or said `exit` without `shutdown`.
    Abruptly,
}

/// Serves one client until it leaves. `program` is this program, whose copy looks into containers.
///
/// # Errors
///
/// No runtime could be started.
pub fn serve(program: PathBuf) -> std::io::Result<Ended> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let session = Arc::new(Session::new(program));
    let kept = Arc::clone(&session);
    runtime.block_on(async move {
        let (service, socket) = LspService::build(|client| Backend::new(client, session))
            .custom_method("drawbridge/audit", Backend::audit)
            .custom_method("drawbridge/bridge", Backend::bridge)
            .custom_method("drawbridge/protect", Backend::protect)
            .custom_method("drawbridge/apply", Backend::apply)
            .custom_method("drawbridge/undo", Backend::undo)
            .custom_method("drawbridge/history", Backend::history)
            .custom_method("drawbridge/policy", Backend::policy)
            .custom_method("drawbridge/allow", Backend::allow)
            .custom_method("drawbridge/deny", Backend::deny)
            .custom_method("drawbridge/revoke", Backend::revoke)
            .custom_method("drawbridge/configurations", Backend::configurations)
            .custom_method("drawbridge/choose", Backend::choose)
            .custom_method("drawbridge/review", Backend::review)
            .custom_method("drawbridge/accept", Backend::accept)
            .custom_method("drawbridge/explain", Backend::explain)
            .custom_method("drawbridge/follow", Backend::follow)
            .custom_method("drawbridge/unfollow", Backend::unfollow)
            .finish();
        Server::new(tokio::io::stdin(), tokio::io::stdout(), socket).serve(service).await;
    });
    // A thread may still wait for a byte of standard input.
    runtime.shutdown_background();
    Ok(if kept.was_shut_down() { Ended::Orderly } else { Ended::Abruptly })
}
