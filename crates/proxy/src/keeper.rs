//! Which policy is in force, and how it changes.
//!
//! The mounted file is a request, not an order: the dev container may be able to make the host
//! replace it (git checkout). What only tightens applies at once; what loosens anything waits for
//! a word from the host. A restart changes nothing; a container created anew takes the file as it
//! is, because creating it is the host's word.

mod grants;
mod layers;

use std::sync::Arc;

use drawbridge_policy::{Diagnostic, Loaded, load};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::error::Error;
use crate::gate::{Gate, InForce};
use crate::log::Event;
use crate::paths::Paths;
use crate::sources::{Sources, Stamp, Text};
use crate::state::{Accepted, Source, State, write_fleeting};
pub(crate) use grants::GrantRequest;

/// Holder of the policy in force; one per sidecar.
pub(crate) struct Keeper {
    gate: Arc<Gate>,
    paths: Paths,
    state: State,
    sources: Sources,
    stamp: Stamp,
    folder: Folder,
    /// Why the host's own files are not the ones in force.
    own_errors: Vec<String>,
    warnings: Vec<Diagnostic>,
    generation: u64,
    /// When the answer of the policy in force next changes by itself, in Unix seconds.
    next_expiry: Option<i64>,
}

/// How the folder's file stands to the policy in force.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Folder {
    Same,
    /// It loosens the policy and waits; one line per loosening.
    Pending(Vec<String>),
    /// It does not load; one line per problem, with file, line and column.
    Invalid(Vec<String>),
    Missing,
    Unreadable(String),
}

/// What a reload did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reloaded {
    Unchanged,
    Applied,
    Pending,
}

/// Why a request to the keeper was refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeeperError {
    #[error("the policy does not load\n{}", .0.join("\n"))]
    Invalid(Vec<String>),
    #[error("the policy file is {now}, not {expected}: it changed since it was reviewed")]
    Changed { now: String, expected: String },
    #[error("the policy folder cannot be read here: {0}")]
    NoFolder(String),
    #[error("too many grants")]
    TooManyGrants,
    #[error("a policy of this machine says `mode: enforce`")]
    Enforced,
    #[error("the gate observes for a day at most")]
    ObserveTooLong,
    #[error("nothing is granted for `{0}`")]
    NotGranted(String),
}

/// The word from the host that a loosening change needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Consent {
    /// Only for a file with this SHA-256, in hex.
    pub(crate) sha256: Option<String>,
}

impl Keeper {
    /// Decides the first policy and puts it in force.
    ///
    /// # Errors
    ///
    /// A policy that does not load stops the start: nothing is served rather than less checked.
    pub(crate) fn start(
        gate: Arc<Gate>,
        paths: Paths,
        creation: String,
        inline: Option<String>,
    ) -> Result<Self, Error> {
        let stamp = Sources::stamp(&paths);
        let sources = Sources::read(&paths);
        let state = match State::read(&paths.state_file())? {
            Some(state) if state.creation == creation => state,
            older => first_state(creation, older, &sources, inline, gate.clock.now()),
        };
        let mut keeper = Self {
            gate,
            paths,
            state,
            sources,
            stamp,
            folder: Folder::Same,
            own_errors: Vec::new(),
            warnings: Vec::new(),
            generation: 0,
            next_expiry: None,
        };
        keeper.drop_expired_grants();
        let loaded = keeper.load(keeper.state.accepted.as_ref()).map_err(Error::Policy)?;
        let path = keeper.paths.state_file();
        keeper.state.write(&path).map_err(|source| Error::File { path, source })?;
        keeper.apply(loaded);
        // A folder that differs from what was accepted earlier is a request like any other.
        let _ = keeper.judge_folder(None);
        Ok(keeper)
    }

    /// Looks whether a file changed, or something ran out; called every second.
    pub(crate) fn tick(&mut self) {
        if self.drop_expired_grants() {
            self.save();
            self.reapply();
        } else if self.next_expiry.is_some_and(|at| at <= self.gate.clock.now()) {
            self.put_in_force();
        }
        let stamp = Sources::stamp(&self.paths);
        if stamp != self.stamp {
            self.stamp = stamp;
            let sources = Sources::read(&self.paths);
            if sources != self.sources {
                // Reported in the log and in `status`.
                let _ = self.take(sources, None);
            }
        }
    }

    /// Reads everything now; `consent` also applies what loosens.
    pub(crate) fn reload(&mut self, consent: Option<&Consent>) -> Result<Reloaded, KeeperError> {
        self.stamp = Sources::stamp(&self.paths);
        self.take(Sources::read(&self.paths), consent)
    }

    fn take(&mut self, sources: Sources, consent: Option<&Consent>) -> Result<Reloaded, KeeperError> {
        let own_layers_changed =
            sources.personal != self.sources.personal || sources.organisation != self.sources.organisation;
        let before = self.generation;
        let old = std::mem::replace(&mut self.sources, sources);
        let own = if own_layers_changed { self.take_own_layers(old) } else { Ok(()) };
        // Judged whatever became of the others: it may tighten.
        let folder = self.judge_folder(consent);
        own?;
        match folder? {
            Reloaded::Unchanged if self.generation != before => Ok(Reloaded::Applied),
            outcome => Ok(outcome),
        }
    }

    /// Puts the host's own files in force, which need no further word; broken ones are left out
    /// in favour of the `old`.
    fn take_own_layers(&mut self, old: Sources) -> Result<(), KeeperError> {
        match self.load(self.state.accepted.as_ref()) {
            Ok(loaded) => {
                self.own_errors.clear();
                self.apply(loaded);
                self.log_reload("applied", &[], &[]);
                Ok(())
            }
            Err(errors) => {
                self.log_reload("rejected", &[], &errors);
                self.own_errors.clone_from(&errors);
                self.sources.personal = old.personal;
                self.sources.organisation = old.organisation;
                Err(KeeperError::Invalid(errors))
            }
        }
    }

    /// Compares the folder's file with what is in force and applies it where that is allowed.
    fn judge_folder(&mut self, consent: Option<&Consent>) -> Result<Reloaded, KeeperError> {
        let text = match &self.sources.folder {
            Text::Present(text) => text.clone(),
            Text::Missing => return self.no_folder(Folder::Missing, "there is no file", consent),
            Text::Unreadable(why) => {
                let why = why.clone();
                return self.no_folder(Folder::Unreadable(why.clone()), &why, consent);
            }
        };
        let now = sha256(&text);
        if let Some(expected) = consent.and_then(|consent| consent.sha256.clone())
            && !expected.eq_ignore_ascii_case(&now)
        {
            return Err(KeeperError::Changed { now, expected });
        }
        let accepted = self.state.accepted.as_ref().map(|accepted| accepted.text.as_str());
        if accepted == Some(text.as_str()) {
            self.folder = Folder::Same;
            return Ok(Reloaded::Unchanged);
        }
        let candidate = Accepted { source: Source::Folder, text };
        let loaded = self.load(Some(&candidate)).map_err(|errors| {
            self.folder = Folder::Invalid(errors.clone());
            self.log_reload("rejected", &[], &errors);
            KeeperError::Invalid(errors)
        })?;
        let in_force = self.gate.policy();
        let loosens = loaded.policy.loosens(&in_force.policy, self.gate.clock.now());
        if !loosens.is_empty() && consent.is_none() {
            self.log_reload("pending", &loosens, &[]);
            self.folder = Folder::Pending(loosens);
            return Ok(Reloaded::Pending);
        }
        self.state.accepted = Some(candidate);
        self.save();
        self.folder = Folder::Same;
        self.apply(loaded);
        self.log_reload("applied", &loosens, &[]);
        Ok(Reloaded::Applied)
    }

    /// The last accepted policy stays in force when the file is gone.
    fn no_folder(
        &mut self,
        folder: Folder,
        why: &str,
        consent: Option<&Consent>,
    ) -> Result<Reloaded, KeeperError> {
        self.folder = folder;
        match consent {
            Some(_) => Err(KeeperError::NoFolder(why.to_owned())),
            None => Ok(Reloaded::Unchanged),
        }
    }

    fn load(&self, accepted: Option<&Accepted>) -> Result<Loaded, Vec<String>> {
        let layers =
            layers::layers(&self.sources, accepted, &self.state.grants, self.state.observe.as_ref())?;
        load(&layers, self.gate.clock.now()).map_err(|errors| layers::lines(&errors))
    }

    /// Loads what was accepted again, after grants changed.
    fn reapply(&mut self) {
        match self.load(self.state.accepted.as_ref()) {
            Ok(loaded) => self.apply(loaded),
            Err(errors) => self.gate.log.error(errors.join("\n")),
        }
    }

    fn apply(&mut self, loaded: Loaded) {
        self.generation += 1;
        self.warnings = loaded.warnings;
        let in_force = InForce { policy: loaded.policy, generation: self.generation };
        self.gate.in_force.send_replace(Arc::new(in_force));
        self.put_in_force();
        self.write_effective();
    }

    /// Ends what is no longer allowed, and wakes whoever follows the policy's listeners.
    fn put_in_force(&mut self) {
        let in_force = self.gate.policy();
        let now = self.gate.clock.now();
        self.next_expiry = in_force.policy.next_expiry(now);
        self.gate.live.judge_again(&in_force.policy, now);
        self.gate.in_force.send_modify(|_| {});
    }

    fn save(&self) {
        if let Err(err) = self.state.write(&self.paths.state_file()) {
            self.gate.log.error(format!("the state could not be saved, a restart forgets it: {err}"));
        }
    }

    pub(crate) fn write_effective(&self) {
        let mut text = self.effective().to_string().into_bytes();
        text.push(b'\n');
        if let Err(err) = write_fleeting(&self.paths.effective_policy(), text.as_slice(), 0o644) {
            self.gate.log.error(format!("policy.effective.json could not be written: {err}"));
        }
    }

    fn log_reload(&self, action: &'static str, loosens: &[String], errors: &[String]) {
        self.gate.log.event(Event::Reload {
            action,
            generation: self.generation,
            sha256: self.sources.folder.present().map(sha256).unwrap_or_default(),
            loosens: loosens.to_vec(),
            errors: errors.to_vec(),
        });
    }

    /// The policy in force, for `policy.effective.json` and `ctl policy`.
    pub(crate) fn effective(&self) -> Value {
        let mut effective = layers::effective(&self.gate.policy(), self.gate.clock.now());
        effective["secrets"] = self.gate.secrets.describe();
        effective
    }

    /// The parts of `ctl status` that are about the policy.
    pub(crate) fn status(&self) -> Value {
        let accepted = self.state.accepted.as_ref();
        let (state, loosens, errors) = match &self.folder {
            Folder::Same => ("same", Vec::new(), Vec::new()),
            Folder::Pending(lines) => ("pending", lines.clone(), Vec::new()),
            Folder::Invalid(lines) => ("invalid", Vec::new(), lines.clone()),
            Folder::Missing => ("missing", Vec::new(), Vec::new()),
            Folder::Unreadable(why) => ("unreadable", Vec::new(), vec![why.clone()]),
        };
        json!({
            "generation": self.generation,
            "policy": {
                "source": accepted.map(|accepted| accepted.source),
                "sha256": accepted.map(|accepted| sha256(&accepted.text)),
                "rules": self.gate.policy().policy.rules().count(),
            },
            "folder": {
                "state": state,
                "sha256": self.sources.folder.present().map(sha256),
                "loosens": loosens,
                "errors": errors,
            },
            "observes": self.gate.policy().policy.observes(self.gate.clock.now()),
            "errors": self.own_errors,
            "warnings": self.warning_lines(),
        })
    }

    /// What the authors of the policy in force should know, with file, line and column.
    pub(crate) fn warning_lines(&self) -> Vec<String> {
        layers::lines(&self.warnings)
    }

    /// Where the policy in force came from, for the first line of the log.
    pub(crate) fn origin(&self) -> &'static str {
        match self.state.accepted.as_ref().map(|accepted| accepted.source) {
            Some(Source::Folder) => "folder",
            Some(Source::Inline) => "inline",
            None => "none: everything is denied",
        }
    }

    /// Policies put in force since the start.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }
}

/// What a container that was just created starts with.
fn first_state(
    creation: String,
    older: Option<State>,
    sources: &Sources,
    inline: Option<String>,
    now: i64,
) -> State {
    let mut state = State::new(creation);
    let folder = sources.folder.present();
    let folder = folder.map(|text| Accepted { source: Source::Folder, text: text.to_owned() });
    state.accepted = folder.or_else(|| inline.map(|text| Accepted { source: Source::Inline, text }));
    let (reviewed, grants) = match older {
        Some(older) => (older.accepted, older.grants),
        None => (None, Vec::new()),
    };
    if layers::requires_review(sources, now)
        && reviewed.map(|accepted| accepted.text) != state.accepted.as_ref().map(|a| a.text.clone())
    {
        // Only the organisation's and the developer's own rules, until somebody has looked.
        state.accepted = None;
    }
    // What was granted for a time still is; the rest ends with its container.
    state.grants = grants.into_iter().filter(|grant| grant.until.is_some()).collect();
    state
}

fn sha256(text: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
