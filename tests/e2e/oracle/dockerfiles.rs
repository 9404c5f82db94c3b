//! Dockerfile configurations: contexts, arguments, options, entry points, labels, Features.

use super::case::Case;
use super::expected::Difference as D;

const DOCKERFILE: &str = "FROM BASE\nARG A=unset\nARG B=unset\nRUN echo \"$A|$B\" >/built\n";
const REBUILT: &str = "`BUST` differs, so that nothing comes from the cache: the files tell what was built";

/// A Feature with every property that reaches the container; cases run beside each other, so each has
/// a volume of its own.
macro_rules! feature {
    ($volume:literal) => {
        concat!(
            r#"{ "id": "own", "version": "1.0.0", "name": "Own",
                "options": { "word": { "type": "string", "default": "nothing" } },
                "containerEnv": { "FEATURE": "on" }, "init": true, "capAdd": ["SYS_PTRACE"],
                "securityOpt": ["seccomp=unconfined"], "entrypoint": "/usr/bin/true",
                "mounts": [{ "source": ""#,
            $volume,
            r#"", "target": "/feature", "type": "volume" }] }"#
        )
    };
}

pub(crate) const CASES: &[Case] = &[
    Case::new("build-plain", r#"{ "build": { "dockerfile": "Dockerfile" } }"#)
        .files(&[(".devcontainer/Dockerfile", "FROM BASE\nCOPY a /a\n"), (".devcontainer/a", "a")]),
    Case::new("build-context", r#"{ "build": { "dockerfile": "Dockerfile", "context": ".." } }"#)
        .files(&[(".devcontainer/Dockerfile", "FROM BASE\nCOPY src/a /a\n"), ("src/a", "a")]),
    Case::new("build-elsewhere", r#"{ "build": { "dockerfile": "../docker/dev/Dockerfile.dev" } }"#)
        .files(&[("docker/dev/Dockerfile.dev", "FROM BASE\nCOPY a /a\n"), ("docker/dev/a", "a")]),
    Case::new("build-legacy", r#"{ "dockerFile": "../Dockerfile", "context": "../src", "build": { "args": { "A": "1" } } }"#)
        .files(&[("Dockerfile", "FROM BASE\nARG A\nCOPY a /a\nRUN echo $A >/built\n"), ("src/a", "a")])
        .probe("cat /a /built"),
    Case::new(
        "build-arguments",
        r#"{
            "build": {
                "dockerfile": "Dockerfile", "target": "wanted", "cacheFrom": "oracle/none:latest",
                "args": { "A": "it's \"$HOME\" ${unknown}", "B": "${localEnv:ORACLE_SET} ${localEnv:ORACLE_UNSET:default}", "BUST": "${localEnv:ORACLE_BUST}" }
            }
        }"#,
    )
    .files(&[(
        ".devcontainer/Dockerfile",
        "FROM BASE AS wanted\nARG BUST\nARG A\nARG B\nRUN printf '%s\\n' \"$A\" \"$B\" >/built\nFROM wanted\nRUN echo wrong >/built\n",
    )])
    .env(&[("ORACLE_SET", "set")])
    .env_apart(&[("ORACLE_BUST", "before", "after")])
    .probe("cat /built")
    .differs(&[D::changed("Image.Layers", "*", "*", REBUILT)]),
    Case::new(
        "build-options",
        r#"{
            "build": {
                "dockerfile": "Dockerfile",
                "args": { "BUST": "${localEnv:ORACLE_BUST}" },
                "options": [
                    "--platform=linux/amd64", "--network=host", "--add-host", "a.example:192.0.2.9", 
                    "--ulimit", "nofile=1024:2048", "--label", "from-build=1", "--build-arg", "A=option",
                    "--progress=plain", "--tag", "oracle/tagged:1", "--isolation=default", "--target=wanted"
                ]
            }
        }"#,
    )
    .files(&[(
        ".devcontainer/Dockerfile",
        "FROM BASE AS wanted\nARG BUST\nARG A\nRUN (echo $A; grep -c a.example /etc/hosts; \
         ulimit -Sn; ulimit -Hn; uname -m) >/built\nFROM wanted\nRUN echo wrong >/built\n",
    )])
    // Fails when there is no such image.
    .with_engine(&[], &[&["image", "rm", "oracle/tagged:1"]])
    .env_apart(&[("ORACLE_BUST", "before", "after")])
    .probe("cat /built")
    .differs(&[D::changed("Image.Layers", "*", "*", REBUILT)]),
    Case::new(
        "build-sources",
        r#"{
            "build": {
                "dockerfile": "Dockerfile", "context": "..",
                "args": { "BUST": "${localEnv:ORACLE_BUST}" },
                "options": ["--secret", "id=one,src=secret.txt", "--secret=id=two,env=ORACLE_SECRET", "--build-context=more=./more", "--no-cache"]
            }
        }"#,
    )
    .files(&[
        (
            ".devcontainer/Dockerfile",
            "FROM BASE\nARG BUST\nCOPY --from=more a /a\n\
             RUN --mount=type=secret,id=one --mount=type=secret,id=two cat /run/secrets/one /run/secrets/two >/built\n",
        ),
        ("secret.txt", "from a file\n"),
        ("more/a", "more\n"),
    ])
    .env(&[("ORACLE_SECRET", "from the environment")])
    .env_apart(&[("ORACLE_BUST", "before", "after")])
    .probe("cat /a /built; echo")
    .differs(&[D::changed("Image.Layers", "*", "*", REBUILT)]),
    Case::new("build-lost", r#"{ "build": { "dockerfile": "Dockerfile", "options": ["--quiet", "--memory=1g", "--shm-size=96m", "--sbom=false", "--provenance=false"] } }"#)
        .files(&[(".devcontainer/Dockerfile", DOCKERFILE)])
        .protect(&["--accept-loss=build:--memory", "--accept-loss=build:--shm-size", "--accept-loss=build:--sbom", "--accept-loss=build:--provenance"])
        .differs(&[D::changed("Image.Layers", "*", "*", "the options that are lost were part of the cache's key")]),
    Case::new("build-own-command", r#"{ "build": { "dockerfile": "Dockerfile" }, "overrideCommand": false }"#).files(&[(
        ".devcontainer/Dockerfile",
        "FROM BASE\nENTRYPOINT [\"/usr/bin/env\", \"A=$B\"]\nCMD [\"sleep\", \"1000\"]\nUSER dev\nWORKDIR /srv\n",
    )]),
    Case::new("build-shell-command", r#"{ "build": { "dockerfile": "Dockerfile" }, "overrideCommand": false }"#)
        .files(&[(".devcontainer/Dockerfile", "FROM BASE\nCMD echo \"$HOME\" && exec sleep 1000\n")]),
    Case::new("build-overridden", r#"{ "build": { "dockerfile": "Dockerfile" } }"#).files(&[(
        ".devcontainer/Dockerfile",
        "FROM BASE\nENTRYPOINT [\"/bin/false\"]\nEXPOSE 8080\nVOLUME /var/oracle\nHEALTHCHECK CMD true\nENV X=\"a b\"\nSTOPSIGNAL SIGQUIT\nLABEL own=1\n",
    )]),
    Case::new("build-features", r#"{ "build": { "dockerfile": "Dockerfile" }, "remoteUser": "vscode", "features": { "./own": { "word": "hello" } } }"#)
        .files(&[
            (".devcontainer/Dockerfile", DOCKERFILE),
            (".devcontainer/own/devcontainer-feature.json", feature!("oracle-feature-build")),
            (".devcontainer/own/install.sh", "#!/bin/sh\necho \"$WORD\" >/from-feature\n"),
        ])
        .probe("cat /from-feature")
        .differs(FEATURE_REBUILT),
    Case::new("image-features", r#"{ "image": "BASE", "features": { "./own": {} } }"#)
        .files(&[
            (".devcontainer/own/devcontainer-feature.json", feature!("oracle-feature-image")),
            (".devcontainer/own/install.sh", "#!/bin/sh\necho \"$WORD\" >/from-feature\n"),
        ])
        .updates_uid()
        .differs(FEATURE_REBUILT),
];

const FEATURE_REBUILT: &[D] =
    &[D::changed("Image.Layers", "*", "*", "the CLI copies a Feature's files anew: their times differ")
        .sometimes()];
