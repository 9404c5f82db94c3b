//! The feed of the gate's events, from a thread of its own to a JavaScript function.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use drawbridge_service::protocol::{Event, Failure};
use drawbridge_service::{Feed, Project};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Error, Result, Status, Task};
use napi_derive::napi;
use serde_json::Value;

use crate::work::rejection;

/// So often a feed looks whether it was stopped.
const PATIENCE: Duration = Duration::from_millis(500);

type Listener = ThreadsafeFunction<Value, (), Value, Status, false, true>;

/// Opens the feed; the promise holds until the gate confirmed.
pub struct FollowTask {
    project: Arc<Project>,
    listener: Option<Listener>,
    failure: Option<Failure>,
}

impl FollowTask {
    pub(crate) fn new(project: Arc<Project>, listener: Listener) -> Self {
        Self { project, listener: Some(listener), failure: None }
    }
}

impl Task for FollowTask {
    type Output = Follower;
    type JsValue = Follower;

    fn compute(&mut self) -> Result<Follower> {
        let feed = self.project.follow().map_err(|error| {
            let failure = error.failure();
            let error = Error::new(Status::GenericFailure, failure.message.clone());
            self.failure = Some(failure);
            error
        })?;
        let Some(listener) = self.listener.take() else {
            return Err(Error::new(Status::GenericFailure, "ran twice"));
        };
        let follower = Follower::default();
        let stopped = Arc::clone(&follower.stopped);
        std::thread::Builder::new()
            .name("drawbridge-feed".to_owned())
            .spawn(move || pass_on(feed, &listener, &stopped))
            .map_err(|error| Error::new(Status::GenericFailure, error.to_string()))?;
        Ok(follower)
    }

    fn resolve(&mut self, _env: Env, output: Follower) -> Result<Follower> {
        Ok(output)
    }

    fn reject(&mut self, env: Env, error: Error) -> Result<Follower> {
        Err(rejection(env, error, self.failure.take()))
    }
}

fn pass_on(mut feed: Feed, listener: &Listener, stopped: &AtomicBool) {
    while !stopped.load(Ordering::Relaxed) {
        let Some(event) = feed.next(PATIENCE) else { continue };
        let ended = event == Event::Ended;
        if let Ok(value) = serde_json::to_value(event) {
            listener.call(value, ThreadsafeFunctionCallMode::NonBlocking);
        }
        if ended {
            return;
        }
    }
}

#[napi]
#[derive(Default)]
pub struct Follower {
    stopped: Arc<AtomicBool>,
}

#[napi]
impl Follower {
    #[napi]
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.stop();
    }
}
