//! What changed in files that run on the host or that the next start follows, and in the running container.

use drawbridge_bridge::facts::Facts;
use drawbridge_core::drift::{self, Baseline, Content, DriftKind, Inside, InsideDrift};
use drawbridge_core::project::RelPath;
use drawbridge_host::{baseline, variables};
use sha2::{Digest, Sha256};

use crate::protocol::review::{self, AcceptRequest, Drift, Review, Shown};
use crate::{Error, Project};

impl Project {
    /// The files on the disk against the baseline.
    pub fn review(&self) -> Result<Review, Error> {
        let state = variables::state_home().ok_or(Error::NoState)?;
        let Some(known) = baseline::read(&state, self.folder())? else {
            return Ok(Review { known: false, drift: Vec::new(), container: None });
        };
        let now = baseline::now(&self.workspace)?;
        Ok(Review { known: true, drift: drifted(&known, &now), container: None })
    }

    /// Remembers files and the container as `request` says. What is no longer as it was shown stays a
    /// difference; of the container everything does when it cannot be looked into.
    pub fn accept(&self, request: &AcceptRequest) -> Result<Review, Error> {
        let state = variables::state_home().ok_or(Error::NoState)?;
        let before = baseline::read(&state, self.folder())?;
        let live = if request.asks_the_container() { self.look(true).ok().flatten() } else { None };
        let now = baseline::now(&self.workspace)?;
        let is_part = request.file.is_some() || request.shown.is_some();
        let mut next = match before {
            None if is_part => {
                return Err(Error::Argument("nothing was remembered for this folder yet".to_owned()));
            }
            Some(known) if is_part => known,
            known => Baseline { inside: known.map(|known| known.inside).unwrap_or_default(), ..now.clone() },
        };
        if let Some(file) = &request.file {
            let path = RelPath::new(file)
                .ok_or_else(|| Error::Argument(format!("`{file}` is not a path below the folder")))?;
            next.accept(&path, &now);
        }
        let shown = request.shown.as_deref().unwrap_or_default();
        for drift in drifted(&next, &now).iter().filter(|drift| is_as_shown(drift, shown)) {
            let Some(path) = RelPath::new(&drift.file) else { continue };
            next.accept(&path, &now);
        }
        if let Some((origin, facts)) = &live
            && let Some(accepted) = accepted(next.inside.get(origin), request, facts)
        {
            next.inside.insert(origin.clone(), accepted);
        }
        baseline::write(&state, self.folder(), &next)?;
        let container = live.map(|(origin, facts)| inside(next.inside.get(&origin), &facts));
        Ok(Review { known: true, drift: drifted(&next, &now), container })
    }
}

impl AcceptRequest {
    fn asks_the_container(&self) -> bool {
        self.container || self.shown.iter().flatten().any(|shown| shown.file.starts_with('/'))
    }
}

/// The container against what was recorded of it.
pub(crate) fn inside(recorded: Option<&Inside>, live: &Facts) -> review::Inside {
    let drift = recorded.map(|recorded| recorded.compare(live)).unwrap_or_default();
    review::Inside { known: recorded.is_some(), drift: drift.into_iter().map(shown_inside).collect() }
}

fn accepted(known: Option<&Inside>, request: &AcceptRequest, live: &Facts) -> Option<Inside> {
    let now = Inside::of(live);
    if request.container {
        return Some(now);
    }
    let mut known = known?.clone();
    let shown = request.shown.as_deref().unwrap_or_default();
    for drift in inside(Some(&known), live).drift.iter().filter(|drift| is_as_shown(drift, shown)) {
        known.accept(&drift.file, &now);
    }
    Some(known)
}

fn is_as_shown(drift: &Drift, shown: &[Shown]) -> bool {
    shown.iter().any(|shown| shown.file == drift.file && shown.digest == drift.digest)
}

fn drifted(known: &Baseline, now: &Baseline) -> Vec<Drift> {
    let shown = |drift: drift::Drift| {
        let runs = if now.not_executable.contains(&drift.path) { "" } else { "runs" };
        let other = matches!(drift.after, Some(Content::Other(_))).then_some("other");
        let text = |content: Option<Content>| content.map(|content| content.shown());
        let after = text(drift.after);
        Drift {
            digest: digest(&[Some(runs), other, after.as_deref()]),
            file: drift.path.as_str().to_owned(),
            kind: kind(drift.kind),
            what: drift.what,
            before: text(drift.before),
            after,
        }
    };
    drift::compare(known, now).into_iter().map(shown).collect()
}

fn shown_inside(drift: InsideDrift) -> Drift {
    Drift {
        digest: digest(&[drift.state.as_deref()]),
        file: drift.path,
        kind: kind(drift.kind),
        what: drift.what,
        before: drift.before,
        after: drift.after,
    }
}

/// SHA-256 over the parts, each with its length in front, so that no two read the same.
pub(crate) fn digest(parts: &[Option<&str>]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
        hash.update(part.unwrap_or_default());
    }
    format!("{:x}", hash.finalize())
}

fn kind(kind: DriftKind) -> &'static str {
    match kind {
        DriftKind::Added => "added",
        DriftKind::Removed => "removed",
        DriftKind::Changed => "changed",
    }
}
