//! What `protect` refuses, what it says, and that a second run, an eject and a clone behave.

mod support;

use drawbridge_core::brought::{Brought, base_image};
use drawbridge_core::devcontainer::merge;
use drawbridge_core::eject::eject;
use drawbridge_core::init::init;
use drawbridge_core::project::{Entry, RelPath, Snapshot};
use drawbridge_core::protect::{NoteKind, Options, plan, recorded};
use drawbridge_core::summary::summary;
use support::{applied, path, planned, refusal, workspace};

const CONFIG: &str = ".devcontainer/devcontainer.json";
const COMPOSE: &str = ".devcontainer/compose.yaml";

#[track_caller]
fn refused(files: &[(&str, &str)]) -> String {
    refused_with(&workspace(files), &Options::default())
}

#[track_caller]
fn refused_with(snapshot: &Snapshot, options: &Options) -> String {
    refusal(&plan(snapshot, options).expect_err("it is refused"))
}

fn text(snapshot: &Snapshot, at: &str) -> String {
    snapshot.text(&path(at)).unwrap_or_default().to_owned()
}

fn compose(yaml: &str) -> Vec<(&str, &str)> {
    let config = r#"{"dockerComposeFile": "compose.yaml", "service": "app"}"#;
    vec![(CONFIG, config), (COMPOSE, yaml)]
}

#[test]
fn says_where_a_file_is_wrong() {
    insta::assert_snapshot!(refused(&[(CONFIG, "{\n  \"image\": \"a\"\n  \"name\": \"b\"\n}\n")]), @r##"
    .devcontainer/devcontainer.json:3:3: expected `,`
    hint: correct the syntax; the Dev Containers CLI may read the file differently than it looks
    "##);
    insta::assert_snapshot!(refused(&[(CONFIG, "{\n  \"image\": \"a\",\n  \"image\": \"b\"\n}\n")]), @r##"
    .devcontainer/devcontainer.json:3:3: `/image` is written 2 times
    hint: keep one: tools differ in which one counts
    "##);
    insta::assert_snapshot!(refused(&compose("services:\n  app: {image: a}\n  app: {image: b}\n")), @r##".devcontainer/compose.yaml:3:3: key `app` is written twice"##);
    insta::assert_snapshot!(refused(&compose("services: [app\n")), @r##".devcontainer/compose.yaml:2:1: while parsing a flow sequence, expected ',' or ']'"##);
    insta::assert_snapshot!(refused(&compose("services: {web: {image: a}}\n")), @r##"
    .devcontainer/devcontainer.json:1:50: no Compose file has a service `app`
    hint: services are `web`
    "##);
    insta::assert_snapshot!(refused(&compose("services: {app: {network_mode: \"container:x\"}}\n")), @r##"
    .devcontainer/compose.yaml:1:32: `app` uses the network of a container that Compose does not start
    hint: make that container a service, or remove `network_mode`
    "##);
    insta::assert_snapshot!(refused(&[(CONFIG, r#"{"dockerComposeFile": "x.yml", "service": "app"}"#)]), @r##".devcontainer/x.yml: the Compose file does not exist"##);
    insta::assert_snapshot!(refused(&[(CONFIG, r#"{"dockerComposeFile": "../../x.yml", "service": "a"}"#)]), @r##"
    .devcontainer/devcontainer.json:1:23: `../../x.yml` lies outside the workspace
    hint: open the folder that holds both, or copy the file into the workspace
    "##);
    insta::assert_snapshot!(refused(&[(CONFIG, r#"{"image": 3}"#)]), @r##".devcontainer/devcontainer.json:1:11: `/image` must be a string, this is a number"##);
    insta::assert_snapshot!(refused(&[(CONFIG, r#"{"name": "x"}"#)]), @r##"
    .devcontainer/devcontainer.json: neither image, build nor dockerComposeFile
    hint: say what the container is made from, for example with `"image"`
    "##);
    insta::assert_snapshot!(refused(&[]), @r##"
    no dev container configuration
    hint: write one with `drawbridge init`
    "##);
}

#[test]
fn asks_which_of_several() {
    let files = [(CONFIG, "{}"), (".devcontainer/a/devcontainer.json", "{}"), (".devcontainer.json", "{}")];
    insta::assert_snapshot!(refused(&files), @r##"
    several configurations: `.devcontainer/devcontainer.json`, `.devcontainer.json`, `.devcontainer/a/devcontainer.json`
    hint: choose one: `drawbridge protect --config .devcontainer/devcontainer.json`
    "##);
}

#[test]
fn follows_no_link() {
    for link in [CONFIG, ".devcontainer/drawbridge.compose.yaml", ".devcontainer/drawbridge/policy.jsonc"] {
        let mut snapshot = workspace(&[(CONFIG, r#"{"image": "a"}"#)]);
        snapshot.files.insert(path(link), Entry::Symlink);
        let text = refused_with(&snapshot, &Options::default());
        assert!(text.starts_with(link) && text.contains("symbolic link"), "{text}");
    }
    let mut snapshot = Snapshot::default();
    snapshot.files.insert(RelPath::root(), Entry::Dir(vec![".devcontainer".to_owned()]));
    snapshot.files.insert(path(".devcontainer"), Entry::Symlink);
    assert!(refused_with(&snapshot, &Options::default()).contains("symbolic link"));
}

#[test]
fn keeps_off_files_of_others() {
    let files = [(CONFIG, r#"{"image": "a"}"#), (".devcontainer/drawbridge.compose.yaml", "services: {}\n")];
    insta::assert_snapshot!(refused(&files), @r##"
    .devcontainer/drawbridge.compose.yaml: this file was not written by Drawbridge
    hint: move it away: its place is taken
    "##);
}

#[test]
fn stops_where_the_gate_does_not_hold() {
    let socket = r#"{
  "image": "a",
  "features": { "ghcr.io/devcontainers/features/docker-in-docker:2": {} },
  "mounts": ["source=/var/run/docker.sock,target=/var/run/docker.sock,type=bind"],
  "runArgs": ["--privileged"]
}"#;
    insta::assert_snapshot!(refused(&[(CONFIG, socket)]), @r##"
    .devcontainer/devcontainer.json:4:14: 3 settings cannot be protected as they are
    - [docker-socket] mounts /var/run/docker.sock: a container that can start containers walks round the gate: it starts one on an open network, or with the host's files
    - [docker-in-docker] features ghcr.io/devcontainers/features/docker-in-docker:2: it makes the container privileged, and root in a privileged container is root on this machine. Containers inside it stay behind the gate
    - [privileged] --privileged: root in a privileged container is root on this machine: it can mount the host's disks and change the host's network
    hint: change them, or go on without: --accept-loss docker-in-docker --accept-loss docker-socket --accept-loss privileged
    "##);
    let sibling = "services:\n  app: {image: a}\n  ci:\n    image: b\n    privileged: true\n    volumes: [\"/var/run/docker.sock:/x\"]\n    ports: [\"53:53/udp\"]\n";
    insta::assert_snapshot!(refused(&compose(sibling)), @r##"
    .devcontainer/compose.yaml:7:13: 3 settings cannot be protected as they are
    - [udp-port] ports of ci: 53:53/udp: the sidecar relays TCP only
    - [privileged] privileged of ci: root in a privileged container is root on this machine: it can mount the host's disks and change the host's network
    - [docker-socket] volumes of ci: /x: a container that can start containers walks round the gate: it starts one on an open network, or with the host's files
    hint: change them, or go on without: --accept-loss docker-socket --accept-loss privileged --accept-loss udp-port
    "##);
    let accept_loss = ["docker-socket", "privileged", "udp-port"].map(str::to_owned).to_vec();
    let plan = planned(&workspace(&compose(sibling)), &Options { accept_loss, ..Options::default() });
    let kinds: Vec<NoteKind> = plan.notes.iter().map(|note| note.kind).collect();
    assert!(kinds.contains(&NoteKind::Warning) && kinds.contains(&NoteKind::Lost), "{:#?}", plan.notes);
}

fn label(text: &str) -> Vec<merge::Entry> {
    merge::read_label(text).expect("a label")
}

#[test]
fn what_the_image_brings_is_planned_with_and_remembered() {
    let before = workspace(&[(CONFIG, "{\n  \"image\": \"a\"\n}\n")]);
    let image = label(
        r#"[{"overrideCommand": false, "remoteUser": "x", "mounts": ["type=volume,source=cache,target=/c"]}]"#,
    );
    let mut asked = before.clone();
    asked.facts.brought = Some(Brought::new(Some(image), None));
    let plan = planned(&asked, &Options::default());
    let overlay = plan.changes.iter().find(|change| change.path == plan.overlay).expect("our file");
    let overlay = overlay.after.as_deref().unwrap_or_default();
    assert!(overlay.contains("name: cache") && !overlay.contains("remoteUser"), "{overlay}");
    let config = plan.changes.iter().find(|change| change.path == plan.config).expect("the configuration");
    assert!(!config.after.as_deref().unwrap_or_default().contains("overrideCommand"), "the label decides it");

    // Another machine, which has neither the image nor anybody to ask.
    let mut after = applied(&before, &plan);
    assert_eq!(planned(&after, &Options::default()).changes, []);
    after.facts.brought = Some(Brought::default());
    assert_eq!(planned(&after, &Options::default()).changes, []);
    // The next image brings nothing.
    after.facts.brought = Some(Brought::new(Some(Vec::new()), None));
    let changes = planned(&after, &Options::default()).changes;
    assert_eq!(changes.len(), 2, "our file and the configuration: {changes:#?}");
}

#[test]
fn a_risk_that_image_or_feature_brings_needs_a_word() {
    let features = r#"{"r.example/own/tool:1": {}, "r.example/f/docker-in-docker:2": {}}"#;
    let config = format!("{{\n  \"image\": \"a\",\n  \"features\": {features}\n}}\n");
    let mut snapshot = workspace(&[(CONFIG, &config)]);
    let image = label(r#"{"mounts": [{"type": "bind", "source": "/var/run/docker.sock", "target": "/s"}]}"#);
    let features = label(
        r#"[{"id": "tool", "privileged": true}, {"id": "docker-in-docker", "privileged": true},
            {"id": "tmp", "mounts": [{"type": "tmpfs", "target": "/t"}]}]"#,
    );
    snapshot.facts.brought = Some(Brought::new(Some(image), Some(features)));
    insta::assert_snapshot!(refused_with(&snapshot, &Options::default()), @"
    .devcontainer/devcontainer.json:3:78: 4 settings cannot be protected as they are
    - [docker-in-docker] features r.example/f/docker-in-docker:2: it makes the container privileged, and root in a privileged container is root on this machine. Containers inside it stay behind the gate
    - [docker-socket] mounts /var/run/docker.sock of the image's label: a container that can start containers walks round the gate: it starts one on an open network, or with the host's files
    - [privileged] privileged of tool: root in a privileged container is root on this machine: it can mount the host's disks and change the host's network
    - [feature-mounts] features: a Feature mounts `/t` with options that the CLI drops for Compose containers
    hint: change them, or go on without: --accept-loss docker-in-docker --accept-loss docker-socket --accept-loss feature-mounts --accept-loss privileged
    ");
}

#[test]
fn the_base_image_is_found_in_every_kind() {
    let base = |files: &[(&str, &str)]| base_image(&workspace(files), &path(CONFIG));
    assert_eq!(base(&[(CONFIG, r#"{"image": "a.example/b:1"}"#)]).as_deref(), Some("a.example/b:1"));
    assert_eq!(base(&[(CONFIG, r#"{"image": "-a"}"#)]), None);
    assert_eq!(base(&[(CONFIG, r#"{"image": "${localEnv:A}"}"#)]), None);
    let build = r#"{"build": {"dockerfile": "../Dockerfile", "args": {"V": "9"}, "target": "x"}}"#;
    let dockerfile = ("Dockerfile", "ARG V=8\nFROM a:$V AS x\nFROM b\n");
    assert_eq!(base(&[(CONFIG, build), dockerfile]).as_deref(), Some("a:9"));
    let service = (CONFIG, r#"{"dockerComposeFile": "../c.yaml", "service": "s"}"#);
    assert_eq!(base(&[service, ("c.yaml", "services: {s: {image: i}}")]).as_deref(), Some("i"));
    assert_eq!(base(&[service, dockerfile, ("c.yaml", "services: {s: {build: .}}")]).as_deref(), Some("b"));
    let args = "services: {s: {build: {context: ., args: {V: 1}}}}";
    assert_eq!(base(&[service, dockerfile, ("c.yaml", args)]), None);
}

#[test]
fn a_second_run_changes_nothing_and_keeps_the_policy() {
    let before = workspace(&[(CONFIG, "{\n  \"image\": \"a\", // base\n}\n"), ("package.json", "{}")]);
    let first = planned(&before, &Options::default());
    let mut after = applied(&before, &first);
    assert_eq!(planned(&after, &Options::default()).changes, []);
    assert_eq!(recorded(&after, None).map(|options| options.config), Some(Some(path(CONFIG))));

    let policy = "{\"version\": 1, \"use\": [], \"allow\": [\"docs.example\"]} // $mine\n";
    after.files.insert(first.policy.clone(), Entry::Text(policy.to_owned()));
    let second = planned(&after, &Options::default());
    let changed: Vec<&str> = second.changes.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(changed, [".devcontainer/drawbridge.compose.yaml"], "only the inline copy");
    let overlay = second.changes[0].after.as_deref().unwrap_or_default();
    assert!(overlay.contains("docs.example") && overlay.contains("$$mine"), "{overlay}");
}

#[test]
fn refuses_a_policy_that_the_sidecar_would_refuse() {
    let files = [
        (CONFIG, r#"{"image": "a"}"#),
        (".devcontainer/drawbridge/policy.jsonc", "{\n  \"version\": 1,\n  \"alow\": []\n}\n"),
    ];
    let text = refused(&files);
    assert!(text.starts_with(".devcontainer/drawbridge/policy.jsonc:3:"), "{text}");
}

#[test]
fn a_later_setting_moves_with_the_next_run() {
    let before = workspace(&[(CONFIG, r#"{"image": "a"}"#)]);
    let first = planned(&before, &Options::default());
    let mut after = applied(&before, &first);
    let edited = text(&after, CONFIG)
        .replace("{\"dockerComposeFile\"", "{\"runArgs\": [\"--init\"], \"dockerComposeFile\"");
    assert!(edited.contains("runArgs"), "{edited}");
    after.files.insert(path(CONFIG), Entry::Text(edited));
    let again = applied(&after, &planned(&after, &Options::default()));
    assert!(!text(&again, CONFIG).contains("runArgs"));
    assert!(text(&again, ".devcontainer/drawbridge.compose.yaml").contains("init: true"));
    assert_eq!(planned(&again, &Options::default()).changes, []);
}

#[test]
fn a_clone_under_another_name_needs_no_change() {
    let before = workspace(&[(CONFIG, r#"{"image": "a"}"#)]);
    let first = planned(&before, &Options::default());
    let mut clone = applied(&before, &first);
    clone.facts.workspace_name = "elsewhere".to_owned();
    let again = planned(&clone, &Options::default());
    assert_eq!(again.changes, []);
    assert_eq!((again.subnet, &again.project), (first.subnet, &first.project));
}

#[test]
fn two_configurations_share_nothing() {
    let other = ".devcontainer/py/devcontainer.json";
    let files = [(CONFIG, r#"{"image": "a"}"#), (other, r#"{"image": "b"}"#)];
    let plans = [CONFIG, other].map(|config| {
        planned(&workspace(&files), &Options { config: Some(path(config)), ..Options::default() })
    });
    let [main, nested] = &plans;
    assert_ne!(main.project, nested.project);
    assert_ne!(main.subnet, nested.subnet);
    assert_ne!(main.variables, nested.variables);
    assert_ne!(main.sidecar, nested.sidecar);
    assert_ne!(main.policy, nested.policy);
    assert_eq!(main.open, [path(other)]);
    assert!(main.notes.iter().any(|note| note.kind == NoteKind::Door && note.what == other));

    let one = applied(&workspace(&files), main);
    assert_eq!(recorded(&one, None).and_then(|options| options.config), Some(path(CONFIG)));
    let options = Options { config: Some(path(other)), ..Options::default() };
    let both = applied(&one, &planned(&one, &options));
    assert_eq!(recorded(&both, None), None);
    assert_eq!(planned(&both, &options).changes, []);
    assert_eq!(planned(&both, &options).open, []);
    let left = eject(&both, Some(&path(other))).expect("it is protected");
    assert!(left.changes.iter().all(|change| !change.path.as_str().ends_with("README.md")));
}

#[test]
fn eject_gives_back_what_was_there_and_keeps_edits() {
    let config = "{\n  // base\n  \"image\": \"a\",\n  \"runArgs\": [\"--init\"],\n  \"customizations\": {\"vscode\": {\"extensions\": [\"x.y\"]}}\n}\n";
    let before = workspace(&[(CONFIG, config)]);
    let mut after = applied(&before, &planned(&before, &Options::default()));
    let edited = text(&after, CONFIG).replace("\"x.y\"", "\"x.y\", \"a.b\"");
    after.files.insert(path(CONFIG), Entry::Text(edited));
    let ejection = eject(&after, None).expect("it is protected");
    let changes: Vec<(&str, bool)> =
        ejection.changes.iter().map(|change| (change.path.as_str(), change.after.is_some())).collect();
    assert_eq!(
        changes,
        [
            (CONFIG, true),
            (".devcontainer/drawbridge.compose.yaml", false),
            (".devcontainer/drawbridge/README.md", false),
            (".devcontainer/drawbridge/policy.jsonc", false),
        ]
    );
    insta::assert_snapshot!(ejection.changes[0].after.as_deref().unwrap_or_default(), @r##"
    {
      // base
      "customizations": {"vscode": {"extensions": ["x.y", "a.b"]}},
      "image": "a",
      "runArgs": ["--init"]
    }
    "##);
}

#[test]
fn eject_needs_something_to_take_out() {
    let snapshot = workspace(&[(CONFIG, r#"{"image": "a"}"#)]);
    let err = eject(&snapshot, None).expect_err("nothing is protected");
    insta::assert_snapshot!(refusal(&err), @r##"
    no configuration is protected
    hint: `drawbridge` shows what is
    "##);
}

#[test]
fn init_writes_a_configuration_that_protect_takes() {
    let snapshot = workspace(&[("pom.xml", ""), ("package.json", "{}"), ("CLAUDE.md", "")]);
    let change = init(&snapshot).expect("there is none");
    let text = change.after.clone().unwrap_or_default();
    insta::assert_snapshot!(text, @r##"
    // Made by `drawbridge init`. What each property means: containers.dev/implementors/json_reference
    {
      "name": "shop",

      // JDK 21, because of pom.xml
      "image": "mcr.microsoft.com/devcontainers/java:21",

      // Also found: npm. Add them as "features", listed at containers.dev/features.
      "features": {
        "ghcr.io/devcontainers/features/java:1": { "version": "none", "installMaven": "true" }
      },

      // Runs once in the new container, for example to install dependencies.
      // "postCreateCommand": ""
    }
    "##);
    let made = workspace(&[(CONFIG, &text), ("pom.xml", ""), ("package.json", "{}"), ("CLAUDE.md", "")]);
    let plan = planned(&made, &Options::default());
    let bundles: std::collections::BTreeSet<&str> =
        plan.hosts.iter().map(|host| host.bundle.as_str()).collect();
    for bundle in ["maven", "npm", "claude-code", "vscode", "jetbrains"] {
        assert!(bundles.contains(bundle), "{bundle}: {bundles:?}");
    }
    assert!(init(&made).is_err());
    let hostile = workspace(&[("x\n\"initializeCommand\": \"\", //.csproj", "")]);
    let text = init(&hostile).expect("there is none").after.unwrap_or_default();
    assert!(!text.lines().any(|line| line.trim_start().starts_with("\"initialize")), "{text}");
    assert!(init(&workspace(&[])).is_ok());
}

#[test]
fn says_that_a_new_env_file_decides() {
    let config = r#"{"dockerComposeFile": "../compose.yaml", "service": "app"}"#;
    let yaml = "services: {app: {image: a, volumes: [\".:/w\", \"${DATA:-./data}:/data\"]}}\n";
    let warns = |files: &[(&str, &str)]| {
        let plan = planned(&workspace(files), &Options::default());
        plan.notes.iter().any(|note| note.what == ".env")
    };
    assert!(warns(&[(CONFIG, config), ("compose.yaml", yaml)]));
    assert!(!warns(&[(CONFIG, config), ("compose.yaml", yaml), (".env", "")]));
}

#[test]
fn says_that_a_mount_of_the_users_becomes_read_only() {
    let mut files =
        compose("services:\n  app: {image: a, volumes: [\"./data:/data\", \"..:/w\", \"../src:/src\"]}\n");
    files.extend([(".devcontainer/data/a", ""), ("src/a", "")]);
    let plan = planned(&workspace(&files), &Options::default());
    let warned = plan.notes.iter().filter(|note| note.why.contains("only read it"));
    let warned: Vec<String> = warned.map(|note| format!("{}: {}", note.what, note.why)).collect();
    assert_eq!(
        warned,
        [".devcontainer/data on /data: lies in `.devcontainer`, so the container can only read it now"]
    );
}

#[test]
fn summary_shows_what_is_here_and_what_is_next() {
    let files = [
        (
            CONFIG,
            "{\n  \"image\": \"a\",\n  \"initializeCommand\": \"make\",\n  \"mounts\": [\"source=/var/run/docker.sock,target=/x,type=bind\"]\n}\n",
        ),
        (".devcontainer/b/devcontainer.json", "{"),
        ("go.mod", ""),
    ];
    let show = |snapshot: &Snapshot| {
        let summary = summary(snapshot);
        let configs = summary.configs.iter().map(|c| {
            format!(
                "{} {} {}",
                c.path,
                c.kind,
                c.broken.as_deref().unwrap_or(if c.protected { "protected" } else { "open" })
            )
        });
        let lines: Vec<String> = configs.chain([summary.next]).collect();
        lines.join("\n")
    };
    insta::assert_snapshot!(show(&workspace(&files)), @r##"
    .devcontainer/devcontainer.json image open
    .devcontainer/b/devcontainer.json broken 1:2: expected `}`
    drawbridge protect --config .devcontainer/devcontainer.json
    "##);
    let before = workspace(&[(CONFIG, r#"{"image": "a"}"#)]);
    let after = applied(&before, &planned(&before, &Options::default()));
    insta::assert_snapshot!(show(&after), @r##"
    .devcontainer/devcontainer.json image protected
    drawbridge up
    "##);
    insta::assert_snapshot!(show(&workspace(&[])), @r##"drawbridge init"##);
}
