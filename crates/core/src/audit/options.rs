//! Options that can be written as a property, as a flag of `runArgs`, or in a Compose service.

use drawbridge_jsonc::Edit;

use super::finding::{Edits, Spot};
use super::view::View;
use crate::compose::{self, Located, Service};
use crate::convert::flags::RunFlag;
use crate::devcontainer::Text;

/// One value and where it is written.
#[derive(Debug, Clone)]
pub(crate) struct OptionUse {
    pub(crate) value: String,
    pub(crate) spot: Spot,
    /// What takes it away.
    pub(crate) removal: Option<Edits>,
    /// The Compose service.
    pub(crate) service: Option<String>,
    /// With the flag of `runArgs` that it is the value of, as written.
    flag: Option<String>,
}

impl OptionUse {
    /// ``service `db`: `` for messages, or nothing.
    pub(crate) fn whose(&self) -> String {
        self.service.as_ref().map_or_else(String::new, |name| format!("service `{name}`: "))
    }

    /// Title of its removal: the flag as it is written, or what the property or key says.
    pub(crate) fn remove(&self, what: &str) -> String {
        format!("Remove `{}`", self.flag.as_deref().unwrap_or(what))
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
        found.extend(self.of_services(|service| Some(&service.cap_add)));
        found.into_iter().map(bare).collect()
    }

    /// Security options with `=` between name and value.
    pub(crate) fn security_options(&self) -> Vec<OptionUse> {
        let written = self.config.as_ref().map(|config| config.security_opt.as_slice()).unwrap_or_default();
        let mut found = self.property(written);
        found.extend(self.flag("security-opt"));
        found.extend(self.items("security_opt"));
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
        let used = |flag: &RunFlag| OptionUse {
            value: flag.value.value.clone(),
            spot: self.spot(flag.value.span),
            removal: flag.removal.clone().map(Edits::from),
            service: None,
            flag: Some(flag.written.clone()),
        };
        flags.map(used).collect()
    }

    /// The value of a key of every service.
    pub(crate) fn key(&self, name: &str) -> Vec<OptionUse> {
        self.of_services(|service| service.keys.get(name).map(std::slice::from_ref))
    }

    /// What is in a list of every service.
    pub(crate) fn items(&self, name: &str) -> Vec<OptionUse> {
        self.of_services(|service| service.items.get(name).map(Vec::as_slice))
    }

    fn of_services(&self, written: impl Fn(&Service) -> Option<&[Located<String>]>) -> Vec<OptionUse> {
        let mut found = Vec::new();
        for (name, service) in self.services() {
            let written = written(service).unwrap_or_default();
            for one in written.iter().filter(|one| one.file != self.layout.overlay) {
                found.push(OptionUse {
                    value: one.value.clone(),
                    spot: self.compose_spot(one),
                    removal: Some(compose::Edit::Remove { at: one.place }.into()),
                    service: Some(name.to_owned()),
                    flag: None,
                });
            }
        }
        found
    }

    fn property(&self, texts: &[Text]) -> Vec<OptionUse> {
        let used = |text: &Text| OptionUse {
            value: text.value.clone(),
            spot: self.spot(text.span),
            removal: Some(vec![Edit::Remove { at: text.at.clone() }].into()),
            service: None,
            flag: None,
        };
        texts.iter().map(used).collect()
    }
}
