//! Shapes of what `drawbridge probe facts` saw inside one running container.
//!
//! Written by a program that runs among hostile processes: every text in here is foreign, and the
//! collector bounds their number and length.

use serde::{Deserialize, Serialize};

/// Version of the shapes; a reader refuses another one.
pub const VERSION: u32 = 1;

/// Everything that was seen, as one user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// [`VERSION`].
    pub version: u32,
    /// The user that looked.
    pub uid: u32,
    /// Its home folder.
    pub home: String,
    /// Sockets of the bridge.
    pub sockets: Vec<SocketFact>,
    /// Variables of the bridge, and names of secrets, in the environments of processes.
    pub variables: Vec<VariableFact>,
    /// Processes that are coding agents.
    pub agents: Vec<AgentFact>,
    /// Listening TCP ports.
    pub listeners: Vec<ListenerFact>,
    /// Mounts that are not the container's own.
    pub mounts: Vec<MountFact>,
    /// What the kernel lets the user do.
    pub privileges: Privileges,
    /// Files and folders that were looked at.
    pub files: Vec<FileFact>,
    /// Machine settings of editors.
    pub settings: Vec<SettingsFact>,
    /// Installed extensions.
    pub extensions: Vec<ExtensionFact>,
    /// What could not be looked at, and why.
    pub notes: Vec<String>,
}

/// One socket file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SocketFact {
    /// [`crate::sockets::Socket::id`].
    pub family: String,
    /// Where it is.
    pub path: String,
    /// A connection was opened and closed again without a byte.
    pub connectable: bool,
    /// Why not, when it is not.
    pub why: String,
    /// Identities that an ssh agent offers, when it was asked for the list.
    pub identities: Option<u32>,
}

/// One variable of one process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VariableFact {
    /// Name.
    pub name: String,
    /// Value of a pointer of the bridge; `None` for secrets, whose values are never taken.
    pub value: Option<String>,
    /// Name of the process.
    pub process: String,
    /// Its number.
    pub pid: u32,
}

/// One process of a coding agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentFact {
    /// [`crate::agents::Agent::id`].
    pub agent: String,
    /// Its number.
    pub pid: u32,
    /// It runs inside the walls of `drawbridge run`, by the word of the kernel.
    pub walls: bool,
}

/// One listening port.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListenerFact {
    /// `0.0.0.0`, `127.0.0.1`, `::`, …
    pub address: String,
    /// Port.
    pub port: u16,
    /// Name of the process, when it could be found.
    pub process: Option<String>,
}

/// One mount.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MountFact {
    /// Where it is in the container.
    pub target: String,
    /// What of its file system is mounted: for a bind the path there, for a volume its name.
    pub root: String,
    /// File system.
    pub kind: String,
    /// Nothing can be written through it.
    pub read_only: bool,
}

/// What the kernel lets the user do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Privileges {
    /// Effective capabilities, as bits.
    pub effective: u64,
    /// Capabilities that a set-uid program could give.
    pub bounding: u64,
    /// Set-uid programs give nothing.
    pub no_new_privs: bool,
    /// 0 none, 1 strict, 2 filter.
    pub seccomp: u32,
    /// The user may become root without a password.
    pub sudo: bool,
}

/// One file or folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileFact {
    /// What it is, kebab-case: `git-credential-helper`, `known-hosts`, `ground`, …
    pub kind: String,
    /// Where it is.
    pub path: String,
    /// The user may write it.
    pub writable: bool,
    /// More about it, such as the line that matters.
    pub detail: String,
}

/// Machine settings of one editor's server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SettingsFact {
    /// Where the file is.
    pub path: String,
    /// Its text, empty when it is too large.
    pub text: String,
    /// The user may write it.
    pub writable: bool,
}

/// One installed extension.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExtensionFact {
    /// `publisher.name`.
    pub id: String,
    /// Folder.
    pub path: String,
    /// `extensionKind` of the manifest.
    pub kinds: Vec<String>,
    /// [`crate::signatures::Signature::text`]s that its code holds.
    pub signatures: Vec<String>,
    /// SHA-256 over its manifest and code and over the names and sizes of everything else; `None` when not all of
    /// it was read.
    pub digest: Option<String>,
}

impl Facts {
    /// Sockets of a family that can be connected to.
    pub fn open_sockets<'a>(&'a self, family: &'a str) -> impl Iterator<Item = &'a SocketFact> {
        self.sockets.iter().filter(move |socket| socket.family == family && socket.connectable)
    }

    /// Files of a kind.
    pub fn files_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a FileFact> {
        self.files.iter().filter(move |file| file.kind == kind)
    }
}
