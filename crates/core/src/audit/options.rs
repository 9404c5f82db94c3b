//! Options that can be written as a property, as a flag of `runArgs`, or in a Compose service.

use drawbridge_jsonc::Pointer;

use super::finding::Spot;
use super::view::View;
use crate::devcontainer::Text;

/// One value and where it is written.
#[derive(Debug, Clone)]
pub(crate) struct OptionUse {
    pub(crate) value: String,
    pub(crate) spot: Spot,
    /// The element of the property, which a fix can remove.
    pub(crate) at: Option<Pointer>,
    /// The Compose service.
    pub(crate) service: Option<String>,
}

impl OptionUse {
    /// ``service `db`: `` for messages, or nothing.
    pub(crate) fn whose(&self) -> String {
        self.service.as_ref().map_or_else(String::new, |name| format!("service `{name}`: "))
    }
}

impl View<'_> {
    /// Added capabilities in upper case, without `CAP_`.
    pub(crate) fn capabilities(&self) -> Vec<OptionUse> {
        let bare = |mut used: OptionUse| {
            let upper = used.value.to_ascii_uppercase();
            upper.strip_prefix("CAP_").unwrap_or(&upper).clone_into(&mut used.value);
            used
        };
        let added = self.config.as_ref().map(|config| config.cap_add.as_slice()).unwrap_or_default();
        let mut found = self.property(added);
        found.extend(self.flag("cap-add"));
        for (name, service) in self.services() {
            for cap in service.cap_add.iter().filter(|cap| cap.file != self.layout.overlay) {
                found.push(OptionUse {
                    value: cap.value.clone(),
                    spot: self.compose_spot(cap),
                    at: None,
                    service: Some(name.to_owned()),
                });
            }
        }
        found.into_iter().map(bare).collect()
    }

    /// Security options with `=` between name and value.
    pub(crate) fn security_options(&self) -> Vec<OptionUse> {
        let written = self.config.as_ref().map(|config| config.security_opt.as_slice()).unwrap_or_default();
        let mut found = self.property(written);
        found.extend(self.flag("security-opt"));
        found.extend(self.key("security_opt", true));
        for used in &mut found {
            if !used.value.contains('=') {
                used.value = used.value.replacen(':', "=", 1);
            }
        }
        found
    }

    /// Values of a flag of `runArgs`.
    pub(crate) fn flag(&self, name: &str) -> Vec<OptionUse> {
        let flags = self.flags.iter().filter(|flag| flag.name == name && flag.on);
        let used = |text: &Text| OptionUse {
            value: text.value.clone(),
            spot: self.spot(text.span),
            at: None,
            service: None,
        };
        flags.map(|flag| used(&flag.value)).collect()
    }

    /// Values of a key of every service; a list is taken apart.
    pub(crate) fn key(&self, name: &str, list: bool) -> Vec<OptionUse> {
        let mut found = Vec::new();
        for (service_name, service) in self.services() {
            let Some((value, spot)) = self.service_key(service, name) else { continue };
            let values: Vec<&str> = if list { value.split(", ").collect() } else { vec![value.as_str()] };
            for value in values {
                found.push(OptionUse {
                    value: value.to_owned(),
                    spot: spot.clone(),
                    at: None,
                    service: Some(service_name.to_owned()),
                });
            }
        }
        found
    }

    fn property(&self, texts: &[Text]) -> Vec<OptionUse> {
        let used = |text: &Text| OptionUse {
            value: text.value.clone(),
            spot: self.spot(text.span),
            at: Some(text.at.clone()),
            service: None,
        };
        texts.iter().map(used).collect()
    }
}
