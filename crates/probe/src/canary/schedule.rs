//! Runs canaries side by side and never waits longer than they may take.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::{Canary, DEADLINE, Outcome, Verdict};

/// What a late canary gets on top, so that its own message arrives before it is given up.
const GRACE: Duration = Duration::from_millis(400);

/// The end of one canary's time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    pub(super) fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// The time left, never zero: the socket calls refuse a timeout of zero.
    pub(super) fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now()).max(Duration::from_millis(1))
    }
}

/// The outcomes of `canaries`, in their order.
///
/// A canary that hangs, for example on a dead network mount, is skipped and left behind.
pub(super) fn run(canaries: Vec<Canary>) -> Vec<Outcome> {
    let (sender, receiver) = mpsc::channel();
    let mut outcomes: Vec<Outcome> = Vec::with_capacity(canaries.len());
    let mut running = 0;
    for (index, canary) in canaries.into_iter().enumerate() {
        let sender = sender.clone();
        let job = canary.job;
        let spawned = thread::Builder::new().spawn(move || {
            let start = Instant::now();
            let verdict = job(Deadline::after(DEADLINE));
            // The receiver is gone when this came too late.
            let _ = sender.send((index, verdict, milliseconds(start.elapsed())));
        });
        let verdict = match spawned {
            Ok(_) => {
                running += 1;
                Verdict::skip("no result in time")
            }
            Err(err) => Verdict::skip(format!("no thread could be started: {err}")),
        };
        outcomes.push(outcome(canary.id, canary.attempt, verdict, milliseconds(DEADLINE)));
    }
    drop(sender);
    let end = Deadline::after(DEADLINE + GRACE);
    while running > 0 {
        // A canary that panicked drops its sender; when all are gone there is nothing to wait for.
        let Ok((index, verdict, ms)) = receiver.recv_timeout(end.left()) else { break };
        running -= 1;
        if let Some(slot) = outcomes.get_mut(index) {
            slot.status = verdict.status;
            slot.detail = verdict.detail;
            slot.ms = ms;
        }
    }
    outcomes
}

fn outcome(id: String, attempt: String, verdict: Verdict, ms: u64) -> Outcome {
    Outcome { id, status: verdict.status, attempt, detail: verdict.detail, ms }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canary::Status;

    #[test]
    fn a_canary_that_hangs_or_breaks_is_skipped_and_the_others_count() {
        let (_keep, never) = mpsc::channel::<()>();
        let outcomes = run(vec![
            Canary::new("hangs", "", move |_| {
                let _ = never.recv();
                Verdict::pass("too late")
            }),
            Canary::new("breaks", "", |_| panic!("broken on purpose")),
            Canary::new("works", "", |_| Verdict::pass("closed")),
        ]);
        let statuses: Vec<Status> = outcomes.iter().map(|outcome| outcome.status).collect();
        assert_eq!(statuses, [Status::Skip, Status::Skip, Status::Pass]);
        assert_eq!(outcomes[0].detail, "no result in time");
    }
}
