//! `workspace-mcp-server`: the workspace names commands that agents start.

use drawbridge_jsonc::{Edit, Node, Pointer, parse};

use crate::audit::{Cx, FixKind, Rule, Safety, Severity, Sink, Spot, Strength};

pub(super) static RULE: Rule = Rule {
    id: "workspace-mcp-server",
    code: "DB611",
    title: "the workspace names a program that an agent starts, on the host too",
    severity: Severity::Medium,
    fix: FixKind::Unsafe,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("workspace_mcp_server.md"),
    check,
};

/// File and the member that holds the servers.
const FILES: [(&str, &str); 4] = [
    (".mcp.json", "mcpServers"),
    (".cursor/mcp.json", "mcpServers"),
    (".vscode/mcp.json", "servers"),
    (".gemini/settings.json", "mcpServers"),
];

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (file, key) in FILES {
        let Some((path, text)) = cx.text(file) else { continue };
        let Some(root) = parse(text).root else { continue };
        for server in root.get(key).map(Node::members).unwrap_or_default() {
            let Some(command) = server.value.get("command").and_then(Node::as_str) else { continue };
            let message = format!(
                "MCP server `{}` runs `{command}` wherever the agent runs: in the container, or on this machine in a local window",
                server.key
            );
            let at = Pointer::root().key(key).key(server.key.as_str());
            sink.at(rule, &Spot { file: path.clone(), span: server.key_span }, message).fix(
                Safety::Unsafe,
                format!("Remove the server `{}`", server.key),
                &path,
                vec![Edit::Remove { at }],
            );
        }
    }
}
