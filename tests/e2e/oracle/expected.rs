//! The differences that protecting makes, each with its reason. Everything else is a defect.

/// One difference. Places and values are patterns, where `*` is any text; values are JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Difference {
    /// The container: `dev`, the name of a service, or `*`.
    pub(crate) of: &'static str,
    /// The place in the normalised inspection.
    pub(crate) at: &'static str,
    /// The value before; `None` when there was none.
    pub(crate) before: Option<&'static str>,
    /// The value after; `None` when there is none.
    pub(crate) after: Option<&'static str>,
    /// Where it must be found.
    pub(crate) found: Found,
    /// The reason.
    pub(crate) why: &'static str,
}

/// Where a difference must be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// In every case that it is listed for.
    Always,
    /// Depends on what the configuration says.
    Sometimes,
}

impl Difference {
    const fn new(
        at: &'static str,
        before: Option<&'static str>,
        after: Option<&'static str>,
        why: &'static str,
    ) -> Self {
        Self { of: "dev", at, before, after, found: Found::Always, why }
    }

    /// New.
    pub(crate) const fn added(at: &'static str, after: &'static str, why: &'static str) -> Self {
        Self::new(at, None, Some(after), why)
    }

    /// Gone.
    pub(crate) const fn removed(at: &'static str, before: &'static str, why: &'static str) -> Self {
        Self::new(at, Some(before), None, why)
    }

    /// Another value.
    pub(crate) const fn changed(
        at: &'static str,
        before: &'static str,
        after: &'static str,
        why: &'static str,
    ) -> Self {
        Self::new(at, Some(before), Some(after), why)
    }

    pub(crate) const fn of(mut self, container: &'static str) -> Self {
        self.of = container;
        self
    }

    pub(crate) const fn sometimes(mut self) -> Self {
        self.found = Found::Sometimes;
        self
    }

    /// Whether this is the listed one.
    pub(crate) fn covers(&self, of: &str, at: &str, before: Option<&str>, after: Option<&str>) -> bool {
        let value = |pattern: Option<&str>, value: Option<&str>| match (pattern, value) {
            (None, None) => true,
            (Some(pattern), Some(value)) => matches(pattern, value),
            _ => false,
        };
        matches(self.of, of) && matches(self.at, at) && value(self.before, before) && value(self.after, after)
    }
}

const PROXY: &str = "programs that know a proxy use the gate's, which tells them why a request is refused";
const ONE_NETWORK: &str = "the gate's network replaces every other one";
const RELAYED: &str = "an internal network publishes nothing: the sidecar does, which `relays` checks";
const COMPOSE: &str = "the container belongs to a Compose project now, whose labels tell its parts";
const EXECUTED: &str = "the next launch executes it";
const HARDENED: &str = "written by `protect` for the editor; the CLI copies it into the label";

/// For every configuration.
pub(crate) const GATE: &[Difference] = &[
    Difference::added("Config.Env.http_proxy", "\"http://198.1*:3128\"", PROXY),
    Difference::added("Config.Env.https_proxy", "\"http://198.1*:3128\"", PROXY),
    Difference::added("Config.Env.HTTP_PROXY", "\"http://198.1*:3128\"", PROXY),
    Difference::added("Config.Env.HTTPS_PROXY", "\"http://198.1*:3128\"", PROXY),
    Difference::added("Config.Env.no_proxy", "\"localhost,127.0.0.1,::1,198.1*\"", PROXY),
    Difference::added("Config.Env.NO_PROXY", "\"localhost,127.0.0.1,::1,198.1*\"", PROXY),
    Difference::added(
        "Config.Env.GIT_SSH_COMMAND",
        "\"ssh -o 'ProxyCommand=/run/drawbridge/share/bin/drawbridge connect %h %p'\"",
        "ssh has no proxy variable",
    ),
    Difference::added(
        "Mounts./run/drawbridge/share.Type",
        "\"volume\"",
        "the sidecar's program and certificates",
    ),
    Difference::added("Mounts./run/drawbridge/share.Name", "\"*_drawbridge-share*\"", "the project's own"),
    Difference::added("Mounts./run/drawbridge/share.RW", "false", "the container must not change it"),
    Difference::added("Mounts./run/drawbridge/share.NoCopy", "true", "the container's files stay out of it"),
    Difference::added(
        "Config.Labels.devcontainer.metadata.*.customizations.vscode.settings.*",
        "*",
        HARDENED,
    ),
    Difference::added("Config.Labels.devcontainer.metadata.*.remoteEnv.DISPLAY", "\"\"", HARDENED)
        .sometimes(),
    Difference::added(
        "Config.Labels.devcontainer.metadata.*.customizations.jetbrains.settings.com.intellij:app:HttpConfigurable.use_proxy_pac",
        "true",
        "the back end takes the proxy from the container's variables",
    )
    .sometimes(),
    Difference::added("Bound.*", "\"pinned\"", "a folder on the way cannot be renamed from inside")
        .sometimes(),
    Difference::added("Bound.*/.devcontainer", "\"read-only\"", EXECUTED).sometimes(),
    Difference::added("Bound.*/.devcontainer.json", "\"read-only\"", EXECUTED).sometimes(),
    Difference::added("Bound.*/.git/hooks", "\"read-only\"", "the host's git executes it").sometimes(),
    Difference::added("Bound.*.yaml", "\"read-only\"", EXECUTED).sometimes(),
    Difference::added("Bound.*/Dockerfile", "\"read-only\"", EXECUTED).sometimes(),
    Difference::added("Bound.*/.env", "\"read-only\"", "decides what the Compose files say").sometimes(),
    Difference::changed("Networks", "*", "[\"*_drawbridge*\"]", ONE_NETWORK).of("*").sometimes(),
    Difference::added("Networks", "[\"*_drawbridge*\"]", ONE_NETWORK).of("*").sometimes(),
    Difference::changed("HostConfig.NetworkMode", "*", "\"*_drawbridge*\"", ONE_NETWORK).of("*").sometimes(),
    Difference::added("HostConfig.Dns", "[\"198.1*\"]", "only the sidecar answers on the gate's network")
        .of("*")
        .sometimes(),
    Difference::changed("HostConfig.Dns", "*", "[\"198.1*\"]", "replaces what could not be reached")
        .of("*")
        .sometimes(),
    Difference::removed("HostConfig.PortBindings.*", "*", RELAYED).of("*").sometimes(),
    Difference::removed("Published.*", "*", RELAYED).of("*").sometimes(),
];

/// For image and Dockerfile configurations, beside the gate.
pub(crate) const CONVERTED: &[Difference] = &[
    Difference::added("Config.Labels.com.docker.compose.*", "*", COMPOSE),
    Difference::added(
        "Config.Labels.devcontainer.metadata.*.overrideCommand",
        "true",
        "what was the default for `docker run` must be said for Compose",
    )
    .sometimes(),
    Difference::changed(
        "Config.Labels.devcontainer.metadata.*.shutdownAction",
        "\"stopContainer\"",
        "\"stopCompose\"",
        "the same wish has another name for Compose",
    )
    .sometimes(),
    Difference::changed("Name", "\"*\"", "\"*-dev-1\"", "`docker run` made a name up").sometimes(),
    Difference::changed("Name", "\"*\"", "\"*-dev-*-1\"", "`docker run` made a name up").sometimes(),
];

/// For Compose configurations, beside the gate.
pub(crate) const COMPOSED: &[Difference] = &[
    Difference::changed("Config.Labels.com.docker.compose.config-hash", "*", "*", "the service changed")
        .of("*")
        .sometimes(),
    Difference::changed(
        "Config.Labels.com.docker.compose.project.config_files",
        "*",
        "*drawbridge*.compose.yaml*",
        "our file is the last of the project's",
    )
    .of("*"),
    Difference::changed(
        "Config.Labels.com.docker.compose.depends_on",
        "*",
        "*drawbridge*:service_healthy:*",
        "the dev container waits for the sidecar",
    )
    .sometimes(),
    Difference::added(
        "Config.Labels.com.docker.compose.depends_on",
        "*drawbridge*:service_healthy:*",
        "the dev container waits for the sidecar",
    )
    .sometimes(),
];

/// Whether `pattern` describes all of `text`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == text };
    let Some(rest) = text.strip_prefix(head) else { return false };
    // The shortest way on is tried first; the patterns are short.
    (0..=rest.len()).any(|at| rest.get(at..).is_some_and(|rest| matches(tail, rest)))
}

#[test]
fn patterns_describe_all_of_a_text() {
    for (pattern, text) in
        [("*", ""), ("a*c", "abc"), ("a*c", "ac"), ("*.b.*", "a.b.c"), ("a*b*b", "abbb"), ("a", "a")]
    {
        assert!(matches(pattern, text), "{pattern} {text}");
    }
    for (pattern, text) in [("a", "ab"), ("a*", "ba"), ("*a", "ab"), ("a*b*c", "acb"), ("", "a")] {
        assert!(!matches(pattern, text), "{pattern} {text}");
    }
}
