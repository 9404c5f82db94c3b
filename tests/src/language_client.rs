//! A language client's end of standard input and output (LSP 3.17, base protocol).

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::until;

/// A running language server; it is ended with this.
#[derive(Debug)]
pub struct LanguageClient {
    child: Child,
    stdin: Option<ChildStdin>,
    messages: Receiver<Value>,
}

impl LanguageClient {
    pub(crate) fn new(mut child: Child) -> Self {
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().expect("standard output is a pipe");
        let (sender, messages) = mpsc::channel();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            while let Some(message) = read(&mut reader) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Self { child, stdin, messages }
    }

    /// Sends a request, or a notification when `id` is absent.
    pub fn send(&mut self, id: Option<u64>, method: &str, params: &Value) {
        let mut message = json!({"jsonrpc": "2.0", "method": method, "params": params});
        if let Some(id) = id {
            message["id"] = id.into();
        }
        let text = message.to_string();
        let stdin = self.stdin.as_mut().expect("the server still listens");
        write!(stdin, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("the server reads");
    }

    /// The first message that `wanted` takes; the others are passed over. Panics after `limit`.
    pub fn wait(&self, what: &str, limit: Duration, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + limit;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.messages.recv_timeout(left) {
                Ok(message) if wanted(&message) => return message,
                Ok(_) => {}
                Err(error) => panic!("{what}: {error}"),
            }
        }
    }

    /// Closes standard input; the exit code, once the server has ended. Panics after `limit`.
    pub fn end(mut self, limit: Duration) -> Option<i32> {
        drop(self.stdin.take());
        until("the language server has ended", limit, || {
            self.child.try_wait().ok().flatten().ok_or("it runs")
        })
        .code()
    }
}

impl Drop for LanguageClient {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn read(reader: &mut impl BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        length = length.or(line.strip_prefix("Content-Length: ").and_then(|text| text.parse::<usize>().ok()));
    }
    let mut body = vec![0; length?];
    reader.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
