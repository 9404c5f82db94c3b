//! How secrets were set, so that they can be fetched again: never their values.
//!
//! Kept in the state folder of the user, because a command that runs on this machine must not come
//! from a repository.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::process::{ProcessError, Tools};
use crate::variables;

/// Recipes are short.
const CAP: u64 = 1 << 20;
/// A command may ask the person, for example for a fingerprint.
const PATIENCE: Duration = Duration::from_mins(2);

/// How one secret was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The words of `proxy ctl secret-set`, without the name.
    pub words: Vec<String>,
    /// What prints the value on this machine.
    pub command: String,
}

/// The recipes of one workspace: configuration, then name.
#[derive(Debug, Default)]
pub struct Recipes {
    path: PathBuf,
    by_config: BTreeMap<String, BTreeMap<String, Recipe>>,
}

/// Why a command gave no secret. What it printed is not part of any message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// It could not be run.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// It failed.
    #[error("the command ended with code {}", code.map_or_else(|| "none".to_owned(), |code| code.to_string()))]
    Failed {
        /// Exit code; `None` when a signal ended it.
        code: Option<i32>,
    },
    /// The recipes could not be read or written.
    #[error("cannot use `{}`", path.display())]
    Recipes {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl Recipes {
    /// Reads the recipes in `folder`, the workspace's folder in the user's state.
    pub fn open(folder: &Path) -> Result<Self, SecretError> {
        let path = folder.join("secrets.json");
        let read = || {
            let file = match std::fs::File::open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
                Err(error) => return Err(error),
            };
            let mut text = Vec::new();
            file.take(CAP).read_to_end(&mut text)?;
            Ok(serde_json::from_slice(&text)?)
        };
        match read() {
            Ok(by_config) => Ok(Self { path, by_config }),
            Err(source) => Err(SecretError::Recipes { path, source }),
        }
    }

    /// The recipes of a configuration.
    pub fn of(&self, config: &str) -> impl Iterator<Item = (&str, &Recipe)> {
        self.by_config.get(config).into_iter().flatten().map(|(name, recipe)| (name.as_str(), recipe))
    }

    /// Remembers a recipe, or forgets it.
    pub fn put(&mut self, config: &str, name: &str, recipe: Option<Recipe>) -> Result<(), SecretError> {
        let names = self.by_config.entry(config.to_owned()).or_default();
        let changed = match recipe {
            Some(recipe) => names.insert(name.to_owned(), recipe.clone()) != Some(recipe),
            None => names.remove(name).is_some(),
        };
        if !changed {
            return Ok(());
        }
        self.write().map_err(|source| SecretError::Recipes { path: self.path.clone(), source })
    }

    fn write(&self) -> io::Result<()> {
        let unfinished = self.path.with_extension("new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&unfinished)?;
        file.write_all(&serde_json::to_vec_pretty(&self.by_config)?)?;
        file.sync_all()?;
        std::fs::rename(unfinished, &self.path)
    }
}

/// Runs a command of the user's own and returns what it prints.
///
/// In the home folder: the workspace is the container's to write, and a shell looks there too when
/// `PATH` holds a relative folder.
pub fn fetch(tools: &Tools, command: &str) -> Result<Vec<u8>, SecretError> {
    let home = std::env::var_os(variables::HOME).map_or_else(|| PathBuf::from("/"), PathBuf::from);
    let program = tools.program("sh").args(["-c", command]).dir(&home).deadline(PATIENCE);
    let output = program.capture_stdout()?;
    if output.code == Some(0) { Ok(output.stdout) } else { Err(SecretError::Failed { code: output.code }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_are_kept_apart_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let recipe = |command: &str| Recipe { words: vec!["--basic".into()], command: command.into() };
        let mut recipes = Recipes::open(folder.path()).unwrap();
        recipes.put("a.json", "git", Some(recipe("one"))).unwrap();
        recipes.put("b.json", "git", Some(recipe("two"))).unwrap();
        let mut again = Recipes::open(folder.path()).unwrap();
        let found: Vec<_> =
            again.of("a.json").map(|(name, recipe)| (name, recipe.command.as_str())).collect();
        assert_eq!(found, [("git", "one")]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = folder.path().join("secrets.json").metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        again.put("a.json", "git", None).unwrap();
        assert_eq!(Recipes::open(folder.path()).unwrap().of("a.json").count(), 0);
    }

    #[test]
    fn a_command_that_fails_gives_nothing_away() {
        let tools = Tools::default();
        assert_eq!(fetch(&tools, "printf abc").unwrap(), b"abc");
        let error = fetch(&tools, "printf abc; exit 3").unwrap_err();
        assert_eq!(error.to_string(), "the command ended with code 3");
    }
}
