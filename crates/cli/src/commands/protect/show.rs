//! A plan for people: the diff, what it means, who may be reached.

use std::io::{self, Write};

use drawbridge_core::protect::{Change, Note, NoteKind, Plan};

use crate::diff;
use crate::escape;
use crate::session::{Paint, Session};

/// Writes the diff and the hosts to standard output.
pub(super) fn plan(plan: &Plan, session: &mut Session<'_>) -> io::Result<()> {
    let paint = session.paint_out;
    if plan.is_done() {
        return writeln!(session.out, "{} is already protected", escape::foreign(plan.config.as_str()));
    }
    changes(&plan.changes, session)?;
    notes(&plan.notes, paint, session.out)?;
    hosts(plan, paint, session.out)
}

/// Writes the diff of every file, then one line per file.
pub(in crate::commands) fn changes(changes: &[Change], session: &mut Session<'_>) -> io::Result<()> {
    let paint = session.paint_out;
    for change in changes {
        writeln!(session.out, "{}", diff::unified(change, paint))?;
    }
    for change in changes {
        let (added, removed) = diff::counts(change);
        let size = match (&change.before, &change.after) {
            (None, _) => format!("new, {added} lines"),
            (_, None) => "removed".to_owned(),
            _ => format!("+{added} \u{2212}{removed}"),
        };
        writeln!(session.out, "  {}  {size}", escape::foreign(change.path.as_str()))?;
    }
    Ok(())
}

/// "1 file", "3 files".
pub(in crate::commands) fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// One line per note.
pub(in crate::commands) fn notes(notes: &[Note], paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    for note in notes {
        let label = match note.kind {
            NoteKind::Warning => paint.yellow("warning"),
            NoteKind::Door => paint.yellow("open door"),
            NoteKind::Lost => paint.red("lost"),
            NoteKind::Moved => paint.dim("moved"),
            NoteKind::Kept => paint.dim("kept"),
            NoteKind::Closed => paint.green("closed"),
        };
        writeln!(out, "  {label}: {}: {}", escape::foreign(&note.what), escape::foreign(&note.why))?;
    }
    Ok(())
}

fn hosts(plan: &Plan, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let width = |text: &str| text.chars().count();
    let first = plan.hosts.iter().map(|host| width(&host.host)).max().unwrap_or(0);
    let second = plan.hosts.iter().map(|host| width(&host.bundle)).max().unwrap_or(0);
    writeln!(out, "{}", paint.bold(&format!("{} allowed, everything else is denied:", hosts_count(plan))))?;
    for host in &plan.hosts {
        writeln!(
            out,
            "  {:first$}  {}  {}",
            escape::foreign(&host.host),
            paint.dim(&format!("{:second$}", host.bundle)),
            escape::foreign(&host.why)
        )?;
    }
    Ok(())
}

fn hosts_count(plan: &Plan) -> String {
    match plan.hosts.len() {
        1 => "1 host".to_owned(),
        count => format!("{count} hosts"),
    }
}
