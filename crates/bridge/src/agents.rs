//! Commands by which coding agents are started in a terminal.

/// One agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agent {
    /// Catalogue id, `claude-code`.
    pub id: &'static str,
    /// File name of its command.
    pub command: &'static str,
}

/// Every agent whose command is known.
pub const AGENTS: &[Agent] = &[
    agent("claude-code", "claude"),
    agent("codex", "codex"),
    agent("copilot", "copilot"),
    agent("gemini", "gemini"),
    agent("opencode", "opencode"),
    agent("cursor", "cursor-agent"),
    agent("factory", "droid"),
    agent("amp", "amp"),
    agent("goose", "goose"),
    agent("aider", "aider"),
    agent("pi", "pi"),
    agent("hermes", "hermes"),
    agent("junie", "junie"),
];

const fn agent(id: &'static str, command: &'static str) -> Agent {
    Agent { id, command }
}

/// The agent that a command's file name starts.
pub fn by_command(name: &str) -> Option<&'static Agent> {
    AGENTS.iter().find(|agent| agent.command == name)
}
