//! `drawbridge ca`

use std::path::PathBuf;

use drawbridge_host::{personal, variables};
use serde_json::{Value, json};

use super::layers;
use crate::certificates;
use crate::clock;
use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::protected::{ConfigArg, Protected};
use crate::session::Session;

/// Certificate authorities: the gate's own, and those of your company
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Show its certificate; its key never leaves the gate
    ///
    /// One per project, made by the gate. It signs for the hosts whose rules name methods, paths or
    /// queries, and for those of a secret; everything else passes through untouched.
    ///
    /// Example: drawbridge ca show > gate.pem
    Show(Show),
    /// Make a new certificate authority for the gate of this project
    ///
    /// For the case that somebody may have the key: without it the gate makes one itself before the ninety days of the old
    /// one are over. The old key is gone at once, and new connections get certificates of the new one. The bundle and the keystore of the container change
    /// with it; programs that run already, and stores that `drawbridge trust install` filled, keep the old one
    /// until they are started anew and filled again.
    ///
    /// Example: drawbridge ca rotate
    Rotate(Show),
    /// Keep a certificate authority of your company for all your projects
    ///
    /// Gates verify hosts against it from the next `drawbridge up` on, and the container's tools trust it where
    /// the project was protected with --trust-host-cas. It is a file in your own configuration folder,
    /// outside of every repository: remove it there.
    ///
    /// Example: drawbridge ca add company-root.pem
    Add(Add),
    /// Print your authorities as the Feature's option `ca` takes them
    ///
    /// `drawbridge up` hands them to the build by itself. An editor's "Reopen in Container" takes them from its environment.
    ///
    /// Example: `export DRAWBRIDGE_CA="$(drawbridge ca export)"`
    Export(Export),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// Also those that an administrator added to this machine
    #[arg(long)]
    trust_host_cas: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// PEM file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    #[command(flatten)]
    config: ConfigArg,
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        match self {
            Self::Show(show) => show.run("ca", session),
            Self::Rotate(show) => {
                let outcome = show.run("ca-rotate", session)?;
                if !session.json {
                    writeln!(
                        session.err,
                        "Start programs of the container anew that talk to hosts which the gate looks into; where the old \
                         one was installed into a store: drawbridge trust install"
                    )?;
                }
                Ok(outcome)
            }
            Self::Add(add) => add.run(session),
            Self::Export(export) => export.run(session),
        }
    }
}

impl Export {
    fn run(&self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let option = layers::feature_option(self.trust_host_cas)?;
        if session.json {
            session.json(&json!({ "ca": option }))?;
        } else if let Some(option) = option {
            writeln!(session.out, "{option}")?;
        } else {
            writeln!(session.err, "You keep no certificate authority: drawbridge ca add FILE")?;
        }
        Ok(Outcome::Done)
    }
}

impl Add {
    fn run(&self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let home = variables::config_home()
            .ok_or_else(|| CliError::refused("no home folder is known", "set HOME or XDG_CONFIG_HOME"))?;
        let mut added = Vec::new();
        for ca in certificates::read(&self.file)? {
            let (path, new) = personal::add(&home, &ca)?;
            if !session.json {
                let how = if new { "kept" } else { "was kept already" };
                let (subject, path) = (ca.subject(), path.display().to_string());
                writeln!(session.out, "{} {how}: {}", escape::foreign(&subject), escape::foreign(&path))?;
                writeln!(session.out, "SHA-256 {}", ca.fingerprint_sha256())?;
            }
            added.push(json!({
                "subject": ca.subject(), "fingerprint_sha256": ca.fingerprint_sha256(), "file": path, "new": new,
            }));
        }
        if session.json {
            session.json(&added)?;
        } else {
            writeln!(session.err, "Gates get it with the next: drawbridge up")?;
        }
        Ok(Outcome::Done)
    }
}

impl Show {
    /// Gives the gate `word` and shows the certificate that it answers.
    fn run(self, word: &str, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let Self { config } = self;
        let protected = Protected::open(session, &config)?;
        let found = protected.containers()?;
        let answer = protected.sidecar(&found)?.ask(&[word])?;
        if session.json {
            session.json(&answer)?;
            return Ok(Outcome::Done);
        }
        let text = |key: &str| answer[key].as_str().unwrap_or_default();
        writeln!(session.err, "{}", escape::foreign(text("subject")))?;
        writeln!(session.err, "SHA-256 {}", escape::foreign(text("fingerprint_sha256")))?;
        let ends = answer["not_after"].as_i64().map(clock::format).unwrap_or_default();
        writeln!(session.err, "ends {ends}")?;
        // Lines of base64 and their frame; nothing that a terminal obeys.
        let pem = answer.get("pem").and_then(Value::as_str).unwrap_or_default();
        for line in pem.lines() {
            writeln!(session.out, "{}", escape::foreign(line))?;
        }
        Ok(Outcome::Done)
    }
}
