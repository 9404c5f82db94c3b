//! Compose configurations: what the dev service itself says, and how its files are put together.

use super::case::Case;
use super::expected::Difference as D;

const ONE: &str =
    r#"{ "dockerComposeFile": "compose.yaml", "service": "app", "workspaceFolder": "/workspace" }"#;
const FILE: &str = ".devcontainer/compose.yaml";
const SLEEP: &str =
    "services:\n  app:\n    image: BASE\n    command: sleep infinity\n    volumes: ['..:/workspace']\n";

pub(crate) const CASES: &[Case] = &[
    Case::new("compose-one", ONE).files(&[(FILE, SLEEP)]),
    Case::new("compose-at-the-root", r#"{ "dockerComposeFile": ["../compose.yaml"], "service": "app", "workspaceFolder": "/workspace" }"#)
        .files(&[("compose.yaml", "services:\n  app:\n    image: BASE\n    command: sleep infinity\n    volumes: ['.:/workspace:cached']\n")]),
    Case::new(
        "compose-several",
        r#"{
            "dockerComposeFile": ["../compose.yaml", "compose.dev.yaml", "../more.yaml",],
            "service": "app", "workspaceFolder": "/workspace", "remoteUser": "vscode",
            "containerEnv": { "A": "config", "B": "$HOME" }, "capAdd": ["SYS_PTRACE"], "init": true
        }"#,
    )
    .files(&[
        ("compose.yaml", "version: '3.8'\nservices:\n  app:\n    image: BASE\n    environment: [A=first, C=first]\n    volumes: ['./data:/data']\n"),
        (".devcontainer/compose.dev.yaml", "version: '3.8'\nservices:\n  app:\n    command: sleep infinity\n    environment: { C: second }\n    volumes: ['.:/workspace']\n"),
        ("more.yaml", "services:\n  app:\n    volumes: ['./data:/data:ro']\n    labels: [third=1]\n"),
        ("data/a", ""),
    ]),
    Case::new("compose-override-true", r#"{ "dockerComposeFile": "compose.yaml", "service": "app", "overrideCommand": true }"#)
        .files(&[(FILE, "services:\n  app:\n    image: BASE\n    entrypoint: /bin/false\n    command: [a, b]\n")]),
    Case::new("compose-override-false", r#"{ "dockerComposeFile": "compose.yaml", "service": "app", "overrideCommand": false }"#)
        .files(&[(FILE, "services:\n  app:\n    image: BASE\n    entrypoint: [/usr/bin/env, 'A=$$B']\n    command: sleep 1000\n")]),
    Case::new("compose-image-command", r#"{ "dockerComposeFile": "compose.yaml", "service": "app" }"#).files(&[
        (FILE, "services:\n  app:\n    build: { context: ., dockerfile_inline: '', dockerfile: Dockerfile }\n"),
        (".devcontainer/Dockerfile", "FROM BASE\nENTRYPOINT [\"/usr/bin/env\"]\nCMD [\"sleep\", \"1000\"]\n"),
    ]),
    Case::new(
        "compose-build",
        r#"{ "dockerComposeFile": "compose.yaml", "service": "app", "overrideCommand": true, "features": { "./own": {} } }"#,
    )
    .files(&[
        (FILE, "services:\n  app:\n    build:\n      context: ..\n      dockerfile: docker/Dockerfile\n      target: wanted\n      args: { A: b }\n"),
        ("docker/Dockerfile", "FROM BASE AS wanted\nARG A\nRUN echo $A >/built\nFROM wanted\nRUN false\n"),
        (".devcontainer/own/devcontainer-feature.json", "{ \"id\": \"own\", \"version\": \"1.0.0\", \"name\": \"Own\" }\n"),
        (".devcontainer/own/install.sh", "#!/bin/sh\necho feature >/from-feature\n"),
    ])
    .probe("cat /built /from-feature")
    .differs(FEATURE_LAYERS),
    Case::new(
        "compose-user",
        r#"{ "dockerComposeFile": "compose.yaml", "service": "app", "remoteUser": "vscode", "updateRemoteUserUID": true }"#,
    )
    .files(&[(FILE, "services:\n  app:\n    image: BASE\n    command: sleep infinity\n    user: dev\n    group_add: [audio]\n")])
    .updates_uid()
    .probe("id -u; id -u vscode"),
    Case::new(
        "compose-container-user",
        r#"{ "dockerComposeFile": "compose.yaml", "service": "app", "containerUser": "vscode", "privileged": false, "securityOpt": ["seccomp=unconfined"] }"#,
    )
    .files(&[(FILE, "services:\n  app:\n    image: BASE\n    command: sleep infinity\n    user: '0'\n    security_opt: [label=disable]\n")])
    .probe("id -u"),
    Case::new("compose-environment", ONE)
        .env(&[("ORACLE_SET", "from the host")])
        .files(&[
            (
                FILE,
                "services:\n  app:\n    image: BASE\n    command: sleep infinity\n    env_file: [one.env, { path: absent.env, required: false }]\n    \
                 environment:\n      - ORACLE_SET\n      - FROM_DOTENV=${IN_DOTENV:-missing}\n      - DOLLAR=$$HOME\n      - no_proxy=own.example\n",
            ),
            (".devcontainer/one.env", "ONE=1\nTWO=\"two words\"\n"),
            (".devcontainer/.env", "IN_DOTENV=found\n"),
        ]),
    Case::new("compose-project-name", ONE)
        .files(&[(FILE, SLEEP), (".env", "COMPOSE_PROJECT_NAME=oracle_from_env\n")]),
    Case::new("compose-named", ONE).files(&[(FILE, "name: oracle-named\nservices:\n  app:\n    image: BASE\n    command: sleep infinity\n    container_name: oracle-container\n    hostname: inner\n")]),
    Case::new("compose-anchors", ONE).files(&[(
        FILE,
        "x-base: &base\n  image: BASE\n  environment: &env { A: '1' }\nservices:\n  app:\n    <<: *base\n    command: sleep infinity\n    environment:\n      <<: *env\n      B: '2'\n",
    )]),
    Case::new("compose-extends", ONE).files(&[
        (FILE, "services:\n  app:\n    extends: { file: base/base.yaml, service: common }\n    command: sleep infinity\n"),
        (".devcontainer/base/base.yaml", "services:\n  common:\n    image: BASE\n    env_file: [here.env]\n    volumes: ['./data:/data']\n    cap_add: [SYS_PTRACE]\n"),
        (".devcontainer/base/here.env", "HERE=1\n"),
        (".devcontainer/base/data/a", ""),
    ])
    .differs(&[D::changed("Mounts./data.RW", "true", "false", IN_CONFIG)]),
    Case::new(
        "compose-mounts",
        r#"{
            "dockerComposeFile": "compose.yaml", "service": "app", "workspaceFolder": "/workspaces/compose-mounts",
            "mounts": ["source=oracle-config,target=/config,type=volume", "source=${localWorkspaceFolder}/data,target=/data,type=bind"]
        }"#,
    )
    .files(&[
        (
            FILE,
            "services:\n  app:\n    image: BASE\n    command: sleep infinity\n    volumes:\n      - ../..:/workspaces:cached\n      - cache:/cache\n      - fixed:/fixed:nocopy\n      - /anonymous\n      - { type: tmpfs, target: /scratch, tmpfs: { size: 64m, mode: 0o1777 } }\n      - { type: bind, source: ../data, target: /ro, read_only: true, bind: { propagation: private } }\n    tmpfs: [/run]\nvolumes:\n  cache: { labels: { a: b } }\n  fixed: { name: oracle-fixed }\n",
        ),
        ("data/a", ""),
    ]),
    Case::new("compose-limits", ONE).files(&[(
        FILE,
        "services:\n  app:\n    image: BASE\n    command: sleep infinity\n    deploy: { resources: { limits: { cpus: '1.5', memory: 256M, pids: 300 }, reservations: { memory: 64M } } }\n    ulimits: { nofile: { soft: 100, hard: 200 } }\n    shm_size: 96m\n    pid: host\n    ipc: shareable\n    cap_drop: [MKNOD]\n    devices: ['/dev/zero:/dev/oracle']\n    sysctls: { net.core.somaxconn: 512 }\n    stop_grace_period: 7s\n    restart: always\n    logging: { driver: json-file, options: { max-size: 1m } }\n    tty: true\n    read_only: true\n    init: true\n    working_dir: /tmp\n    healthcheck: { test: [CMD, 'true'], interval: 9s }\n    labels: { a: 'b $$c' }\n    secrets: [token]\n    configs: [{ source: settings, target: /etc/settings }]\nsecrets:\n  token: { file: token.txt }\nconfigs:\n  settings: { file: settings.txt }\n",
    ), (".devcontainer/token.txt", "t\n"), (".devcontainer/settings.txt", "s\n")]),
    Case::new(
        "compose-gpu",
        r#"{ "dockerComposeFile": "compose.yaml", "service": "app", "hostRequirements": { "gpu": true } }"#,
    )
    .files(&[(FILE, SLEEP)])
    .up(&["--gpu-availability", "all"])
    .cannot_start(),
    Case::new("compose-ports", ONE).files(&[(
        FILE,
        "services:\n  app:\n    image: BASE\n    command: sleep infinity\n    expose: ['9000']\n    ports: ['PORT_A:80', '127.0.0.1:PORT_B:81']\n  db:\n    image: BASE\n    command: sleep infinity\n    ports:\n      - { target: 5432, published: 'PORT_C', host_ip: 127.0.0.1 }\n",
    )]),
    Case::new(
        "compose-one-of-several",
        r#"{ "dockerComposeFile": "../../compose.yaml", "service": "app", "shutdownAction": "stopCompose" }"#,
    )
    .at(".devcontainer/api/devcontainer.json")
    .files(&[("compose.yaml", "services:\n  app:\n    image: BASE\n    command: sleep infinity\n"), (".devcontainer/web/devcontainer.json", "{ \"image\": \"BASE\" }")]),
    Case::new("compose-privileged", ONE)
        .files(&[(FILE, "services:\n  app:\n    image: BASE\n    command: sleep infinity\n    privileged: true\n    volumes: ['/var/run/docker.sock:/var/run/docker.sock']\n")])
        .protect(&["--accept-loss=privileged", "--accept-loss=docker-socket"]),
];

const IN_CONFIG: &str = "its source lies in `.devcontainer`, which is read-only wherever it is mounted";

const FEATURE_LAYERS: &[D] =
    &[D::changed("Image.Layers", "*", "*", "the CLI copies a Feature's files anew: their times differ")
        .sometimes()];
