//! Policies of editors that decide a setting, whatever the setting's files say.

/// One policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Its name in the registry, a property list or a policy file.
    pub name: &'static str,
    /// The setting that it decides.
    pub setting: &'static str,
    /// How its value is written.
    pub form: Form,
    /// The one editor that has it; `None` is all that are built from VS Code.
    pub only: Option<&'static str>,
    /// Where this was read.
    pub source: &'static str,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON in a string; what is no string or does not parse is not applied.
    Json,
    /// A truth value, in the registry a number.
    Flag,
}

/// Every policy that decides a setting which a rule asks for.
pub const POLICIES: &[Policy] = &[
    Policy {
        name: "AllowedExtensions",
        setting: "extensions.allowed",
        form: Form::Json,
        only: None,
        source: "vscode-docs, docs/enterprise/policies.md of VS Code 1.109",
    },
    Policy {
        name: "WorkspaceTrustEnabled",
        setting: "security.workspace.trust.enabled",
        form: Form::Flag,
        only: Some("Cursor"),
        source: "Cursor docs, Deployment patterns",
    },
];
