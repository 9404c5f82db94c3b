//! `${…}` in devcontainer.json: `/\$\{(.*?)\}/g`, no nesting, no escape.

/// A piece of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text that stays as it is, including unknown `${…}` and `$NAME`.
    Literal(&'a str),
    /// A variable that the CLI replaces.
    Variable(Variable<'a>),
}

/// The variables that the CLI knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variable<'a> {
    /// `${localEnv:NAME}`, `${env:NAME}`: of the machine that runs the CLI.
    LocalEnv {
        /// Empty when it was left out, which the CLI refuses.
        name: &'a str,
        /// Up to the next colon; used when the variable is unset, not when it is empty.
        default: &'a str,
    },
    /// `${containerEnv:NAME}`: of the running container.
    ContainerEnv {
        /// Name of the variable.
        name: &'a str,
    },
    /// `${localWorkspaceFolder}`: absolute path of the opened folder on the host.
    LocalWorkspaceFolder,
    /// `${localWorkspaceFolderBasename}`
    LocalWorkspaceFolderBasename,
    /// `${containerWorkspaceFolder}`: the value of `workspaceFolder`.
    ContainerWorkspaceFolder,
    /// `${containerWorkspaceFolderBasename}`
    ContainerWorkspaceFolderBasename,
    /// `${devcontainerId}`: a hash of absolute paths of the host.
    DevcontainerId,
}

/// Splits a value. Joining the pieces' sources gives the value back.
pub fn pieces(value: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut literal = 0;
    let mut from = 0;
    while let Some(open) = value[from..].find("${").map(|at| from + at) {
        let Some(close) = value[open + 2..].find('}').map(|at| open + 2 + at) else { break };
        if let Some(variable) = variable(&value[open + 2..close]) {
            if literal < open {
                pieces.push(Piece::Literal(&value[literal..open]));
            }
            pieces.push(Piece::Variable(variable));
            literal = close + 1;
        }
        from = close + 1;
    }
    if literal < value.len() {
        pieces.push(Piece::Literal(&value[literal..]));
    }
    pieces
}

/// Whether the CLI would replace anything in `value`.
pub fn is_static(value: &str) -> bool {
    pieces(value).iter().all(|piece| matches!(piece, Piece::Literal(_)))
}

fn variable(inside: &str) -> Option<Variable<'_>> {
    let mut parts = inside.split(':');
    let kind = parts.next().unwrap_or_default();
    let name = parts.next().unwrap_or_default();
    let default = parts.next().unwrap_or_default();
    Some(match kind {
        "env" | "localEnv" => Variable::LocalEnv { name, default },
        "containerEnv" => Variable::ContainerEnv { name },
        "localWorkspaceFolder" => Variable::LocalWorkspaceFolder,
        "localWorkspaceFolderBasename" => Variable::LocalWorkspaceFolderBasename,
        "containerWorkspaceFolder" => Variable::ContainerWorkspaceFolder,
        "containerWorkspaceFolderBasename" => Variable::ContainerWorkspaceFolderBasename,
        "devcontainerId" => Variable::DevcontainerId,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_variables_are_found_and_the_rest_stays_text() {
        assert_eq!(
            pieces("a-${localEnv:USER:anon:x}-${foo}-$HOME-${devcontainerId}"),
            [
                Piece::Literal("a-"),
                Piece::Variable(Variable::LocalEnv { name: "USER", default: "anon" }),
                Piece::Literal("-${foo}-$HOME-"),
                Piece::Variable(Variable::DevcontainerId),
            ]
        );
    }

    #[test]
    fn nothing_nests_and_nothing_is_escaped() {
        assert_eq!(
            pieces(r"\${localEnv:HOME} ${localEnv:${localEnv:X}}"),
            [
                Piece::Literal("\\"),
                Piece::Variable(Variable::LocalEnv { name: "HOME", default: "" }),
                Piece::Literal(" "),
                Piece::Variable(Variable::LocalEnv { name: "${localEnv", default: "X" }),
                Piece::Literal("}"),
            ]
        );
    }

    #[test]
    fn an_open_brace_without_an_end_is_text() {
        assert_eq!(pieces("${localEnv:HOME"), [Piece::Literal("${localEnv:HOME")]);
        assert!(is_static("") && is_static("${}") && is_static("$"));
    }
}
