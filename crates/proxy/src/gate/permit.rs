//! The only maker of [`Permitted`], so that nothing unchecked can be forwarded.

use drawbridge_policy::{Decision, Host, Policy, Reason, Request, Scheme, path};
use hyper::header::HeaderName;

use crate::live::Question;
use crate::refusal::Refusal;

/// Where something would go, in canonical form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Target {
    pub(crate) scheme: Scheme,
    pub(crate) host: Host,
    pub(crate) port: u16,
}

/// Something that the policy allowed. `upstream::connect` and `forward` take nothing else.
#[derive(Debug)]
pub(crate) struct Permitted<T> {
    inner: T,
    decision: Decision,
    question: Question,
}

impl<T> Permitted<T> {
    pub(crate) fn get(&self) -> &T {
        &self.inner
    }

    pub(crate) fn into_inner(self) -> T {
        self.inner
    }

    pub(crate) fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The same decision about a thing that was completed meanwhile.
    pub(crate) fn map<U>(self, complete: impl FnOnce(T) -> U) -> Permitted<U> {
        Permitted { inner: complete(self.inner), decision: self.decision, question: self.question }
    }

    /// What to ask again when the policy changes.
    pub(crate) fn question(&self) -> &Question {
        &self.question
    }
}

/// How a permitted connection is forwarded.
#[derive(Debug)]
pub(crate) enum Way {
    /// As it is.
    Through(Permitted<Target>),
    /// TLS ends in the gate and every request is judged.
    Inspect(Permitted<Target>),
}

/// Headers by which servers let a client name another method than the request line does.
const METHOD_OVERRIDES: [HeaderName; 3] = [
    HeaderName::from_static("x-http-method-override"),
    HeaderName::from_static("x-http-method"),
    HeaderName::from_static("x-method-override"),
];

/// A connection that passes through unseen.
pub(super) fn connection(policy: &Policy, target: Target, now: i64) -> Result<Permitted<Target>, Refusal> {
    let decision = policy.decide(&super::connection(&target), now);
    match way(target, decision, false)? {
        Way::Through(permitted) => Ok(permitted),
        Way::Inspect(permitted) => Err(Refusal::Unseen(Box::new(permitted.decision))),
    }
}

/// A connection whose requests are judged one by one.
pub(super) fn seen(policy: &Policy, target: Target, now: i64) -> Result<Permitted<Target>, Refusal> {
    let decision = policy.decide(&super::connection(&target), now);
    match way(target, decision, false)? {
        Way::Through(permitted) | Way::Inspect(permitted) => Ok(permitted),
    }
}

/// TLS, which may have to end here: for a rule, or, if it is `bound`, for a secret.
pub(super) fn tls(policy: &Policy, target: Target, bound: bool, now: i64) -> Result<Way, Refusal> {
    let decision = policy.decide(&super::connection(&target), now);
    way(target, decision, bound)
}

pub(super) fn connect(policy: &Policy, mut target: Target, bound: bool, now: i64) -> Result<Way, Refusal> {
    // An explicit rule for opaque bytes lifts the demand for a matching ClientHello.
    for scheme in [Scheme::Tcp, Scheme::Ssh] {
        let decision = policy.decide(&Request::connection(scheme, &target.host, target.port), now);
        if decision.is_allowed() && decision.reason == Reason::Allowed {
            target.scheme = scheme;
            return way(target, decision, false);
        }
    }
    let (scheme, decision) = policy.connect(&target.host, target.port, now);
    target.scheme = scheme;
    let bound = bound && scheme == Scheme::Https;
    way(target, decision, bound)
}

fn way(target: Target, decision: Decision, bound: bool) -> Result<Way, Refusal> {
    let decision = Refusal::unless_allowed(decision)?;
    let inspect = decision.inspect || bound;
    let question = Question::connection(&target, inspect);
    let permitted = Permitted { inner: target, decision, question };
    Ok(if inspect { Way::Inspect(permitted) } else { Way::Through(permitted) })
}

pub(super) fn request<B>(
    policy: &Policy,
    target: &Target,
    request: hyper::Request<B>,
    now: i64,
) -> Result<Permitted<hyper::Request<B>>, Refusal> {
    let method = request.method().as_str().to_owned();
    let path = request.uri().path().to_owned();
    let query = request.uri().query().map(str::to_owned);
    let decision = policy.decide(
        &Request {
            scheme: target.scheme,
            host: &target.host,
            port: target.port,
            method: Some(&method),
            path: Some(&path),
            query: query.as_deref(),
        },
        now,
    );
    let decision = Refusal::unless_allowed(decision)?;
    if decision.limits_methods && METHOD_OVERRIDES.iter().any(|name| request.headers().contains_key(name)) {
        return Err(Refusal::MethodOverride);
    }
    let request = with_path(request, &path, query.as_deref())?;
    let question = Question {
        scheme: target.scheme,
        host: target.host.clone(),
        port: target.port,
        request: Some((method, path, query)),
        inspected: target.scheme == Scheme::Https,
    };
    Ok(Permitted { inner: request, decision, question })
}

/// Sends the path that was judged, in its one canonical spelling, and nothing of the authority.
fn with_path<B>(
    mut request: hyper::Request<B>,
    path: &str,
    query: Option<&str>,
) -> Result<hyper::Request<B>, Refusal> {
    let canonical =
        path::canonical(path).map_err(|_| Refusal::BadRequest("the path has no canonical form"))?;
    let target = match query {
        Some(query) => format!("{}?{query}", canonical.as_str()),
        None => canonical.as_str().to_owned(),
    };
    *request.uri_mut() = target.parse().map_err(|_| Refusal::BadRequest("the request target"))?;
    Ok(request)
}
