//! The bridge wall, as far as a devcontainer.json can close it.
//!
//! Only keys that work from `customizations.vscode.settings` are written
//! (`reference/ide-bridge.md` §3.2): VS Code silently ignores application settings there, and many
//! published "hardened" configurations consist of those. All of this is cosmetic against a
//! determined process, which can rewrite the settings file in the container; the notes say so.

use drawbridge_jsonc::{Edit, Node, Pointer};
use serde_json::{Value, json};

use crate::devcontainer::Config;
use crate::protect::{Hardening, Note, NoteKind};

/// A way of the bridge, and what closes it.
struct Closing {
    from: Hardening,
    what: &'static str,
    why: &'static str,
    settings: &'static [(&'static str, Setting)],
    /// `remoteEnv` pointers that are blanked.
    remote_env: &'static [&'static str],
}

/// A setting's hardened value.
#[derive(Clone, Copy)]
enum Setting {
    Off,
    Text(&'static str),
    NoBrowser,
}

impl Setting {
    fn json(self) -> Value {
        match self {
            Self::Off => json!(false),
            Self::Text(text) => json!(text),
            Self::NoBrowser => json!({ "BROWSER": null }),
        }
    }
}

use Setting::{NoBrowser, Off, Text};

const CLOSINGS: [Closing; 7] = [
    Closing {
        from: Hardening::Balanced,
        what: "copy of your .gitconfig",
        why: "VS Code no longer copies it with its aliases, helpers and tokens; set your name in the \
              container once: `git config --global user.name NAME`, likewise user.email",
        // The extension reads `machine["dev…"] || machine["remote…"] ?? user[…]`: one key alone
        // falls through to the default, true.
        settings: &[("dev.containers.copyGitConfig", Off), ("remote.containers.copyGitConfig", Off)],
        remote_env: &[],
    },
    Closing {
        from: Hardening::Balanced,
        what: "git credentials of the host",
        why: "no credential helper of the host is set up and git asks in the terminal; sign in inside \
              the container with a token of its own. The helper's socket stays, so this stops \
              accidents, not an attacker",
        settings: &[("dev.containers.gitCredentialHelperConfigLocation", Text("none"))],
        remote_env: &[],
    },
    Closing {
        from: Hardening::Balanced,
        what: "GitHub session of the editor",
        why: "the editor no longer answers git in a terminal with your account's token; push from the \
              editor's own Git view, or sign in inside the container. A process in the container can \
              set it back",
        settings: &[
            ("git.terminalAuthentication", Off),
            ("git.useIntegratedAskPass", Off),
            ("github.gitAuthentication", Off),
            ("dev.containers.githubCLILoginWithToken", Off),
        ],
        remote_env: &[],
    },
    Closing {
        from: Hardening::Balanced,
        what: "registry credentials of the host",
        why: "`docker login` of the host is not lent to the container; log in there with a token of \
              its own",
        settings: &[("dev.containers.dockerCredentialHelper", Off)],
        remote_env: &[],
    },
    Closing {
        from: Hardening::Balanced,
        what: "forwarded ports on your local network",
        why: "ports are still forwarded, to this machine only",
        settings: &[("remote.localPortHost", Text("localhost"))],
        remote_env: &[],
    },
    Closing {
        from: Hardening::Strict,
        what: "automatic port forwarding",
        why: "forward a port by hand in the Ports view",
        settings: &[
            ("remote.autoForwardPorts", Off),
            ("remote.restoreForwardedPorts", Off),
            ("remote.forwardOnOpen", Off),
        ],
        remote_env: &[],
    },
    Closing {
        from: Hardening::Strict,
        what: "pointers to the editor's sockets",
        why: "ssh agent, credential server, display and browser are not named in terminals any more; \
              `git push` over ssh needs a key of the container. The sockets stay and can be found, so \
              this stops accidents, not an attacker",
        settings: &[("terminal.integrated.env.linux", NoBrowser)],
        remote_env: &[
            "SSH_AUTH_SOCK",
            "REMOTE_CONTAINERS_IPC",
            "REMOTE_CONTAINERS_SOCKETS",
            "REMOTE_CONTAINERS_DISPLAY_SOCK",
            "WAYLAND_DISPLAY",
        ],
    },
];

const DISPLAY: &str = "DISPLAY";

/// Edits and notes.
#[derive(Debug, Default)]
pub(crate) struct Hardened {
    pub(crate) edits: Vec<Edit>,
    pub(crate) notes: Vec<Note>,
}

/// Closes what `level` closes; a value that the user wrote stays.
pub(crate) fn harden(config: &Config<'_>, level: Hardening) -> Hardened {
    let mut hardened = Hardened::default();
    if level == Hardening::Off {
        return hardened;
    }
    let root = Pointer::root();
    let vscode = config.customizations.and_then(|node| node.get("vscode"));
    let settings = vscode.and_then(|node| node.get("settings"));
    let written =
        |key: &str| settings.and_then(|node| node.get(key)).or_else(|| config.legacy_settings?.get(key));
    let at = root.key("customizations").key("vscode").key("settings");
    for closing in CLOSINGS.iter().filter(|closing| closing.from <= level) {
        let mut kept = Vec::new();
        for (key, value) in closing.settings {
            let value = value.json();
            match written(key) {
                Some(node) if node.to_json() == value => {}
                Some(_) => kept.push(*key),
                None => hardened.edits.push(Edit::Set { at: at.key(*key), value }),
            }
        }
        for name in closing.remote_env {
            if config.remote_env.iter().any(|(known, _)| known == name) {
                kept.push(name);
            } else {
                let at = root.key("remoteEnv").key(*name);
                hardened.edits.push(Edit::Set { at, value: json!("") });
            }
        }
        hardened.notes.push(note(closing.what, closing.why, &kept));
    }
    close_display(config, level, &mut hardened);
    hardened.notes.push(Note {
        kind: NoteKind::Warning,
        what: "ssh and GPG agents of the host".to_owned(),
        why: "VS Code lends them to every container while they run, and no setting stops it; \
              `ssh-add -c` makes the ssh agent ask before each use"
            .to_owned(),
    });
    hardened
}

/// X11 forwarding has no setting. It is skipped when the container itself has a `DISPLAY`, but then
/// programs take the screen for real (Java stops being headless), so only `strict` does that.
fn close_display(config: &Config<'_>, level: Hardening, hardened: &mut Hardened) {
    let uses_display = config.container_env.iter().any(|(name, _)| name == DISPLAY)
        || config.remote_env.iter().any(|(name, _)| name == DISPLAY)
        || config.features.iter().any(|(id, _)| id.value.contains("desktop"))
        || mentions(config.root, ".X11-unix");
    if uses_display {
        return;
    }
    let (parent, value, why) = if level >= Hardening::Strict {
        (
            "containerEnv",
            ":99",
            "`DISPLAY` names a screen that does not exist, so VS Code does not lend yours; programs \
             that look for a screen fail",
        )
    } else {
        (
            "remoteEnv",
            "",
            "`DISPLAY` is empty in terminals; remove it for programs with windows. VS Code still \
             opens the socket, so this stops accidents, not an attacker",
        )
    };
    let at = Pointer::root().key(parent).key(DISPLAY);
    hardened.edits.push(Edit::Set { at, value: json!(value) });
    hardened.notes.push(note("the host's display (X11)", why, &[]));
}

fn mentions(root: &Node, needle: &str) -> bool {
    ["mounts", "runArgs"].into_iter().filter_map(|key| root.get(key)).any(|node| {
        let texts = node.as_array().unwrap_or_default().iter();
        texts.filter_map(Node::as_str).any(|text| text.contains(needle))
    })
}

fn note(what: &str, why: &str, kept: &[&str]) -> Note {
    let kind = NoteKind::Closed;
    if kept.is_empty() {
        return Note { kind, what: what.to_owned(), why: why.to_owned() };
    }
    let why = format!("not closed: your own value of {} stays", kept.join(", "));
    Note { kind: NoteKind::Warning, what: what.to_owned(), why }
}
