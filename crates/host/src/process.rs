//! External programs: no shell, a deadline, bounded output, and never a program of the workspace.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use shared_child::SharedChild;

use crate::variables;

/// Output beyond this is refused; the engine's longest answers are a few hundred KiB.
const OUTPUT_CAP: u64 = 64 << 20;

/// Finds programs on `PATH`, except in the workspace, which a container can write.
#[derive(Debug, Clone, Default)]
pub struct Tools {
    avoid: Option<PathBuf>,
}

/// A program that is about to run. Arguments are visible to every user of the machine, so a secret
/// goes through [`Program::stdin`].
#[derive(Debug)]
pub struct Program {
    name: String,
    path: Option<PathBuf>,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    dir: Option<PathBuf>,
    stdin: Vec<u8>,
    deadline: Duration,
}

/// What a program printed, and how it ended.
#[derive(Debug)]
pub struct Output {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
}

/// A running program whose standard output is read line by line.
#[derive(Debug)]
pub struct Running {
    name: String,
    child: Arc<SharedChild>,
    stdin: Option<ChildStdin>,
    lines: mpsc::Receiver<String>,
}

/// Why a program gave no answer. A non-zero exit code is an answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// Not on `PATH`, or only inside the workspace.
    #[error("`{program}` is not installed")]
    Missing {
        /// The name that was looked up.
        program: String,
    },
    /// It was ended because it took too long.
    #[error("`{program}` gave no answer within {seconds} s")]
    Deadline {
        /// The program.
        program: String,
        /// The deadline.
        seconds: u64,
    },
    /// More output than any correct answer has.
    #[error("`{program}` printed more than {} MiB", OUTPUT_CAP >> 20)]
    TooMuch {
        /// The program.
        program: String,
    },
    /// The operating system refused.
    #[error("`{program}` could not be run")]
    Io {
        /// The program.
        program: String,
        /// The reason.
        #[source]
        source: io::Error,
    },
}

impl Tools {
    /// Programs below `workspace` are never taken: `node_modules/.bin` on `PATH` is writable from
    /// the container.
    pub fn outside(workspace: &Path) -> Self {
        Self { avoid: Some(workspace.to_owned()) }
    }

    /// A program by its name.
    pub fn program(&self, name: &str) -> Program {
        Program {
            name: name.to_owned(),
            path: self.find(name),
            args: Vec::new(),
            env: Vec::new(),
            dir: None,
            stdin: Vec::new(),
            deadline: Duration::from_secs(30),
        }
    }

    /// Where `name` is installed.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        let path = std::env::var_os(variables::PATH)?;
        std::env::split_paths(&path)
            .filter(|folder| folder.is_absolute())
            .flat_map(|folder| {
                let plain = folder.join(name);
                let windows = folder.join(format!("{name}.exe"));
                if cfg!(windows) { vec![windows, plain] } else { vec![plain] }
            })
            .find(|candidate| is_executable(candidate) && !self.is_avoided(candidate))
    }

    fn is_avoided(&self, candidate: &Path) -> bool {
        let Some(avoid) = &self.avoid else { return false };
        let inside = |path: &Path| path.starts_with(avoid);
        inside(candidate) || candidate.canonicalize().is_ok_and(|real| inside(&real))
    }
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

impl Program {
    /// Appends one argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Appends arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets a variable of the program's environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// Runs it in this folder.
    #[must_use]
    pub fn dir(mut self, dir: &Path) -> Self {
        self.dir = Some(dir.to_owned());
        self
    }

    /// What it reads; the pipe is closed afterwards.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Ends it after this time; 30 s unless told.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Runs it to its end and returns what it printed.
    ///
    /// It gets a process group of its own, so that plugins it started end with it.
    pub fn capture(mut self) -> Result<Output, ProcessError> {
        let stdin = std::mem::take(&mut self.stdin);
        let until = Instant::now() + self.deadline;
        let mut command = self.command()?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        own_group(&mut command);
        let child = Arc::new(SharedChild::spawn(&mut command).map_err(|source| self.io(source))?);
        if let Some(mut pipe) = child.take_stdin() {
            // A program that exits without reading all of it has still answered.
            thread::spawn(move || drop(pipe.write_all(&stdin)));
        }
        let stdout = read_aside(child.take_stdout());
        let stderr = read_aside(child.take_stderr());
        let Some(status) = wait_until(&child, until).map_err(|source| self.io(source))? else {
            end_group(&child);
            return Err(self.late());
        };
        let collect = |pipe: &mpsc::Receiver<io::Result<Vec<u8>>>| {
            let left = until.saturating_duration_since(Instant::now());
            match pipe.recv_timeout(left) {
                Ok(Ok(bytes)) if bytes.len() as u64 > OUTPUT_CAP => {
                    Err(ProcessError::TooMuch { program: self.name.clone() })
                }
                Ok(Ok(bytes)) => Ok(bytes),
                Ok(Err(source)) => Err(self.io(source)),
                // A grandchild that kept the pipe open.
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(self.late()),
            }
        };
        let (stdout, stderr) = (collect(&stdout), collect(&stderr));
        if stdout.is_err() || stderr.is_err() {
            end_group(&child);
        }
        Ok(Output { code: status.code(), stdout: stdout?, stderr: stderr? })
    }

    /// Runs it on the caller's terminal; it ends when it, or the user, ends it.
    ///
    /// Returns the exit code as a shell would: 128 + signal when a signal ended it.
    pub fn interactive(self) -> Result<i32, ProcessError> {
        let mut command = self.command()?;
        let status = command.status().map_err(|source| self.io(source))?;
        Ok(exit_code(status))
    }

    /// Runs it with standard output read to its end and standard error passed through, so that
    /// progress is seen while it works.
    pub fn capture_stdout(self) -> Result<Output, ProcessError> {
        let until = Instant::now() + self.deadline;
        let mut command = self.command()?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let child = Arc::new(SharedChild::spawn(&mut command).map_err(|source| self.io(source))?);
        let stdout = read_aside(child.take_stdout());
        let Some(status) = wait_until(&child, until).map_err(|source| self.io(source))? else {
            drop(child.kill());
            return Err(self.late());
        };
        let left = until.saturating_duration_since(Instant::now());
        let stdout = match stdout.recv_timeout(left) {
            Ok(bytes) => bytes.map_err(|source| self.io(source))?,
            Err(_) => return Err(self.late()),
        };
        Ok(Output { code: status.code(), stdout, stderr: Vec::new() })
    }

    /// Starts it and reads its standard output line by line; standard error is dropped.
    pub fn stream(self) -> Result<Running, ProcessError> {
        let mut command = self.command()?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        own_group(&mut command);
        let child = SharedChild::spawn(&mut command).map_err(|source| self.io(source))?;
        let stdin = child.take_stdin();
        let (send, lines) = mpsc::channel();
        if let Some(stdout) = child.take_stdout() {
            thread::spawn(move || forward_lines(stdout, &send));
        }
        Ok(Running { name: self.name, child: Arc::new(child), stdin, lines })
    }

    fn command(&self) -> Result<Command, ProcessError> {
        let path = self.path.as_ref().ok_or_else(|| ProcessError::Missing { program: self.name.clone() })?;
        let mut command = Command::new(path);
        command.args(&self.args).envs(self.env.iter().map(|(name, value)| (name, value)));
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        Ok(command)
    }

    fn io(&self, source: io::Error) -> ProcessError {
        ProcessError::Io { program: self.name.clone(), source }
    }

    fn late(&self) -> ProcessError {
        ProcessError::Deadline { program: self.name.clone(), seconds: self.deadline.as_secs() }
    }
}

impl Output {
    /// Whether it exited with 0.
    pub fn ok(&self) -> bool {
        self.code == Some(0)
    }

    /// Standard output as text, trimmed.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).trim().to_owned()
    }

    /// The last lines of standard error, which is where tools say what went wrong.
    pub fn complaint(&self) -> String {
        let text = String::from_utf8_lossy(&self.stderr);
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        lines[lines.len().saturating_sub(8)..].join("\n")
    }
}

impl Running {
    /// The next line, or `None` when nothing came in `wait` or the program ended.
    pub fn next_line(&self, wait: Duration) -> Next {
        match self.lines.recv_timeout(wait) {
            Ok(line) => Next::Line(line),
            Err(RecvTimeoutError::Timeout) => Next::Nothing,
            Err(RecvTimeoutError::Disconnected) => Next::Ended,
        }
    }

    /// Writes one line to its standard input.
    pub fn say(&mut self, line: &str) -> Result<(), ProcessError> {
        let Some(stdin) = &mut self.stdin else { return Ok(()) };
        writeln!(stdin, "{line}")
            .and_then(|()| stdin.flush())
            .map_err(|source| ProcessError::Io { program: self.name.clone(), source })
    }
}

/// What [`Running::next_line`] found.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// One line without its end.
    Line(String),
    /// Nothing in the given time.
    Nothing,
    /// The program closed its output.
    Ended,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stdin.take());
        end_group(&self.child);
        drop(self.child.wait());
    }
}

fn read_aside(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<io::Result<Vec<u8>>> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.map_or(Ok(0), |pipe| pipe.take(OUTPUT_CAP + 1).read_to_end(&mut bytes));
        drop(send.send(read.map(|_| bytes)));
    });
    receive
}

fn forward_lines(stdout: impl Read, send: &mpsc::Sender<String>) {
    /// A longer line is cut; a decision log entry is below 8 KiB.
    const LINE_CAP: u64 = 1 << 20;
    let mut reader = BufReader::new(stdout);
    loop {
        let mut line = Vec::new();
        match reader.by_ref().take(LINE_CAP).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        if send.send(text).is_err() {
            return;
        }
    }
}

#[cfg(unix)]
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn own_group(_command: &mut Command) {}

/// Its status, or `None` when it still runs at that time.
///
/// A thread waits for the process itself. `SharedChild::wait_deadline` waits for `SIGCHLD`, which a host that we are
/// loaded into may handle alone: libuv does, and every wait in VS Code's extension host would last to its deadline.
fn wait_until(child: &Arc<SharedChild>, until: Instant) -> io::Result<Option<ExitStatus>> {
    let (send, ended) = mpsc::channel();
    let waiting = Arc::clone(child);
    thread::spawn(move || drop(send.send(waiting.wait())));
    match ended.recv_timeout(until.saturating_duration_since(Instant::now())) {
        Ok(status) => status.map(Some),
        Err(_) => Ok(None),
    }
}

/// Ends a program that was started with [`own_group`] and everything that it started.
fn end_group(child: &SharedChild) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // It may have ended by itself.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    drop(child.kill());
}

#[cfg(unix)]
fn exit_code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

#[cfg(not(unix))]
fn exit_code(status: std::process::ExitStatus) -> i32 {
    status.code().unwrap_or(1)
}

#[cfg(test)]
mod tests;
