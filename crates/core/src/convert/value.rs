//! Values of devcontainer.json as text for a Compose file.

use std::fmt::Write as _;

use crate::devcontainer::variable::{Piece, Variable, pieces};
use crate::project::RelPath;
use crate::yaml::literal;

use super::paths;

/// What the variables stand for, as far as it can be written down.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    /// Folder of the Compose file.
    pub(super) compose_dir: RelPath,
    /// Base name of the opened folder.
    pub(super) basename: String,
    /// `workspaceFolder` as Compose text.
    pub(super) container_folder: String,
}

/// Text for a Compose file, which interpolates it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    /// `$` doubled, variables as `${NAME-default}`.
    pub(super) text: String,
    /// The name of the folder was written in, because Compose does not know it.
    pub(super) fixed_basename: bool,
}

/// Why a value has no Compose text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Untranslatable {
    #[error("`${{devcontainerId}}` is a hash of paths of the host, which Compose cannot compute")]
    DevcontainerId,
    #[error("`${{containerEnv:…}}` has no value before the container runs")]
    ContainerEnv,
    #[error("Compose does not know the absolute path of the workspace")]
    HostPath,
    #[error("`{0}` is not a name that Compose can look up in the environment")]
    Name(String),
    #[error("the value is not a file path that can be written for another folder")]
    Path,
}

impl Scope {
    /// Any text but a path of the host.
    pub(super) fn text(&self, value: &str) -> Result<Value, Untranslatable> {
        let mut out = Value { text: String::new(), fixed_basename: false };
        for piece in pieces(value) {
            self.append(&piece, &mut out)?;
        }
        Ok(out)
    }

    /// A path of the host, where `base` (a folder of the workspace) is what relative ones count
    /// from. The result is relative to the Compose file's folder, absolute, or starts with a
    /// variable.
    pub(super) fn path(&self, value: &str, base: &RelPath) -> Result<Value, Untranslatable> {
        let pieces = pieces(value);
        let (relative, folder): (&[Piece<'_>], &RelPath) = match pieces.first() {
            Some(Piece::Variable(Variable::LocalWorkspaceFolder)) => (&pieces[1..], &RelPath::root()),
            Some(Piece::Variable(Variable::LocalEnv { .. })) => return self.text(value),
            Some(Piece::Literal(text)) if paths::is_absolute(text) || text.starts_with('~') => {
                return self.text(value);
            }
            _ => (&pieces[..], base),
        };
        if relative.len() < pieces.len() && !follows_folder(relative) {
            // `${localWorkspaceFolder}-cache` is a sibling of the workspace.
            return Err(Untranslatable::Path);
        }
        let mut out = Value { text: String::new(), fixed_basename: false };
        for piece in relative {
            self.append(piece, &mut out)?;
        }
        let variable = out.text.find("${").unwrap_or(out.text.len());
        if out.text[variable..].contains("..") {
            // What the dots climb out of is only known when the variable is.
            return Err(Untranslatable::Path);
        }
        out.text = paths::rebase(&out.text, folder, &self.compose_dir);
        Ok(out)
    }

    fn append(&self, piece: &Piece<'_>, out: &mut Value) -> Result<(), Untranslatable> {
        match piece {
            Piece::Literal(text) => out.text.push_str(&literal(text)),
            Piece::Variable(Variable::LocalEnv { name, default }) => {
                if !is_name(name) {
                    return Err(Untranslatable::Name((*name).to_owned()));
                }
                // `-`, not `:-`: the CLI uses the default only for an unset variable.
                let _ = write!(out.text, "${{{name}-{}}}", literal(default));
            }
            Piece::Variable(Variable::LocalWorkspaceFolderBasename) => {
                out.text.push_str(&literal(&self.basename));
                out.fixed_basename = true;
            }
            Piece::Variable(Variable::ContainerWorkspaceFolder) => {
                out.text.push_str(&self.container_folder);
            }
            Piece::Variable(Variable::ContainerWorkspaceFolderBasename) => {
                let name = self.container_folder.rsplit('/').next().unwrap_or_default();
                out.text.push_str(name);
            }
            Piece::Variable(Variable::LocalWorkspaceFolder) => return Err(Untranslatable::HostPath),
            Piece::Variable(Variable::DevcontainerId) => return Err(Untranslatable::DevcontainerId),
            Piece::Variable(Variable::ContainerEnv { .. }) => return Err(Untranslatable::ContainerEnv),
        }
        Ok(())
    }
}

/// A name that Compose's interpolation accepts.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn follows_folder(rest: &[Piece<'_>]) -> bool {
    match rest.first() {
        None => true,
        Some(Piece::Literal(text)) => text.starts_with(['/', '\\']),
        Some(Piece::Variable(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope {
            compose_dir: RelPath::new(".devcontainer").expect("relative"),
            basename: "app".to_owned(),
            container_folder: "/workspaces/app".to_owned(),
        }
    }

    fn text(value: &str) -> Result<String, Untranslatable> {
        scope().text(value).map(|value| value.text)
    }

    fn path(value: &str) -> Result<String, Untranslatable> {
        scope().path(value, &RelPath::root()).map(|value| value.text)
    }

    #[test]
    fn environment_becomes_interpolation_with_the_same_default() {
        assert_eq!(text("${localEnv:USER}").as_deref(), Ok("${USER-}"));
        assert_eq!(text("x-${env:USER:anon:y}").as_deref(), Ok("x-${USER-anon}"));
        assert_eq!(text("${localEnv:A:$B}").as_deref(), Ok("${A-$$B}"));
        assert_eq!(text("$HOME ${foo}").as_deref(), Ok("$$HOME $${foo}"));
        assert_eq!(text("${localEnv}"), Err(Untranslatable::Name(String::new())));
        assert_eq!(text("${env:A(x)}"), Err(Untranslatable::Name("A(x)".to_owned())));
    }

    #[test]
    fn the_workspace_is_known_as_far_as_compose_can_know_it() {
        assert_eq!(text("${containerWorkspaceFolder}/x").as_deref(), Ok("/workspaces/app/x"));
        assert_eq!(text("${containerWorkspaceFolderBasename}").as_deref(), Ok("app"));
        assert_eq!(text("${localWorkspaceFolder}"), Err(Untranslatable::HostPath));
        assert_eq!(text("${devcontainerId}"), Err(Untranslatable::DevcontainerId));
        assert_eq!(text("${containerEnv:PATH}"), Err(Untranslatable::ContainerEnv));
        let name = scope().text("c-${localWorkspaceFolderBasename}");
        assert_eq!(name, Ok(Value { text: "c-app".to_owned(), fixed_basename: true }));
    }

    #[test]
    fn paths_are_relative_to_the_compose_file() {
        assert_eq!(path("${localWorkspaceFolder}").as_deref(), Ok(".."));
        assert_eq!(path("${localWorkspaceFolder}/").as_deref(), Ok(".."));
        assert_eq!(path("${localWorkspaceFolder}/a/../b").as_deref(), Ok("../b"));
        assert_eq!(path("${localWorkspaceFolder}/../rmm").as_deref(), Ok("../../rmm"));
        assert_eq!(path("./.devcontainer/x.env").as_deref(), Ok("./x.env"));
        assert_eq!(path("/var/run/docker.sock").as_deref(), Ok("/var/run/docker.sock"));
        assert_eq!(path("${localEnv:HOME}/.ssh").as_deref(), Ok("${HOME-}/.ssh"));
        assert_eq!(path("${localWorkspaceFolder}-x"), Err(Untranslatable::Path));
    }
}
