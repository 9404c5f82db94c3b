//! Puts certificates into every store of a container and takes them out again.
//!
//! Each store is judged on its own: what cannot be changed is reported and the rest goes on, because a
//! read-only store must not keep a container from starting.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::certificate::Certificate;
use crate::file;
use crate::java;
use crate::journal::{self, Journal};
use crate::keystore::KeystoreError;
use crate::root::Root;
use crate::store::{Form, Kind, Outcome, Report};
use crate::system;

mod browsers;
mod link;
mod nss;
mod undo;

pub use link::{HANDED_OVER, hand_over};
pub use undo::undo;

/// How [`install`] and [`undo`] go about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Say what would be done and change nothing.
    pub dry_run: bool,
    /// Bundles that variables of the environment name (`SSL_CERT_FILE` and the like), as programs inside see them.
    /// They replace the system's store for their program, so they get the certificates too.
    pub bundles: Vec<PathBuf>,
    /// Extend the distribution's bundle itself instead of running its program, which takes seconds. The
    /// certificates are put where that program looks too, so that its next run keeps them.
    pub direct: bool,
}

/// Puts `cas` into every store below `root` and says of each what happened.
///
/// A second run changes no byte. Before a file is replaced its original is saved, see [`undo`].
///
/// # Errors
///
/// Only when the journal cannot be read or written: then nothing was changed.
pub fn install(root: &Root, cas: &[Certificate], options: &Options) -> io::Result<Vec<Report>> {
    let mut journal = if options.dry_run { Journal::read(root)? } else { Journal::open(root)? };
    if !options.dry_run {
        for ca in cas {
            journal.note_certificate(ca.to_pem())?;
        }
    }
    let mut install = Install { root, cas, options, journal, reports: Vec::new() };
    install.system();
    for store in java::keystores(root) {
        install.file(Kind::Java, Form::Keystore, &store);
    }
    for bundle in &options.bundles {
        match root.resolve(bundle) {
            Ok(real) if real.is_file() => install.file(Kind::Variable, Form::Pem, &real),
            _ => install.left(Kind::Variable, bundle, "there is no such file"),
        }
    }
    install.browsers();
    install.nss();
    Ok(install.reports)
}

struct Install<'a> {
    root: &'a Root,
    cas: &'a [Certificate],
    options: &'a Options,
    journal: Journal,
    reports: Vec<Report>,
}

impl Install<'_> {
    fn system(&mut self) {
        let Some(bundle) = system::bundle(self.root) else {
            let path = Path::new("/etc/ssl/certs");
            self.left(Kind::System, path, "there is no bundle; the package ca-certificates makes one");
            return;
        };
        let complete =
            file::read(&bundle).is_ok_and(|bytes| matches!(Form::Pem.add(&bytes, self.cas), Ok(None)));
        match system::family(self.root) {
            // The program would put a file of its own in place of the link.
            Some(_) if link::is_handed_over(self.root, &bundle) => {
                self.file(Kind::System, Form::Pem, &bundle);
            }
            Some((family, _)) if !complete && self.options.direct => {
                if !self.options.dry_run {
                    self.anchors_alone(family);
                }
                self.file(Kind::System, Form::Pem, &bundle);
            }
            Some((family, program)) if !complete => match self.anchors(family, &program) {
                Ok(outcome) => self.report(Kind::System, Path::new(family.anchors), outcome),
                // Not root: what belongs to this user can still be changed.
                Err(err) if denied(&err) => self.file(Kind::System, Form::Pem, &bundle),
                Err(err) => self.left(Kind::System, Path::new(family.anchors), &err.to_string()),
            },
            _ => self.file(Kind::System, Form::Pem, &bundle),
        }
    }

    /// Puts one file per certificate into the folder of the family and has the bundles derived anew.
    fn anchors(&mut self, family: &system::Family, program: &Path) -> io::Result<Outcome> {
        if self.options.dry_run {
            return Ok(Outcome::WouldAdd);
        }
        let derived: Vec<(PathBuf, Vec<u8>)> = system::derived_files(self.root)
            .into_iter()
            .filter_map(|real| Some((real.clone(), file::read(&real).ok()?)))
            .collect();
        for (real, before) in &derived {
            self.journal.note(&self.root.inside(real), Some(before), before, true)?;
        }
        let mut made = Vec::new();
        let result = self.cas.iter().try_for_each(|ca| self.anchor(family, ca, &mut made));
        if let Err(err) = result.and_then(|()| system::update(family, program, false)) {
            for (path, real) in made {
                let _ = fs::remove_file(real);
                self.journal.forget(&path)?;
            }
            for (real, _) in &derived {
                self.journal.forget(&self.root.inside(real))?;
            }
            return Err(err);
        }
        for (real, before) in &derived {
            let path = self.root.inside(real);
            match file::read(real) {
                Ok(after) if after != *before => {
                    self.journal.note(&path, Some(before), &after, true)?;
                }
                _ => self.journal.forget(&path)?,
            }
        }
        Ok(Outcome::Added)
    }

    /// Puts one file per certificate into the folder of the family, as far as this user may.
    fn anchors_alone(&mut self, family: &system::Family) {
        for ca in self.cas {
            let mut made = Vec::new();
            if self.anchor(family, ca, &mut made).is_err() {
                for (path, _) in made {
                    // The bundle itself is extended either way; what cannot be written is not noted.
                    let _ = self.journal.forget(&path);
                }
            }
        }
    }

    /// Puts the file for `ca` into the folder of the family; `made` gets it before it is written.
    fn anchor(
        &mut self,
        family: &system::Family,
        ca: &Certificate,
        made: &mut Vec<(PathBuf, PathBuf)>,
    ) -> io::Result<()> {
        let path = family.anchor(ca);
        let real = self.root.resolve(&path)?;
        let pem = ca.to_pem();
        let before = file::read(&real).ok();
        self.journal.note(&path, before.as_deref(), pem.as_bytes(), false)?;
        made.push((path, real.clone()));
        file::replace(&real, pem.as_bytes(), 0o644).map(drop)
    }

    /// Changes one file whose real path is `real`.
    fn file(&mut self, kind: Kind, form: Form, real: &Path) {
        let path = self.root.inside(real);
        let outcome = match self.change(form, real, &path) {
            Ok(outcome) => outcome,
            Err(Refused::Store(err)) => {
                Outcome::Left { why: err.to_string(), hint: err.hint().map(str::to_owned) }
            }
            Err(Refused::Io(err)) if denied(&err) => Outcome::Left {
                why: format!("it cannot be written: {err}"),
                hint: Some("run `drawbridge trust install` as root".to_owned()),
            },
            Err(Refused::Io(err)) => Outcome::Left { why: err.to_string(), hint: None },
        };
        self.report(kind, &path, outcome);
    }

    fn change(&mut self, form: Form, real: &Path, path: &Path) -> Result<Outcome, Refused> {
        let before = file::read(real).map_err(Refused::Io)?;
        let others = self.root.uid == 0 && link::is_handed_over(self.root, real);
        if others || self.root.is_foreign(real) {
            return Ok(Outcome::Left {
                why: "it belongs to another user, who could redirect the change".to_owned(),
                hint: Some("run `drawbridge trust install` as that user".to_owned()),
            });
        }
        let Some(after) = form.add(&before, self.cas).map_err(Refused::Store)? else {
            return Ok(Outcome::Present);
        };
        if self.options.dry_run {
            return Ok(Outcome::WouldAdd);
        }
        let known = self.journal.entry(path).cloned();
        self.journal.note(path, Some(&before), &after, false).map_err(Refused::Io)?;
        if let Err(err) = journal::rewrite(real, &after) {
            if known.is_none() {
                self.journal.forget(path).map_err(Refused::Io)?;
            }
            return Err(Refused::Io(err));
        }
        Ok(Outcome::Added)
    }

    /// Makes the file `path`, or replaces it when only this engine wrote it, with its folders.
    fn create(&mut self, path: &Path, bytes: &[u8]) -> io::Result<Outcome> {
        let real = self.root.root.join(path.strip_prefix("/").unwrap_or(path));
        let before = match file::read(&real) {
            Ok(before) if before == bytes => return Ok(Outcome::Present),
            Ok(before) => Some(before),
            Err(err) if err.kind() == io::ErrorKind::NotFound => None,
            Err(err) => return Err(err),
        };
        if self.options.dry_run {
            return Ok(Outcome::WouldAdd);
        }
        let made = make_folders(self.root, path)?;
        self.journal.note(path, before.as_deref(), bytes, false)?;
        self.journal.note_folders(path, made)?;
        file::replace(&real, bytes, 0o644)?;
        Ok(Outcome::Added)
    }

    fn left(&mut self, kind: Kind, path: &Path, why: &str) {
        self.report(kind, path, Outcome::Left { why: why.to_owned(), hint: None });
    }

    fn report(&mut self, kind: Kind, path: &Path, outcome: Outcome) {
        self.reports.push(Report { kind, path: path.to_owned(), outcome });
    }
}

/// Makes the folders above `path` and returns those that were missing, the outermost first.
fn make_folders(root: &Root, path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut made = Vec::new();
    let mut folders: Vec<&Path> = path.ancestors().skip(1).collect();
    folders.reverse();
    for folder in folders {
        let real = root.root.join(folder.strip_prefix("/").unwrap_or(folder));
        match fs::create_dir(&real) {
            Ok(()) => made.push(folder.to_owned()),
            Err(_) if real.is_dir() => {}
            Err(err) => return Err(err),
        }
    }
    Ok(made)
}

enum Refused {
    Store(KeystoreError),
    Io(io::Error),
}

fn denied(err: &io::Error) -> bool {
    matches!(err.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

#[cfg(test)]
mod tests;
