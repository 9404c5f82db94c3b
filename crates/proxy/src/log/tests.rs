use std::io;
use std::sync::mpsc;
use std::sync::{Condvar, Mutex};

use super::*;

/// Blocks the writer thread until opened.
#[derive(Default)]
struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    open: bool,
    /// The writer has arrived.
    reached: bool,
}

struct Gated(Arc<Gate>, mpsc::Sender<Vec<u8>>);

impl Write for Gated {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.state.lock().unwrap();
        state.reached = true;
        self.0.changed.notify_all();
        drop(self.0.changed.wait_while(state, |state| !state.open).unwrap());
        self.1.send(bytes.to_vec()).unwrap();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn pitfall_23_foreign_text_cannot_forge_a_line() {
    let (sender, receiver) = mpsc::channel();
    let gate = Arc::new(Gate::default());
    gate.state.lock().unwrap().open = true;
    let (log, writer) = Log::start(Box::new(Gated(gate, sender)));
    log.error("a\n{\"type\":\"decision\",\"action\":\"allow\"}\u{1b}[2J");
    writer.close();
    let text: Vec<u8> = receiver.iter().flatten().collect();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["type"], "error");
    assert!(line["ts"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn a_stuck_reader_costs_lines_and_not_time() {
    let (sender, receiver) = mpsc::channel();
    let gate = Arc::new(Gate::default());
    let (log, writer) = Log::start(Box::new(Gated(gate.clone(), sender)));
    log.error("the writer is stuck with this one");
    let state = gate.state.lock().unwrap();
    let mut state = gate.changed.wait_while(state, |state| !state.reached).unwrap();
    for _ in 0..LOG_LINES + 100 {
        log.error("x");
    }
    let dropped = log.dropped();
    assert_eq!(dropped, 100);
    state.open = true;
    drop(state);
    gate.changed.notify_all();
    // The lines that found room, then the count.
    let text = loop {
        let line = String::from_utf8(receiver.recv().unwrap()).unwrap();
        if line.contains("\"dropped\"") {
            break line;
        }
    };
    assert!(text.contains(&format!("\"type\":\"dropped\",\"lines\":{dropped}")), "{text}");
    writer.close();
}

#[test]
fn no_line_is_lost_between_batches() {
    let (sender, receiver) = mpsc::channel();
    let gate = Arc::new(Gate::default());
    let (log, writer) = Log::start(Box::new(Gated(gate.clone(), sender)));
    log.error("the writer is stuck with this one");
    let state = gate.state.lock().unwrap();
    let mut state = gate.changed.wait_while(state, |state| !state.reached).unwrap();
    // Several batches.
    let text = "x".repeat(BATCH / 1000);
    for _ in 0..LOG_LINES {
        log.error(text.as_str());
    }
    state.open = true;
    drop(state);
    gate.changed.notify_all();
    writer.close();
    let text: Vec<u8> = receiver.iter().flatten().collect();
    assert_eq!(String::from_utf8(text).unwrap().lines().count(), LOG_LINES + 1);
    assert_eq!(log.dropped(), 0);
}

#[test]
fn clips_long_text_on_a_character() {
    let long = "é".repeat(LOG_FIELD);
    let clipped = clip(&long);
    assert!(clipped.len() <= LOG_FIELD + 3 && clipped.ends_with('…'));
    assert_eq!(clip("short"), "short");
}
