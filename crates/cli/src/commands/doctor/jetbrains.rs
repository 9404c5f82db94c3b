//! `drawbridge doctor jetbrains`: whether an IDE's back end finds what it needs behind the gate.
//!
//! What only a real IDE can show is said to be open; the facts are in `reference/jetbrains.md` §4.

use drawbridge_core::devcontainer::Kind;
use drawbridge_core::jetbrains::needs_both_sides;
use drawbridge_host::ide::jetbrains::{Ide, installed};
use drawbridge_host::variables;
use drawbridge_policy::Policy;
use drawbridge_policy::catalogue::{Entry, Phase, bundle};

use super::Line;
use crate::clock;
use crate::error::CliError;
use crate::protected::Protected;

/// The port on which a back end listens first.
const PORT: u16 = 5990;

pub(super) fn lines(protected: &Protected) -> Result<Vec<Line>, CliError> {
    let ides = variables::home().map(|home| installed(&home)).unwrap_or_default();
    let policy = &protected.policy()?;
    Ok(vec![
        machine(&ides),
        connection(&ides, protected.plan.kind),
        hosts(policy, "hosts of plugins and licence", &[Phase::Run, Phase::Login]),
        hosts(policy, "hosts of the back end's download", &[Phase::Build]),
        plugins(protected),
        trust(protected, policy),
    ])
}

fn machine(ides: &[Ide]) -> Line {
    const WHAT: &str = "JetBrains IDEs of this machine";
    match ides {
        [] => Line::open(WHAT, "no configuration folder of one in your home", None),
        _ => Line::fine(WHAT, ides.iter().map(name).collect::<Vec<_>>().join(", ")),
    }
}

fn name(ide: &Ide) -> String {
    format!("{} {}.{}", ide.product, ide.release.0, ide.release.1)
}

/// Whether the client finds the back end cannot be tried without an IDE.
fn connection(ides: &[Ide], kind: Kind) -> Line {
    const WHAT: &str = "how the IDE connects";
    if let Some(ide) = ides.iter().find(|ide| ide.has_native_mode()) {
        let found = format!(
            "{} can stay on this machine (native mode) and needs no port of the container",
            name(ide)
        );
        let hint = "see that Settings > Advanced Settings > \"Open devcontainer projects natively\" is on; the \
                    file cannot tell";
        return Line::open(WHAT, found, Some(hint.to_owned()));
    }
    let publish = match kind {
        Kind::Compose => format!("`\"127.0.0.1:{PORT}:{PORT}\"` under `ports` of the dev service"),
        _ => format!("`\"appPort\": [\"127.0.0.1:{PORT}:{PORT}\"]`"),
    };
    let found = "Remote Development: a back end in the container. Whether its client connects while the container \
                 has only the closed network is not proved";
    let hint = format!(
        "prefer an IDE from 2026.1 on with native mode; or write {publish} and run `drawbridge protect`: the gate \
         then passes that port on, on this machine only"
    );
    Line::open(WHAT, found, Some(hint))
}

/// Whether the policy allows what the bundle names for these phases.
fn hosts(policy: &Policy, what: &'static str, phases: &[Phase]) -> Line {
    let entries = bundle("jetbrains").map(|bundle| bundle.hosts.as_slice()).unwrap_or_default();
    let wanted: Vec<&Entry> = entries.iter().filter(|entry| phases.contains(&entry.phase)).collect();
    let denied: Vec<(String, &Entry)> = wanted
        .iter()
        .map(|entry| (entry.pattern().to_string(), *entry))
        .filter(|(host, _)| !is_allowed(policy, host))
        .collect();
    if denied.is_empty() {
        return Line::fine(what, format!("all {} allowed", wanted.len()));
    }
    let list: Vec<String> =
        denied.iter().map(|(host, entry)| format!("{host} ({})", entry.if_denied)).collect();
    let hint = "add \"jetbrains\" to `use` in the policy, or `drawbridge allow HOST` for one of them";
    Line::wrong(what, format!("denied: {}", list.join(", ")), Some(hint.to_owned()))
}

fn is_allowed(policy: &Policy, host: &str) -> bool {
    let checked = policy.check("GET", &format!("https://{host}/"), clock::now());
    checked.is_ok_and(|checked| checked.decision.is_allowed())
}

/// Plugins that do nothing unless the client on this machine has them as well.
fn plugins(protected: &Protected) -> Line {
    const WHAT: &str = "plugins in both places";
    let text = protected.snapshot.text(&protected.plan.config).unwrap_or_default();
    let root = drawbridge_jsonc::parse(text).root;
    let list = root.as_ref().and_then(|root| root.get("customizations")?.get("jetbrains")?.get("plugins"));
    let ids = list.and_then(drawbridge_jsonc::Node::as_array).unwrap_or_default();
    let both: Vec<&str> =
        ids.iter().filter_map(drawbridge_jsonc::Node::as_str).filter(|id| needs_both_sides(id)).collect();
    if both.is_empty() {
        return Line::fine(WHAT, "none is known to need the client's side");
    }
    let hint = "install them in the IDE of this machine too; `plugins` puts them into the back end only";
    Line::open(WHAT, both.join(", "), Some(hint.to_owned()))
}

/// A back end's JVM takes `JAVA_TOOL_OPTIONS` like any other.
fn trust(protected: &Protected, policy: &Policy) -> Line {
    const WHAT: &str = "trust of the back end's JVM";
    const VARIABLE: &str = "JAVA_TOOL_OPTIONS";
    if !protected.options.trust_host_cas && !policy.inspects() {
        return Line::fine(WHAT, "nothing to add: the gate looks into no connection and carries no CA");
    }
    if protected.plan.notes.iter().any(|note| note.what == VARIABLE) {
        let hint =
            "put the three `javax.net.ssl.trustStore…` options of docs/trust.md into it, or take it out";
        return Line::wrong(WHAT, format!("`{VARIABLE}` is your own"), Some(hint.to_owned()));
    }
    let found = format!("`{VARIABLE}` names the gate's keystore, which holds the public roots too");
    let hint = "the IDE's own list (Settings > Tools > Server Certificates) lies in a volume that all JetBrains \
                containers share; Drawbridge leaves it alone";
    Line::open(WHAT, found, Some(hint.to_owned()))
}
