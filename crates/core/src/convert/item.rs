//! What is told to the user about one setting.

use drawbridge_text::Span;

/// What became of one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What became of it.
    pub kind: ItemKind,
    /// The name that `--accept-loss` takes: the flag (`--rm`) or the property (`workspaceMount`).
    pub code: String,
    /// The setting as the user wrote it.
    pub what: String,
    /// One sentence: where it went, why it stays, what is lost.
    pub why: String,
    /// Where it is written in devcontainer.json.
    pub span: Span,
}

/// The sorts of [`Item`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKind {
    /// Stays in devcontainer.json, where it means the same.
    Kept,
    /// Became a Compose key, or was rewritten in devcontainer.json.
    Moved,
    /// Has no equivalent. Needs the user's consent; the conversion is what remains without it.
    Lost,
    /// Had no effect before, or the gate replaces it; the user should know.
    Note,
    /// Was kept, and weakens a wall.
    Warning,
}
