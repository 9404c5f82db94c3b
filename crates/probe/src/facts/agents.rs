//! Processes of coding agents, and whether the walls of `drawbridge run` stand round them.

use drawbridge_bridge::agents::{self, Agent};
use drawbridge_bridge::facts::AgentFact;

use super::processes::Process;
use super::{Search, head};
use crate::confined;
use crate::owner::Proc;

/// Longest part of a command line that is read, in bytes.
const MAX_COMMAND_LINE: u64 = 4096;
/// How the names of interpreters begin; their version may follow.
const INTERPRETERS: [&str; 6] = ["node", "bun", "deno", "python", "sh", "bash"];
/// Agents that are kept.
const MAX_AGENTS: usize = 256;

/// Agents among the processes whose environment can be read: of others nobody can tell whether they carry the label of
/// the walls.
pub(super) fn find(search: &Search<'_>, processes: &[Process]) -> Vec<AgentFact> {
    let walled: Vec<u32> = confined::list(&Proc::at(search.proc))
        .into_iter()
        .filter(|confined| confined.walls)
        .map(|confined| confined.pid)
        .collect();
    let agent = |process: &Process| {
        let pid = process.pid();
        let line =
            head(&search.proc.join(pid.to_string()).join("cmdline"), MAX_COMMAND_LINE).unwrap_or_default();
        let agent = by_command_line(&line)?;
        Some(AgentFact { agent: agent.id.to_owned(), pid, walls: walled.contains(&pid) })
    };
    processes.iter().filter_map(agent).take(MAX_AGENTS).collect()
}

/// The agent that a command line starts: by its first word, or by the path of the script that an interpreter runs.
fn by_command_line(line: &[u8]) -> Option<&'static Agent> {
    let mut words = line.split(|byte| *byte == 0).map(|word| std::str::from_utf8(word).unwrap_or_default());
    let name = |word: &'_ str| word.rsplit('/').next().unwrap_or_default().to_owned();
    let first = words.next().map(name)?;
    // A program that sets its title may put everything into the first word.
    let first = first.split(' ').next().unwrap_or_default();
    if INTERPRETERS.iter().any(|interpreter| first.starts_with(interpreter)) {
        return agents::by_command(&words.next().filter(|word| word.contains('/')).map(name)?);
    }
    agents::by_command(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_known_by_its_command() {
        let id = |line: &[u8]| by_command_line(line).map(|agent| agent.id);
        assert_eq!(id(b"claude\0--print\0"), Some("claude-code"));
        assert_eq!(id(b"node\0/usr/local/bin/codex\0exec\0"), Some("codex"));
        assert_eq!(id(b"/opt/amp --help"), Some("amp"));
        assert_eq!(id(b"/bin/sh\0./claude\0"), Some("claude-code"));
        assert_eq!(id(b"vim\0/home/dev/claude\0"), None);
        assert_eq!(id(b"bash\0claude\0"), None);
        assert_eq!(id(b"less\0\xff\0"), None);
        assert_eq!(id(b""), None);
    }
}
