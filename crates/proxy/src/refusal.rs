//! Every way a connection or request can fail, and the one place where that becomes an answer.

use std::net::IpAddr;

use drawbridge_policy::{AuthorityError, Decision, HostError, Reason};

use crate::hello::HelloError;

/// Why something is not forwarded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{}", .0.explain())]
    Denied(Box<Decision>),
    #[error("a rule of this host depends on the request inside TLS, which is not opened here")]
    Unseen(Box<Decision>),
    #[error("the client does not trust the gate's certificate: its program does not know the project's CA")]
    Distrusted,
    #[error("the client's TLS handshake failed: {0}")]
    ClientTls(String),
    #[error("the host's TLS is not accepted: {0}")]
    UpstreamTls(String),
    #[error("{0}")]
    BadAuthority(#[from] AuthorityError),
    #[error("the name is not a host: {0}")]
    BadName(#[from] HostError),
    #[error("the request is malformed: {0}")]
    BadRequest(&'static str),
    #[error("the request needs exactly one `Host` header")]
    NoHost,
    #[error("the request names `{claimed}` in one place and `{expected}` in another")]
    HostMismatch { claimed: String, expected: String },
    #[error("the request head was not complete in time")]
    HeadTimeout,
    #[error("the request head is too long")]
    HeadTooLong,
    #[error("{0}")]
    Hello(#[from] HelloError),
    #[error("the client names no host in its TLS handshake")]
    NoServerName,
    #[error("Encrypted Client Hello hides the host behind `{outer}`, which no rule allows")]
    Ech { outer: String },
    #[error("a header that overrides the method is sent where a rule limits methods")]
    MethodOverride,
    #[error(
        "the request carries the secret `{name}` or its placeholder, and `{host}` is not among the hosts it is for"
    )]
    SecretLeak { name: String, host: String },
    #[error("`{host}` resolves to {address}, which is {class}")]
    Address { host: String, address: IpAddr, class: &'static str },
    #[error("the name cannot be resolved: {0}")]
    Unresolved(String),
    #[error("the host cannot be reached: {0}")]
    Unreachable(std::io::Error),
    #[error("the host did not answer in time")]
    UpstreamTimeout,
    #[error("the host's answer is not understood: {0}")]
    BadUpstream(String),
    #[error("the host was closed when this connection began, and is open now: connect again")]
    PolicyChanged,
    #[error("too many connections")]
    TooMany,
    #[error("the connection broke")]
    Io(#[from] std::io::Error),
}

/// What kind of event a refusal is, which decides the log line and the first key of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The policy, or a rule of the gate, says no. A human may change that.
    Denied,
    /// It was allowed but did not come about.
    Failed,
    /// The peer went away; nothing to say and nobody to say it to.
    Gone,
}

/// How a refusal is put to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) kind: Kind,
    /// HTTP status code.
    pub(crate) status: u16,
    /// TLS alert description (RFC 8446 §6), where the client waits for a handshake.
    pub(crate) alert: Option<u8>,
    /// The code in logs and bodies.
    pub(crate) reason: &'static str,
}

const ALERT_HANDSHAKE_FAILURE: u8 = 40;
const ALERT_ACCESS_DENIED: u8 = 49;
const ALERT_DECODE_ERROR: u8 = 50;
const ALERT_INTERNAL_ERROR: u8 = 80;
const ALERT_UNRECOGNIZED_NAME: u8 = 112;

impl Refusal {
    /// Passes on a decision that allows, where every request is judged.
    pub(crate) fn unless_allowed(decision: Decision) -> Result<Decision, Self> {
        if decision.is_allowed() { Ok(decision) } else { Err(Self::Denied(Box::new(decision))) }
    }

    /// Passes on a decision by which something is forwarded as it is. One that asks to look inside
    /// TLS is none; plain HTTP is seen anyway, and the policy does not ask for it there.
    pub(crate) fn unless_forwarded(decision: Decision) -> Result<Decision, Self> {
        match decision {
            denied if !denied.is_allowed() => Err(Self::Denied(Box::new(denied))),
            unseen if unseen.inspect => Err(Self::Unseen(Box::new(unseen))),
            forwarded => Ok(forwarded),
        }
    }

    /// The only place where a failure becomes a status code or an alert.
    pub(crate) fn answer(&self) -> Answer {
        use Kind::{Denied, Failed, Gone};
        let (kind, status, alert, reason) = match self {
            Self::Denied(decision) => (Denied, 403, Some(ALERT_UNRECOGNIZED_NAME), decision.reason.code()),
            Self::Unseen(_) => (Denied, 403, Some(ALERT_ACCESS_DENIED), "needs-inspection"),
            Self::MethodOverride => (Denied, 403, Some(ALERT_ACCESS_DENIED), "method-override"),
            Self::SecretLeak { .. } => (Denied, 403, Some(ALERT_ACCESS_DENIED), "secret-leak"),
            Self::Address { .. } => (Denied, 403, Some(ALERT_ACCESS_DENIED), "address-refused"),
            Self::BadAuthority(_) => (Denied, 400, None, "bad-authority"),
            Self::BadName(_) => (Denied, 400, Some(ALERT_UNRECOGNIZED_NAME), "bad-name"),
            Self::BadRequest(_) => (Denied, 400, None, "bad-request"),
            Self::NoHost => (Denied, 400, None, "no-host"),
            Self::HostMismatch { .. } => (Denied, 421, Some(ALERT_UNRECOGNIZED_NAME), "host-mismatch"),
            Self::HeadTimeout => (Denied, 408, None, "head-timeout"),
            Self::HeadTooLong => (Denied, 431, None, "head-too-long"),
            Self::NoServerName => (Denied, 400, Some(ALERT_UNRECOGNIZED_NAME), "no-server-name"),
            Self::Ech { .. } => (Denied, 403, Some(ALERT_UNRECOGNIZED_NAME), "ech"),
            Self::Hello(HelloError::NotTls) => (Denied, 400, None, "not-tls"),
            Self::Hello(HelloError::Timeout) => (Denied, 408, Some(ALERT_HANDSHAKE_FAILURE), "hello-timeout"),
            Self::Hello(HelloError::TooLong) => (Denied, 431, Some(ALERT_DECODE_ERROR), "hello-too-long"),
            Self::Hello(HelloError::Malformed(_)) => (Denied, 400, Some(ALERT_DECODE_ERROR), "bad-hello"),
            Self::Unresolved(_) => (Failed, 502, Some(ALERT_INTERNAL_ERROR), "unresolved"),
            Self::Unreachable(_) => (Failed, 502, Some(ALERT_INTERNAL_ERROR), "unreachable"),
            Self::UpstreamTimeout => (Failed, 504, Some(ALERT_INTERNAL_ERROR), "upstream-timeout"),
            Self::BadUpstream(_) => (Failed, 502, Some(ALERT_INTERNAL_ERROR), "bad-upstream"),
            Self::UpstreamTls(_) => (Failed, 502, Some(ALERT_INTERNAL_ERROR), "upstream-tls"),
            Self::Distrusted => (Failed, 400, None, "gate-not-trusted"),
            Self::ClientTls(_) => (Failed, 400, None, "client-tls"),
            Self::PolicyChanged => (Failed, 503, None, "policy-changed"),
            Self::TooMany => (Denied, 503, Some(ALERT_INTERNAL_ERROR), "too-many-connections"),
            Self::Hello(HelloError::Closed { .. } | HelloError::Io(_)) | Self::Io(_) => {
                (Gone, 400, None, "gone")
            }
        };
        Answer { kind, status, alert, reason }
    }

    /// Whether a grant for the host would change the answer. For the rest there is something else
    /// to correct, in the client or in a policy file, and the reason says what.
    pub(crate) fn can_be_allowed(&self) -> bool {
        match self {
            Self::Denied(decision) => !matches!(
                decision.reason,
                Reason::DeniedByRule | Reason::AddressRefused | Reason::PathNotCanonical
            ),
            Self::Ech { .. } => true,
            _ => false,
        }
    }

    /// The decision behind it, for the rule in the log.
    pub(crate) fn decision(&self) -> Option<&Decision> {
        match self {
            Self::Denied(decision) | Self::Unseen(decision) => Some(decision),
            _ => None,
        }
    }
}

/// A fatal TLS alert in a plaintext record, which every client understands before keys exist.
pub(crate) fn alert_record(alert: u8) -> [u8; 7] {
    [21, 3, 3, 0, 2, 2, alert]
}

/// The standard words of a status that [`Refusal::answer`] gives.
pub(crate) fn status_text(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        403 => "Forbidden",
        408 => "Request Timeout",
        421 => "Misdirected Request",
        431 => "Request Header Fields Too Large",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Error",
    }
}
