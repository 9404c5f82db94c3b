//! One request on a thread of libuv.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use drawbridge_service::protocol::Failure;
use drawbridge_service::{Error as ServiceError, Project};
use napi::bindgen_prelude::{AsyncTask, JsObjectValue, JsValue, Unknown};
use napi::{Env, Error, Result, ScopedTask, Status};
use napi_derive::napi;
use serde::Serialize;
use serde_json::Value;

#[napi]
#[derive(Default)]
pub struct Cancellation {
    cancelled: Arc<AtomicBool>,
}

#[napi]
impl Cancellation {
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    #[napi]
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

type Job = Box<dyn FnOnce(&Project) -> std::result::Result<Value, Failure> + Send>;

/// A request and, once it ran, why it failed.
pub struct Work {
    project: Arc<Project>,
    job: Option<Job>,
    cancelled: Option<Arc<AtomicBool>>,
    failure: Option<Failure>,
}

impl Work {
    /// Queues `job`.
    pub(crate) fn start<T: Serialize>(
        project: &Arc<Project>,
        cancellation: Option<&Cancellation>,
        job: impl FnOnce(&Project) -> std::result::Result<T, ServiceError> + Send + 'static,
    ) -> AsyncTask<Self> {
        let job: Job = Box::new(move |project| {
            let answer = job(project).map_err(|error| error.failure())?;
            serde_json::to_value(answer).map_err(|error| failed("internal", error.to_string()))
        });
        let cancelled = cancellation.map(|one| Arc::clone(&one.cancelled));
        AsyncTask::new(Self { project: Arc::clone(project), job: Some(job), cancelled, failure: None })
    }

    fn run(&mut self) -> std::result::Result<Value, Failure> {
        let Some(job) = self.job.take() else { return Err(failed("internal", "ran twice".to_owned())) };
        self.alive()?;
        let project = &self.project;
        let answer = catch_unwind(AssertUnwindSafe(|| job(project))).unwrap_or_else(|_| {
            Err(failed("internal", "the request failed by a mistake of ours".to_owned()))
        });
        self.alive()?;
        answer
    }

    fn alive(&self) -> std::result::Result<(), Failure> {
        match &self.cancelled {
            Some(flag) if flag.load(Ordering::Relaxed) => Err(failed("cancelled", "cancelled".to_owned())),
            _ => Ok(()),
        }
    }
}

impl<'task> ScopedTask<'task> for Work {
    type Output = Value;
    type JsValue = Unknown<'task>;

    fn compute(&mut self) -> Result<Value> {
        self.run().map_err(|failure| {
            let error = Error::new(Status::GenericFailure, failure.message.clone());
            self.failure = Some(failure);
            error
        })
    }

    fn resolve(&mut self, env: &'task Env, output: Value) -> Result<Unknown<'task>> {
        env.to_js_value(&output)
    }

    fn reject(&mut self, env: &'task Env, error: Error) -> Result<Unknown<'task>> {
        Err(rejection(*env, error, self.failure.take()))
    }
}

fn failed(code: &str, message: String) -> Failure {
    Failure { code: code.to_owned(), message, hint: None, losses: Vec::new() }
}

/// A JavaScript `Error` with `code`, `hint` and `losses`.
pub(crate) fn rejection(env: Env, error: Error, failure: Option<Failure>) -> Error {
    let Some(failure) = failure else { return error };
    let made = env.create_error(error).and_then(|mut object| {
        object.set_named_property("code", failure.code)?;
        object.set_named_property("hint", failure.hint)?;
        object.set_named_property("losses", env.to_js_value(&failure.losses)?)?;
        Ok(Error::from(object.to_unknown()))
    });
    made.unwrap_or_else(|error| error)
}
