//! Versions with which the gate holds.

use super::Refusal;
use crate::project::EngineFacts;

/// Older engines leak DNS through the host's namespace, or break a DNS server on an internal network.
const ENGINE: [u64; 3] = [26, 1, 0];
/// Older ones do not know `!override` and `!reset`, so an open network would stay.
const COMPOSE: [u64; 3] = [2, 24, 4];

pub(super) fn check(engine: Option<&EngineFacts>) -> Result<(), Refusal> {
    let Some(engine) = engine else {
        return Ok(());
    };
    let checks = [
        ("the container engine", &engine.engine, ENGINE, "older ones let DNS queries past the gate"),
        ("Compose", &engine.compose, COMPOSE, "older ones cannot take the open network away"),
    ];
    for (what, found, least, why) in checks {
        if version(found).is_some_and(|found| found < least) {
            let [major, minor, patch] = least;
            return Err(Refusal::new(format!("{what} is {found}, and {major}.{minor}.{patch} is needed"))
                .hint(format!("update it: {why}")));
        }
    }
    Ok(())
}

/// `v2.26.1-4` as numbers; `None` for what is not a version, which is then not judged.
fn version(text: &str) -> Option<[u64; 3]> {
    let text = text.trim().trim_start_matches('v');
    let numbers = text.split(['-', '+', '~', ' ']).next()?;
    let mut parts = numbers.split('.').map(|part| part.parse().ok());
    let major = parts.next()??;
    Some([major, parts.next().flatten().unwrap_or(0), parts.next().flatten().unwrap_or(0)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges_versions() {
        let facts = |engine: &str, compose: &str| EngineFacts {
            engine: engine.to_owned(),
            compose: compose.to_owned(),
            remote: false,
        };
        assert!(check(Some(&facts("26.1.5+dfsg1", "2.26.1-4"))).is_ok());
        assert!(check(Some(&facts("28.2.2", "v5.0.0"))).is_ok());
        assert!(check(Some(&facts("dev", ""))).is_ok());
        let err = check(Some(&facts("26.0.9", "2.26.1"))).expect_err("too old");
        assert_eq!(err.message, "the container engine is 26.0.9, and 26.1.0 is needed");
        assert!(check(Some(&facts("26.1.0", "2.24.3"))).is_err());
    }
}
