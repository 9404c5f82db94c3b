//! A placeholder, or a secret itself, on its way to somebody it is not for.
//!
//! Heads are looked at, bodies are not: they may be endless. What is found ends the request and
//! is logged, because somebody in the container tried to send a credential elsewhere, or a tool is
//! configured for another host than its secret.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Request;
use hyper::header::AUTHORIZATION;
use memchr::memmem;

use super::{Held, PLACEHOLDER, Secrets, place};
use crate::gate::Target;
use crate::log::clip;
use crate::refusal::Refusal;

/// A shorter value is no secret that could be told from ordinary text.
const TELLING: usize = 8;

impl Secrets {
    /// Refuses a head that carries what is not for `target`.
    pub(crate) fn check<B>(&self, target: &Target, request: &Request<B>) -> Result<(), Refusal> {
        let held = self.held();
        let place = place(target);
        let line = request.uri().path_and_query().map(|line| Cow::Borrowed(line.as_str().as_bytes()));
        let fields = request.headers().values().map(|value| Cow::Borrowed(value.as_bytes()));
        let basic = request.headers().get_all(AUTHORIZATION).iter().filter_map(|value| {
            let (scheme, rest) = value.as_bytes().split_at_checked(6)?;
            let text = scheme.eq_ignore_ascii_case(b"basic ").then_some(rest)?;
            STANDARD.decode(text.trim_ascii()).ok().map(Cow::Owned)
        });
        for text in line.into_iter().chain(fields).chain(basic) {
            if let Some(name) = held.leaks(&text, &place) {
                return Err(Refusal::SecretLeak { name: clip(&name), host: target.host.as_str().to_owned() });
            }
        }
        Ok(())
    }
}

impl Held {
    /// The name of what `text` holds and `place` must not get.
    fn leaks(&self, text: &[u8], place: &str) -> Option<String> {
        let bound = |name: &str| self.bound(place).any(|(own, _)| own == name);
        for at in memmem::find_iter(text, PLACEHOLDER) {
            let rest = &text[at + PLACEHOLDER.len()..];
            let length =
                rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
            let name = String::from_utf8_lossy(&rest[..length]);
            if !bound(&name) {
                return Some(name.into_owned());
            }
        }
        let foreign = self.secrets.iter().find(|(name, secret)| {
            let value = secret.value.expose();
            value.len() >= TELLING && !bound(name) && memmem::find(text, value.as_bytes()).is_some()
        });
        foreign.map(|(name, _)| name.clone())
    }
}
