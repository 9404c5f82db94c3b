//! The one target that every part of a request agrees on.

use drawbridge_policy::{Authority, Scheme};
use hyper::header::HOST;
use hyper::{Method, Request, Version};

use crate::gate::Target;
use crate::refusal::Refusal;

/// Where a request names its target.
#[derive(Debug, Clone)]
pub(crate) enum Form {
    /// In `Host`, on port 80.
    Origin,
    /// In the request line, as proxies are spoken to.
    Absolute,
    /// In the CONNECT around it, or in the TLS handshake; `Host` and `:authority` must agree.
    Within(Target),
    /// In the TLS handshake, and it is closed: every request is told why.
    Closed(Target),
}

impl Form {
    fn scheme(&self) -> Scheme {
        match self {
            Self::Origin | Self::Absolute => Scheme::Http,
            Self::Within(target) | Self::Closed(target) => target.scheme,
        }
    }
}

/// Compares everything that names a host.
pub(super) fn of<B>(request: &Request<B>, form: &Form) -> Result<Target, Refusal> {
    if request.method() == Method::CONNECT {
        return Err(Refusal::BadRequest("a CONNECT must be the first request of a connection"));
    }
    let scheme = form.scheme();
    let (usual, name) = if scheme == Scheme::Https { (443, "https") } else { (80, "http") };
    let uri = request.uri();
    let line = match (uri.scheme_str(), uri.authority()) {
        (Some(own), Some(authority)) if own == name => Some(Authority::parse_or(authority.as_str(), usual)?),
        (None, None) => None,
        _ if scheme == Scheme::Https => return Err(Refusal::BadRequest("only https URLs inside TLS")),
        _ => return Err(Refusal::BadRequest("only http URLs; https needs CONNECT")),
    };
    let mut hosts = request.headers().get_all(HOST).iter();
    let named = match (hosts.next(), hosts.next()) {
        (Some(named), None) => {
            let named = named.to_str().map_err(|_| Refusal::BadRequest("the `Host` header"))?;
            Authority::parse_or(named, usual)?
        }
        // RFC 9113 §8.3.1: `:authority` replaces it.
        (None, None) if request.version() == Version::HTTP_2 => line.clone().ok_or(Refusal::NoHost)?,
        _ => return Err(Refusal::NoHost),
    };
    let expected = match form {
        Form::Origin => Authority { host: named.host.clone(), port: 80 },
        Form::Absolute => {
            line.clone().ok_or(Refusal::BadRequest("a proxy needs the whole URL in the request line"))?
        }
        Form::Within(target) | Form::Closed(target) => {
            Authority { host: target.host.clone(), port: target.port }
        }
    };
    for mut claimed in [Some(named), line].into_iter().flatten() {
        // Inside a CONNECT to another port a client may leave the port out.
        if matches!(form, Form::Within(_)) && claimed.port == usual {
            claimed.port = expected.port;
        }
        if claimed != expected {
            let (claimed, expected) = (claimed.to_string(), expected.to_string());
            return Err(Refusal::HostMismatch { claimed, expected });
        }
    }
    Ok(Target { scheme, host: expected.host, port: expected.port })
}
