//! `drawbridge trust watch`

use std::ops::ControlFlow;

use drawbridge_trust::engine::Options;
use drawbridge_trust::watch;

use super::{authorities, bundles, nothing, root, show};
use crate::error::CliError;
use crate::exit::Outcome;
use crate::session::Session;

/// Add them, and to stores that appear later too, until it is ended
///
/// A JDK that is unpacked, a browser's profile, a package that brings a bundle. It sleeps until the
/// kernel reports a change in one of the folders where stores appear.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    authorities: authorities::Authorities,
}

impl Args {
    pub(super) fn run(&self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let certificates = self.authorities.read()?;
        if certificates.is_empty() {
            return nothing(session);
        }
        let options = Options { direct: true, bundles: bundles(), ..Options::default() };
        let mut result = Ok(());
        watch::watch(&root()?, &certificates, &options, |news| {
            result = tell(news, session);
            if result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        result.map(|()| Outcome::Done)
    }
}

fn tell(news: &[drawbridge_trust::Report], session: &mut Session<'_>) -> Result<(), CliError> {
    for report in news {
        if session.json {
            serde_json::to_writer(&mut session.out, report).map_err(std::io::Error::from)?;
            writeln!(session.out)?;
        } else {
            show::one(report, session)?;
        }
    }
    Ok(session.out.flush()?)
}
