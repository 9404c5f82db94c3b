//! Ports that `docker run` publishes. The gate's network publishes nothing, so the sidecar relays.

use crate::compose::{Node, Place, Port, PortError, Value as YamlValue, expand};
use crate::devcontainer::{PortEntry, Text, mount::csv_fields};

use super::ItemKind;
use super::state::State;

const RELAYED: &str = "relayed by the sidecar, which publishes it on the host's loopback address";
const RELAYED_ON: &str = "relayed by the sidecar, which publishes it on the same address of the host";

/// `appPort`: a number is published on the loopback address, text is a `-p` value.
pub(super) fn convert_app_ports(state: &mut State<'_>) {
    for entry in &state.config.app_ports {
        let text = match &entry.value {
            PortEntry::Number(port) => format!("127.0.0.1:{port}:{port}"),
            PortEntry::Text(text) => text.clone(),
        };
        let what = match &entry.value {
            PortEntry::Number(port) => format!("appPort {port}"),
            PortEntry::Text(text) => format!("appPort {text}"),
        };
        publish(state, "appPort", &entry.with(text), &what);
    }
}

/// One `-p` value.
pub(super) fn publish(state: &mut State<'_>, code: &str, text: &Text, what: &str) {
    let Some(value) = state.text(code, text, what) else { return };
    match ports(&value.text) {
        Ok(ports) => {
            let written = ports.iter().any(|port| port.host_ip.is_some());
            state.published.extend(ports.into_iter().map(|port| text.with(port)));
            let why = if written { RELAYED_ON } else { RELAYED };
            state.item(ItemKind::Moved, code, text, what, why);
        }
        Err(error) => state.item(ItemKind::Lost, error.code(), text, what, error.to_string()),
    }
}

fn ports(text: &str) -> Result<Vec<Port>, PortError> {
    let short = if text.contains("target=") { short_form(text)? } else { text.to_owned() };
    expand(&Node {
        place: Place::default(),
        tag: None,
        value: YamlValue::Scalar { text: short, plain: false },
    })
}

/// `target=80,published=8080,protocol=tcp`, which `docker run -p` takes as well.
fn short_form(text: &str) -> Result<String, PortError> {
    let (mut published, mut target, mut protocol) = (None, None, "tcp".to_owned());
    for field in csv_fields(text) {
        let (key, value) = field.split_once('=').ok_or(PortError::Syntax)?;
        match key {
            "published" => published = Some(value.to_owned()),
            "target" => target = Some(value.to_owned()),
            "protocol" => value.clone_into(&mut protocol),
            "mode" => {}
            _ => return Err(PortError::Syntax),
        }
    }
    let target = target.ok_or(PortError::Syntax)?;
    let published = published.map(|port| port + ":").unwrap_or_default();
    Ok(format!("{published}{target}/{protocol}"))
}
