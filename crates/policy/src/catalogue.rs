//! Named bundles of hosts: what a tool needs, why, and what happens without it.
//!
//! The data are files in `crates/policy/catalogue/`, one bundle each. Hosts are lists of labels from the
//! top-level domain down, the matcher's own form; `"*"` as last label is any depth below.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::tree::Tree;
use crate::{Host, HostPattern, Scheme};

mod data;

/// A named list of hosts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Bundle {
    /// The name in `use`.
    pub id: String,
    /// What the bundle is for.
    pub about: String,
    /// What it reaches.
    pub hosts: Vec<Entry>,
}

/// One host of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Entry {
    /// From the top-level domain down; `"*"` as last one is any depth below, never the name itself.
    pub labels: Vec<String>,
    /// When it is needed.
    pub phase: Phase,
    /// What it is for.
    pub about: String,
    /// What a user sees when it is denied.
    pub if_denied: String,
    /// Whether TLS may end in the sidecar.
    pub inspect: Inspection,
    /// Whether strangers can put content there, so that the host alone says little.
    pub shared: bool,
    /// The schemes that are opened, each on its own port.
    #[serde(default = "https_only")]
    pub schemes: Vec<EntryScheme>,
    /// What is opened there; empty is everything.
    #[serde(default)]
    pub surfaces: Vec<Surface>,
    /// What `:read` opens there; empty is every GET and HEAD.
    #[serde(default)]
    pub read: Vec<Surface>,
    /// What the option `repos` opens there.
    #[serde(default)]
    pub repo: Option<RepoSurfaces>,
    /// Where the fact comes from.
    pub source: String,
    /// When it was taken from there, `YYYY-MM`.
    pub date: String,
}

/// Which requests; an empty list is any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Surface {
    /// Upper-case methods.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Path patterns; `{repo}` stands for each of the option `repos`.
    #[serde(default)]
    pub paths: Vec<String>,
}

/// What one repository needs, to read or to write.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepoSurfaces {
    /// Clone, fetch, download.
    pub read: Vec<Surface>,
    /// Read, and push and change.
    pub write: Vec<Surface>,
}

/// When a host is needed. Only the first three are part of a bundle's default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Installing and building.
    Build,
    /// Signing in.
    Login,
    /// Everyday use.
    Run,
    /// Usage statistics and crash reports.
    Telemetry,
    /// The tool replacing itself.
    Update,
}

/// Whether TLS may end in the sidecar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Inspection {
    /// It works.
    May,
    /// Client certificates, pinning or licence checks break.
    Never,
}

/// The schemes a bundle can open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryScheme {
    /// Port 443.
    Https,
    /// Port 80.
    Http,
}

/// All bundles, by id.
pub fn bundles() -> &'static [Bundle] {
    static BUNDLES: LazyLock<Vec<Bundle>> = LazyLock::new(|| {
        let mut bundles: Vec<Bundle> = data::FILES
            .iter()
            .map(|(id, text)| {
                serde_json::from_str(text)
                    .unwrap_or_else(|error| panic!("embedded bundle `{id}` is checked by a test: {error}"))
            })
            .collect();
        bundles.sort_by(|left, right| left.id.cmp(&right.id));
        bundles
    });
    &BUNDLES
}

/// The bundle with this id.
pub fn bundle(id: &str) -> Option<&'static Bundle> {
    let bundles = bundles();
    bundles.binary_search_by(|bundle| bundle.id.as_str().cmp(id)).ok().map(|at| &bundles[at])
}

/// The first entry of any bundle that is about `pattern`, exactly or by a wildcard.
pub fn entry_of(pattern: &HostPattern) -> Option<(&'static Bundle, &'static Entry)> {
    let all = || bundles().iter().flat_map(|bundle| bundle.hosts.iter().map(move |entry| (bundle, entry)));
    all()
        .find(|(_, entry)| entry.pattern() == *pattern)
        .or_else(|| all().find(|(_, entry)| entry.pattern().covers(pattern)))
}

/// Whether the catalogue says that TLS to `host` must not end in the sidecar.
pub fn is_never_inspected(host: &Host) -> bool {
    lists().never_tree.rules(host).next().is_some()
}

/// Whether `pattern` means a host for which [`is_never_inspected`] holds.
pub(crate) fn touches_never_inspected(pattern: &HostPattern) -> bool {
    lists().never.iter().any(|never| never.covers(pattern) || pattern.covers(never))
}

/// Why `pattern` should not be opened as a whole, if a host that it means belongs to everybody:
/// `strangers publish text there`, `tunnels to any machine`, ….
pub fn shared(pattern: &HostPattern) -> Option<&'static str> {
    let Lists { shared, shared_tree, .. } = lists();
    let found = match pattern {
        HostPattern::Exact(host) => shared_tree.rules(host).next().map(|index| &shared[index]),
        HostPattern::Below(_) => shared.iter().find(|(own, _)| own.covers(pattern) || pattern.covers(own)),
    };
    found.map(|(_, about)| *about)
}

impl Entry {
    /// The host, or the wildcard over hosts.
    pub fn pattern(&self) -> HostPattern {
        pattern_of(&self.labels)
    }
}

impl Phase {
    /// All phases.
    pub const ALL: [Self; 5] = [Self::Build, Self::Login, Self::Run, Self::Telemetry, Self::Update];

    /// The name in `use`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Login => "login",
            Self::Run => "run",
            Self::Telemetry => "telemetry",
            Self::Update => "update",
        }
    }

    /// Whether the phase is part of a bundle that is used without options.
    pub fn is_default(self) -> bool {
        matches!(self, Self::Build | Self::Login | Self::Run)
    }
}

impl From<EntryScheme> for Scheme {
    fn from(scheme: EntryScheme) -> Self {
        match scheme {
            EntryScheme::Https => Self::Https,
            EntryScheme::Http => Self::Http,
        }
    }
}

fn pattern_of(labels: &[String]) -> HostPattern {
    let wildcard = labels.last().is_some_and(|label| label == "*");
    let name: Vec<&str> =
        labels[..labels.len() - usize::from(wildcard)].iter().rev().map(String::as_str).collect();
    let host = Host::parse(&name.join(".")).expect("embedded hosts are checked by a test");
    if wildcard { HostPattern::Below(host) } else { HostPattern::Exact(host) }
}

struct Lists {
    never: Vec<HostPattern>,
    never_tree: Tree,
    shared: Vec<(HostPattern, &'static str)>,
    shared_tree: Tree,
}

/// `catalogue/lists/shared.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shared {
    about: String,
    hosts: Vec<Vec<String>>,
}

fn lists() -> &'static Lists {
    static SHARED: LazyLock<Vec<Shared>> = LazyLock::new(|| {
        serde_json::from_str(data::SHARED)
            .unwrap_or_else(|error| panic!("the embedded list is checked by a test: {error}"))
    });
    static LISTS: LazyLock<Lists> = LazyLock::new(|| {
        let entries = || bundles().iter().flat_map(|bundle| &bundle.hosts);
        let never: Vec<HostPattern> =
            entries().filter(|entry| entry.inspect == Inspection::Never).map(Entry::pattern).collect();
        let mut never_tree = Tree::default();
        for pattern in &never {
            never_tree.insert(pattern, 0);
        }
        let mut shared: Vec<(HostPattern, &'static str)> = Vec::new();
        for group in &*SHARED {
            shared.extend(group.hosts.iter().map(|labels| (pattern_of(labels), group.about.as_str())));
        }
        let open = entries().filter(|entry| entry.shared);
        shared.extend(open.map(|entry| (entry.pattern(), "everybody can put content there")));
        let mut shared_tree = Tree::default();
        for (number, (pattern, _)) in (0..).zip(&shared) {
            shared_tree.insert(pattern, number);
        }
        Lists { never, never_tree, shared, shared_tree }
    });
    &LISTS
}

fn https_only() -> Vec<EntryScheme> {
    vec![EntryScheme::Https]
}
