//! Which configuration, and what it was before we touched it.

use drawbridge_jsonc::{Parsed, parse};
use drawbridge_text::{LineIndex, Span};

use super::undo::restore;
use super::{Options, Refusal};
use crate::compose::ComposeError;
use crate::devcontainer::{Config, ReadError};
use crate::overlay::record::Record;
use crate::project::{Entry, Layout, RelPath, Snapshot, discover, is_config};

/// A configuration that can be planned.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) path: RelPath,
    /// The text as it is.
    pub(crate) text: &'a str,
    /// The text without anything of ours; the same when it is not protected.
    pub(crate) base: String,
    pub(crate) layout: Layout,
    /// Present when it is protected.
    pub(crate) record: Option<Record>,
    /// Pointers of values of ours that were edited since; they stay in `base`.
    pub(crate) edited: Vec<String>,
}

/// The configuration to work on.
pub(crate) fn pick(snapshot: &Snapshot, wanted: Option<&RelPath>) -> Result<RelPath, Refusal> {
    let found = discover(snapshot);
    if let Some(path) = wanted {
        if !is_config(path) {
            let hint = "the Dev Containers CLI takes `devcontainer.json` and `.devcontainer.json` only";
            return Err(Refusal::at(path, "not the name of a configuration").hint(hint));
        }
        return Ok(path.clone());
    }
    match found.as_slice() {
        [] => Err(nothing(snapshot)),
        [only] => Ok(only.path.clone()),
        several => {
            let paths: Vec<String> =
                several.iter().map(|candidate| format!("`{}`", candidate.path)).collect();
            Err(Refusal::new(format!("several configurations: {}", paths.join(", ")))
                .hint(format!("choose one: `drawbridge protect --config {}`", several[0].path)))
        }
    }
}

fn nothing(snapshot: &Snapshot) -> Refusal {
    let folder = RelPath::new(".devcontainer").unwrap_or_default();
    for path in [RelPath::root(), folder] {
        match snapshot.get(&path) {
            Some(Entry::Symlink) => return symlink(&path),
            Some(Entry::Unreadable(why)) => return Refusal::at(&path, why.clone()),
            _ => {}
        }
    }
    Refusal::new("no dev container configuration").hint("write one with `drawbridge init`")
}

fn symlink(path: &RelPath) -> Refusal {
    Refusal::at(path, "the configuration is a symbolic link")
        .hint("put the file itself there; links are not followed")
}

/// Reads the configuration at `path` and takes our own part out of it.
pub(crate) fn open<'a>(snapshot: &'a Snapshot, path: &RelPath) -> Result<Source<'a>, Refusal> {
    let text = match snapshot.get(path) {
        Some(Entry::Text(text)) => text.as_str(),
        Some(Entry::Symlink) => return Err(symlink(path)),
        Some(Entry::Unreadable(why)) => return Err(Refusal::at(path, why.clone())),
        Some(Entry::Dir(_)) => {
            return Err(Refusal::at(path, "this is a folder")
                .hint("name the devcontainer.json in it with `--config`"));
        }
        Some(Entry::Present(why)) => return Err(Refusal::at(path, why.to_string())),
        Some(Entry::Missing) | None => return Err(Refusal::at(path, "the file does not exist")),
    };
    let parsed = clean(path, text)?;
    let layout = Layout::of(snapshot, path);
    let entry = layout.entry(path);
    let listed = parsed.root.as_ref().is_some_and(|root| {
        let files = root.get("dockerComposeFile");
        let one = files.into_iter();
        one.flat_map(|node| node.as_array().unwrap_or(std::slice::from_ref(node)))
            .any(|file| file.as_str().is_some_and(|file| file.trim_start_matches("./") == entry))
    });
    if !listed {
        let (path, base) = (path.clone(), text.to_owned());
        return Ok(Source { path, text, base, layout, record: None, edited: Vec::new() });
    }
    let record = snapshot.text(&layout.overlay).and_then(Record::parse).ok_or_else(|| {
        Refusal::at(&layout.overlay, "this file lost what it knows about the configuration before")
            .hint("restore it from version control, or take it out of `dockerComposeFile`")
    })?;
    let restored = restore(text, &record.undo, &entry)
        .ok_or_else(|| Refusal::at(path, "the part that Drawbridge wrote cannot be taken out again"))?;
    let (path, record) = (path.clone(), Some(record));
    Ok(Source { path, text, base: restored.text, layout, record, edited: restored.edited })
}

/// A text that every reader reads alike.
pub(crate) fn clean(path: &RelPath, text: &str) -> Result<Parsed, Refusal> {
    let parsed = parse(text);
    if let Some(error) = parsed.errors.first() {
        return Err(Refusal::at(path, error.message.clone())
            .span(text, error.span)
            .hint("correct the syntax; the Dev Containers CLI may read the file differently than it looks"));
    }
    if let Some(twice) = parsed.duplicates.first() {
        let message = format!("`{}` is written {} times", twice.at, twice.spans.len());
        let span = twice.spans.last().copied().unwrap_or_default();
        return Err(Refusal::at(path, message)
            .span(text, span)
            .hint("keep one: tools differ in which one counts"));
    }
    Ok(parsed)
}

/// The typed view.
pub(crate) fn read<'p>(path: &RelPath, text: &str, parsed: &'p Parsed) -> Result<Config<'p>, Refusal> {
    Config::read(parsed, text).map_err(|errors| {
        let Some(first) = errors.first() else {
            return Refusal::at(path, "not a configuration");
        };
        let refusal = Refusal::at(path, first.to_string()).span(text, first.span());
        match ReadError::hint(first) {
            Some(hint) => refusal.hint(hint),
            None => refusal,
        }
    })
}

impl Refusal {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            file: None,
            line: None,
            column: None,
            hint: None,
            items: Box::default(),
        }
    }

    pub(crate) fn at(file: &RelPath, message: impl Into<String>) -> Self {
        Self { file: Some(file.clone()), ..Self::new(message) }
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub(crate) fn span(mut self, text: &str, span: Span) -> Self {
        let place = LineIndex::new(text).line_col(span.start);
        (self.line, self.column) = (Some(place.line), Some(place.column));
        self
    }
}

impl From<ComposeError> for Refusal {
    fn from(error: ComposeError) -> Self {
        let place = error.place;
        Self {
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            hint: error.hint.map(str::to_owned),
            ..Self::at(&error.file, error.message)
        }
    }
}

/// The options that a configuration was protected with.
pub(crate) fn recorded(snapshot: &Snapshot, config: Option<&RelPath>) -> Option<Options> {
    let paths = match config {
        Some(path) => vec![path.clone()],
        None => discover(snapshot).into_iter().map(|candidate| candidate.path).collect(),
    };
    let mut protected = paths.into_iter().filter_map(|path| {
        let record = open(snapshot, &path).ok()?.record?;
        Some(Options { config: Some(path), ..record.state.options() })
    });
    let only = protected.next()?;
    protected.next().is_none().then_some(only)
}
