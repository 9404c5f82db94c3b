//! The decision log: JSON lines on standard output, written by one thread.
//!
//! Traffic never waits for the log. When the writer cannot keep up (a stuck log driver), lines
//! are dropped and counted, and the count is logged as soon as there is room again.

mod event;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::broadcast;

use crate::clock;
use crate::limits::{LOG_FIELD, LOG_LINES};
pub(crate) use event::{Action, Decided, Event, Phase, Process};

/// Lines that a watcher may lag behind.
const WATCH_LINES: usize = 1024;

/// The sending side; cheap to clone.
#[derive(Clone)]
pub(crate) struct Log {
    sender: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
    watchers: broadcast::Sender<Arc<str>>,
}

enum Message {
    Event(Box<Event>),
    Close,
}

/// Ends the writer thread after everything sent before is written.
pub(crate) struct LogWriter {
    sender: SyncSender<Message>,
    thread: JoinHandle<()>,
}

impl Log {
    /// Starts the writer on `out`.
    pub(crate) fn start(out: Box<dyn Write + Send>) -> (Self, LogWriter) {
        let (sender, receiver) = sync_channel(LOG_LINES);
        let dropped = Arc::new(AtomicU64::new(0));
        let (watchers, _) = broadcast::channel(WATCH_LINES);
        let log = Self { sender: sender.clone(), dropped: dropped.clone(), watchers: watchers.clone() };
        let thread = std::thread::spawn(move || write_all(&receiver, out, &dropped, &watchers));
        (log, LogWriter { sender, thread })
    }

    /// Queues a line; never blocks.
    pub(crate) fn event(&self, event: Event) {
        if self.sender.try_send(Message::Event(Box::new(event))).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Queues a complaint that concerns the operator.
    pub(crate) fn error(&self, message: impl Into<String>) {
        self.event(Event::Error { message: message.into() });
    }

    /// Lines dropped since the start.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Every line that is not written yet, and those to come; a reader that lags loses lines, not the sidecar its time.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<str>> {
        self.watchers.subscribe()
    }
}

impl LogWriter {
    /// Waits until everything is written.
    pub(crate) fn close(self) {
        if self.sender.send(Message::Close).is_ok() {
            let _ = self.thread.join();
        }
    }
}

/// Text from outside, short enough for a log field. JSON escapes the rest.
pub(crate) fn clip(text: &str) -> String {
    if text.len() <= LOG_FIELD {
        return text.to_owned();
    }
    let mut end = LOG_FIELD;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}

/// The first line after a silence is written at once; those that come meanwhile go out together, so that a busy gate
/// neither wakes this thread nor makes a system call for each of them.
const GATHER: Duration = Duration::from_millis(5);

/// Bytes after which a batch is written although more waits.
const BATCH: usize = 256 * 1024;

fn write_all(
    receiver: &Receiver<Message>,
    mut out: Box<dyn Write + Send>,
    dropped: &AtomicU64,
    watchers: &broadcast::Sender<Arc<str>>,
) {
    let mut reported = 0;
    let mut lines = String::new();
    let add = |event: &Event, lines: &mut String| {
        let line = event.line(&clock::timestamp());
        lines.push_str(&line);
        if watchers.receiver_count() > 0 {
            let _ = watchers.send(line.into());
        }
    };
    let mut open = true;
    while open {
        let mut next = receiver.recv().ok();
        loop {
            match next {
                Some(Message::Event(event)) => add(&event, &mut lines),
                Some(Message::Close) | None => open = false,
            }
            if !open || lines.len() >= BATCH {
                break;
            }
            match receiver.try_recv() {
                Ok(message) => next = Some(message),
                Err(_) => break,
            }
        }
        let count = dropped.load(Ordering::Relaxed);
        if count > reported {
            add(&Event::Dropped { lines: count - reported }, &mut lines);
            reported = count;
        }
        // Nobody reads standard output: decisions still hold, so go on for the watchers.
        let _ = out.write_all(lines.as_bytes()).and_then(|()| out.flush());
        lines.clear();
        if open {
            std::thread::sleep(GATHER);
        }
    }
}

#[cfg(test)]
mod tests;
