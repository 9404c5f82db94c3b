//! `runArgs`, flag by flag: the key that gives the same container, or the reason why there is none.

use drawbridge_core::convert::{Conversion, ItemKind};
use proptest::prelude::*;

use crate::support::{Around, compose, patched, run_args};
use crate::table;

#[test]
fn rights() {
    table!(run_args(&[
        "--cap-add=SYS_PTRACE --cap-add SYS_PTRACE --cap-add=CAP_MKNOD",
        "--cap-drop ALL",
        "--cap-add SYS_ADMIN",
        "--security-opt seccomp=unconfined --security-opt=label=disable --security-opt no-new-privileges",
        "--security-opt seccomp=.devcontainer/profile.json",
        "--security-opt unmask=/sys/fs/cgroup",
        "--privileged",
        "--privileged --privileged=false",
        "--init --read-only",
        "--init --init=false --tty --tty=false",
        "--userns host",
        "--userns=keep-id",
        "--pid host --ipc=host --uts host",
        "--cgroupns=private --cgroup-parent /x",
        "--sysctl net.core.somaxconn=1024",
    ]));
}

#[test]
fn identity_and_process() {
    table!(run_args(&[
        "--name first --name second",
        "-h my-host --domainname corp.example",
        "-u vscode",
        "-u=1000:1000 --group-add video --group-add=audio",
        "-w /src",
        "-it",
        "--restart unless-stopped",
        "--stop-signal SIGINT --stop-timeout 5",
        "--platform linux/arm64 --platform=linux/amd64",
        "--pull always --isolation default --runtime nvidia",
        "--entrypoint /bin/bash",
    ]));
}

#[test]
fn environment_and_labels() {
    table!(run_args(&[
        "-e K=V -eA=a=b --env=EMPTY=",
        "-e PASSED",
        "-e PRICE=5$ -e HOME_DIR=${localEnv:HOME}",
        "-e WS=${localWorkspaceFolder}",
        "--env-file .devcontainer/dev.env",
        "--env-file ${localWorkspaceFolder}/.env",
        "-l com.example/a=b --label flag",
        "--annotation a=b",
    ]));
}

#[test]
fn files() {
    table!(run_args(&[
        "-v /host:/in:ro,z",
        "-v ${localWorkspaceFolder}/a:/a:cached",
        "-v=${env:HOME}/.Xauthority:/root/.Xauthority:rw",
        "-v ./rel:/rel",
        "-v cache:/cache",
        "-v ${localEnv:USER}-cache:/cache:ro",
        "-v ${localEnv:XAUTHORITY}:/x",
        "-v cache-${devcontainerId}:/cache",
        "-v /anonymous",
        "-v /var/run/docker.sock:/var/run/docker.sock",
        r"-v C:\data:/data:ro",
        "-v a:b:c:d",
        "--mount type=bind,source=/run/udev,target=/run/udev,readonly",
        "--mount type=bind,src=/a,dst=/b,bind-propagation=rslave,bind-nonrecursive=false,consistency=cached",
        "--mount type=bind,source=/gone,target=/b,made-up=1",
        "--mount source=cache,target=/c,volume-nocopy",
        r#"--mount type=volume,source=nfs,target=/n,volume-driver=local,"volume-opt=o=addr=db,rw",volume-opt=type=nfs"#,
        "--mount type=tmpfs,target=/t,tmpfs-size=64m,tmpfs-mode=1770",
        "--mount type=npipe,source=a,target=b",
        "--tmpfs /run:size=64m",
        "--volumes-from other --volumes-from ro:ro",
        "--storage-opt size=10G",
    ]));
}

#[test]
fn devices_and_limits() {
    table!(run_args(&[
        "--device /dev/fuse:/dev/fuse:rwm --device-cgroup-rule c␣42:*␣rmw",
        "--device-read-bps /dev/sda:1mb --device-write-iops /dev/sda:5 --blkio-weight 300 --blkio-weight-device /dev/sda:400",
        "--gpus all",
        "--gpus 2",
        r#"--gpus "device=0,1""#,
        r#"--gpus driver=nvidia,"capabilities=compute,utility""#,
        "--gpus␣all",
        "--gpus all --memory-reservation 1g",
        "-m 2g --memory-swap -1 --memory-swappiness=10",
        "--shm-size 1g --oom-kill-disable --oom-score-adj=-500",
        "--cpus 1.5 -c 512 --cpuset-cpus 0-1",
        "--cpu-quota=50000 --cpu-period=100000 --cpu-rt-runtime 950",
        "--pids-limit 100 --ulimit nofile=500000 --ulimit=core=0:0 --ulimit memlock=-1",
        "--ulimit nofile",
    ]));
}

#[test]
fn logs_and_health() {
    table!(run_args(&[
        "--log-driver json-file --log-opt max-size=1m",
        "--health-cmd curl␣-f␣http://localhost --health-interval 5s --health-retries 3 --health-timeout=1s",
        "--health-start-period 9s --health-start-interval 1s",
        "--no-healthcheck",
    ]));
}

#[test]
fn network() {
    table!(run_args(&[
        "-p 8000:80 -p=127.0.0.1:9000:90 -p3000:3000",
        "--publish 5000-5002:5000-5002/tcp",
        "--publish ${localEnv:PORT:8080}:80",
        "--publish published=8080,target=80",
        "-p 53:53/udp",
        "-P",
        "--expose 80 --expose=90",
        "--network=host",
        "--net none",
        "--net=container:db",
        "--network backend --network-alias dev --ip 10.0.0.2",
        "--mac-address 02:42:ac:11:00:02",
        "--link db:database",
        "--add-host db.example:10.0.0.3",
        "--add-host=host.docker.internal:host-gateway",
        "--dns 192.0.2.1 --dns-search corp.example --dns-option ndots:1",
    ]));
}

#[test]
fn without_an_equivalent() {
    table!(run_args(&[
        "--rm",
        "--cidfile x --cpuset-mems 0 --volume-driver nfs",
        "--label-file x",
        "--kernel-memory 1g --disable-content-trust --sig-proxy=false --detach-keys a -d -a STDIN",
        "--systemd always",
        "--made-up=1 --made up --last",
        "-z",
        "word",
        "--name",
    ]));
}

fn converted(words: &[String]) -> (String, Conversion) {
    let list = serde_json::Value::from(words.to_vec());
    let text = format!("{{\"image\": \"debian\", \"runArgs\": {list}}}");
    let conversion = Around::default().convert(&text);
    (text, conversion)
}

proptest! {
    /// Whatever the words are: each one is in an item, the files stay readable, nothing panics.
    #[test]
    fn nothing_is_dropped_silently(
        words in prop::collection::vec(
            prop_oneof![
                "--(env|volume|mount|gpus|ulimit|publish|label|cap-add|device-read-bps|security-opt|rm|name|made-up)",
                "--(env|volume|mount|gpus|ulimit|publish|label|network|user|tmpfs)=[ -~]{0,12}",
                "[a-z:/=,$.{}\"~-]{1,10}",
                r"(/|\.|\$\{localEnv:X\}|\$\{localWorkspaceFolder\}|\$\{devcontainerId\}|a)[a-z:/=,]{0,8}",
                any::<String>(),
            ],
            0..6,
        )
    ) {
        let (text, conversion) = converted(&words);
        let told: Vec<&str> = conversion
            .items
            .iter()
            .filter(|item| item.kind != ItemKind::Warning)
            .map(|item| item.what.as_str())
            .collect();
        for word in &words {
            let is_cluster = word.starts_with('-') && !word.starts_with("--");
            let is_switch = word.starts_with("--rm");
            prop_assert!(
                is_cluster || is_switch || told.iter().any(|what| what.contains(word.as_str())),
                "{word:?} is nowhere in {told:?}"
            );
        }
        let yaml = compose(&conversion);
        let parsed = drawbridge_core::compose::parse(&yaml);
        prop_assert!(parsed.is_ok(), "{parsed:?}\n{yaml}");
        prop_assert!(drawbridge_jsonc::parse(&patched(&text, &conversion)).is_clean());
    }
}
