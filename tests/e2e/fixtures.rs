//! Repositories of the kinds that users have, as small as each kind allows.

/// Files of a repository, by path.
pub(crate) type Files<'a> = &'a [(&'a str, &'a str)];

/// An image configuration, remote user root.
pub(crate) const IMAGE: Files<'static> = &[(
    ".devcontainer/devcontainer.json",
    r#"{
	// An ordinary configuration, comments included.
	"name": "Image",
	"image": "drawbridge-test/base:bookworm",
}
"#,
)];

/// An image configuration whose remote user is ordinary and gets the host user's uid.
pub(crate) const IMAGE_USER: Files<'static> = &[(
    ".devcontainer/devcontainer.json",
    r#"{ "image": "drawbridge-test/base:bookworm", "remoteUser": "vscode" }
"#,
)];

/// An image configuration whose remote user keeps a uid that the host user does not have.
pub(crate) const IMAGE_OTHER_UID: Files<'static> = &[(
    ".devcontainer/devcontainer.json",
    r#"{ "image": "drawbridge-test/base:bookworm", "remoteUser": "dev", "updateRemoteUserUID": false }
"#,
)];

/// An image configuration with agents of ssh and gpg, remote user root.
pub(crate) const BRIDGE: Files<'static> = &[(
    ".devcontainer/devcontainer.json",
    r#"{ "image": "drawbridge-test/bridge:bookworm" }
"#,
)];

/// The same with an ordinary remote user.
pub(crate) const BRIDGE_USER: Files<'static> = &[(
    ".devcontainer/devcontainer.json",
    r#"{ "image": "drawbridge-test/bridge:bookworm", "remoteUser": "vscode" }
"#,
)];

/// An image configuration with every client that the tests use.
pub(crate) const CLIENTS: Files<'static> = &[
    (
        ".devcontainer/devcontainer.json",
        r#"{ "image": "drawbridge-test/clients:bookworm", "remoteUser": "vscode" }
"#,
    ),
    ("Fetch.java", include_str!("../fixtures/clients/Fetch.java")),
    ("fetch.mjs", include_str!("../fixtures/clients/fetch.mjs")),
    ("fetch.py", include_str!("../fixtures/clients/fetch.py")),
];

/// A Dockerfile configuration.
pub(crate) const DOCKERFILE: Files<'static> = &[
    (
        ".devcontainer/devcontainer.json",
        r#"{
	"build": { "dockerfile": "Dockerfile", "args": { "GREETING": "hello" } },
	"remoteUser": "vscode"
}
"#,
    ),
    (
        ".devcontainer/Dockerfile",
        "FROM drawbridge-test/base:bookworm\nARG GREETING\nRUN echo \"$GREETING\" >/etc/greeting\n",
    ),
];

/// A Compose configuration with a database sibling that listens on 5432 (Python plays the database).
pub(crate) const COMPOSE: Files<'static> = &[
    (".devcontainer/devcontainer.json", COMPOSE_CONFIG),
    (
        ".devcontainer/docker-compose.yml",
        r#"services:
  app:
    image: drawbridge-test/base:bookworm
    command: sleep infinity
    volumes: ["..:/workspace"]
  db:
    image: drawbridge-test/base:bookworm
    command: python3 -m http.server 5432
"#,
    ),
];

/// As Microsoft's templates with a database: the dev service lives in the database's network namespace.
pub(crate) const COMPOSE_NETWORK_MODE: Files<'static> = &[
    (".devcontainer/devcontainer.json", COMPOSE_CONFIG),
    (
        ".devcontainer/docker-compose.yml",
        r#"version: "3.8"

services:
  app:
    image: drawbridge-test/base:bookworm
    command: sleep infinity
    volumes:
      - ..:/workspace:cached
    # Runs app on the same network as the database container
    network_mode: service:db
  db:
    image: drawbridge-test/base:bookworm
    command: python3 -m http.server 5432
    restart: unless-stopped
"#,
    ),
];

/// The dev service names the networks it joins.
pub(crate) const COMPOSE_NETWORKS: Files<'static> = &[
    (".devcontainer/devcontainer.json", COMPOSE_CONFIG),
    (
        ".devcontainer/docker-compose.yml",
        r#"services:
  app:
    image: drawbridge-test/base:bookworm
    command: sleep infinity
    volumes: ["..:/workspace"]
    networks: [front, back]
  db:
    image: drawbridge-test/base:bookworm
    command: python3 -m http.server 5432
    networks:
      back:
        aliases: [database]
networks:
  front:
  back:
"#,
    ),
];

/// Dev service and sibling publish ports; `PORT_A` and `PORT_B` stand for free ports of the host.
pub(crate) const COMPOSE_PORTS: Files<'static> = &[
    (".devcontainer/devcontainer.json", COMPOSE_CONFIG),
    (
        ".devcontainer/docker-compose.yml",
        r#"services:
  app:
    image: drawbridge-test/base:bookworm
    command: python3 -m http.server 8081
    volumes: ["..:/workspace"]
    ports: ["127.0.0.1:PORT_A:8081"]
  db:
    image: drawbridge-test/base:bookworm
    command: python3 -m http.server 5432
    ports:
      - "PORT_B:5432"
"#,
    ),
];

const COMPOSE_CONFIG: &str = r#"{
	"name": "Compose",
	"dockerComposeFile": "docker-compose.yml",
	"service": "app",
	"workspaceFolder": "/workspace", // the sources
	"remoteUser": "vscode"
}
"#;
