//! What the gate gets from this machine: the user's own policy layers and certificate authorities.

use std::path::Path;

use drawbridge_host::engine::Engine;
use drawbridge_host::personal::{self, Content};
use drawbridge_host::variables;
use drawbridge_trust::host_cas;

use crate::error::CliError;
use crate::escape;
use crate::session::Session;

/// Hands the layers to the gate and, if asked for, the authorities that were added to this machine,
/// each named.
pub(super) fn push(engine: &Engine, trust_host_cas: bool, session: &mut Session<'_>) -> Result<(), CliError> {
    let home = variables::config_home();
    let cas = trust_host_cas.then(|| host_cas::find(Path::new("/")));
    if let Some(cas) = &cas {
        for ca in cas {
            let subject = escape::foreign(&ca.subject);
            let print = ca.fingerprint_sha256.get(..16).unwrap_or_default();
            writeln!(session.err, "Carrying along: {subject} (SHA-256 {print}\u{2026})")?;
        }
        if cas.is_empty() {
            writeln!(session.err, "No certificate authority was added to this machine")?;
        }
    }
    let content = Content {
        layers: personal::layers(home.as_deref()),
        cas: cas.map(|cas| cas.into_iter().map(|ca| ca.pem).collect()),
        added: personal::added(home.as_deref()),
        owner: home.map(|home| home.display().to_string()).unwrap_or_default(),
    };
    if let Some(before) = personal::push(engine, &content)? {
        let (warning, before) = (session.paint_err.yellow("warning:"), escape::foreign(&before));
        writeln!(
            session.err,
            "{warning} the personal layer of this engine was that of `{before}`; every gate of the engine has yours now"
        )?;
    }
    Ok(())
}
