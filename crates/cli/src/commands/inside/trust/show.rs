//! How stores are shown.

use drawbridge_trust::{Outcome as Done, Report};

use crate::error::CliError;
use crate::escape;
use crate::session::Session;

/// All of them, as JSON when asked for.
pub(super) fn reports(reports: &[Report], session: &mut Session<'_>) -> Result<(), CliError> {
    if session.json {
        session.json(&reports)?;
    } else {
        for report in reports {
            one(report, session)?;
        }
    }
    Ok(())
}

/// One line.
pub(super) fn one(report: &Report, session: &mut Session<'_>) -> Result<(), CliError> {
    let words = match &report.outcome {
        Done::Added => "added".to_owned(),
        Done::WouldAdd => "would be added".to_owned(),
        Done::HandedOver => "handed over".to_owned(),
        Done::Present => "was there already".to_owned(),
        Done::Absent => "is gone already".to_owned(),
        Done::Restored => "restored".to_owned(),
        Done::WouldRemove => "would be restored".to_owned(),
        Done::TakenOut => "taken out".to_owned(),
        Done::Left { why, hint } => match hint {
            Some(hint) => format!("left as it is: {why}; {hint}"),
            None => format!("left as it is: {why}"),
        },
    };
    let path = report.path.display().to_string();
    writeln!(session.out, "{}: {}", escape::foreign(&path), escape::foreign(&words))?;
    Ok(())
}
