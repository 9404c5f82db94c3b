//! The policy file that `protect` starts a repository with, and the page beside it.
//!
//! An existing policy is the user's: it is never rewritten, only read.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use drawbridge_policy::{Action, HostPattern, Layer, LayerKind, Policy, catalogue};

use crate::detect::Detected;
use crate::overlay::IMAGE;
use crate::project::RelPath;
use crate::protect::{AllowedHost, Note, NoteKind, Options, Refusal};

/// Bundles that a policy uses, in file order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Known bundles.
    pub(crate) bundles: Vec<String>,
    /// What was detected or asked for and has no bundle.
    pub(crate) unknown: Vec<String>,
}

/// Chooses bundles: what the project builds with, its agents, and every editor, because most
/// repositories name none and the first start in either must not fail.
pub(crate) fn choose(detected: &Detected, options: &Options) -> Choice {
    let ids = |found: &[crate::detect::Found]| -> Vec<String> {
        found.iter().map(|found| found.id.clone()).collect()
    };
    let editors = || vec!["vscode".to_owned(), "jetbrains".to_owned()];
    let mut choice = Choice::default();
    let wanted = [
        ids(&detected.ecosystems),
        options.agents.clone().unwrap_or_else(|| ids(&detected.agents)),
        options.ides.clone().unwrap_or_else(editors),
    ];
    for id in wanted.into_iter().flatten() {
        let list = match catalogue::bundle(&id) {
            Some(_) => &mut choice.bundles,
            None => &mut choice.unknown,
        };
        if !list.contains(&id) {
            list.push(id.clone());
        }
        // Gradle fetches dependencies from there unless told otherwise.
        if id == "gradle" && !choice.bundles.iter().any(|id| id == "maven") {
            choice.bundles.push("maven".to_owned());
        }
    }
    choice
}

/// The text of a new policy file.
pub(crate) fn text(bundles: &[String]) -> String {
    let mut used = String::new();
    let width = bundles.iter().map(String::len).max().unwrap_or_default();
    for (index, id) in bundles.iter().enumerate() {
        let about = catalogue::bundle(id).map(|bundle| bundle.about.as_str()).unwrap_or_default();
        let comma = if index + 1 < bundles.len() { "," } else { " " };
        let pad = " ".repeat(width - id.len());
        let _ = writeln!(used, "    \"{id}\"{comma}{pad} // {about}");
    }
    let used = if used.is_empty() { "[]".to_owned() } else { format!("[\n{used}  ]") };
    format!(
        "// What this dev container may reach. Everything else is denied, by name, address and port.\n\
         // A change that only tightens applies at once; one that opens something waits for a word from\n\
         // outside the container: `drawbridge reload`, or a rebuild.\n\
         {{\n\
         \x20 \"version\": 1,\n\
         \n\
         \x20 // Lists of hosts that Drawbridge maintains, each with its reason.\n\
         \x20 \"use\": {used},\n\
         \n\
         \x20 // Your own: a host (https only, passed through untouched), or with more words\n\
         \x20 //   \"docs.example\"                                     every request to that host\n\
         \x20 //   \"*.cdn.example\"                                    any subdomain, not cdn.example itself\n\
         \x20 //   \"GET,HEAD docs.example/guide/**\"                   only to read, only there\n\
         \x20 //   \"ssh://git.example\", \"http://mirror.example\"       other schemes are named\n\
         \x20 //   {{ \"host\": \"api.example\", \"reason\": \"why\", \"until\": \"2030-01-31\" }}\n\
         \x20 \"allow\": [],\n\
         \n\
         \x20 // Wins over every allow, also over one of a list above.\n\
         \x20 \"deny\": []\n\
         }}\n"
    )
}

/// Every host that a policy opens, with the bundle and the reason.
pub(crate) fn hosts(policy: &Policy) -> Vec<AllowedHost> {
    let open = policy.rules().filter(|rule| rule.action() == Action::Allow);
    let hosts: BTreeSet<AllowedHost> = open
        .map(|rule| {
            let source = rule.source();
            let bundle = source.bundle.as_deref().and_then(catalogue::bundle);
            let entry = bundle
                .and_then(|bundle| bundle.hosts.iter().find(|entry| entry.pattern() == *rule.pattern()));
            let why = entry.map(|entry| entry.about.clone()).or_else(|| source.reason.clone());
            AllowedHost {
                host: match rule.pattern() {
                    HostPattern::Exact(host) => host.as_str().to_owned(),
                    HostPattern::Below(host) => format!("*.{}", host.as_str()),
                },
                bundle: source.bundle.clone().unwrap_or_default(),
                why: why.unwrap_or_else(|| format!("`{}` in the policy file", source.text)),
            }
        })
        .collect();
    hosts.into_iter().collect()
}

/// Loads a policy as the sidecar would; what it would refuse to start with is refused here.
pub(crate) fn load(path: &RelPath, text: &str) -> Result<(Policy, Vec<Note>), Refusal> {
    let layer = Layer { kind: LayerKind::Repository, file: path.to_string(), text: text.to_owned() };
    // Only expiry depends on the time, and the sidecar judges that itself.
    match drawbridge_policy::load(&[layer], 0) {
        Ok(loaded) => {
            let warnings = loaded.warnings.iter().map(|warning| Note {
                kind: NoteKind::Warning,
                what: format!("{}:{}:{}", warning.file, warning.line, warning.column),
                why: warning.message.clone(),
            });
            Ok((loaded.policy, warnings.collect()))
        }
        Err(found) => {
            let Some(first) = found.first() else {
                return Err(Refusal::at(path, "the policy cannot be loaded"));
            };
            let mut refusal = Refusal::at(path, first.message.clone());
            (refusal.line, refusal.column) = (Some(first.line), Some(first.column));
            refusal.hint.clone_from(&first.hint);
            Err(refusal)
        }
    }
}

/// Notes about what has no bundle.
pub(crate) fn unknown_notes(choice: &Choice, policy: &RelPath) -> Vec<Note> {
    let note = |id: &String| Note {
        kind: NoteKind::Warning,
        what: id.clone(),
        why: format!("no list of hosts for it yet: what it needs is denied until `{policy}` allows it"),
    };
    choice.unknown.iter().map(note).collect()
}

/// The page beside the policy. The same for every configuration of a repository.
pub(crate) fn readme() -> String {
    format!(
        "# This dev container has a gate\n\
         \n\
         The container has no network of its own way out. Its only neighbour is a sidecar, which lets\n\
         through what `policy.jsonc` in this folder allows and writes every decision to its log. A\n\
         configuration in a subfolder has a policy of its own, in a folder of the same name here.\n\
         Written by `drawbridge protect`; `drawbridge eject` takes it out again.\n\
         \n\
         ## Starting it\n\
         \n\
         Once per machine, make the sidecar's image (`{IMAGE}`): `drawbridge sidecar build`. Where the\n\
         Compose file in this folder names an image of a registry, vouch for it instead, once you know that\n\
         digest: `drawbridge sidecar pull IMAGE`. Without the image the start fails rather than opening\n\
         the network.\n\
         Then `drawbridge up`, or Reopen in Container.\n\
         \n\
         ## When something is blocked\n\
         \n\
         `drawbridge blocked` on the host lists it with the process that tried. Allow it for a while\n\
         with `drawbridge allow HOST --for 2h --reason WHY`, or for good in `policy.jsonc`. A change\n\
         that opens something applies after `drawbridge reload` or a rebuild; the container itself can\n\
         never widen the policy.\n\
         \n\
         ## What it does not stop\n\
         \n\
         - What the policy allows can carry data out. Hosts with content of strangers need paths.\n\
         - Building the image and installing Features runs on the engine's network, before the gate.\n\
         - The editor's own bridge to your machine (credentials, ports, commands). Settings close part\n\
           of it; `drawbridge` lists what stays open.\n\
         - A container started before it was protected. Rebuild it, and stop the old one.\n\
         - Files are bound read-only until the host replaces them (a git checkout does); `drawbridge\n\
           prove` compares with the mount table.\n\
         \n\
         ## Two copies on one machine\n\
         \n\
         The inner network has a fixed address that follows from the project's name, so a second clone\n\
         or worktree clashes (`Pool overlaps with other one`). `drawbridge up` writes a free one to the\n\
         git-ignored `.env` beside the first Compose file. By hand: set the variables named at the end\n\
         of the Compose file, and `DRAWBRIDGE_PROJECT` where it starts with `name:`, to unused values.\n\
         A linked git worktree has no `.git/hooks`: take that bind out of the Compose file there.\n"
    )
}
