//! macOS: certificates with trust settings of the administrator, as `security dump-trust-settings -d` lists them.
//!
//! Apple's own roots have settings in the system's domain, which is not asked. A user's own settings are not either: they
//! need no administrator.

use std::collections::HashSet;
use std::path::Path;

use security_framework::trust_settings::{Domain, TrustSettings, TrustSettingsForCertificate};

use super::Found;
use crate::certificate::Certificate;

/// Adds those that the administrator trusts for TLS.
pub(super) fn find(found: &mut Found) {
    let settings = TrustSettings::new(Domain::Admin);
    let Ok(all) = settings.iter() else { return };
    let trusted = all.filter(|certificate| {
        let for_tls = settings.tls_trust_settings_for_certificate(certificate);
        // Settings that do not say how it is used trust it as a root.
        let for_tls = for_tls.map(|how| how.unwrap_or(TrustSettingsForCertificate::TrustRoot));
        matches!(
            for_tls,
            Ok(TrustSettingsForCertificate::TrustRoot | TrustSettingsForCertificate::TrustAsRoot)
        )
    });
    let certificates =
        trusted.filter_map(|certificate| Certificate::from_der(&certificate.to_der())).collect();
    found.add(Path::new("macOS trust settings of the administrator"), certificates, &HashSet::new());
}
