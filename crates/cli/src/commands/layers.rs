//! What the gate and our Feature get from this machine: the user's own policy layers and certificate authorities.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use drawbridge_host::engine::Engine;
use drawbridge_host::personal::{self, Content};
use drawbridge_host::variables;
use drawbridge_trust::host_cas;

use crate::error::CliError;
use crate::escape;
use crate::session::Session;

/// Linux takes 128 KiB for one variable, its name included (`MAX_ARG_STRLEN`).
const MAX_VARIABLE: usize = 120 << 10;

/// Hands the layers to the gate and, if asked for, the authorities that were added to this machine,
/// each named.
pub(super) fn push(engine: &Engine, trust_host_cas: bool, session: &mut Session<'_>) -> Result<(), CliError> {
    let home = variables::config_home();
    let cas = trust_host_cas.then(host_cas::find);
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

/// The authorities as the Feature's option `ca` takes them: base64 of PEM without line breaks; `None` when there are none.
///
/// # Errors
///
/// They are too large for a variable of the environment.
pub(super) fn feature_option(trust_host_cas: bool) -> Result<Option<String>, CliError> {
    let mut all = personal::added(variables::config_home().as_deref());
    if trust_host_cas {
        all.extend(host_cas::find().into_iter().map(|ca| ca.pem));
    }
    let option = STANDARD.encode(all.concat());
    if option.len() > MAX_VARIABLE {
        return Err(CliError::refused(
            format!(
                "the certificate authorities of this machine take {} KiB, more than a variable may hold",
                option.len() >> 10
            ),
            "keep those that the build needs with `drawbridge ca add`, and protect without --trust-host-cas",
        ));
    }
    Ok((!option.is_empty()).then_some(option))
}
