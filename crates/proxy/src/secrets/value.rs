//! Text that is never shown.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// Longest value in bytes.
const MAX: usize = 16 * 1024;

/// A secret's value: `Debug` hides it, its memory is overwritten when it is dropped, and
/// serialisation, for the control socket and the store, is the only way out of this crate.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue(Zeroizing<String>);

impl SecretValue {
    /// Wraps a text as it was read.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Without the newline that ends a line of input. `None` when what is left cannot be sent: a
    /// line end inside it would begin another header.
    pub(super) fn cleaned(&self) -> Option<Self> {
        let text = self.0.strip_suffix('\n').unwrap_or(&self.0);
        let text = text.strip_suffix('\r').unwrap_or(text);
        let fits = !text.is_empty() && text.len() <= MAX && !text.chars().any(char::is_control);
        fits.then(|| Self::new(text.to_owned()))
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(hidden)")
    }
}

impl Serialize for SecretValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for SecretValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // An error of `String` would quote a value of another type.
        String::deserialize(deserializer)
            .map(Self::new)
            .map_err(|_| serde::de::Error::custom("the value is not a text"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str) -> Option<String> {
        SecretValue::new(text.to_owned()).cleaned().map(|value| value.expose().to_owned())
    }

    #[test]
    fn pitfall_11_one_newline_is_dropped_and_no_other_is_taken() {
        assert_eq!(cleaned("abc\n").as_deref(), Some("abc"));
        assert_eq!(cleaned("abc\r\n").as_deref(), Some("abc"));
        for bad in ["", "\n", "abc\n\n", "a\r\nX: y", "a\0b", "a\tb", "a\u{7f}"] {
            assert_eq!(cleaned(bad), None, "{bad:?}");
        }
        assert_eq!(cleaned(&"a".repeat(MAX + 1)), None);
    }

    #[test]
    fn pitfall_23_it_does_not_show() {
        let value = SecretValue::new("s3cret".to_owned());
        assert_eq!(format!("{value:?}"), "SecretValue(hidden)");
        let wrong = serde_json::from_str::<SecretValue>("5551234").unwrap_err().to_string();
        assert!(!wrong.contains("5551234"), "{wrong}");
    }
}
