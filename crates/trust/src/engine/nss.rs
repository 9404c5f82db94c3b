//! NSS databases, changed with NSS's own `certutil`.
//!
//! A database names libraries that the program loads, so it is only opened for its owner.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Install, Options};
use crate::certificate::Certificate;
use crate::journal::Journal;
use crate::root::Root;
use crate::store::{Kind, Outcome, Report};

const PROGRAM: &str = "certutil";
const NO_PROGRAM: &str = "there is no `certutil`";
const INSTALL_HINT: &str = "install libnss3-tools (Debian) or nss-tools (Fedora, Alpine)";

/// Below the home of a user; `*` stands for the profiles of Firefox.
const FOLDERS: [&str; 2] = [".pki/nssdb", ".local/share/pki/nssdb"];
const FIREFOX_PROFILES: [&str; 2] = [".mozilla/firefox", ".config/mozilla/firefox"];

impl Install<'_> {
    pub(super) fn nss(&mut self) {
        for folder in databases(self.root) {
            let outcome = self.database(&folder).unwrap_or_else(|err| Outcome::Left {
                why: err.to_string(),
                hint: (err.kind() == io::ErrorKind::NotFound).then(|| INSTALL_HINT.to_owned()),
            });
            self.report(Kind::Nss, &folder, outcome);
        }
    }

    fn database(&mut self, folder: &Path) -> io::Result<Outcome> {
        let real = self.root.resolve(folder)?;
        let program = usable(self.root, &real)?;
        let missing: Vec<&Certificate> = self.cas.iter().filter(|ca| !has(&program, &real, ca)).collect();
        if missing.is_empty() {
            return Ok(Outcome::Present);
        }
        if self.options.dry_run {
            return Ok(Outcome::WouldAdd);
        }
        self.journal.note_database(folder)?;
        for ca in missing {
            let name = nickname(ca);
            run(&program, &real, &["-A", "-t", "C,,", "-n", &name], Some(&ca.to_pem()))?;
        }
        Ok(Outcome::Added)
    }
}

/// Takes the certificates out of every database that the journal lists.
pub(super) fn undo(
    root: &Root,
    journal: &mut Journal,
    cas: &[Certificate],
    options: &Options,
) -> Vec<Report> {
    let mut reports = Vec::new();
    for folder in journal.databases.clone() {
        let outcome = if options.dry_run {
            Outcome::WouldRemove
        } else {
            take_out(root, &folder, cas)
                .unwrap_or_else(|err| Outcome::Left { why: err.to_string(), hint: None })
        };
        if matches!(outcome, Outcome::TakenOut | Outcome::Absent) {
            journal.databases.retain(|known| *known != folder);
        }
        reports.push(Report { kind: Kind::Nss, path: folder, outcome });
    }
    reports
}

fn take_out(root: &Root, folder: &Path, cas: &[Certificate]) -> io::Result<Outcome> {
    if !root.exists(folder) {
        return Ok(Outcome::Absent);
    }
    let real = root.resolve(folder)?;
    let program = usable(root, &real)?;
    for ca in cas.iter().filter(|ca| has(&program, &real, ca)) {
        run(&program, &real, &["-D", "-n", &nickname(ca)], None)?;
    }
    Ok(Outcome::TakenOut)
}

/// The databases of the users, in the format that NSS has used since 2009.
fn databases(root: &Root) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for home in &root.homes {
        folders.extend(FOLDERS.map(|folder| home.join(folder)));
        for profiles in FIREFOX_PROFILES.map(|folder| home.join(folder)) {
            folders.extend(root.names(&profiles, 64).into_iter().map(|name| profiles.join(name)));
        }
    }
    folders.retain(|folder| root.exists(&folder.join("cert9.db")));
    folders
}

/// The program, when the database in `real` is this user's own.
fn usable(root: &Root, real: &Path) -> io::Result<PathBuf> {
    if fs::metadata(real)?.uid() != root.uid || root.is_foreign(real) {
        let why = "it belongs to another user; run `drawbridge trust install` as that user";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    root.program(PROGRAM).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, NO_PROGRAM))
}

fn has(program: &Path, real: &Path, ca: &Certificate) -> bool {
    run(program, real, &["-L", "-n", &nickname(ca)], None).is_ok()
}

fn nickname(ca: &Certificate) -> String {
    let fingerprint = ca.fingerprint_sha256();
    format!("drawbridge-{}", fingerprint.get(..16).unwrap_or(&fingerprint))
}

/// Runs `certutil` on the database in `real`; `pem` goes to its standard input.
fn run(program: &Path, real: &Path, args: &[&str], pem: Option<&str>) -> io::Result<()> {
    let database = format!("sql:{}", real.display());
    let mut command = Command::new(program);
    command.args(["-d", &database]).args(args).stdout(Stdio::null()).stderr(Stdio::piped());
    if pem.is_some() {
        command.args(["-a"]);
    }
    let mut child = command.stdin(Stdio::piped()).spawn()?;
    let mut input = child.stdin.take();
    if let (Some(input), Some(pem)) = (&mut input, pem) {
        io::Write::write_all(input, pem.as_bytes())?;
    }
    drop(input);
    let output = child.wait_with_output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().next().unwrap_or("no message").chars().take(200).collect::<String>();
    Err(io::Error::other(format!("`{PROGRAM}` failed: {line}")))
}
