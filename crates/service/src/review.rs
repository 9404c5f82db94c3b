//! What changed in files that run on the host or that the next start follows.

use drawbridge_core::drift::{self, Baseline, DriftKind};
use drawbridge_core::project::RelPath;
use drawbridge_host::{baseline, variables};

use crate::protocol::{Drift, Review};
use crate::{Error, Project};

impl Project {
    /// The files on the disk against the baseline.
    pub fn review(&self) -> Result<Review, Error> {
        let state = variables::state_home().ok_or(Error::NoState)?;
        let Some(known) = baseline::read(&state, self.folder())? else {
            return Ok(Review { known: false, drift: Vec::new() });
        };
        let drift = drift::compare(&known, &self.baseline()?).into_iter().map(shown).collect();
        Ok(Review { known: true, drift })
    }

    /// Remembers the files as they are now; with `file` only that one.
    pub fn accept(&self, file: Option<&str>) -> Result<Review, Error> {
        let state = variables::state_home().ok_or(Error::NoState)?;
        let now = self.baseline()?;
        let next = match (file, baseline::read(&state, self.folder())?) {
            (Some(file), Some(mut known)) => {
                let path = RelPath::new(file)
                    .ok_or_else(|| Error::Argument(format!("`{file}` is not a path below the folder")))?;
                known.accept(&path, &now);
                known
            }
            (Some(_), None) => {
                return Err(Error::Argument("nothing was remembered for this folder yet".to_owned()));
            }
            // Extensions are recorded from a container, which nobody looked into here.
            (None, known) => {
                Baseline { extensions: known.map(|known| known.extensions).unwrap_or_default(), ..now }
            }
        };
        baseline::write(&state, self.folder(), &next)?;
        self.review()
    }

    fn baseline(&self) -> Result<Baseline, Error> {
        Ok(drift::baseline(&self.workspace.audit_snapshot(None)?))
    }
}

fn shown(drift: drift::Drift) -> Drift {
    let kind = match drift.kind {
        DriftKind::Added => "added",
        DriftKind::Removed => "removed",
        DriftKind::Changed => "changed",
    };
    let file = drift.path.as_str().to_owned();
    Drift { file, kind, what: drift.what, before: drift.before, after: drift.after }
}
