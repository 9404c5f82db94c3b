//! Running one program of the host with an environment of its own, a user and a deadline.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::LanguageClient;

/// Longest that one program may run unless the test says otherwise.
const LIMIT: Duration = Duration::from_mins(3);

/// A program about to run; nothing of the test's own environment reaches it.
#[derive(Debug, Clone)]
pub struct Run {
    argv: Vec<String>,
    environment: BTreeMap<String, String>,
    directory: std::path::PathBuf,
    input: String,
    limit: Duration,
}

/// What a program left behind.
#[derive(Clone)]
pub struct Output {
    /// The command line, for messages.
    pub command: String,
    /// Exit code; `None` when a signal or the deadline ended it.
    pub code: Option<i32>,
    /// Standard output, lossily decoded.
    pub stdout: String,
    /// Standard error, lossily decoded.
    pub stderr: String,
    /// How long it ran.
    pub took: Duration,
}

impl Run {
    /// A command line in `directory` with exactly this environment.
    pub fn new<A: AsRef<str>>(
        argv: impl IntoIterator<Item = A>,
        environment: BTreeMap<String, String>,
        directory: &Path,
    ) -> Self {
        let argv: Vec<String> = argv.into_iter().map(|argument| argument.as_ref().to_owned()).collect();
        assert!(!argv.is_empty(), "a command line needs a program");
        Self { argv, environment, directory: directory.to_owned(), input: String::new(), limit: LIMIT }
    }

    /// Adds one variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Text on standard input, which is empty otherwise.
    #[must_use]
    pub fn input(mut self, text: &str) -> Self {
        text.clone_into(&mut self.input);
        self
    }

    /// Another deadline.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs it to its end or to the deadline, whatever the result.
    pub fn output(&self) -> Output {
        let command = self.argv.join(" ");
        let began = Instant::now();
        let mut child = self.spawn(Stdio::piped());
        if let Some(mut stdin) = child.stdin.take() {
            // A program that does not read its input closes the pipe; that is its right.
            let _unread = stdin.write_all(self.input.as_bytes());
        }
        let stdout = collect(child.stdout.take());
        let stderr = collect(child.stderr.take());
        let mut code = None;
        loop {
            match child.try_wait() {
                Ok(Some(status)) => {
                    code = status.code();
                    break;
                }
                Ok(None) if began.elapsed() < self.limit => std::thread::sleep(Duration::from_millis(5)),
                Ok(None) | Err(_) => {
                    let _gone = child.kill();
                    let _reaped = child.wait();
                    break;
                }
            }
        }
        // A grandchild that outlives the program may hold the pipes open.
        let rest = Duration::from_secs(2);
        let take = |receiver: mpsc::Receiver<Vec<u8>>| {
            let bytes: Vec<u8> = std::iter::from_fn(|| receiver.recv_timeout(rest).ok()).flatten().collect();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Output { command, code, stdout: take(stdout), stderr: take(stderr), took: began.elapsed() }
    }

    /// Starts a language server and stays its client.
    pub fn language_client(&self) -> LanguageClient {
        LanguageClient::new(self.spawn(Stdio::inherit()))
    }

    fn spawn(&self, stderr: Stdio) -> Child {
        Command::new(&self.argv[0])
            .args(self.argv[1..].iter().map(OsStr::new))
            .env_clear()
            .envs(&self.environment)
            .current_dir(&self.directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("cannot start `{}` in {}: {error}", self.argv.join(" "), self.directory.display())
            })
    }

    /// Runs it and returns what it printed.
    pub fn ok(&self) -> Output {
        self.output().succeeded()
    }

    /// Runs it and expects it to refuse.
    pub fn fails(&self) -> Output {
        self.output().failed()
    }
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    if let Some(mut pipe) = pipe {
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(read @ 1..) = pipe.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
    }
    receiver
}

#[expect(clippy::return_self_not_must_use, reason = "assertions chain, and stand alone too")]
impl Output {
    /// Both streams, for a test that does not care which one carries the message.
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("not JSON ({error}): {self:?}"))
    }

    /// This output, for chaining.
    pub fn succeeded(self) -> Self {
        assert!(self.code == Some(0), "should have succeeded: {self:?}");
        self
    }

    /// This output, for chaining.
    pub fn failed(self) -> Self {
        assert!(self.code.is_some_and(|code| code != 0), "should have failed by itself: {self:?}");
        assert!(self.code != Some(101) && !self.stderr.contains("panicked at"), "panicked: {self:?}");
        self
    }

    /// This output, for chaining.
    pub fn says(self, part: &str) -> Self {
        assert!(self.text().contains(part), "should say `{part}`: {self:?}");
        self
    }

    /// This output, for chaining.
    pub fn says_not(self, part: &str) -> Self {
        assert!(!self.text().contains(part), "should not say `{part}`: {self:?}");
        self
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\n$ {}\nexit code {:?} after {:?}\n--- stdout\n{}\n--- stderr\n{}\n---",
            self.command, self.code, self.took, self.stdout, self.stderr
        )
    }
}
