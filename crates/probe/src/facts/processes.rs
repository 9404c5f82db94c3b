//! Environments of the processes: pointers of the bridge with their values, secrets by name alone.

use drawbridge_bridge::facts::VariableFact;
use drawbridge_bridge::variables::{self, is_secret};

use super::{Search, head, text};
use crate::owner::holders;

/// Processes that are looked at.
const MAX_PROCESSES: usize = 4096;
/// Linux lets an environment be as large as the stack allows; real ones have some KiB.
const MAX_ENVIRONMENT: u64 = 256 << 10;
/// Variables that are kept in all.
const MAX_VARIABLES: usize = 4096;
/// Variables that say where sockets are.
const FOLDERS: [&str; 2] = ["XDG_RUNTIME_DIR", "TMPDIR"];
/// Pointers of JetBrains' back end that are no pointer to the host, and yet decide something.
const SWITCHES: [&str; 1] = ["REMOTE_DEV_TRUST_PROJECTS"];

/// One process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pid: u32,
    name: String,
    environment: Vec<(String, String)>,
}

impl Process {
    /// Its number.
    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Folders in which it expects sockets.
    pub(super) fn folders(&self) -> impl Iterator<Item = &str> {
        self.environment
            .iter()
            .filter(|(name, _)| FOLDERS.contains(&name.as_str()))
            .map(|(_, value)| value.as_str())
    }

    /// Values of variables that point to a socket.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.environment.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// Every process whose environment may be read.
pub(super) fn read(search: &mut Search<'_>) -> Vec<Process> {
    let mut pids = holders::pids(search.proc);
    if pids.len() > MAX_PROCESSES {
        search.notes.push(format!("only {MAX_PROCESSES} of {} processes were looked at", pids.len()));
        pids.truncate(MAX_PROCESSES);
    }
    let own = std::process::id();
    let mut closed = 0;
    let mut found = Vec::new();
    for pid in pids.into_iter().filter(|pid| *pid != own) {
        if search.late() {
            search.notes.push("not every process was looked at: no time".to_owned());
            break;
        }
        let folder = search.proc.join(pid.to_string());
        let Some(bytes) = head(&folder.join("environ"), MAX_ENVIRONMENT) else {
            closed += 1;
            continue;
        };
        let name = head(&folder.join("comm"), 64).unwrap_or_default();
        let name = text(String::from_utf8_lossy(&name).trim_end_matches('\n'));
        found.push(Process { pid, name, environment: environment(&bytes) });
    }
    if closed > 0 {
        search.notes.push(format!("environments of {closed} processes of other users cannot be read"));
    }
    found
}

/// What matters of an environment block.
fn environment(bytes: &[u8]) -> Vec<(String, String)> {
    let members = bytes.split(|byte| *byte == 0).filter_map(|member| {
        let at = member.iter().position(|byte| *byte == b'=')?;
        let name = std::str::from_utf8(&member[..at]).ok()?;
        let value = if is_secret(name) {
            // An empty one gives nothing.
            (member.len() > at + 1).then(String::new)?
        } else if variables::find(name).is_some() || FOLDERS.contains(&name) || SWITCHES.contains(&name) {
            text(&String::from_utf8_lossy(&member[at + 1..]))
        } else {
            return None;
        };
        Some((text(name), value))
    });
    members.collect()
}

/// One fact for each variable of each process.
pub(super) fn variables(processes: Vec<Process>) -> Vec<VariableFact> {
    let facts = processes.into_iter().flat_map(|process| {
        let Process { pid, name: process, environment } = process;
        let kept = environment.into_iter().filter(|(name, _)| !FOLDERS.contains(&name.as_str()));
        kept.map(move |(name, value)| {
            let value = (!is_secret(&name)).then_some(value);
            VariableFact { name, value, process: process.clone(), pid }
        })
    });
    facts.take(MAX_VARIABLES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_no_value_and_the_rest_is_left_out() {
        let block = b"SSH_AUTH_SOCK=/tmp/a\0GITHUB_TOKEN=hidden\0EMPTY_TOKEN=\0PATH=/bin\0=x\0nonsense\0\xff=1\0VSCODE_IPC_HOOK_CLI=/tmp/b";
        let process = Process { pid: 7, name: "node".to_owned(), environment: environment(block) };
        let facts = variables(vec![process]);
        let shown: Vec<(&str, Option<&str>)> =
            facts.iter().map(|fact| (fact.name.as_str(), fact.value.as_deref())).collect();
        assert_eq!(
            shown,
            [
                ("SSH_AUTH_SOCK", Some("/tmp/a")),
                ("GITHUB_TOKEN", None),
                ("VSCODE_IPC_HOOK_CLI", Some("/tmp/b"))
            ]
        );
        assert!(!format!("{facts:?}").contains("hidden"));
    }
}
