//! What the parts of a conversion write to.

use crate::compose::Port;
use crate::devcontainer::{Config, Located, Text};
use crate::yaml::Yaml;

use super::edits::Edits;
use super::value::{Scope, Untranslatable, Value};
use super::workspace::Plan;
use super::{Context, Conversion, Item, ItemKind, Service, TopLevel, risk};

pub(super) struct State<'a> {
    pub(super) config: &'a Config<'a>,
    pub(super) context: &'a Context<'a>,
    pub(super) scope: Scope,
    pub(super) plan: Plan,
    pub(super) service: Service,
    pub(super) top_level: TopLevel,
    pub(super) edits: Edits,
    pub(super) items: Vec<Item>,
    pub(super) published: Vec<Located<Port>>,
}

impl<'a> State<'a> {
    pub(super) fn new(config: &'a Config<'a>, context: &'a Context<'a>, plan: Plan) -> Self {
        let scope = Scope {
            compose_dir: context.compose.parent(),
            basename: context.facts.workspace_name.clone(),
            container_folder: plan.workspace.folder.clone(),
        };
        Self {
            config,
            context,
            scope,
            plan,
            service: Service::new(context.service),
            top_level: TopLevel::default(),
            edits: Edits::default(),
            items: Vec::new(),
            published: Vec::new(),
        }
    }

    pub(super) fn finish(mut self) -> Conversion {
        self.agree_on_memory();
        self.items.extend(risk::risks(self.config));
        self.items.sort_by_key(|item| item.span.start);
        let edits = self.edits.finish(self.config, self.context);
        Conversion {
            service: self.service,
            top_level: self.top_level,
            edits,
            items: self.items,
            published: self.published,
            workspace: self.plan.workspace,
        }
    }

    /// Compose refuses `mem_reservation` beside `deploy.resources.reservations`, which GPUs need and
    /// which the CLI adds for `hostRequirements.gpu`, unless both say the same.
    fn agree_on_memory(&mut self) {
        let gpu = self.config.host_requirements.is_some_and(|node| node.get("gpu").is_some());
        if (gpu || self.service.get("deploy").is_some())
            && let Some(memory) = self.service.get("mem_reservation").cloned()
        {
            self.set_at("deploy/resources/reservations/memory", memory);
        }
    }

    /// Adds an item about the value at `text`.
    pub(super) fn item(
        &mut self,
        kind: ItemKind,
        code: &str,
        text: &Located<impl Sized>,
        what: impl Into<String>,
        why: impl Into<String>,
    ) {
        self.items.push(Item {
            kind,
            code: code.to_owned(),
            what: what.into(),
            why: why.into(),
            span: text.span,
        });
    }

    /// `item`, with a sentence when the name of the folder was written into the value.
    pub(super) fn moved(&mut self, code: &str, text: &Text, what: &str, key: &str, value: &Value) {
        let why = if value.fixed_basename {
            format!("`{key}`, with the folder's name `{}` written in", self.scope.basename)
        } else {
            format!("`{key}`")
        };
        self.item(ItemKind::Moved, code, text, what, why);
    }

    /// A value as Compose text; a `Lost` item when there is none.
    pub(super) fn text(&mut self, code: &str, text: &Text, what: &str) -> Option<Value> {
        let result = self.scope.text(&text.value);
        self.keep_or_lose(result, code, text, what)
    }

    /// The value, or a `Lost` item.
    pub(super) fn keep_or_lose(
        &mut self,
        result: Result<Value, Untranslatable>,
        code: &str,
        text: &Text,
        what: &str,
    ) -> Option<Value> {
        match result {
            Ok(value) => Some(value),
            Err(why) => {
                self.item(ItemKind::Lost, code, text, what, why.to_string());
                None
            }
        }
    }

    /// Writes at a chain of keys of the service (`healthcheck/interval`).
    pub(super) fn set_at(&mut self, path: &str, value: impl Into<Yaml>) {
        let (parents, last) = path.rsplit_once('/').unwrap_or(("", path));
        self.mapping_at(parents).set(last, value);
    }

    /// The mapping at a chain of keys of the service.
    pub(super) fn mapping_at(&mut self, path: &str) -> &mut Yaml {
        path.split('/')
            .filter(|key| !key.is_empty())
            .fold(&mut self.service.body, |slot, key| slot.entry(key))
    }

    /// Puts an environment variable into devcontainer.json, where every variable works.
    pub(super) fn set_container_env(&mut self, name: &str, value: &str) {
        self.edits.container_env.push((name.to_owned(), value.to_owned()));
    }
}
