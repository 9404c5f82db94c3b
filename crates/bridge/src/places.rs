//! Folders and files of the bridge and of the user's credentials.

use crate::Product;

/// A path that a confined process has no business in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    /// Path; a leading `~/` is the user's home.
    pub path: &'static str,
    /// Who places it; `None` for the user's own credentials.
    pub product: Option<Product>,
    /// How far it is kept away.
    pub access: Access,
    /// Why.
    pub why: &'static str,
}

/// What a confined process may do with a [`Place`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Nothing: neither read nor write.
    Hidden,
    /// Read only, even where its surroundings are writable.
    ReadOnly,
}

/// Every place.
pub const PLACES: &[Place] = &[
    ide("~/.vscode-server", Product::VsCode, "server and extensions: code that runs outside the walls"),
    ide(
        "~/.vscode-server-insiders",
        Product::VsCode,
        "server and extensions: code that runs outside the walls",
    ),
    ide("~/.vscode-remote", Product::VsCode, "server and extensions: code that runs outside the walls"),
    ide("~/.vscode-remote-containers", Product::DevContainers, "helper that talks to the host"),
    ide("~/.vscodium-server", Product::VsCode, "server and extensions: code that runs outside the walls"),
    ide("~/.cursor-server", Product::VsCode, "server and extensions: code that runs outside the walls"),
    ide("~/.windsurf-server", Product::VsCode, "server and extensions: code that runs outside the walls"),
    ide("/vscode", Product::VsCode, "server cache shared by all dev containers of the engine"),
    ide("/.jbdevcontainer", Product::JetBrains, "back end shared by all dev containers of the engine"),
    own("~/.ssh", "keys and known hosts"),
    own("~/.gnupg", "keys and agent socket"),
    own("~/.docker", "registry credentials"),
    own("~/.aws", "cloud credentials"),
    own("~/.azure", "cloud credentials"),
    own("~/.config/gcloud", "cloud credentials"),
    own("~/.kube", "cluster credentials"),
    own("~/.netrc", "passwords"),
    own("~/.git-credentials", "passwords"),
    startup("~/.bashrc"),
    startup("~/.bash_profile"),
    startup("~/.bash_logout"),
    startup("~/.profile"),
    startup("~/.zshrc"),
    startup("~/.zshenv"),
    startup("~/.zprofile"),
    startup("~/.gitconfig"),
    startup("~/.config/git"),
    startup("~/.npmrc"),
    startup("~/.config/autostart"),
    startup("~/.local/bin"),
];

const fn ide(path: &'static str, product: Product, why: &'static str) -> Place {
    Place { path, product: Some(product), access: Access::Hidden, why }
}

const fn own(path: &'static str, why: &'static str) -> Place {
    Place { path, product: None, access: Access::Hidden, why }
}

const fn startup(path: &'static str) -> Place {
    Place {
        path,
        product: None,
        access: Access::ReadOnly,
        why: "runs in shells and programs outside the walls",
    }
}
