//! `drawbridge secret`

mod input;

use drawbridge_host::ctl::Sidecar;
use drawbridge_host::secrets::{Recipe, Recipes, fetch};
use drawbridge_policy::{AskKind, Authority, Policy, Request, Scheme};
use serde_json::{Value, json};

use crate::clock;
use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::project;
use crate::protected::{ConfigArg, Protected};
use crate::session::Session;

/// Credentials that the gate adds to requests, and the container never sees
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Set(Set),
    List(List),
    Rm(Remove),
    Refresh(Refresh),
}

const EXAMPLES: &str = "\
Examples:
  drawbridge secret set model --host api.example.com --header x-api-key <key.txt
  drawbridge secret set model --host api.example.com --header authorization --prefix 'Bearer '
  drawbridge secret set git --host git.example.com --basic me --command 'pass show git'";

/// Hand a secret to the gate
///
/// The value is read from standard input, or from what --command prints; it is never an argument. The
/// gate keeps it and adds it to requests to its hosts, over TLS, whatever the repository's policy
/// says. In the container, write the placeholder that this prints where a tool wants the value.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Set {
    #[command(flatten)]
    config: ConfigArg,

    /// Its name: letters, digits and `-`
    name: String,

    /// A host that it is for, with its port where it is not 443; may be repeated
    #[arg(long = "host", required = true, value_name = "HOST")]
    hosts: Vec<String>,

    /// Put it into this header
    #[arg(long, required_unless_present = "basic", conflicts_with = "basic", value_name = "NAME")]
    header: Option<String>,

    /// In front of the value in the header, such as `Bearer `
    #[arg(long, requires = "header", value_name = "TEXT")]
    prefix: Option<String>,

    /// Send it as the password of this user, as git over https does
    #[arg(long, value_name = "USER")]
    basic: Option<String>,

    /// A command of this machine that prints the value; kept for `refresh`
    #[arg(long, value_name = "COMMAND")]
    command: Option<String>,
}

/// List secrets, and what the policy asks for; never a value
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    config: ConfigArg,
}

/// Make the gate forget a secret
#[derive(Debug, clap::Args)]
pub(crate) struct Remove {
    #[command(flatten)]
    config: ConfigArg,

    /// Its name
    name: String,
}

/// Run the commands of secrets again, for all or for one
#[derive(Debug, clap::Args)]
pub(crate) struct Refresh {
    #[command(flatten)]
    config: ConfigArg,

    /// Only this one
    name: Option<String>,
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        match self {
            Self::Set(args) => args.run(session),
            Self::List(args) => args.run(session),
            Self::Rm(args) => args.run(session),
            Self::Refresh(args) => args.run(session),
        }
    }
}

/// The running gate and the recipes of this configuration.
struct Place {
    protected: Protected,
    sidecar: Sidecar,
    recipes: Recipes,
    config: String,
}

impl Place {
    fn open(config: &ConfigArg, session: &mut Session<'_>) -> Result<Self, CliError> {
        let protected = Protected::open(session, config)?;
        let found = protected.containers()?;
        let sidecar = protected.sidecar(&found)?;
        let recipes = Recipes::open(project::journal(&protected.workspace, session)?.folder())?;
        let config = protected.plan.config.to_string();
        Ok(Self { protected, sidecar, recipes, config })
    }

    fn send(&self, name: &str, words: &[String], value: &[u8]) -> Result<Value, CliError> {
        let mut all = vec!["secret-set"];
        all.extend(words.iter().map(String::as_str));
        all.extend(["--", name]);
        Ok(self.sidecar.ask_with(&all, value)?)
    }
}

impl Set {
    fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let mut place = Place::open(&self.config, session)?;
        let value = match &self.command {
            Some(command) => fetch(&place.protected.workspace.tools(), command)?,
            None => input::value(&self.name, session)?,
        };
        let words = self.words();
        let answer = place.send(&self.name, &words, &value)?;
        let recipe = self.command.map(|command| Recipe { words, command });
        place.recipes.put(&place.config, &self.name, recipe)?;
        if session.json {
            session.json(&answer)?;
            return Ok(Outcome::Done);
        }
        writeln!(session.out, "The gate holds `{}`. In the container, write in its place:", self.name)?;
        writeln!(session.out, "  {}{}", drawbridge_policy::SECRET_PLACEHOLDER, self.name)?;
        let policy = place.protected.policy()?;
        for host in &self.hosts {
            if !is_allowed(&policy, host) {
                writeln!(session.err, "{host} is not allowed yet: drawbridge allow {host} --reason \"…\"")?;
            }
        }
        if !place.protected.options.trust_host_cas && !policy.inspects() {
            writeln!(
                session.err,
                "The container's programs do not know the gate's certificate yet. Add to the policy\n  \
                 \"asks\": [ {} ]\nthen: drawbridge protect && drawbridge up",
                json!({ "secret": self.name, "host": self.hosts[0] })
            )?;
        }
        Ok(Outcome::Done)
    }

    fn words(&self) -> Vec<String> {
        let mut words: Vec<String> =
            self.hosts.iter().flat_map(|host| ["--host".to_owned(), host.clone()]).collect();
        for (option, value) in
            [("--header", &self.header), ("--prefix", &self.prefix), ("--basic", &self.basic)]
        {
            words.extend(value.iter().map(|value| format!("{option}={value}")));
        }
        words
    }
}

impl List {
    fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let place = Place::open(&self.config, session)?;
        let answer = place.sidecar.ask(&["secrets"])?;
        let held: Vec<&Value> = answer["secrets"].as_array().into_iter().flatten().collect();
        let policy = place.protected.policy()?;
        let asked = policy.asks().iter().filter_map(|ask| match &ask.kind {
            AskKind::Secret { name, host } => Some((name.as_str(), host.as_str())),
            _ => None,
        });
        let missing: Vec<_> = asked.filter(|(name, _)| held.iter().all(|one| one["name"] != *name)).collect();
        if session.json {
            let missing: Vec<Value> =
                missing.iter().map(|(name, host)| json!({ "name": name, "host": host })).collect();
            session.json(&json!({ "secrets": held, "asked_for": missing }))?;
            return Ok(Outcome::Done);
        }
        let commands: Vec<&str> = place.recipes.of(&place.config).map(|(name, _)| name).collect();
        for secret in &held {
            let text = |value: &Value| escape::foreign(value.as_str().unwrap_or_default()).into_owned();
            let hosts: Vec<String> = secret["hosts"].as_array().into_iter().flatten().map(text).collect();
            let form = match &secret["form"]["header"] {
                Value::Null => format!("basic {}", text(&secret["form"]["basic"]["user"])),
                header => format!("header {}", text(&header["name"])),
            };
            let name = text(&secret["name"]);
            let command = if commands.contains(&name.as_str()) { ", from a command" } else { "" };
            writeln!(session.out, "{name}  {}  {form}{command}", hosts.join(" "))?;
        }
        for (name, host) in missing {
            let (name, host) = (escape::foreign(name), escape::foreign(host));
            writeln!(session.err, "The policy asks for `{name}` for {host}, and nobody has set it")?;
        }
        Ok(Outcome::Done)
    }
}

impl Remove {
    fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let mut place = Place::open(&self.config, session)?;
        place.recipes.put(&place.config, &self.name, None)?;
        let answer = place.sidecar.ask(&["secret-remove", "--", &self.name])?;
        if session.json {
            session.json(&answer)?;
        } else {
            writeln!(session.out, "The gate has forgotten `{}`", escape::foreign(&self.name))?;
        }
        Ok(Outcome::Done)
    }
}

impl Refresh {
    fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let place = Place::open(&self.config, session)?;
        let wanted = |name: &str| self.name.as_deref().is_none_or(|only| only == name);
        let recipes: Vec<_> = place.recipes.of(&place.config).filter(|(name, _)| wanted(name)).collect();
        if recipes.is_empty() {
            return Err(CliError::refused(
                "no secret here was set with a command",
                "drawbridge secret set … --command",
            ));
        }
        for (name, recipe) in recipes {
            let value = fetch(&place.protected.workspace.tools(), &recipe.command)?;
            place.send(name, &recipe.words, &value)?;
            if !session.json {
                writeln!(session.out, "{name} is renewed")?;
            }
        }
        if session.json {
            session.json(&place.sidecar.ask(&["secrets"])?)?;
        }
        Ok(Outcome::Done)
    }
}

fn is_allowed(policy: &Policy, host: &str) -> bool {
    Authority::parse_or(host, 443).is_ok_and(|authority| {
        let request = Request::connection(Scheme::Https, &authority.host, authority.port);
        policy.decide(&request, clock::now()).is_allowed()
    })
}
