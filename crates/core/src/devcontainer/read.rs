//! From the document to [`Config`], collecting every error.

use drawbridge_jsonc::{Node, NodeKind, Parsed, Pointer};
use drawbridge_text::Span;

use super::{Build, Config, Hook, Kind, Located, Mount, PortEntry, ReadError, Text};

/// Most entries of one list or mapping that are read.
pub const MAX_ITEMS: usize = 4096;

/// Every property of the specification, the legacy ones at the end.
pub const PROPERTIES: [&str; 44] = [
    "$schema",
    "name",
    "image",
    "build",
    "dockerComposeFile",
    "service",
    "runServices",
    "workspaceFolder",
    "workspaceMount",
    "runArgs",
    "appPort",
    "forwardPorts",
    "portsAttributes",
    "otherPortsAttributes",
    "mounts",
    "containerEnv",
    "remoteEnv",
    "containerUser",
    "remoteUser",
    "updateRemoteUserUID",
    "userEnvProbe",
    "overrideCommand",
    "shutdownAction",
    "init",
    "privileged",
    "capAdd",
    "securityOpt",
    "features",
    "overrideFeatureInstallOrder",
    "initializeCommand",
    "onCreateCommand",
    "updateContentCommand",
    "postCreateCommand",
    "postStartCommand",
    "postAttachCommand",
    "waitFor",
    "customizations",
    "hostRequirements",
    "secrets",
    "dockerFile",
    "context",
    "extensions",
    "settings",
    "devPort",
];

/// The hooks in the order in which they run; the first one on the host.
const HOOKS: [&str; 6] = [
    "initializeCommand",
    "onCreateCommand",
    "updateContentCommand",
    "postCreateCommand",
    "postStartCommand",
    "postAttachCommand",
];

pub(super) fn read<'a>(parsed: &'a Parsed, text: &str) -> Result<Config<'a>, Vec<ReadError>> {
    let Some(root) = &parsed.root else {
        return Err(vec![ReadError::Empty { span: Span::at(text.len()) }]);
    };
    if !matches!(root.kind, NodeKind::Object(_)) {
        return Err(vec![ReadError::NotAnObject { found: root.describe(), span: root.span }]);
    }
    let mut reader = Reader { root, errors: Vec::new() };
    let config = reader.config();
    if reader.errors.is_empty() { Ok(config) } else { Err(reader.errors) }
}

struct Reader<'a> {
    root: &'a Node,
    errors: Vec<ReadError>,
}

impl<'a> Reader<'a> {
    fn config(&mut self) -> Config<'a> {
        let build = self.build();
        let image = self.text("image");
        let compose_files = self.one_or_many("dockerComposeFile");
        let kind = self.kind(build.dockerfile.is_some(), compose_files.is_some());
        let service = self.text("service");
        if kind == Kind::Compose && service.is_none() {
            let span = self.get("dockerComposeFile").map_or(self.root.span, |node| node.span);
            self.errors.push(ReadError::MissingService { span });
        }
        Config {
            root: self.root,
            kind,
            name: self.text("name"),
            image,
            build,
            compose_files,
            service,
            run_services: self.get("runServices").map(|_| self.texts("runServices")),
            workspace_folder: self.text("workspaceFolder"),
            workspace_mount: self.text("workspaceMount"),
            run_args: self.texts("runArgs"),
            app_ports: self.ports("appPort"),
            forward_ports: self.ports("forwardPorts"),
            mounts: self.mounts(),
            container_env: self.container_env(),
            remote_env: self.remote_env(),
            container_user: self.text("containerUser"),
            remote_user: self.text("remoteUser"),
            update_remote_user_uid: self.flag("updateRemoteUserUID"),
            user_env_probe: self.text("userEnvProbe"),
            override_command: self.flag("overrideCommand"),
            shutdown_action: self.text("shutdownAction"),
            init: self.flag("init"),
            privileged: self.flag("privileged"),
            cap_add: self.texts("capAdd"),
            security_opt: self.texts("securityOpt"),
            features: self.features(),
            feature_order: self.texts("overrideFeatureInstallOrder"),
            hooks: self.hooks(),
            wait_for: self.text("waitFor"),
            customizations: self.object("customizations"),
            host_requirements: self.object("hostRequirements"),
            ports_attributes: self.object("portsAttributes"),
            other_ports_attributes: self.object("otherPortsAttributes"),
            secrets: self.object("secrets"),
            legacy_extensions: self.get("extensions"),
            legacy_settings: self.get("settings"),
            unknown: self.unknown(),
        }
    }

    /// The order of the CLI's `up`; its other commands ask in another one.
    fn kind(&self, dockerfile: bool, compose: bool) -> Kind {
        if dockerfile {
            Kind::Dockerfile
        } else if self.get("image").is_some() {
            Kind::Image
        } else if compose {
            Kind::Compose
        } else {
            Kind::None
        }
    }

    fn build(&mut self) -> Build {
        let object = self.object("build");
        let at = Pointer::root().key("build");
        let mut inner = |key: &str| {
            let node = object.and_then(|build| present(build.get(key)))?;
            Some((node, at.key(key)))
        };
        let [dockerfile, context, args, target, cache_from, options] =
            ["dockerfile", "context", "args", "target", "cacheFrom", "options"].map(&mut inner);
        Build {
            dockerfile: self.text("dockerFile").or_else(|| self.text_at(dockerfile)),
            context: self.text("context").or_else(|| self.text_at(context)),
            args: args.map(|(node, at)| self.scalars(node, &at)).unwrap_or_default(),
            target: self.text_at(target),
            cache_from: cache_from.map(|(node, at)| self.string_or_list(node, &at)).unwrap_or_default(),
            options: options.map(|(node, at)| self.list(node, &at)).unwrap_or_default(),
        }
    }

    fn mounts(&mut self) -> Vec<Located<Mount>> {
        let Some((node, at)) = self.place("mounts") else { return Vec::new() };
        let mut mounts = Vec::new();
        for (index, item) in self.items(node, &at).iter().enumerate() {
            let at = at.index(index);
            let value = match &item.kind {
                NodeKind::String(text) => Mount::parse(text),
                NodeKind::Object(_) => {
                    let field = |key: &str| present(item.get(key)).and_then(Node::as_str);
                    let Some(target) = field("target") else {
                        self.wrong(item, at, "a mount with a `target`");
                        continue;
                    };
                    Mount::object(field("type"), field("source").map(str::to_owned), target.to_owned())
                }
                _ => {
                    self.wrong(item, at, "a string or an object");
                    continue;
                }
            };
            mounts.push(Located { value, span: item.span, at });
        }
        mounts
    }

    fn ports(&mut self, key: &str) -> Vec<Located<PortEntry>> {
        let Some((node, at)) = self.place(key) else { return Vec::new() };
        let mut ports = Vec::new();
        let entries: Vec<(&Node, Pointer)> = match &node.kind {
            NodeKind::Array(_) => {
                self.items(node, &at).iter().enumerate().map(|(i, item)| (item, at.index(i))).collect()
            }
            _ => vec![(node, at)],
        };
        for (item, at) in entries {
            let value = match &item.kind {
                NodeKind::Number(number) => number.parse().ok().map(PortEntry::Number),
                NodeKind::String(text) => Some(PortEntry::Text(text.clone())),
                _ => None,
            };
            match value {
                Some(value) => ports.push(Located { value, span: item.span, at }),
                None => self.wrong(item, at, "a port number or a string"),
            }
        }
        ports
    }

    fn container_env(&mut self) -> Vec<(String, Text)> {
        match self.place("containerEnv") {
            Some((node, at)) => self.scalars(node, &at),
            None => Vec::new(),
        }
    }

    fn remote_env(&mut self) -> Vec<(String, Located<Option<String>>)> {
        let Some((node, at)) = self.place("remoteEnv") else { return Vec::new() };
        let mut values = Vec::new();
        for (key, value) in self.members(node, &at) {
            let at = at.key(key);
            match (&value.kind, scalar(value)) {
                (NodeKind::Null, _) => {
                    values.push((key.to_owned(), Located { value: None, span: value.span, at }));
                }
                (_, Some(text)) => {
                    values.push((key.to_owned(), Located { value: Some(text), span: value.span, at }));
                }
                _ => self.wrong(value, at, "a string or null"),
            }
        }
        values
    }

    fn features(&mut self) -> Vec<(Text, &'a Node)> {
        let Some((node, at)) = self.place("features") else { return Vec::new() };
        self.members(node, &at)
            .map(|(key, value)| (Located { value: key.to_owned(), span: value.span, at: at.key(key) }, value))
            .collect()
    }

    fn hooks(&mut self) -> Vec<Hook<'a>> {
        let mut hooks = Vec::new();
        for name in HOOKS {
            let Some((node, at)) = self.place(name) else { continue };
            match &node.kind {
                NodeKind::String(_) | NodeKind::Array(_) | NodeKind::Object(_) => {
                    hooks.push(Hook { name, command: node });
                }
                _ => self.wrong(node, at, "a string, a list or an object"),
            }
        }
        hooks
    }

    fn unknown(&self) -> Vec<Text> {
        self.root
            .members()
            .iter()
            .filter(|member| !PROPERTIES.contains(&member.key.as_str()))
            .map(|member| Located {
                value: member.key.clone(),
                span: member.key_span,
                at: Pointer::root().key(member.key.as_str()),
            })
            .collect()
    }

    fn get(&self, key: &str) -> Option<&'a Node> {
        present(self.root.get(key))
    }

    fn place(&self, key: &str) -> Option<(&'a Node, Pointer)> {
        self.get(key).map(|node| (node, Pointer::root().key(key)))
    }

    fn text(&mut self, key: &str) -> Option<Text> {
        let place = self.place(key);
        self.text_at(place)
    }

    fn text_at(&mut self, place: Option<(&Node, Pointer)>) -> Option<Text> {
        let (node, at) = place?;
        if let Some(value) = node.as_str() {
            return Some(Located { value: value.to_owned(), span: node.span, at });
        }
        self.wrong(node, at, "a string");
        None
    }

    fn flag(&mut self, key: &str) -> Option<Located<bool>> {
        let (node, at) = self.place(key)?;
        if let Some(value) = node.as_bool() {
            return Some(Located { value, span: node.span, at });
        }
        self.wrong(node, at, "true or false");
        None
    }

    fn object(&mut self, key: &str) -> Option<&'a Node> {
        let (node, at) = self.place(key)?;
        if matches!(node.kind, NodeKind::Object(_)) {
            return Some(node);
        }
        self.wrong(node, at, "an object");
        None
    }

    fn texts(&mut self, key: &str) -> Vec<Text> {
        match self.place(key) {
            Some((node, at)) => self.list(node, &at),
            None => Vec::new(),
        }
    }

    fn one_or_many(&mut self, key: &str) -> Option<Vec<Text>> {
        let (node, at) = self.place(key)?;
        Some(self.string_or_list(node, &at))
    }

    fn string_or_list(&mut self, node: &Node, at: &Pointer) -> Vec<Text> {
        match node.as_str() {
            Some(value) => {
                vec![Located { value: value.to_owned(), span: node.span, at: at.clone() }]
            }
            None => self.list(node, at),
        }
    }

    fn list(&mut self, node: &Node, at: &Pointer) -> Vec<Text> {
        let mut texts = Vec::new();
        for (index, item) in self.items(node, at).iter().enumerate() {
            texts.extend(self.text_at(Some((item, at.index(index)))));
        }
        texts
    }

    fn scalars(&mut self, node: &Node, at: &Pointer) -> Vec<(String, Text)> {
        let mut values = Vec::new();
        for (key, value) in self.members(node, at) {
            let at = at.key(key);
            match scalar(value) {
                Some(text) => {
                    values.push((key.to_owned(), Located { value: text, span: value.span, at }));
                }
                None => self.wrong(value, at, "a string"),
            }
        }
        values
    }

    fn items<'n>(&mut self, node: &'n Node, at: &Pointer) -> &'n [Node] {
        let Some(items) = node.as_array() else {
            self.wrong(node, at.clone(), "a list");
            return &[];
        };
        if items.len() > MAX_ITEMS {
            self.errors.push(ReadError::TooMany { at: at.clone(), max: MAX_ITEMS, span: node.span });
            return &items[..MAX_ITEMS];
        }
        items
    }

    /// Members of an object; of a key that is written twice only the last, which is the one in force.
    fn members<'n>(
        &mut self,
        node: &'n Node,
        at: &Pointer,
    ) -> impl Iterator<Item = (&'n str, &'n Node)> + use<'n> {
        let members = node.as_object().unwrap_or_else(|| {
            self.wrong(node, at.clone(), "an object");
            &[]
        });
        if members.len() > MAX_ITEMS {
            self.errors.push(ReadError::TooMany { at: at.clone(), max: MAX_ITEMS, span: node.span });
        }
        let last: std::collections::BTreeMap<&str, usize> =
            members.iter().enumerate().map(|(index, member)| (member.key.as_str(), index)).collect();
        members
            .iter()
            .enumerate()
            .take(MAX_ITEMS)
            .filter(move |(index, member)| last.get(member.key.as_str()) == Some(index))
            .map(|(_, member)| (member.key.as_str(), &member.value))
    }

    fn wrong(&mut self, node: &Node, at: Pointer, expected: &'static str) {
        let found = node.describe();
        self.errors.push(ReadError::WrongType { at, expected, found, span: node.span });
    }
}

fn present(node: Option<&Node>) -> Option<&Node> {
    node.filter(|node| !matches!(node.kind, NodeKind::Null))
}

/// Text of a value that the CLI puts into an argument; a number keeps its spelling.
fn scalar(node: &Node) -> Option<String> {
    match &node.kind {
        NodeKind::String(text) | NodeKind::Number(text) => Some(text.clone()),
        NodeKind::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}
