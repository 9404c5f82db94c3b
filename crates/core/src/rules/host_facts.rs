//! Facts of the developer's machine about its editors: version, servers, extensions, listeners.

use drawbridge_jsonc::{Node, parse};

use crate::audit::{Cx, EditorLog, FixKind, HostFileKind, Rule, Severity, Sink, Strength};

const fn rule(
    id: &'static str,
    code: &'static str,
    severity: Severity,
    title: &'static str,
    docs: &'static str,
) -> Rule {
    Rule {
        id,
        code,
        title,
        severity,
        fix: FixKind::None,
        strength: Strength::ContainerProof,
        since: "0.1.0",
        docs,
        check,
    }
}

pub(super) static LISTENER: Rule = rule(
    "editor-listens-on-all-interfaces",
    "DB408",
    Severity::Critical,
    "the editor listens for everybody on the local network",
    include_str!("editor_listens_on_all_interfaces.md"),
);
pub(super) static OLD: Rule = rule(
    "editor-too-old",
    "DB619",
    Severity::High,
    "the editor lacks fixes for known ways out of restricted mode",
    include_str!("editor_too_old.md"),
);
pub(super) static MCP: Rule = rule(
    "user-mcp-server",
    "DB621",
    Severity::Medium,
    "MCP servers of your profile run on the host, also for agents in a container's window",
    include_str!("user_mcp_server.md"),
);
pub(super) static EXTENSION: Rule = rule(
    "ui-extension-commands",
    "DB623",
    Severity::Low,
    "an extension runs on the host and offers commands that the container can call",
    include_str!("ui_extension_commands.md"),
);

/// First version with the fixes of `ide-bridge.md` §0.
const MINIMUM: [u32; 3] = [1, 136, 2];

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let kind = match rule.id {
        "editor-listens-on-all-interfaces" => HostFileKind::Listeners,
        "editor-too-old" => HostFileKind::Version,
        "user-mcp-server" => HostFileKind::Mcp,
        _ => HostFileKind::Extension,
    };
    for file in cx.host.iter().filter(|file| file.kind == kind) {
        let found = match kind {
            HostFileKind::Listeners => listeners(&file.text),
            HostFileKind::Version => too_old(&file.text).into_iter().collect(),
            HostFileKind::Mcp => servers(&file.text),
            _ => commands(&file.text).into_iter().collect(),
        };
        for (what, message) in found {
            let finding = sink.host(rule, &file.path, what, format!("{}: {message}", file.product));
            if kind == HostFileKind::Listeners {
                finding.observed();
            }
        }
    }
    if kind == HostFileKind::Version {
        logged_versions(rule, cx, sink);
    }
}

/// An editor that lies where no installer puts it still writes its version into its log.
fn logged_versions(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let is_known = |product: &str| {
        cx.host.iter().any(|file| file.kind == HostFileKind::Version && file.product == product)
    };
    for file in cx.host.iter().filter(|file| file.kind == HostFileKind::Log && !is_known(&file.product)) {
        if let Some((what, message)) = EditorLog::read(&file.text).version.and_then(too_old) {
            sink.host(rule, &file.path, what, format!("{}: {message}", file.product)).observed();
        }
    }
}

fn listeners(text: &str) -> Vec<(String, String)> {
    let open = |line: &&str| ["0.0.0.0:", "[::]:", "*:"].iter().any(|any| line.starts_with(any));
    let found = |line: &str| {
        (line.to_owned(), format!("listens on `{line}`: a forwarded port is open to the local network"))
    };
    text.lines().map(str::trim).filter(open).map(found).collect()
}

fn too_old(version: &str) -> Option<(String, String)> {
    let number = |part: Option<&str>| part.and_then(|part| part.parse::<u32>().ok());
    let mut parts = version.trim().split(['.', '-']);
    let known = [number(parts.next())?, number(parts.next())?, number(parts.next()).unwrap_or_default()];
    (known < MINIMUM).then(|| {
        (version.trim().to_owned(), format!("version {} is older than 1.136.2: update it", version.trim()))
    })
}

fn servers(text: &str) -> Vec<(String, String)> {
    let Some(root) = parse(text).root else { return Vec::new() };
    let servers =
        root.get("servers").or_else(|| root.get("mcpServers")).map(Node::members).unwrap_or_default();
    let command = |server: &drawbridge_jsonc::Member| {
        let command = server.value.get("command")?.as_str()?;
        Some((
            format!("`{}` runs `{command}`", server.key),
            format!(
                "MCP server `{}` runs `{command}` on this machine, also in a container's window",
                server.key
            ),
        ))
    };
    servers.iter().filter_map(command).collect()
}

fn commands(manifest: &str) -> Option<(String, String)> {
    let root = parse(manifest).root?;
    let kinds = root.get("extensionKind")?.as_array()?;
    if kinds.first().and_then(Node::as_str) != Some("ui") {
        return None;
    }
    let commands = root.get("contributes")?.get("commands")?.as_array()?.len();
    let name = format!("{}.{}", root.get("publisher")?.as_str()?, root.get("name")?.as_str()?);
    (commands > 0).then(|| {
        (
            format!("`{name}`: {commands} commands"),
            format!(
                "`{name}` runs on the host; extensions in the container can call its {commands} commands"
            ),
        )
    })
}
