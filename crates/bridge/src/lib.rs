//! Catalogue of the bridge: what an IDE places in a container and what it gives to whoever holds it.
//!
//! Data only. Facts were read in the sources of VS Code 1.139 and in logs of Dev Containers 0.470; for
//! JetBrains in their documentation and issues.

pub mod agents;
pub mod facts;
pub mod ground;
pub mod places;
pub mod policies;
pub mod settings;
pub mod signatures;
pub mod sockets;
pub mod variables;

/// Who places a piece of the bridge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Product {
    /// VS Code server and its extension host, and the editors that share its code.
    VsCode,
    /// The Dev Containers extension of VS Code.
    DevContainers,
    /// The git extension of VS Code.
    GitExtension,
    /// JetBrains Gateway, back end and Dev Containers plugin.
    JetBrains,
    /// The user's desktop session.
    Desktop,
}
