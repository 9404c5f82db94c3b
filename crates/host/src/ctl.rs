//! Words to a running sidecar, through `docker exec`; there is no port and no socket on the host.

use std::time::Duration;

use serde_json::Value;

use crate::engine::{Container, Engine, EngineError};
use crate::process::Running;

/// Where the binary is in the sidecar.
const BINARY: &str = "/drawbridge";

/// A sidecar that runs.
#[derive(Debug, Clone)]
pub struct Sidecar {
    engine: Engine,
    id: String,
}

/// Why the sidecar did not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CtlError {
    /// It understood and refused.
    #[error("the gate refused: {message}")]
    Refused {
        /// Its words.
        message: String,
        /// Its next step.
        hint: Option<String>,
    },
    /// It did not answer.
    #[error("the gate did not answer: {detail}")]
    Silent {
        /// What was printed instead.
        detail: String,
    },
    /// The engine did not.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl CtlError {
    /// A next step for the user.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Refused { hint, .. } => hint.clone(),
            Self::Silent { .. } => Some("drawbridge logs shows what it says".to_owned()),
            Self::Engine(error) => error.hint().map(str::to_owned),
        }
    }
}

impl Sidecar {
    /// A running container that was found to be the sidecar.
    pub fn new(engine: &Engine, container: &Container) -> Self {
        Self { engine: engine.clone(), id: container.id.clone() }
    }

    /// One word, one answer.
    pub fn ask(&self, words: &[&str]) -> Result<Value, CtlError> {
        self.ask_with(words, b"")
    }

    /// One word that reads its standard input, where a secret stands: arguments are seen by everybody
    /// on both sides.
    pub fn ask_with(&self, words: &[&str], stdin: &[u8]) -> Result<Value, CtlError> {
        let argv: Vec<&str> = [BINARY, "proxy", "ctl"].iter().chain(words).copied().collect();
        let output = self.engine.exec(&self.id, None, &argv, stdin, Duration::from_secs(15))?;
        let Some(answer) = output
            .stdout
            .split(|byte| *byte == b'\n')
            .next()
            .and_then(|line| serde_json::from_slice::<Value>(line).ok())
        else {
            return Err(CtlError::Silent { detail: output.complaint() });
        };
        if answer["ok"] == true {
            return Ok(answer);
        }
        let text = |key: &str| answer[key].as_str().map(str::to_owned);
        Err(CtlError::Refused {
            message: text("error").unwrap_or_else(|| "no reason given".to_owned()),
            hint: text("hint"),
        })
    }

    /// Events as they happen. While this is open, denied connections are held for attribution.
    pub fn watch(&self) -> Result<Running, CtlError> {
        Ok(self.engine.exec_stream(&self.id, None, &[BINARY, "proxy", "ctl", "watch"])?)
    }
}
