//! What a rule is, and the words in which all of them speak.

use serde::Serialize;

use super::context::Cx;
use super::finding::Sink;

/// How bad a finding is; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The host, or an account of its user, is one step away.
    Critical,
    /// A way out of the container, or code that runs on the host.
    High,
    /// A way that needs another step or a mistake.
    Medium,
    /// Open by default, or worth knowing.
    Low,
    /// No risk by itself.
    Info,
}

/// What a finding rests on; the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Tested in the running container or seen on the host just now, or written down by the editor that did it.
    Observed,
    /// Read in a file.
    Configured,
    /// Follows from what is *not* written, or from how a tool is known to behave.
    Inferred,
}

/// Whether a rule can repair what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FixKind {
    /// Advice only.
    None,
    /// `--fix` applies it: nothing that works today stops working.
    Safe,
    /// The edit is offered and never applied by itself, because somebody may rely on the setting.
    Unsafe,
}

/// What a fix is worth against a process in the container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// Policy, host setting, mount, user or kernel: a process in the container cannot undo it.
    ContainerProof,
    /// A variable or a setting that a process in the container can rewrite.
    Cosmetic,
}

/// The nine groups, by the first digit of the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// `DB1xx`
    MountsAndSockets,
    /// `DB2xx`
    Privilege,
    /// `DB3xx`
    Egress,
    /// `DB4xx`
    Ports,
    /// `DB5xx`
    Credentials,
    /// `DB6xx`
    HostCommands,
    /// `DB7xx`
    InertHardening,
    /// `DB8xx`
    Ground,
    /// `DB9xx`
    SupplyChain,
}

impl Category {
    /// Name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::MountsAndSockets => "mounts and sockets",
            Self::Privilege => "privilege",
            Self::Egress => "egress",
            Self::Ports => "forwarded ports",
            Self::Credentials => "credentials",
            Self::HostCommands => "host commands",
            Self::InertHardening => "inert hardening",
            Self::Ground => "ground",
            Self::SupplyChain => "supply chain and configuration",
        }
    }
}

/// One rule of the audit.
pub struct Rule {
    /// Kebab-case; names the pattern that is found.
    pub id: &'static str,
    /// `DB101`; the first digit is the category.
    pub code: &'static str,
    /// The risk in one sentence, lower case, no full stop.
    pub title: &'static str,
    /// Of a finding, unless it says otherwise.
    pub severity: Severity,
    /// Whether there is an edit.
    pub fix: FixKind,
    /// What following the advice is worth.
    pub strength: Strength,
    /// First version that has the rule.
    pub since: &'static str,
    /// Markdown: what it finds, why it matters, example, fix, what remains.
    pub docs: &'static str,
    /// Looks and reports. Gets the rule itself, so that rules of a table share one function.
    pub(crate) check: fn(&'static Rule, &Cx<'_>, &mut Sink<'_>),
}

impl Rule {
    /// The group of the code.
    pub fn category(&self) -> Category {
        match self.code.as_bytes().get(2) {
            Some(b'1') => Category::MountsAndSockets,
            Some(b'2') => Category::Privilege,
            Some(b'3') => Category::Egress,
            Some(b'4') => Category::Ports,
            Some(b'5') => Category::Credentials,
            Some(b'6') => Category::HostCommands,
            Some(b'7') => Category::InertHardening,
            Some(b'8') => Category::Ground,
            _ => Category::SupplyChain,
        }
    }
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}[{}]", self.code, self.id)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}
