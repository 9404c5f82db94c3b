//! The editors that are known, and where each keeps what.

/// One editor.
pub(super) struct Editor {
    pub(super) name: &'static str,
    /// Its folder of user data.
    pub(super) data: &'static str,
    /// Its folder of extensions, below the home.
    pub(super) extensions: &'static str,
    /// Where it reads policies.
    pub(super) policies: Policies,
    /// The name of its processes.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "processes are looked at on Linux only")
    )]
    pub(super) process: &'static str,
    /// Its `resources/app` on Linux, macOS and Windows, there of one user and of all; `~/` is the home.
    pub(super) app: [&'static str; 4],
    /// The product file's key that holds the version of VS Code that it is built from.
    pub(super) version: &'static str,
}

/// Where an editor reads policies; `None` is not documented by its makers, so nothing is believed to be one.
pub(super) struct Policies {
    /// A file of JSON; `~/` is the home. VS Code 1.106 and its Insiders read the same one (microsoft/vscode#272579,
    /// #274852), VSCodium its own (VSCodium/vscodium#2638), Cursor 2.0 that of the user (its "Deployment patterns").
    pub(super) linux: Option<&'static str>,
    /// The domain of preferences, which is the bundle's identifier (`main.ts`, `NativePolicyService`).
    pub(super) macos: Option<&'static str>,
    /// The key below `Software\Policies` (microsoft/vscode-policy-watcher; VSCodium/vscodium#2723).
    pub(super) windows: Option<&'static str>,
}

pub(super) const EDITORS: [Editor; 5] = [
    Editor {
        name: "VS Code",
        data: "Code",
        extensions: ".vscode",
        policies: Policies {
            linux: Some("/etc/vscode/policy.json"),
            macos: Some("com.microsoft.VSCode"),
            windows: Some(r"Microsoft\VSCode"),
        },
        process: "code",
        app: [
            "/usr/share/code/resources/app",
            "/Applications/Visual Studio Code.app/Contents/Resources/app",
            "~/AppData/Local/Programs/Microsoft VS Code/resources/app",
            "/Program Files/Microsoft VS Code/resources/app",
        ],
        version: "version",
    },
    Editor {
        name: "VS Code Insiders",
        data: "Code - Insiders",
        extensions: ".vscode-insiders",
        policies: Policies {
            linux: Some("/etc/vscode/policy.json"),
            macos: Some("com.microsoft.VSCodeInsiders"),
            windows: Some(r"Microsoft\VSCodeInsiders"),
        },
        process: "code-insiders",
        app: [
            "/usr/share/code-insiders/resources/app",
            "/Applications/Visual Studio Code - Insiders.app/Contents/Resources/app",
            "~/AppData/Local/Programs/Microsoft VS Code Insiders/resources/app",
            "/Program Files/Microsoft VS Code Insiders/resources/app",
        ],
        version: "version",
    },
    Editor {
        name: "VSCodium",
        data: "VSCodium",
        extensions: ".vscode-oss",
        policies: Policies {
            linux: Some("/etc/vscodium/policy.json"),
            macos: Some("com.vscodium"),
            windows: Some(r"VSCodium\VSCodium"),
        },
        process: "codium",
        app: [
            "/usr/share/codium/resources/app",
            "/Applications/VSCodium.app/Contents/Resources/app",
            "~/AppData/Local/Programs/VSCodium/resources/app",
            "/Program Files/VSCodium/resources/app",
        ],
        version: "version",
    },
    Editor {
        name: "Cursor",
        data: "Cursor",
        extensions: ".cursor",
        policies: Policies {
            linux: Some("~/.cursor/policy.json"),
            macos: Some("com.todesktop.230313mzl4w4u92"),
            windows: None,
        },
        process: "cursor",
        app: [
            "/usr/share/cursor/resources/app",
            "/Applications/Cursor.app/Contents/Resources/app",
            "~/AppData/Local/Programs/cursor/resources/app",
            "/Program Files/cursor/resources/app",
        ],
        version: "vscodeVersion",
    },
    Editor {
        name: "Windsurf",
        data: "Windsurf",
        extensions: ".windsurf",
        policies: Policies { linux: None, macos: None, windows: None },
        process: "windsurf",
        app: [
            "/usr/share/windsurf/resources/app",
            "/Applications/Windsurf.app/Contents/Resources/app",
            "~/AppData/Local/Programs/Windsurf/resources/app",
            "/Program Files/Windsurf/resources/app",
        ],
        version: "vscodeVersion",
    },
];
