//! Versions, and why older ones are refused.

use std::fmt;

use super::EngineError;

/// Three numbers; what follows them (`+dfsg1`, `-ce`) is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32, pub u32);

/// What runs on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    /// Of the engine, not of the command that talks to it.
    pub engine: Version,
    /// Of the Compose plugin.
    pub compose: Version,
    /// Architecture of the engine as Go names it: `amd64`, `arm64`.
    pub arch: String,
}

impl Version {
    /// Oldest engine whose internal networks leak no name lookups through the host's namespace.
    pub const OLDEST_ENGINE: Self = Self(26, 1, 0);
    /// Oldest Compose that knows `!override`, without which lists of networks merge by union.
    pub const OLDEST_COMPOSE: Self = Self(2, 24, 4);

    /// Reads `26.1.5+dfsg1`, `v2.26.1-4` and `27.0`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('v');
        let mut numbers = text.split('.').map(|part| {
            let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            part[..digits].parse::<u32>().ok()
        });
        let major = numbers.next()??;
        Some(Self(major, numbers.next()??, numbers.next().flatten().unwrap_or(0)))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Versions {
    pub(super) fn parse(engine: &str, compose: &str) -> Result<Self, EngineError> {
        let unreadable = |what: &str, text: &str| EngineError::Garbled {
            command: format!("{what} version"),
            detail: text.to_owned(),
        };
        let (number, arch) = engine.split_once(' ').unwrap_or((engine, ""));
        Ok(Self {
            engine: Version::parse(number).ok_or_else(|| unreadable("docker", engine))?,
            compose: Version::parse(compose).ok_or_else(|| unreadable("docker compose", compose))?,
            arch: arch.to_owned(),
        })
    }

    /// Refuses versions on which the gate has holes.
    pub fn require(&self) -> Result<(), EngineError> {
        if self.engine < Version::OLDEST_ENGINE {
            return Err(EngineError::TooOld {
                what: "Docker Engine",
                found: self.engine,
                wanted: Version::OLDEST_ENGINE,
                why: "older ones answer DNS on an internal network through the host's namespace",
            });
        }
        if self.compose < Version::OLDEST_COMPOSE {
            return Err(EngineError::TooOld {
                what: "Docker Compose",
                found: self.compose,
                wanted: Version::OLDEST_COMPOSE,
                why: "older ones keep the open network beside the closed one (no `!override`)",
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_spellings_of_distributions() {
        assert_eq!(Version::parse("26.1.5+dfsg1"), Some(Version(26, 1, 5)));
        assert_eq!(Version::parse("v2.26.1-4"), Some(Version(2, 26, 1)));
        assert_eq!(Version::parse("27.0"), Some(Version(27, 0, 0)));
        assert_eq!(Version::parse("dev"), None);
        assert_eq!(Version::parse(""), None);
    }

    #[test]
    fn refuses_old_ones_with_the_reason() {
        let check = |engine: &str, compose: &str| {
            Versions::parse(engine, compose).unwrap().require().map_err(|error| error.to_string())
        };
        assert_eq!(check("26.1.0 amd64", "2.24.4"), Ok(()));
        insta::assert_snapshot!(check("20.10.24 amd64", "2.26.1").unwrap_err(), @"Docker Engine 20.10.24 is too old, 26.1.0 is needed: older ones answer DNS on an internal network through the host's namespace");
        insta::assert_snapshot!(check("26.1.5 amd64", "2.24.3").unwrap_err(), @"Docker Compose 2.24.3 is too old, 2.24.4 is needed: older ones keep the open network beside the closed one (no `!override`)");
    }
}
