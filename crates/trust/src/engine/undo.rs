//! Takes back what the journal lists.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Options, nss};
use crate::certificate::{self, Certificate};
use crate::file;
use crate::journal::{self, Entry, Journal};
use crate::keystore;
use crate::root::Root;
use crate::store::{Form, Kind, Outcome, Report};
use crate::system;

/// Takes everything back that [`super::install`] did below `root`.
///
/// A file that nobody changed since gets its original bytes; from others only the certificates are taken out.
///
/// # Errors
///
/// Only when the journal cannot be read or written. What cannot be restored is reported and stays noted.
pub fn undo(root: &Root, options: &Options) -> io::Result<Vec<Report>> {
    let mut journal = if options.dry_run { Journal::read(root)? } else { Journal::open(root)? };
    let cas: Vec<Certificate> =
        journal.certificates.iter().flat_map(|pem| certificate::parse_all(pem.as_bytes())).collect();
    let entries = journal.entries.clone();
    // Taken before the distribution's program runs, which writes the derived files once more.
    let untouched: BTreeMap<PathBuf, bool> = entries
        .iter()
        .map(|entry| {
            let now = file::read(&real(root, &entry.path)).map(|bytes| journal::digest(&bytes));
            (entry.path.clone(), now.is_ok_and(|now| now == entry.after))
        })
        .collect();
    let mut reports = Vec::new();
    let (derived, own): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(|entry| entry.derived);
    let anchored = own.iter().any(|entry| system::is_anchor(&entry.path));
    let mut restore = |entry: &Entry, journal: &mut Journal| -> io::Result<()> {
        let untouched = untouched.get(&entry.path).copied().unwrap_or_default();
        let outcome = if options.dry_run {
            Outcome::WouldRemove
        } else {
            restore_one(root, journal, entry, untouched, &cas)
                .unwrap_or_else(|err| Outcome::Left { why: err.to_string(), hint: None })
        };
        if matches!(outcome, Outcome::Restored | Outcome::TakenOut | Outcome::Absent) {
            journal.forget(&entry.path)?;
        }
        reports.push(Report { kind: kind_of(&entry.path), path: entry.path.clone(), outcome });
        Ok(())
    };
    for entry in &own {
        restore(entry, &mut journal)?;
    }
    if anchored
        && !options.dry_run
        && let Some((family, program)) = system::family(root)
    {
        // The derived files get their original bytes below, so a failure here costs nothing.
        let _ = system::update(family, &program, true);
    }
    for entry in &derived {
        restore(entry, &mut journal)?;
    }
    reports.extend(nss::undo(root, &mut journal, &cas, options));
    if !options.dry_run {
        journal.close()?;
    }
    Ok(reports)
}

fn restore_one(
    root: &Root,
    journal: &Journal,
    entry: &Entry,
    untouched: bool,
    cas: &[Certificate],
) -> io::Result<Outcome> {
    let real = real(root, &entry.path);
    let now = match file::read(&real) {
        Ok(now) => now,
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(Outcome::Absent),
        Err(err) => return Err(err),
    };
    if !untouched {
        return take_out(&real, &now, cas);
    }
    match journal.original(entry)? {
        None => {
            fs::remove_file(&real)?;
            for folder in entry.made.iter().rev() {
                // A folder that others use by now stays.
                let _ = fs::remove_dir(self::real(root, folder));
            }
        }
        Some(original) => {
            // A store that held one of ours already when it was first seen.
            let clean = form_of(&original)
                .and_then(|form| form.remove(&original, cas).ok().flatten())
                .unwrap_or(original);
            if clean != now {
                journal::rewrite(&real, &clean)?;
            }
        }
    }
    Ok(Outcome::Restored)
}

fn take_out(real: &Path, now: &[u8], cas: &[Certificate]) -> io::Result<Outcome> {
    let removed = match form_of(now) {
        None => return Ok(Outcome::Left { why: "it was changed since".to_owned(), hint: None }),
        Some(form) => form.remove(now, cas).map_err(io::Error::other)?,
    };
    match removed {
        None => Ok(Outcome::Absent),
        Some(clean) => {
            journal::rewrite(real, &clean)?;
            Ok(Outcome::TakenOut)
        }
    }
}

/// How a store keeps certificates; `None` for files of other kinds.
fn form_of(bytes: &[u8]) -> Option<Form> {
    if keystore::detect(bytes).is_ok() {
        Some(Form::Keystore)
    } else {
        (!certificate::parse_all(bytes).is_empty()).then_some(Form::Pem)
    }
}

fn kind_of(path: &Path) -> Kind {
    let text = path.to_string_lossy();
    if text.contains("policies") {
        Kind::BrowserPolicy
    } else if text.ends_with("cacerts") {
        Kind::Java
    } else {
        Kind::System
    }
}

/// Journaled paths have their links resolved.
fn real(root: &Root, path: &Path) -> PathBuf {
    root.root.join(path.strip_prefix("/").unwrap_or(path))
}
