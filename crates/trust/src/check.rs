//! Proves trust by real handshakes: every tool that is present asks a TLS server, as a user would.
//!
//! That a file exists proves nothing: tools read different stores, and some are built to ignore all of them.

use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Seek, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde::Serialize;

use crate::java;
use crate::root::Root;

mod tools;

use tools::{Judge, TOOLS, Tool};

/// A JVM that compiles its program first needs seconds on a busy machine.
const LIMIT: Duration = Duration::from_mins(1);
/// What a tool may print before the rest is dropped.
const MAX_OUTPUT: u64 = 64 * 1024;

/// Words of a tool that does not trust a certificate, in lower case.
const REFUSALS: [&str; 4] = ["certificate", "self-signed", "unknownissuer", "unknown issuer"];

/// What a tool made of the server's certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// The handshake was completed.
    Trusted,
    /// The tool refused the certificate.
    NotTrusted,
    /// It did not come to a judgement on the certificate.
    Unknown {
        /// What it said.
        why: String,
    },
}

/// One tool, and what came of its handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ToolReport {
    /// For example `curl`, `Python ssl`, `Java`.
    pub tool: &'static str,
    /// The program that was run.
    pub program: PathBuf,
    /// What came of it.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// What makes the tool trust the certificate, when it does not.
    pub fix: Option<&'static str>,
}

/// Has every tool of `root` that is present ask `https://HOST:PORT/`.
///
/// The tools run with the environment of this process and `variables` on top. Unlike the programs that
/// change stores they are taken from the whole `PATH`, so run this as the user who uses them.
/// Each has a minute.
pub fn check(root: &Root, host: &str, port: u16, variables: &[(String, String)]) -> Vec<ToolReport> {
    let server = Server { host: host.to_owned(), port };
    let mut runs: Vec<(Tool, PathBuf)> = Vec::new();
    for tool in TOOLS {
        if let Some(program) = find(root, tool.programs) {
            runs.push((tool, program));
        }
    }
    runs.extend(java::launchers(root).into_iter().map(|program| (tools::JAVA, program)));

    // As many at once as there are processors: more would only slow each other down.
    let workers = thread::available_parallelism().map_or(1, NonZero::get).min(runs.len());
    let next = AtomicUsize::new(0);
    let mut reports: Vec<(usize, ToolReport)> = thread::scope(|scope| {
        let work = || {
            let mut done = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some((tool, program)) = runs.get(index) else { return done };
                let verdict = try_tool(tool, program, &server, variables)
                    .unwrap_or_else(|err| Some(Verdict::Unknown { why: err.to_string() }));
                done.extend(verdict.map(|verdict| {
                    let fix = (verdict != Verdict::Trusted).then_some(tool.fix);
                    (index, ToolReport { tool: tool.name, program: program.clone(), verdict, fix })
                }));
            }
        };
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        running.into_iter().filter_map(|run| run.join().ok()).flatten().collect()
    });
    reports.sort_by_key(|(index, _)| *index);
    reports.into_iter().map(|(_, report)| report).collect()
}

/// Whom the tools ask.
struct Server {
    host: String,
    port: u16,
}

/// The first of `names` on the path. Links stay: programs such as `BusyBox` go by the name they are called by.
fn find(root: &Root, names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| {
        root.path.iter().map(|folder| folder.join(name)).find(|program| root.exists(program))
    })
}

/// `None` when the tool turns out to be another program of the same name, or lacks a part.
fn try_tool(
    tool: &Tool,
    program: &Path,
    server: &Server,
    variables: &[(String, String)],
) -> io::Result<Option<Verdict>> {
    let mut command = Command::new(program);
    command.args(tool.args.iter().map(|arg| server.fill(arg)));
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let output = run(command, tool.input)?;
    Ok(match output {
        None => Some(Verdict::Unknown { why: "no answer in time".to_owned() }),
        Some(output) => judge(tool.judge, &output),
    })
}

impl Server {
    fn fill(&self, arg: &str) -> String {
        arg.replace("{host}", &self.host).replace("{port}", &self.port.to_string())
    }
}

struct Output {
    status: ExitStatus,
    text: String,
}

/// Runs a command to its end; `None` when it took too long and was ended.
fn run(mut command: Command, input: &str) -> io::Result<Option<Output>> {
    command.stdin(nameless_file(input)?).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (sender, receiver) = mpsc::channel();
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|stream| Box::new(stream) as _),
        child.stderr.take().map(|stream| Box::new(stream) as _),
    ];
    for stream in streams.into_iter().flatten() {
        let sender = sender.clone();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let mut bounded = stream.take(MAX_OUTPUT);
            let _ = bounded.read_to_end(&mut bytes);
            // The rest is read and dropped, so that the tool does not wait for a reader.
            let _ = io::copy(&mut bounded.into_inner(), &mut io::sink());
            let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
        });
    }
    drop(sender);
    let mut text = String::new();
    for _ in 0..2 {
        let Ok(part) = receiver.recv_timeout(LIMIT) else {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        };
        text.push_str(&part);
    }
    Ok(Some(Output { status: child.wait()?, text }))
}

/// A file with `content` and without a name. Java cannot read its program from a pipe.
fn nameless_file(content: &str) -> io::Result<File> {
    let unique = RandomState::new().hash_one(content);
    let path = std::env::temp_dir().join(format!("drawbridge-check-{unique:016x}"));
    let mut file = File::options().read(true).write(true).create_new(true).open(&path)?;
    fs::remove_file(&path)?;
    file.write_all(content.as_bytes())?;
    file.rewind()?;
    Ok(file)
}

fn judge(judge: Judge, output: &Output) -> Option<Verdict> {
    let code = output.status.code();
    let refused = || {
        let text = output.text.to_ascii_lowercase();
        REFUSALS.iter().any(|word| text.contains(word))
    };
    let unknown = || {
        let line = output.text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("no message");
        Verdict::Unknown { why: line.chars().take(200).collect() }
    };
    Some(match judge {
        Judge::Codes { trusted, not_trusted } => match code {
            Some(code) if trusted.contains(&code) => Verdict::Trusted,
            Some(code) if not_trusted.contains(&code) => Verdict::NotTrusted,
            _ => unknown(),
        },
        Judge::Script => match code {
            Some(0) => Verdict::Trusted,
            Some(10) => Verdict::NotTrusted,
            Some(12) => return None,
            _ => unknown(),
        },
        Judge::Words { trusted } => {
            if output.status.success() || trusted.iter().any(|word| output.text.contains(word)) {
                Verdict::Trusted
            } else if refused() {
                Verdict::NotTrusted
            } else {
                unknown()
            }
        }
    })
}

#[cfg(test)]
mod tests;
