//! Managed policies of Chromium and Firefox, the one way to give them a CA without an NSS program.

use std::io;
use std::path::Path;

use base64::Engine as _;
use serde_json::{Value, json};

use super::Install;
use crate::certificate::Certificate;
use crate::file;
use crate::store::{Kind, Outcome};

/// Programs, and where their managed policies are (Chromium's and Chrome's documentation).
const CHROMIUM: [(&[&str], &str); 2] = [
    (&["chromium", "chromium-browser"], "/etc/chromium/policies/managed/drawbridge.json"),
    (&["google-chrome", "google-chrome-stable"], "/etc/opt/chrome/policies/managed/drawbridge.json"),
];
const FIREFOX: [&str; 2] = ["firefox", "firefox-esr"];
const FIREFOX_FOLDER: &str = "/etc/firefox/policies";

impl Install<'_> {
    pub(super) fn browsers(&mut self) {
        for (programs, policy) in CHROMIUM {
            if programs.iter().any(|program| self.root.program(program).is_some()) {
                let encode = |ca: &Certificate| base64::engine::general_purpose::STANDARD.encode(ca.der());
                let cas: Vec<String> = self.cas.iter().map(encode).collect();
                let content = format!("{:#}\n", json!({ "CACertificates": cas }));
                let outcome = self.create(Path::new(policy), content.as_bytes());
                self.policy(Path::new(policy), outcome);
            }
        }
        if FIREFOX.iter().any(|program| self.root.program(program).is_some()) {
            let path = Path::new(FIREFOX_FOLDER).join("policies.json");
            let outcome = self.firefox(&path);
            self.policy(&path, outcome);
        }
    }

    fn policy(&mut self, path: &Path, outcome: io::Result<Outcome>) {
        match outcome {
            Ok(outcome) => self.report(Kind::BrowserPolicy, path, outcome),
            Err(err) => self.left(Kind::BrowserPolicy, path, &err.to_string()),
        }
    }

    /// Firefox takes paths of certificate files; what else the policy says stays.
    fn firefox(&mut self, path: &Path) -> io::Result<Outcome> {
        let mut files = Vec::new();
        for ca in self.cas {
            let name = format!("drawbridge-{}.pem", ca.fingerprint_sha256());
            let file = Path::new(FIREFOX_FOLDER).join(name);
            self.create(&file, ca.to_pem().as_bytes())?;
            files.push(Value::from(file.display().to_string()));
        }
        let real = self.root.root.join(path.strip_prefix("/").unwrap_or(path));
        let mut policy: Value = match file::read(&real) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(err) if err.kind() == io::ErrorKind::NotFound => json!({}),
            Err(err) => return Err(err),
        };
        let install = ["policies", "Certificates"]
            .iter()
            .try_fold(&mut policy, |value, key| {
                Some(value.as_object_mut()?.entry(*key).or_insert_with(|| json!({})))
            })
            .and_then(Value::as_object_mut)
            .map(|certificates| certificates.entry("Install").or_insert_with(|| json!([])))
            .and_then(Value::as_array_mut)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not a Firefox policy"))?;
        let before = install.len();
        for file in files {
            if !install.contains(&file) {
                install.push(file);
            }
        }
        if install.len() == before && real.exists() {
            return Ok(Outcome::Present);
        }
        self.create(path, format!("{policy:#}\n").as_bytes())
    }
}
