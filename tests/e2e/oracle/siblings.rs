//! Compose configurations with more than one service: networks, start order, neighbours.

use super::case::Case;
use super::expected::Difference as D;

const ONE: &str =
    r#"{ "dockerComposeFile": "compose.yaml", "service": "app", "workspaceFolder": "/workspace" }"#;
const FILE: &str = ".devcontainer/compose.yaml";

const HOST_NAME: &str = "the engine gives a container in the host's network the host's name";

pub(crate) const CASES: &[Case] = &[
    Case::new("siblings-netns", ONE).files(&[(
        FILE,
        "version: '3.8'\nservices:\n  app:\n    image: BASE\n    command: sleep infinity\n    network_mode: service:db\n  db:\n    image: BASE\n    command: sleep infinity\n    restart: unless-stopped\n    ports: ['127.0.0.1:PORT_A:5432']\n    hostname: database\n",
    )]),
    Case::new("siblings-host", ONE).files(&[(
        FILE,
        "services:\n  app:\n    image: BASE\n    command: sleep infinity\n    network_mode: host\n  db:\n    image: BASE\n    command: sleep infinity\n",
    )])
    .differs(&[D::removed("Config.Hostname", "*", HOST_NAME)]),
    Case::new("siblings-bridge", ONE).files(&[(
        FILE,
        "services:\n  app:\n    image: BASE\n    command: sleep infinity\n    network_mode: bridge\n    dns: 192.0.2.53\n",
    )]),
    Case::new("siblings-none", ONE).files(&[(
        FILE,
        "services:\n  app:\n    image: BASE\n    command: sleep infinity\n    network_mode: none\n  quiet:\n    image: BASE\n    command: sleep infinity\n    network_mode: none\n",
    )]),
    Case::new("siblings-networks", ONE).files(&[(
        FILE,
        "services:\n  app:\n    image: BASE\n    command: sleep infinity\n    networks: [front, back]\n  db:\n    image: BASE\n    command: sleep infinity\n    networks: { back: { aliases: [database] } }\n  apart:\n    image: BASE\n    command: sleep infinity\n    networks: [far]\nnetworks:\n  front:\n  back: { internal: true }\n  far:\n",
    )]),
    Case::new("siblings-external-network", ONE)
        .with_engine(&[&["network", "create", "oracle-external"]], &[&["network", "rm", "oracle-external"]])
        .files(&[(
            FILE,
            "services:\n  app:\n    image: BASE\n    command: sleep infinity\n    networks: [default, outer]\n    extra_hosts: ['a.example:192.0.2.7', 'h.example:host-gateway']\n    dns: [192.0.2.53]\n    dns_search: corp.example\nnetworks:\n  outer: { external: true, name: oracle-external }\n",
        )]),
    Case::new(
        "siblings-order",
        r#"{ "dockerComposeFile": "compose.yaml", "service": "app", "runServices": ["db", "cache"] }"#,
    )
    .files(&[(
        FILE,
        "services:\n  app:\n    image: BASE\n    command: sleep infinity\n    depends_on: [db]\n    links: ['db:database']\n  db:\n    image: BASE\n    command: sleep infinity\n    healthcheck: { test: [CMD, 'true'], interval: 1s, start_interval: 200ms, start_period: 5s }\n    depends_on:\n      seed: { condition: service_completed_successfully }\n  seed:\n    image: BASE\n    command: 'true'\n  cache:\n    image: BASE\n    command: sleep infinity\n    privileged: false\n  unwanted:\n    image: BASE\n    command: sleep infinity\n",
    )]),
    Case::new(
        "siblings-profiles",
        r#"{ "dockerComposeFile": "compose.yaml", "service": "app", "runServices": ["tools"] }"#,
    )
    .files(&[(
        FILE,
        "services:\n  app:\n    image: BASE\n    command: sleep infinity\n  tools:\n    image: BASE\n    command: sleep infinity\n    profiles: [tools]\n  never:\n    image: BASE\n    command: sleep infinity\n    profiles: [never]\n",
    )]),
    Case::new("siblings-include", ONE)
        .files(&[
            (FILE, "include: [extra/db.yaml]\nservices:\n  app:\n    image: BASE\n    command: sleep infinity\n"),
            (".devcontainer/extra/db.yaml", "services:\n  db:\n    image: BASE\n    command: sleep infinity\n    volumes: ['./data:/data']\n"),
            (".devcontainer/extra/data/a", ""),
        ])
        .protect(&["--accept-loss=included-service"]),
    Case::new("siblings-extends", ONE).files(&[(
        FILE,
        "services:\n  base:\n    image: BASE\n    command: sleep infinity\n    environment: { A: '1' }\n    networks: { default: { aliases: [base-alias] } }\n  app:\n    extends: base\n    volumes: ['..:/workspace']\n  db:\n    extends: { service: base }\n    network_mode: !reset null\n",
    )]),
];
