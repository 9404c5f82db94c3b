//! `drawbridge proxy personal`: fills the volume of the user's own layer, in a container that runs
//! once and has no network.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use drawbridge_host::personal::{Content, LAYERS};
use drawbridge_proxy::paths;

use crate::error::CliError;
use crate::exit::Outcome;
use crate::session::Session;

/// Two layers and a company's certificates are far below.
const CAP: u64 = 16 << 20;
/// Whose content it is; the gate does not read it.
const OWNER: &str = "owner";

/// Replace the personal layer by what standard input says
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

impl Args {
    #[expect(clippy::unused_self, reason = "every command has this shape")]
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let mut json = Vec::new();
        session.stdin.take(CAP).read_to_end(&mut json)?;
        let content: Content = serde_json::from_slice(&json).map_err(|error| {
            CliError::refused(format!("standard input is not understood: {error}"), "see `drawbridge up`")
        })?;
        if let Some(before) = write(Path::new(paths::PERSONAL), &content)? {
            writeln!(session.out, "{before}")?;
        }
        Ok(Outcome::Done)
    }
}

/// Writes it all and returns whose content was there, when it was somebody else's.
fn write(folder: &Path, content: &Content) -> io::Result<Option<String>> {
    let owner = folder.join(OWNER);
    let before = fs::read_to_string(&owner).ok().filter(|before| *before != content.owner);
    replace(&owner, &content.owner)?;
    for name in LAYERS {
        let path = folder.join(name);
        match content.layers.get(name) {
            Some(text) => replace(&path, text)?,
            None => remove(&path)?,
        }
    }
    let store = folder.join("cas");
    if let Some(cas) = &content.cas {
        certificates(&store, "host-", cas)?;
    }
    if !content.added.is_empty() || store.is_dir() {
        certificates(&store, "added-", &content.added)?;
    }
    Ok(before)
}

/// Numbered files whose names start with `prefix`: exactly these certificates.
fn certificates(store: &Path, prefix: &str, cas: &[String]) -> io::Result<()> {
    fs::create_dir_all(store)?;
    for (index, pem) in cas.iter().enumerate() {
        replace(&store.join(format!("{prefix}{index:03}.pem")), pem)?;
    }
    for entry in fs::read_dir(store)? {
        let path = entry?.path();
        let number =
            path.file_stem().and_then(|name| name.to_str()?.strip_prefix(prefix)?.parse::<usize>().ok());
        if number.is_some_and(|number| number >= cas.len()) {
            remove(&path)?;
        }
    }
    Ok(())
}

/// A gate that reads while this writes sees the old file or the new one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let unfinished = path.with_extension("tmp");
    let mut file = fs::File::create(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_volume_holds_exactly_what_was_said() {
        let dir = tempfile::tempdir().unwrap();
        let mut content = Content::default();
        content.layers.insert("personal.jsonc".to_owned(), "{}".to_owned());
        content.layers.insert("../escape".to_owned(), "x".to_owned());
        content.cas = Some(vec!["a".to_owned(), "b".to_owned()]);
        write(dir.path(), &content).unwrap();
        assert_eq!(names(dir.path()), ["cas", "owner", "personal.jsonc"]);
        assert_eq!(names(&dir.path().join("cas")), ["host-000.pem", "host-001.pem"]);
        assert!(!dir.path().parent().unwrap().join("escape").exists());

        content.layers.clear();
        content.cas = Some(vec!["a".to_owned()]);
        write(dir.path(), &content).unwrap();
        assert_eq!(names(dir.path()), ["cas", "owner"]);
        assert_eq!(names(&dir.path().join("cas")), ["host-000.pem"]);

        content.cas = None;
        content.added = vec!["c".to_owned()];
        write(dir.path(), &content).unwrap();
        assert_eq!(names(&dir.path().join("cas")), ["added-000.pem", "host-000.pem"]);
        content.added.clear();
        write(dir.path(), &content).unwrap();
        assert_eq!(names(&dir.path().join("cas")), ["host-000.pem"]);
    }
    #[test]
    fn another_owner_is_told_whose_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let of = |owner: &str| Content { owner: owner.to_owned(), ..Content::default() };
        assert_eq!(write(dir.path(), &of("/home/a/.config")).unwrap(), None);
        assert_eq!(write(dir.path(), &of("/home/a/.config")).unwrap(), None);
        let before = write(dir.path(), &of("/home/b/.config")).unwrap();
        assert_eq!(before.as_deref(), Some("/home/a/.config"));
        assert_eq!(write(dir.path(), &of("/home/b/.config")).unwrap(), None);
    }
}
