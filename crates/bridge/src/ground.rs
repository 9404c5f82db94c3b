//! Paths of a workspace that the host executes, or that shape the next launch.

/// One path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ground {
    /// Relative to the workspace.
    pub path: &'static str,
    /// What follows it.
    pub sort: Sort,
}

/// Who acts on a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The next start of the container.
    Configuration,
    /// git on the host.
    Git,
    /// The editor on the host.
    Editor,
    /// Agents on the host: hooks, MCP servers, permissions.
    Agent,
    /// Other tools on the host.
    Tool,
}

/// Every path.
pub const GROUND: &[Ground] = &[
    ground(".devcontainer", Sort::Configuration),
    ground(".devcontainer.json", Sort::Configuration),
    ground(".git/hooks", Sort::Git),
    ground(".git/config", Sort::Git),
    ground(".vscode", Sort::Editor),
    ground(".idea", Sort::Editor),
    ground(".helix", Sort::Editor),
    ground(".zed", Sort::Editor),
    ground(".mcp.json", Sort::Agent),
    ground(".vscode/mcp.json", Sort::Agent),
    ground(".cursor/mcp.json", Sort::Agent),
    ground(".claude/settings.json", Sort::Agent),
    ground(".claude/settings.local.json", Sort::Agent),
    ground(".codex/config.toml", Sort::Agent),
    ground(".gemini/settings.json", Sort::Agent),
    ground(".github/hooks", Sort::Agent),
    ground(".envrc", Sort::Tool),
    ground(".husky", Sort::Tool),
    ground(".pre-commit-config.yaml", Sort::Tool),
];

const fn ground(path: &'static str, sort: Sort) -> Ground {
    Ground { path, sort }
}

/// Paths of one sort.
pub fn paths(sort: Sort) -> impl Iterator<Item = &'static str> {
    GROUND.iter().filter(move |ground| ground.sort == sort).map(|ground| ground.path)
}
