//! What the Dev Containers log of an editor says that it did.
//!
//! The lines are not a contract of their makers; their forms were read in logs that people attached to issues of
//! `microsoft/vscode-remote-release` (8671, 8689, 9033, 9303, 10418, 3902, 6719) and in the output of the official
//! CLI. What a container prints is among them, so a line may be a lie of the container. It can add a finding; of
//! those that are true it can take one away, the port that it names as the server's first.

use std::collections::BTreeSet;

/// Lines that are looked at.
const MAX_LINES: usize = 200_000;
/// Acts of one sort that are kept; a flood of one hides no other.
const MAX_OF_EACH: usize = 16;
/// Characters of a quoted part.
const MAX_QUOTE: usize = 120;

/// What an editor did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Act {
    /// Forwarded the host's ssh agent.
    SshAgent,
    /// Forwarded the host's gpg agent.
    GpgAgent,
    /// Forwarded the X11 display.
    X11,
    /// Mounted the Wayland socket.
    Wayland,
    /// Set git's credential helper in the container.
    GitHelper,
    /// Set docker's credential helper in the container.
    DockerHelper,
    /// Copied the host's `.gitconfig`.
    GitConfig,
    /// Copied the host's `known_hosts`.
    KnownHosts,
    /// Signed `gh` in.
    GitHubLogin,
    /// Ran `initializeCommand` on the host.
    InitializeCommand,
    /// Carried a connection to a port of the container.
    Port,
}

/// One log, read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct EditorLog<'t> {
    /// Version of VS Code, of a log that VS Code itself wrote.
    pub(crate) version: Option<&'t str>,
    /// Each once, in the order of the log; the text is a quote without values of variables.
    pub(crate) acts: Vec<(Act, String)>,
}

/// The folder or workspace file that a log is about, as the editor names it.
pub fn log_folder(text: &str) -> Option<&str> {
    text.lines().take(MAX_LINES).find_map(|line| {
        message(line).strip_prefix("Setting up container for folder or workspace: ").map(str::trim)
    })
}

impl<'t> EditorLog<'t> {
    pub(crate) fn read(text: &'t str) -> Self {
        let mut log = Self::default();
        let mut seen = BTreeSet::new();
        let mut server = None;
        for line in text.lines().take(MAX_LINES) {
            let message = message(line);
            if log.version.is_none() {
                log.version = version(message);
            }
            if server.is_none() {
                server = message.strip_prefix("Extension host agent listening on ").map(port);
            }
            let Some(act) = act(message) else { continue };
            let count = log.acts.iter().filter(|(sort, _)| *sort == act.0).count();
            if count < MAX_OF_EACH && seen.insert(act.clone()) {
                log.acts.push(act);
            }
        }
        // The editor's own connection to its server is not a port that somebody forwarded.
        log.acts.retain(|(act, what)| *act != Act::Port || server != Some(what.as_str()));
        log
    }
}

/// A line without its times and colours: `[12 ms] `, `[2026-01-18T13:56:04.767Z] `, a second time of the server.
fn message(line: &str) -> &str {
    let mut rest = line;
    for _ in 0..3 {
        rest = rest.trim_start_matches("\u{1b}[1m");
        let inner = rest.strip_prefix('[').and_then(|rest| rest.split_once("] "));
        match inner {
            Some((time, after)) if time.len() <= 40 && time.starts_with(|c: char| c.is_ascii_digit()) => {
                rest = after;
            }
            _ => break,
        }
    }
    rest.trim_end_matches('\r').trim_end_matches("\u{1b}[0m")
}

/// `Dev Containers 0.327.0 in VS Code 1.85.1 (COMMIT).`, also `… over Remote - SSH 0.107.1 in …`.
fn version(message: &str) -> Option<&str> {
    let rest =
        message.strip_prefix("Dev Containers ").or_else(|| message.strip_prefix("Remote-Containers "))?;
    let version = rest.split_once(" in VS Code ")?.1.split_once(" (")?.0;
    (version.len() <= 40 && version.starts_with(|c: char| c.is_ascii_digit())).then_some(version)
}

fn act(message: &str) -> Option<(Act, String)> {
    let forwarded = [
        ("ssh-agent: SSH_AUTH_SOCK in container (", Act::SshAgent),
        ("gpg-agent: Socket in container (", Act::GpgAgent),
        ("X11 forwarding: DISPLAY in container (", Act::X11),
    ];
    for (prefix, act) in forwarded {
        if let Some(rest) = message.strip_prefix(prefix) {
            let (socket, to) = rest.split_once(") forwarded to ")?;
            return Some((act, quote(&format!("{socket} forwarded to {}", to.trim_end_matches('.')))));
        }
    }
    if let Some(rest) = message.strip_prefix("Port forwarding connection from ") {
        let (_, inside) = rest.split_once(" in the container").map(|(ports, _)| ports)?.rsplit_once(" > ")?;
        return Some((Act::Port, port(inside).to_owned())).filter(|(_, port)| !port.is_empty());
    }
    // The official CLI says so before it runs a command on the host. The command itself is not quoted: what it names
    // by `${localEnv:…}` is in it by then.
    if message.starts_with("Running the initializeCommand from ")
        || (message.starts_with("Running '") && message.contains("' from initializeCommand..."))
    {
        return Some((Act::InitializeCommand, quote(message.trim_end_matches('.'))));
    }
    if message.starts_with("Setting up GitHub CLI") {
        return Some((Act::GitHubLogin, "Setting up GitHub CLI".to_owned()));
    }
    let command = message.strip_prefix("Start: Run")?;
    let has = |text: &str| command.contains(text);
    let copied = |name: &str| has("# Copy ") && has(&format!("{name} to "));
    if has("--replace-all credential.helper ") {
        Some((Act::GitHelper, "git config --replace-all credential.helper".to_owned()))
    } else if has("docker-credential-dev-containers-") {
        Some((Act::DockerHelper, "docker-credential-dev-containers".to_owned()))
    } else if copied(".gitconfig") {
        Some((Act::GitConfig, "# Copy .gitconfig".to_owned()))
    } else if copied("known_hosts") {
        Some((Act::KnownHosts, "# Copy known_hosts".to_owned()))
    } else if has("target=/tmp/vscode-wayland-") {
        Some((Act::Wayland, "--mount target=/tmp/vscode-wayland".to_owned()))
    } else {
        None
    }
}

/// The number at the start.
fn port(text: &str) -> &str {
    let digits = text.bytes().take(6).take_while(u8::is_ascii_digit).count();
    &text[..digits]
}

fn quote(text: &str) -> String {
    text.chars().take(MAX_QUOTE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
[2026-11-18T13:56:04.767Z] Dev Containers 0.470.0 over Remote - SSH 0.107.1 in VS Code 1.139.0 (0ee08df0).
[2026-11-18T13:56:04.804Z] Setting up container for folder or workspace: /home/dev/shop
[2026-11-18T13:56:04.810Z] Start: Run: docker version
[2026-11-18T13:56:04.911Z] \u{1b}[1mRunning the initializeCommand from devcontainer.json...\u{1b}[0m\r

[2026-11-18T13:56:04.912Z] Start: Run: /bin/sh -c login --password=hunter2
[2026-11-18T13:56:04.920Z] hello
[2026-11-18T13:56:05.481Z] Running 'b' from initializeCommand...\r

[2026-11-18T13:56:05.482Z] Start: Run: echo x
[2026-11-18T13:56:06.000Z] Start: Run: docker run -e TOKEN=hunter2 --mount type=bind,source=/run/user/1000/wayland-0,target=/tmp/vscode-wayland-1.sock debian
[8157 ms] ssh-agent: SSH_AUTH_SOCK not set on ssh host.
[8158 ms] ssh-agent: SSH_AUTH_SOCK in container (/tmp/vscode-ssh-auth-1.sock) forwarded to local host (/run/agent).
[8163 ms] X11 forwarding: DISPLAY in container (:10) forwarded to wsl host (:0).
[8213 ms] gpg-agent: Socket in container (/home/dev/.gnupg/S.gpg-agent) forwarded to wsl host (/home/dev/.gnupg/S.gpg-agent.extra).
[11988 ms] Start: Run in container: command -v git >/dev/null 2>&1 && git config --system --replace-all credential.helper '!f() { x; }; f' || true
[11989 ms] Start: Run in container: # Copy /home/dev/.gitconfig to /home/vscode/.gitconfig
[20265 ms] [09:18:51] Extension host agent listening on 46425
[20266 ms] Extension host agent listening on 3000
[20486 ms] Port forwarding connection from 54068 > 46425 > 46425 in the container.
[20487 ms] Port forwarding connection from 54070 > 3000 > 3000 in the container.
[20488 ms] Port forwarding connection from 54071 > 3000 > 3000 in the container.
";

    #[test]
    fn a_log_says_what_was_done() {
        let log = EditorLog::read(LOG);
        assert_eq!(log.version, Some("1.139.0"));
        assert_eq!(log_folder(LOG), Some("/home/dev/shop"));
        let shown: Vec<String> = log.acts.iter().map(|(act, what)| format!("{act:?}: {what}")).collect();
        insta::assert_snapshot!(shown.join("\n"), @"
        InitializeCommand: Running the initializeCommand from devcontainer.json
        InitializeCommand: Running 'b' from initializeCommand
        Wayland: --mount target=/tmp/vscode-wayland
        SshAgent: /tmp/vscode-ssh-auth-1.sock forwarded to local host (/run/agent)
        X11: :10 forwarded to wsl host (:0)
        GpgAgent: /home/dev/.gnupg/S.gpg-agent forwarded to wsl host (/home/dev/.gnupg/S.gpg-agent.extra)
        GitHelper: git config --replace-all credential.helper
        GitConfig: # Copy .gitconfig
        Port: 3000
        ");
    }

    #[test]
    fn hostile_lines_end() {
        let deep = "[1 ms] ".repeat(100_000);
        assert_eq!(EditorLog::read(&deep), EditorLog::default());
        let line = |port: usize| format!("Port forwarding connection from 1 > 1 > {port} in the container.");
        let many = (0..100_000).map(line).collect::<Vec<_>>().join("\n");
        let flood = format!("{many}\nSetting up GitHub CLI");
        let log = EditorLog::read(&flood);
        assert_eq!(log.acts.len(), MAX_OF_EACH + 1, "what comes after the flood is seen");
        let wide = format!("ssh-agent: SSH_AUTH_SOCK in container ({}) forwarded to x", "ä".repeat(1 << 20));
        assert_eq!(EditorLog::read(&wide).acts[0].1.chars().count(), MAX_QUOTE);
        for odd in
            ["[", "[] ", "Port forwarding connection from  in the container", "Dev Containers  in VS Code  ("]
        {
            assert_eq!(EditorLog::read(odd), EditorLog::default(), "{odd}");
        }
    }
}
