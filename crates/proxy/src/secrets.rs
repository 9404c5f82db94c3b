//! Credentials that the dev container never sees: held here, added to requests on their way out.
//!
//! A secret carries its own hosts. Whatever a policy says, it goes to those alone, over verified TLS
//! alone. The container works with a placeholder; one that is sent anywhere else is an alarm.

mod leak;
mod value;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use drawbridge_policy::{Authority, AuthorityError, Scheme, catalogue};
use hyper::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, HeaderValue, InvalidHeaderName};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::error::Error;
use crate::gate::Target;
use crate::limits::{SECRET_HOSTS, SECRETS};
use crate::state::write_atomic;
pub use value::SecretValue;

use drawbridge_policy::SECRET_PLACEHOLDER as PLACEHOLDER;

/// Longest name of a secret.
const NAME: usize = 64;
/// Many times what [`SECRETS`] of the largest size need.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Everything held. Readers never wait for a writer's disk.
pub(crate) struct Secrets {
    path: PathBuf,
    held: RwLock<Arc<Held>>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Held {
    secrets: BTreeMap<String, Secret>,
}

/// One secret, as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Secret {
    /// `host:port`, canonical.
    hosts: Vec<String>,
    form: Form,
    value: SecretValue,
    /// Unix seconds.
    set: i64,
}

/// How a secret is put into a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Form {
    /// A header whose value is the prefix and the secret.
    Header {
        /// The header's name.
        name: String,
        /// Such as `Bearer `, with its space.
        #[serde(default)]
        prefix: String,
    },
    /// `Authorization: Basic`, as git over https uses it; the secret is the password.
    Basic {
        /// The user.
        user: String,
    },
}

/// A secret that is to be held.
pub(crate) struct New {
    pub(crate) name: String,
    pub(crate) hosts: Vec<String>,
    pub(crate) form: Form,
    pub(crate) value: SecretValue,
}

/// Why a secret was not taken. Nothing here holds a part of its value.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    #[error("a secret's name has 1 to {NAME} of a-z, 0-9 and -")]
    Name,
    #[error("a secret needs 1 to {SECRET_HOSTS} hosts")]
    Hosts,
    #[error("`{host}` is not a host: {source}")]
    Host {
        host: String,
        #[source]
        source: AuthorityError,
    },
    #[error("`{0}` breaks when a connection is looked into, so no secret can be added there")]
    NeverInspected(String),
    #[error("`{0}` is not the name of a header")]
    HeaderName(String),
    #[error("the header `{0}` is the gate's own")]
    Header(String),
    #[error("the value is empty, longer than 16 KiB, or has a control character")]
    Value,
    #[error("too many secrets")]
    TooMany,
    #[error("there is no secret `{0}`")]
    Unknown(String),
    #[error("the secret cannot be stored: {0}")]
    Store(#[from] io::Error),
}

impl Secrets {
    /// Reads what is held. A file that is there but cannot be read stops the start: a request
    /// without its secret is not what was asked for.
    pub(crate) fn open(path: PathBuf) -> Result<Self, Error> {
        let held = read(&path).map_err(|source| Error::File { path: path.clone(), source })?;
        Ok(Self { path, held: RwLock::new(Arc::new(held)) })
    }

    /// Takes a secret; one of the same name is replaced.
    pub(crate) fn set(&self, new: New, now: i64) -> Result<(), SecretError> {
        let New { name, hosts, form, value } = new;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || name.len() > NAME || !name.bytes().all(plain) {
            return Err(SecretError::Name);
        }
        if hosts.is_empty() || hosts.len() > SECRET_HOSTS {
            return Err(SecretError::Hosts);
        }
        let hosts = hosts.into_iter().map(canonical).collect::<Result<Vec<_>, _>>()?;
        let value = value.cleaned().ok_or(SecretError::Value)?;
        let secret = Secret { hosts, form, value, set: now };
        // As it will be sent, so that a mistake shows now.
        secret.header()?;
        let mut held = Held::clone(&self.held());
        if !held.secrets.contains_key(&name) && held.secrets.len() >= SECRETS {
            return Err(SecretError::TooMany);
        }
        held.secrets.insert(name, secret);
        self.replace(held)
    }

    /// Forgets a secret.
    pub(crate) fn remove(&self, name: &str) -> Result<(), SecretError> {
        let mut held = Held::clone(&self.held());
        held.secrets.remove(name).ok_or_else(|| SecretError::Unknown(name.to_owned()))?;
        self.replace(held)
    }

    /// Everything but the values, for people and for the dev container.
    pub(crate) fn describe(&self) -> Json {
        let held = self.held();
        let list = held.secrets.iter().map(|(name, secret)| {
            json!({
                "name": name,
                "hosts": secret.hosts,
                "form": secret.form,
                "set": secret.set,
                "placeholder": format!("{PLACEHOLDER}{name}"),
            })
        });
        list.collect()
    }

    /// Whether requests to `target` get a secret, so that its TLS has to end here.
    pub(crate) fn binds(&self, target: &Target) -> bool {
        let held = self.held();
        target.scheme == Scheme::Https
            && !held.secrets.is_empty()
            && held.bound(&place(target)).next().is_some()
            // The catalogue may have learned of it since.
            && !catalogue::is_never_inspected(&target.host)
    }

    /// Puts the secrets of `target` into its request's head, in place of what the client sent there.
    /// Returns their names.
    pub(crate) fn apply(&self, target: &Target, headers: &mut HeaderMap) -> Vec<String> {
        let held = self.held();
        if target.scheme != Scheme::Https || held.secrets.is_empty() {
            return Vec::new();
        }
        let mut names = Vec::new();
        for (name, secret) in held.bound(&place(target)) {
            // Checked when it was set.
            if let Ok((header, value)) = secret.header() {
                headers.insert(header, value);
                names.push(name.to_owned());
            }
        }
        names
    }

    /// The credentials of the secret `name`, if it is a user and password for `place`.
    pub(crate) fn basic(&self, name: &str, place: &Authority) -> Option<HeaderValue> {
        let held = self.held();
        let secret = held.secrets.get(name)?;
        let fits = matches!(secret.form, Form::Basic { .. }) && secret.hosts.contains(&place.to_string());
        fits.then(|| secret.header().ok()).flatten().map(|(_, value)| value)
    }

    fn held(&self) -> Arc<Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, held: Held) -> Result<(), SecretError> {
        let text = zeroize::Zeroizing::new(serde_json::to_vec(&held).map_err(io::Error::other)?);
        write_atomic(&self.path, text.as_slice(), 0o600)?;
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(held);
        Ok(())
    }
}

impl Held {
    fn bound<'h>(&'h self, place: &str) -> impl Iterator<Item = (&'h str, &'h Secret)> {
        let bound =
            self.secrets.iter().filter(move |(_, secret)| secret.hosts.iter().any(|own| own == place));
        bound.map(|(name, secret)| (name.as_str(), secret))
    }
}

impl Secret {
    fn header(&self) -> Result<(HeaderName, HeaderValue), SecretError> {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;

        let (name, text) = match &self.form {
            Form::Header { name, prefix } => {
                let bad = |_: InvalidHeaderName| SecretError::HeaderName(name.clone());
                let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(bad)?;
                (parsed, format!("{prefix}{}", self.value.expose()))
            }
            Form::Basic { user } => {
                if user.contains(':') {
                    return Err(SecretError::Value);
                }
                let pair = zeroize::Zeroizing::new(format!("{user}:{}", self.value.expose()));
                (AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair.as_bytes())))
            }
        };
        if OWN.contains(&name) || name.as_str().starts_with("proxy-") {
            return Err(SecretError::Header(name.as_str().to_owned()));
        }
        let text = zeroize::Zeroizing::new(text);
        let mut value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| SecretError::Value)?;
        // Kept out of `Debug` and of HTTP/2's compression tables.
        value.set_sensitive(true);
        Ok((name, value))
    }
}

/// Headers that say where a request goes and how long it is.
const OWN: [HeaderName; 6] = [
    HOST,
    hyper::header::CONNECTION,
    hyper::header::CONTENT_LENGTH,
    hyper::header::TRANSFER_ENCODING,
    hyper::header::TE,
    hyper::header::UPGRADE,
];

fn canonical(host: String) -> Result<String, SecretError> {
    match Authority::parse_or(&host, 443) {
        Ok(authority) if catalogue::is_never_inspected(&authority.host) => {
            Err(SecretError::NeverInspected(host))
        }
        Ok(authority) => Ok(authority.host.with_port(authority.port)),
        Err(source) => Err(SecretError::Host { host, source }),
    }
}

fn place(target: &Target) -> String {
    target.host.with_port(target.port)
}

fn read(path: &Path) -> io::Result<Held> {
    match std::fs::metadata(path) {
        Ok(found) if found.len() > MAX_BYTES => return Err(io::ErrorKind::FileTooLarge.into()),
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(Held::default()),
        _ => {}
    }
    let text = zeroize::Zeroizing::new(std::fs::read(path)?);
    // The parser's own words may quote what it read.
    serde_json::from_slice(&text).map_err(|_| io::ErrorKind::InvalidData.into())
}
