//! What most commands begin with: the workspace, its journal, a plan of what is there.

use drawbridge_core::project::{RelPath, Snapshot};
use drawbridge_core::protect::Refusal;
use drawbridge_host::engine::Engine;
use drawbridge_host::journal::{Journal, RecoveryKind};
use drawbridge_host::variables;
use drawbridge_host::workspace::Workspace;

use crate::error::{CliError, Place};
use crate::escape;
use crate::session::Session;

/// Finds the workspace that the command is about.
pub(crate) fn workspace(session: &Session<'_>) -> Result<Workspace, CliError> {
    let current = std::env::current_dir()?;
    Ok(Workspace::find(session.folder.as_deref(), &current)?)
}

/// The engine, never one of the workspace's own programs.
pub(crate) fn engine(workspace: &Workspace) -> Engine {
    Engine::new(workspace.tools())
}

/// Opens the journal and says what it had to finish.
pub(crate) fn journal(workspace: &Workspace, session: &mut Session<'_>) -> Result<Journal, CliError> {
    let state = variables::state_home().ok_or_else(|| {
        CliError::refused("no folder for the journal is known", "set HOME or XDG_STATE_HOME")
    })?;
    let (journal, recovered) = Journal::open(workspace.path(), &state)?;
    for recovery in recovered {
        let what = match recovery.kind {
            RecoveryKind::Completed => "had been interrupted after its last file; it is complete",
            RecoveryKind::RolledBack => "had been interrupted; every file is as it was before",
            RecoveryKind::Undone => "was being undone; that is complete now",
        };
        let note = session.paint_err.yellow("note:");
        writeln!(session.err, "{note} `{}` {what}", recovery.command)?;
        for path in recovery.left {
            let kept = journal.folder().display();
            let path = escape::foreign(&path);
            writeln!(
                session.err,
                "  {path} was changed in between and left as it is; its earlier bytes are in {kept}"
            )?;
        }
    }
    Ok(journal)
}

/// A `--config` argument as a path of the workspace.
pub(crate) fn config_path(
    workspace: &Workspace,
    config: Option<&std::path::Path>,
) -> Result<Option<RelPath>, CliError> {
    let Some(config) = config else { return Ok(None) };
    let outside = || {
        CliError::refused(
            format!("`{}` is not in the workspace", config.display()),
            format!("the workspace is {}; another one: -C FOLDER", workspace.path().display()),
        )
    };
    let absolute = std::env::current_dir()?.join(config);
    // The folder is resolved, the file is not: a link there must be seen as one.
    let (parent, name) = absolute.parent().zip(absolute.file_name()).ok_or_else(outside)?;
    let parent = parent.canonicalize().map_err(|_| outside())?;
    let path = parent.join(name);
    let below = path.strip_prefix(workspace.path()).map_err(|_| outside())?;
    below.to_str().and_then(RelPath::new).map(Some).ok_or_else(outside)
}

/// A planner's refusal, with the lines it is about.
pub(crate) fn refused(refusal: Refusal, snapshot: &Snapshot) -> CliError {
    let place = |file: Option<&RelPath>, line, column, message| {
        file.map(|file| Place {
            file: file.to_string(),
            line,
            column,
            source: line.and_then(|line: usize| source_line(snapshot.text(file)?, line)),
            message,
        })
    };
    // With items the refusal's own place is the first one's.
    let own = refusal.file.as_ref().filter(|_| refusal.items.is_empty());
    let mut places: Vec<Place> = place(own, refusal.line, refusal.column, None).into_iter().collect();
    let mut codes = Vec::new();
    for item in &refusal.items {
        let message = format!("{}: {} ({})", item.what, item.why, item.code);
        let fallback = Place {
            file: refusal.file.as_ref().map_or_else(String::new, ToString::to_string),
            line: None,
            column: None,
            source: None,
            message: Some(message.clone()),
        };
        let at = place(item.file.as_ref(), item.line, item.column, Some(message));
        places.push(at.unwrap_or(fallback));
        if !codes.contains(&item.code) {
            codes.push(item.code.clone());
        }
    }
    let accept = (!codes.is_empty()).then(|| {
        let flags: Vec<String> = codes.iter().map(|code| format!("--accept-loss {code}")).collect();
        format!("drawbridge protect {}", flags.join(" "))
    });
    CliError::Refused { message: refusal.message, places, hint: refusal.hint.or(accept) }
}

/// A line of a text, counted from 1.
pub(crate) fn source_line(text: &str, line: usize) -> Option<String> {
    text.lines().nth(line.checked_sub(1)?).map(str::to_owned)
}
