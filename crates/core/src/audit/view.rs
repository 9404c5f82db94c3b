//! One configuration: devcontainer.json, its Compose files and what both mount, set and open.

use std::collections::BTreeSet;

use drawbridge_jsonc::{Edit, Node, Parsed, Pointer};
use drawbridge_text::{Span, split_bom};

use super::context::Setting;
use super::finding::{Edits, Spot};
use super::settings;
use crate::compose::{self, ComposeError, Located, Model, Place, Service, Source};
use crate::convert::flags::{RunFlag, run_flags, run_volume};
use crate::devcontainer::{Config, Kind, Mount, MountKind, ReadError};
use crate::project::{Layout, References, RelPath, Snapshot};
use crate::protect::source;

/// One devcontainer.json and what belongs to it.
pub(crate) struct View<'a> {
    pub(crate) path: RelPath,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) parsed: &'a Parsed,
    /// `None` when it cannot be read.
    pub(crate) config: Option<Config<'a>>,
    pub(crate) errors: Vec<ReadError>,
    /// Present for Compose configurations.
    pub(crate) compose: Option<Result<Model, ComposeError>>,
    /// The services that start with the container, without ours.
    pub(crate) services: BTreeSet<String>,
    /// Our Compose file is part of it.
    pub(crate) protected: bool,
    pub(crate) layout: Layout,
    pub(crate) mounts: Vec<MountUse>,
    /// `runArgs`, where the CLI reads them.
    pub(crate) flags: Vec<RunFlag>,
    /// `customizations.vscode.settings` and its legacy twin.
    pub(crate) settings: Vec<Setting>,
    pub(crate) dockerfiles: Vec<RelPath>,
}

/// One mount, wherever it is written.
#[derive(Debug, Clone)]
pub(crate) struct MountUse {
    pub(crate) mount: Mount,
    pub(crate) spot: Spot,
    /// What takes it away.
    pub(crate) removal: Option<Edits>,
    /// The Compose service.
    pub(crate) service: Option<String>,
    /// What of the workspace a bind shows.
    pub(crate) part: Option<RelPath>,
}

impl<'a> View<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, path: &RelPath, parsed: &'a Parsed) -> Self {
        let text = snapshot.text(path).unwrap_or_default();
        let (config, errors) = match Config::read(parsed, text) {
            Ok(config) => (Some(config), Vec::new()),
            Err(errors) => (None, errors),
        };
        let references = parsed.root.as_ref().map(|root| References::of(path, root)).unwrap_or_default();
        let is_compose = config.as_ref().is_some_and(|config| config.kind == Kind::Compose);
        let compose = is_compose.then(|| compose::load(snapshot, &references.compose));
        let mut view = Self {
            path: path.clone(),
            snapshot,
            parsed,
            errors,
            services: BTreeSet::new(),
            protected: source::open(snapshot, path).is_ok_and(|source| source.record.is_some()),
            layout: Layout::of(snapshot, path),
            mounts: Vec::new(),
            flags: Vec::new(),
            settings: Vec::new(),
            dockerfiles: references.dockerfiles,
            config,
            compose,
        };
        view.read_services();
        view.read_config();
        view.read_settings();
        view
    }

    fn read_services(&mut self) {
        let Some(Ok(model)) = &self.compose else { return };
        let service = self.config.as_ref().and_then(|config| config.service.as_ref());
        let service = service.map(|service| service.value.clone()).unwrap_or_default();
        let ours = |name: &str| {
            model.services.get(name).is_none_or(|service| service.at.file == self.layout.overlay)
        };
        let services: BTreeSet<String> = model
            .closure([service.as_str()])
            .into_iter()
            .filter(|name| !ours(name))
            .map(str::to_owned)
            .collect();
        for name in &services {
            let Some(service) = model.services.get(name) else { continue };
            let dockerfile = service.build.as_ref().and_then(|build| build.dockerfile.clone());
            self.dockerfiles.extend(dockerfile);
            for volume in service.volumes.iter().filter(|volume| volume.file != self.layout.overlay) {
                let spot = place_spot(self.snapshot, &volume.file, volume.place);
                self.mounts.push(of_compose(volume, spot, name));
            }
        }
        self.services = services;
    }

    fn read_config(&mut self) {
        let Some(config) = &self.config else { return };
        let spot = |span| Spot { file: self.path.clone(), span };
        for mount in &config.mounts {
            self.mounts.push(MountUse {
                mount: mount.value.clone(),
                spot: spot(mount.span),
                removal: Some(vec![Edit::Remove { at: mount.at.clone() }].into()),
                service: None,
                part: part_of(&mount.value),
            });
        }
        if config.kind == Kind::Compose {
            return;
        }
        let single = |mount: Mount, span, removal| {
            let part = part_of(&mount);
            MountUse { mount, spot: spot(span), removal, service: None, part }
        };
        if let Some(text) = config.workspace_mount.as_ref().filter(|text| !text.value.is_empty()) {
            self.mounts.push(single(Mount::parse(&text.value), text.span, None));
        }
        self.flags = run_flags(&config.run_args);
        for flag in &self.flags {
            let mount = match flag.name {
                "mount" => Some(Mount::parse(&flag.value.value)),
                "volume" => run_volume(&flag.value.value),
                _ => None,
            };
            let removal = flag.removal.clone().map(Edits::from);
            self.mounts.extend(mount.map(|mount| single(mount, flag.value.span, removal)));
        }
    }

    fn read_settings(&mut self) {
        let Some(root) = &self.parsed.root else { return };
        let at = Pointer::root().key("customizations").key("vscode").key("settings");
        let legacy = Pointer::root().key("settings");
        for at in [at, legacy] {
            if let Some(node) = root.at(&at) {
                self.settings.extend(settings::flatten(&self.path, node, &at));
            }
        }
    }

    /// A place in devcontainer.json.
    pub(crate) fn spot(&self, span: Span) -> Spot {
        Spot { file: self.path.clone(), span }
    }

    /// Where findings about what is *not* written are shown: the document's first byte.
    pub(crate) fn top(&self) -> Spot {
        let start = self.parsed.root.as_ref().map_or(0, |root| root.span.start);
        self.spot(Span::new(start, start + usize::from(self.parsed.root.is_some())))
    }

    /// The member of the document, for its spans.
    pub(crate) fn member(&self, key: &str) -> Option<&'a drawbridge_jsonc::Member> {
        self.parsed.root.as_ref()?.member(key)
    }

    /// A value of the document.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Node> {
        self.member(key).map(|member| &member.value)
    }

    /// The value of a setting in the configuration.
    pub(crate) fn setting(&self, key: &str) -> Option<&Setting> {
        self.settings.iter().rev().find(|setting| setting.key == key)
    }

    /// Services with their names, without ours.
    pub(crate) fn services(&self) -> impl Iterator<Item = (&str, &Service)> {
        let model = self.compose.as_ref().and_then(|model| model.as_ref().ok());
        self.services.iter().filter_map(move |name| Some((name.as_str(), model?.services.get(name)?)))
    }

    /// The service that the container is.
    pub(crate) fn service(&self) -> Option<(&str, &Service)> {
        let name = &self.config.as_ref()?.service.as_ref()?.value;
        self.services().find(|(known, _)| known == name)
    }

    /// Parts of the workspace that our Compose file binds read-only.
    pub(crate) fn own_read_only(&self) -> Vec<RelPath> {
        let Some((_, service)) = self.service().filter(|_| self.protected) else { return Vec::new() };
        let ours = service.volumes.iter().filter(|volume| volume.file == self.layout.overlay);
        ours.filter(|volume| volume.value.read_only)
            .filter_map(|volume| match &volume.value.source {
                Source::Bind { path, .. } => path.clone(),
                _ => None,
            })
            .collect()
    }

    /// A place in a Compose file.
    pub(crate) fn compose_spot<T>(&self, at: &Located<T>) -> Spot {
        place_spot(self.snapshot, &at.file, at.place)
    }
}

fn of_compose(volume: &Located<compose::Volume>, spot: Spot, service: &str) -> MountUse {
    let removal = Some(compose::Edit::Remove { at: volume.place }.into());
    let volume = &volume.value;
    let (kind, source, part) = match &volume.source {
        Source::Bind { text, path } => ("bind", Some(text.clone()), path.clone()),
        Source::Volume(name) => ("volume", name.clone(), None),
        Source::Other => ("tmpfs", None, None),
    };
    let mut mount = Mount::object(Some(kind), source, volume.target.clone());
    mount.read_only = volume.read_only;
    MountUse { mount, spot, removal, service: Some(service.to_owned()), part }
}

/// What of the workspace a mount of devcontainer.json shows.
fn part_of(mount: &Mount) -> Option<RelPath> {
    let source = mount.source.as_deref().filter(|_| mount.kind == MountKind::Bind)?;
    RelPath::new(source.strip_prefix("${localWorkspaceFolder}")?.trim_start_matches('/'))
}

/// From the place to the end of its line.
fn place_spot(snapshot: &Snapshot, file: &RelPath, place: Place) -> Spot {
    let (mark, text) = split_bom(snapshot.text(file).unwrap_or_default());
    let mut start = mark.len();
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        if number == place.line {
            let column = line.char_indices().nth(place.column.saturating_sub(1)).map_or(0, |(at, _)| at);
            let end = start + line.trim_end().len();
            let start = (start + column).min(end);
            return Spot { file: file.clone(), span: Span::new(start, end) };
        }
        start += line.len();
    }
    Spot { file: file.clone(), span: Span::at(0) }
}

impl MountUse {
    /// Host path of a bind, `None` for volumes.
    pub(crate) fn bind(&self) -> Option<&str> {
        self.mount.source.as_deref().filter(|_| self.mount.kind == MountKind::Bind)
    }

    /// `mounts` or `volumes of db`, for messages.
    pub(crate) fn whose(&self) -> String {
        self.service.as_ref().map_or_else(String::new, |name| format!("service `{name}`: "))
    }
}
