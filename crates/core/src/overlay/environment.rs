//! Variables of the dev container: the proxy, ssh, and, where the host's CAs are wanted or the gate looks
//! into a connection, the trust files of the share.
//!
//! Enforcement never depends on them. Both cases of each proxy variable, because curl, git, cargo,
//! wget and apt ignore some upper-case ones; `no_proxy` has bare names and addresses only, because
//! most tools know nothing else (`reference/certificates-and-proxies.md` §5.3).

use std::collections::{BTreeSet, HashSet};

use super::{PROXY_PORT, SHARE};

/// Reaches an ssh host through the sidecar.
fn git_ssh() -> String {
    format!("ssh -o 'ProxyCommand={SHARE}/bin/drawbridge connect %h %p'")
}

/// What the dev container gets, and which of the variables the user set already: those stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    /// Name and value, `${…}` of Compose included.
    pub(crate) set: Vec<(String, String)>,
    /// Left alone.
    pub(crate) kept: Vec<String>,
}

/// `ip` is the sidecar's address as Compose text; `neighbours` are reached directly.
pub(crate) fn variables(
    ip: &str,
    sidecar: &str,
    neighbours: &[String],
    trust: bool,
    taken: &BTreeSet<String>,
) -> Environment {
    let proxy = format!("http://{ip}:{PROXY_PORT}");
    let own = ["localhost", "127.0.0.1", "::1", ip, sidecar];
    let mut seen = HashSet::new();
    let direct = own.into_iter().chain(neighbours.iter().map(String::as_str));
    let direct = direct.filter(|name| seen.insert(*name)).collect::<Vec<_>>().join(",");
    let mut all: Vec<(&str, String)> =
        ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"].map(|name| (name, proxy.clone())).to_vec();
    all.extend([("no_proxy", direct.clone()), ("NO_PROXY", direct)]);
    all.push(("GIT_SSH_COMMAND", git_ssh()));
    if trust {
        all.extend(trust_variables());
    }
    let mut environment = Environment::default();
    for (name, value) in all {
        if taken.contains(name) {
            environment.kept.push(name.to_owned());
        } else {
            environment.set.push((name.to_owned(), value));
        }
    }
    environment
}

/// A full bundle for the variables that replace the public roots, the added CAs alone for those that
/// add to them.
fn trust_variables() -> Vec<(&'static str, String)> {
    const REPLACE: [&str; 7] = [
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "GIT_SSL_CAINFO",
        "PIP_CERT",
        "CARGO_HTTP_CAINFO",
        "AWS_CA_BUNDLE",
    ];
    const ADD: [&str; 3] = ["NODE_EXTRA_CA_CERTS", "DENO_CERT", "CODEX_CA_CERTIFICATE"];
    let bundle = REPLACE.map(|name| (name, format!("{SHARE}/trust/bundle.pem")));
    let extra = ADD.map(|name| (name, format!("{SHARE}/trust/ca-extra.pem")));
    // Without the password a JVM reads the store as empty and trusts nobody.
    let java = format!(
        "-Djavax.net.ssl.trustStore={SHARE}/trust/cacerts.p12 \
         -Djavax.net.ssl.trustStoreType=PKCS12 -Djavax.net.ssl.trustStorePassword=changeit"
    );
    let mut all: Vec<(&str, String)> = bundle.into_iter().chain(extra).collect();
    all.push(("JAVA_TOOL_OPTIONS", java));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_overwrites_and_keeps_the_list_plain() {
        let taken = BTreeSet::from(["HTTPS_PROXY".to_owned(), "JAVA_TOOL_OPTIONS".to_owned()]);
        let neighbours = ["db".to_owned(), "localhost".to_owned()];
        let environment = variables("${IP:-198.18.0.2}", "drawbridge", &neighbours, true, &taken);
        assert_eq!(environment.kept, ["HTTPS_PROXY", "JAVA_TOOL_OPTIONS"]);
        let value = |name: &str| environment.set.iter().find(|(key, _)| key == name).map(|(_, v)| v.as_str());
        assert_eq!(value("http_proxy"), Some("http://${IP:-198.18.0.2}:3128"));
        assert_eq!(value("no_proxy"), Some("localhost,127.0.0.1,::1,${IP:-198.18.0.2},drawbridge,db"));
        assert_eq!(value("HTTPS_PROXY"), None);
        assert_eq!(value("NODE_EXTRA_CA_CERTS"), Some("/run/drawbridge/share/trust/ca-extra.pem"));
        assert_eq!(value("SSL_CERT_FILE"), Some("/run/drawbridge/share/trust/bundle.pem"));
    }
}
