//! Words in an extension's code that name a way to the host.
//!
//! Bundles are minified and words can be put together at run time, so a hit is an indicator and the
//! absence of hits proves nothing.

/// How much a hit says by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Few extensions have an honest reason.
    High,
    /// Ordinary extensions may hold it.
    Medium,
}

/// One word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Signature {
    /// What is searched for, byte by byte.
    pub text: &'static str,
    /// How much it says.
    pub weight: Weight,
    /// What it gives.
    pub gives: &'static str,
    /// Publishers whose extensions hold it for a known reason, with the dot.
    pub known: &'static [&'static str],
}

const fn high(text: &'static str, gives: &'static str) -> Signature {
    Signature { text, weight: Weight::High, gives, known: &["ms-vscode.", "ms-vscode-remote.", "vscode."] }
}

const fn medium(text: &'static str, gives: &'static str) -> Signature {
    Signature { text, weight: Weight::Medium, gives, known: &["ms-vscode.", "ms-vscode-remote.", "vscode."] }
}

/// Every word.
pub const SIGNATURES: &[Signature] = &[
    high("vscode-local", "files of the host"),
    high("workbench.action.terminal.newLocal", "a terminal on the host"),
    high("js-debug-companion.", "a program started on the host"),
    high("_remoteCLI.", "the command line's way to the host"),
    high("_files.windowOpen", "windows on folders of the host"),
    high("_files.newWindow", "windows on folders of the host"),
    high("VSCODE_IPC_HOOK_CLI", "the command line's way to the host"),
    high("REMOTE_CONTAINERS_IPC", "git and docker credentials of the host"),
    high("VSCODE_GIT_IPC_HANDLE", "the host account's token"),
    high("workbench.externalBrowser", "a program started on the host"),
    high("allowInUntrustedWorkspace", "terminals on the host in an untrusted window"),
    high("chat.tools.global.autoApprove", "an agent that asks nobody"),
    high("mainThreadSecretState", "secrets of other extensions"),
    medium("workbench.action.terminal.sendSequence", "keys typed into any terminal"),
    medium("remote.extensionKind", "extensions moved to the host"),
    medium("workbench.extensions.installExtension", "extensions installed, on the host too"),
    medium("workbench.extensions.uninstallExtension", "protecting extensions removed"),
    medium("remote-containers.", "rebuilds, which run host commands"),
    medium("opensshremotes.", "windows on other machines"),
];
