//! Headers between two hops: what is about the connection stays on it, framing is written anew.

use drawbridge_policy::Scheme;
use hyper::body::{Body as _, Incoming};
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, TE,
    TRANSFER_ENCODING, UPGRADE,
};
use hyper::http::uri::{Authority, Scheme as UriScheme};
use hyper::{Method, Request, Response, Version};

use crate::gate::Target;
use crate::inspect::Protocol;
use crate::refusal::Refusal;

/// RFC 9110 §7.6.1, and what proxies are spoken to with.
const HOP_BY_HOP: [HeaderName; 7] = [
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-authenticate"),
    HeaderName::from_static("proxy-authorization"),
    HeaderName::from_static("proxy-connection"),
    CONNECTION,
    TE,
    UPGRADE,
];

/// Refuses a request whose body two readers could end at different places. hyper refuses
/// differing lengths and unknown codings before this.
pub(super) fn check_framing(request: &Request<Incoming>) -> Result<(), Refusal> {
    let headers = request.headers();
    if headers.contains_key(TRANSFER_ENCODING) && headers.contains_key(CONTENT_LENGTH)
        || headers.get_all(TRANSFER_ENCODING).iter().count() > 1
        || headers
            .get(TRANSFER_ENCODING)
            .is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked"))
    {
        return Err(Refusal::BadRequest("ambiguous framing of the body"));
    }
    Ok(())
}

/// Whether the client wants a WebSocket (RFC 6455 §4.1). HTTP/2 has no `Upgrade`.
pub(super) fn is_websocket(request: &Request<Incoming>) -> bool {
    if request.version() == Version::HTTP_2 {
        return false;
    }
    let value = request.headers().get(UPGRADE).map(HeaderValue::as_bytes);
    request.method() == Method::GET && value.is_some_and(|value| value.eq_ignore_ascii_case(b"websocket"))
}

/// Makes the head that an HTTP/1.1 upstream gets.
pub(super) fn for_http1(request: &mut Request<Incoming>, target: &Target, upgrading: bool) {
    let size = request.body().size_hint().exact();
    let ended = request.body().is_end_stream();
    let headers = request.headers_mut();
    let had_length = headers.contains_key(CONTENT_LENGTH);
    strip(headers);
    headers.remove(TRANSFER_ENCODING);
    headers.remove(CONTENT_LENGTH);
    // The gate answers `Expect` itself: it asks for the body when it starts to send it on.
    headers.remove(EXPECT);
    match size {
        Some(0) if !had_length => {}
        Some(size) => {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(size));
        }
        None if ended => {}
        None => {
            headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
    }
    if upgrading {
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    }
    headers.insert(HOST, host_value(target));
    *request.version_mut() = Version::HTTP_11;
}

/// Makes the head that an HTTP/2 upstream gets. The frames delimit the body; a length that was
/// announced stays, and hyper holds the client to it.
pub(super) fn for_http2(request: &mut Request<Incoming>, target: &Target) -> Result<(), Refusal> {
    let headers = request.headers_mut();
    strip(headers);
    headers.remove(TRANSFER_ENCODING);
    headers.remove(EXPECT);
    // RFC 9113 §8.3.1: `:authority` takes its place.
    headers.remove(HOST);
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.scheme = Some(UriScheme::HTTPS);
    let authority = host_text(target).parse::<Authority>();
    parts.authority = Some(authority.map_err(|_| Refusal::BadRequest("the host"))?);
    *request.uri_mut() = parts.try_into().map_err(|_| Refusal::BadRequest("the request target"))?;
    *request.version_mut() = Version::HTTP_2;
    Ok(())
}

/// Makes the head the client gets.
pub(super) fn for_client<B>(response: &mut Response<B>, switched: bool) {
    let headers = response.headers_mut();
    strip(headers);
    // hyper frames the body for the client's version.
    headers.remove(TRANSFER_ENCODING);
    if switched {
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    }
}

/// Headers of an answer that the gate itself gives.
pub(super) fn of_refusal(headers: &mut HeaderMap, protocol: Protocol) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if protocol == Protocol::Http1 {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    headers.insert(hyper::header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

fn strip(headers: &mut HeaderMap) {
    let trailers = headers
        .get_all(TE)
        .iter()
        .any(|te| te.as_bytes().split(|b| *b == b',').any(|te| te.trim_ascii() == b"trailers"));
    let listed: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
        // Framing and target are written anew, never dropped on a client's word.
        .filter(|name| ![HOST, CONTENT_LENGTH, TRANSFER_ENCODING].contains(name))
        .collect();
    for name in HOP_BY_HOP.iter().chain(&listed) {
        headers.remove(name);
    }
    if trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
}

/// The canonical host, with the port where it is not the scheme's own.
fn host_text(target: &Target) -> String {
    let usual = if target.scheme == Scheme::Http { ":80" } else { ":443" };
    let text = target.host.with_port(target.port);
    match text.strip_suffix(usual) {
        Some(host) => host.to_owned(),
        None => text,
    }
}

fn host_value(target: &Target) -> HeaderValue {
    // Invariant: a canonical host is visible ASCII.
    HeaderValue::from_str(&host_text(target)).unwrap_or(HeaderValue::from_static("invalid"))
}
