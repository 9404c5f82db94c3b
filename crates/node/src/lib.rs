//! The service in the process of VS Code's extension host.
//!
//! Translates between JavaScript and [`drawbridge_service`]; what crosses is documented in `index.d.ts`.
//! Work runs on libuv's threads, so the extension host never waits. A panic becomes a rejected promise.

#![expect(missing_docs, reason = "`index.d.ts` documents what JavaScript sees")]

mod feed;
mod work;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use drawbridge_service::Error as ServiceError;
use drawbridge_service::protocol::protect::ProtectOptions;
use drawbridge_service::protocol::review::AcceptRequest;
use drawbridge_service::protocol::{AllowRequest, Editor, Position, Range};
use napi::bindgen_prelude::{AsyncTask, Function};
use napi::{Error, Result};
use napi_derive::napi;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::feed::FollowTask;
use crate::work::{Cancellation, Work};

#[napi]
pub struct Project {
    project: Arc<drawbridge_service::Project>,
}

#[napi]
impl Project {
    #[napi(constructor)]
    pub fn new(folder: String, program: Option<String>, editor: Option<Value>) -> Result<Self> {
        let failed = |error: ServiceError| Error::from_reason(error.failure().message);
        let program = program.map(PathBuf::from).unwrap_or_default();
        let mut project = drawbridge_service::Project::open(Path::new(&folder), program).map_err(failed)?;
        if let Some(editor) = editor {
            let editor: Editor = argument(editor).map_err(failed)?;
            project = project.inside(editor.into());
        }
        Ok(Self { project: Arc::new(project) })
    }

    #[napi]
    pub fn concerns(file: String) -> bool {
        drawbridge_service::concerns(&file)
    }

    #[napi]
    pub fn configurations(&self) -> AsyncTask<Work> {
        Work::start(&self.project, None, drawbridge_service::Project::configurations)
    }

    #[napi]
    pub fn choose(&self, file: Option<String>) -> AsyncTask<Work> {
        Work::start(&self.project, None, move |project| project.choose(file.as_deref()))
    }

    #[napi]
    pub fn set_document(&self, file: String, text: Option<String>) {
        self.project.set_document(&file, text);
    }

    #[napi]
    pub fn check(&self, live: bool, cancellation: Option<&Cancellation>) -> AsyncTask<Work> {
        Work::start(&self.project, cancellation, move |project| project.check(live))
    }

    #[napi]
    pub fn actions(
        &self,
        file: String,
        range: Value,
        cancellation: Option<&Cancellation>,
    ) -> AsyncTask<Work> {
        Work::start(&self.project, cancellation, move |project| {
            let range: Range = argument(range)?;
            project.actions(&file, range)
        })
    }

    #[napi]
    pub fn fix_all(&self, file: String) -> AsyncTask<Work> {
        Work::start(&self.project, None, move |project| project.fix_all(&file))
    }

    #[napi]
    pub fn hover(&self, file: String, position: Value) -> AsyncTask<Work> {
        Work::start(&self.project, None, move |project| {
            let position: Position = argument(position)?;
            project.hover(&file, position)
        })
    }

    #[napi]
    pub fn completion(&self, file: String, position: Value) -> AsyncTask<Work> {
        Work::start(&self.project, None, move |project| {
            let position: Position = argument(position)?;
            project.completion(&file, position)
        })
    }

    #[napi]
    pub fn lenses(&self, file: String) -> AsyncTask<Work> {
        Work::start(&self.project, None, move |project| project.lenses(&file))
    }

    #[napi]
    pub fn plan(&self, options: Value) -> AsyncTask<Work> {
        Work::start(&self.project, None, move |project| {
            let options: ProtectOptions = argument(options)?;
            project.plan(&options)
        })
    }

    #[napi]
    pub fn apply(&self, options: Value, digest: String) -> AsyncTask<Work> {
        Work::start(&self.project, None, move |project| {
            let options: ProtectOptions = argument(options)?;
            project.apply(&options, &digest)
        })
    }

    #[napi]
    pub fn undo(&self) -> AsyncTask<Work> {
        Work::start(&self.project, None, drawbridge_service::Project::undo)
    }

    #[napi]
    pub fn history(&self) -> AsyncTask<Work> {
        Work::start(&self.project, None, drawbridge_service::Project::history)
    }

    #[napi]
    pub fn policy(&self) -> AsyncTask<Work> {
        Work::start(&self.project, None, drawbridge_service::Project::policy)
    }

    #[napi]
    pub fn allow(&self, request: Value) -> AsyncTask<Work> {
        Work::start(&self.project, None, move |project| {
            let request: AllowRequest = argument(request)?;
            project.allow(&request)
        })
    }

    #[napi]
    pub fn deny(&self, rule: String, reason: String) -> AsyncTask<Work> {
        Work::start(&self.project, None, move |project| project.deny(&rule, &reason))
    }

    #[napi]
    pub fn revoke(&self, host: String) -> AsyncTask<Work> {
        Work::start(&self.project, None, move |project| project.revoke(&host))
    }

    #[napi]
    pub fn review(&self) -> AsyncTask<Work> {
        Work::start(&self.project, None, drawbridge_service::Project::review)
    }

    #[napi]
    pub fn accept(&self, request: Value) -> AsyncTask<Work> {
        Work::start(&self.project, None, move |project| {
            let request: AcceptRequest = argument(request)?;
            project.accept(&request)
        })
    }

    #[napi]
    pub fn follow(&self, listener: Function<'_, Value, ()>) -> Result<AsyncTask<FollowTask>> {
        let listener = listener.build_threadsafe_function::<Value>().weak::<true>().build()?;
        Ok(AsyncTask::new(FollowTask::new(Arc::clone(&self.project), listener)))
    }
}

#[napi]
pub fn explain(rule: String) -> Option<String> {
    drawbridge_service::explain(&rule)
}

#[napi]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

fn argument<T: DeserializeOwned>(value: Value) -> std::result::Result<T, ServiceError> {
    serde_json::from_value(value).map_err(|error| ServiceError::Argument(error.to_string()))
}
