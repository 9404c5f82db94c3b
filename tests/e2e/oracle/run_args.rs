//! `runArgs` about the process, its rights and limits (`reference/devcontainer.md` §2.2).

use super::case::Case;
use super::expected::Difference as D;

const MOOT_NETWORK: &str = "belongs to the network that the gate replaces";
const LOST_BY_CLIENT: &str =
    "client 26.1 loses the flag on its way to the engine; Compose says what the user wrote";
const ACCEPTED: &str = "accepted as a loss on the command line";

pub(crate) const CASES: &[Case] = &[
    Case::new(
        "run-capabilities",
        r#"{ "image": "BASE", "runArgs": ["--cap-add=SYS_PTRACE", "--cap-add", "CAP_NET_ADMIN", "--cap-drop=MKNOD", "--cap-drop", "AUDIT_WRITE"] }"#,
    ),
    Case::new(
        "run-security",
        r#"{ "image": "BASE", "runArgs": ["--security-opt", "seccomp=unconfined", "--security-opt=label=disable", "--security-opt", "no-new-privileges", "--security-opt", "apparmor=unconfined"] }"#,
    ),
    Case::new(
        "run-seccomp",
        r#"{ "image": "BASE", "runArgs": ["--security-opt", "seccomp:profile.json"] }"#,
    )
    .files(&[("profile.json", "{ \"defaultAction\": \"SCMP_ACT_ALLOW\" }\n")]),
    Case::new("run-privileged", r#"{ "image": "BASE", "runArgs": ["--privileged"] }"#)
        .protect(&["--accept-loss=privileged"]),
    Case::new("run-read-only", r#"{ "image": "BASE", "runArgs": ["--init", "--read-only", "--tmpfs", "/tmp:rw,size=64m,mode=1777", "--tmpfs=/run"] }"#),
    Case::new("run-network-host", r#"{ "image": "BASE", "runArgs": ["--network=host"] }"#)
        .differs(&[D::removed("Config.Hostname", "*", "the engine gives a container in the host's network the host's name")]),
    Case::new("run-network-none", r#"{ "image": "BASE", "runArgs": ["--net", "none"] }"#),
    Case::new("run-network-bridge", r#"{ "image": "BASE", "runArgs": ["--network", "bridge"] }"#),
    Case::new(
        "run-network-own",
        r#"{ "image": "BASE", "runArgs": ["--network", "oracle-own", "--network-alias", "me", "--ip=198.51.100.20", "--mac-address", "02:42:ac:11:00:99"] }"#,
    )
    .with_engine(
        &[&["network", "create", "--subnet", "198.51.100.0/24", "oracle-own"]],
        &[&["network", "rm", "oracle-own"]],
    )
    .protect(&["--accept-loss=--network", "--accept-loss=--mac-address"])
    .differs(&[D::removed("Config.MacAddress", "*", ACCEPTED)]),
    Case::new("run-network-container", r#"{ "image": "BASE", "runArgs": ["--network=container:oracle-owner"] }"#)
        .with_engine(
            &[&["run", "--detach", "--init", "--name", "oracle-owner", "BASE", "sleep", "infinity"]],
            &[&["rm", "--force", "oracle-owner"]],
        )
        .protect(&["--accept-loss=--network"])
        .differs(&[D::removed("Config.Hostname", "*", "the engine shows the other container's name")]),
    Case::new(
        "run-names",
        r#"{ "image": "BASE", "runArgs": ["--add-host", "a.example:192.0.2.7", "--add-host=gw.example:host-gateway", "--dns", "192.0.2.53", "--dns-search=corp.example", "--dns-option", "ndots:2", "-h", "inner", "--domainname=corp.example", "--name", "oracle-names"] }"#,
    ),
    Case::new("run-user", r#"{ "image": "BASE", "remoteUser": "root", "runArgs": ["-u", "dev", "--group-add", "audio", "--group-add=4321", "--userns=host"] }"#)
        .probe("id"),
    Case::new("run-user-over", r#"{ "image": "BASE", "containerUser": "dev", "runArgs": ["--user=1000:1000"] }"#)
        .probe("id")
        .differs(&[D::changed(
            "Config.Labels.devcontainer.metadata.*.containerUser",
            "\"dev\"",
            "\"1000:1000\"",
            "for `docker run` the flag overruled it; in Compose nothing stands behind it",
        )]),
    Case::new("run-namespaces", r#"{ "image": "BASE", "runArgs": ["--pid=host", "--ipc", "host", "--uts=host", "--cgroupns=host"] }"#),
    Case::new("run-ipc", r#"{ "image": "BASE", "runArgs": ["--ipc=shareable", "--cgroupns=private", "--cgroup-parent=oracle.slice"] }"#),
    Case::new(
        "run-devices",
        r#"{ "image": "BASE", "runArgs": ["--device=/dev/null:/dev/oracle:rw", "--device", "/dev/zero", "--device-cgroup-rule", "c 1:* rmw"] }"#,
    ),
    Case::new(
        "run-block-io",
        r#"{ "image": "BASE", "runArgs": ["--device-read-bps=DISK:1mb", "--device-write-bps", "DISK:2mb", "--device-read-iops=DISK:1000", "--device-write-iops=DISK:2000", "--blkio-weight=300", "--blkio-weight-device=DISK:400"] }"#,
    )
    .differs(&[
        D::added("HostConfig.BlkioDeviceReadBps", "*", LOST_BY_CLIENT).sometimes(),
        D::added("HostConfig.BlkioDeviceWriteBps", "*", LOST_BY_CLIENT).sometimes(),
        D::added("HostConfig.BlkioDeviceReadIOps", "*", LOST_BY_CLIENT).sometimes(),
        D::added("HostConfig.BlkioDeviceWriteIOps", "*", LOST_BY_CLIENT).sometimes(),
    ]),
    Case::new("run-gpus-all", r#"{ "image": "BASE", "runArgs": ["--gpus", "all"] }"#).cannot_start(),
    Case::new("run-gpus-count", r#"{ "image": "BASE", "runArgs": ["--gpus=2"] }"#).cannot_start(),
    Case::new(
        "run-gpus-devices",
        r#"{ "image": "BASE", "runArgs": ["--gpus", "\"device=0,1\",\"capabilities=compute,utility\",driver=nvidia"] }"#,
    )
    .cannot_start(),
    Case::new("image-gpu", r#"{ "image": "BASE", "hostRequirements": { "gpu": true } }"#)
        .up(&["--gpu-availability", "all"])
        .cannot_start(),
    Case::new(
        "run-memory",
        r#"{ "image": "BASE", "runArgs": ["-m", "128m", "--memory-swap=-1", "--memory-reservation", "64m", "--memory-swappiness=10", "--shm-size=96m"] }"#,
    ),
    Case::new(
        "run-memory-swap",
        r#"{ "image": "BASE", "runArgs": ["--memory=1.5g", "--memory-swap", "2g", "--oom-score-adj=500", "--oom-kill-disable", "--runtime=runc"] }"#,
    ),
    Case::new("run-cpus", r#"{ "image": "BASE", "runArgs": ["--cpus=1.5", "--cpu-shares", "512", "--cpuset-cpus=0-1"] }"#),
    Case::new(
        "run-cpu-quota",
        r#"{ "image": "BASE", "runArgs": ["--cpu-quota=50000", "--cpu-period", "100000", "-c", "256", "--pids-limit=200", "--ulimit", "nofile=1024:2048", "--ulimit=core=0", "--sysctl", "net.core.somaxconn=1024"] }"#,
    ),
    Case::new(
        "run-process",
        r#"{ "image": "BASE", "runArgs": ["-t", "-w", "/tmp", "--restart=on-failure:3", "--stop-signal", "SIGINT", "--stop-timeout=7", "--entrypoint=/bin/false"] }"#,
    ),
    Case::new("run-restart", r#"{ "image": "BASE", "runArgs": ["--restart", "unless-stopped", "--platform=linux/amd64", "--pull=never", "--isolation=default"] }"#),
    Case::new(
        "run-logs",
        r#"{ "image": "BASE", "runArgs": ["--log-driver=json-file", "--log-opt", "max-size=1m", "--log-opt=max-file=2", "--annotation", "a.example/b=c", "-l", "x=1", "--label=y", "--label", "z=a=$HOME # b"] }"#,
    ),
    Case::new(
        "run-health",
        r#"{ "image": "BASE", "runArgs": ["--health-cmd=test -e /tmp || exit $?", "--health-interval", "7s", "--health-timeout=3s", "--health-retries=4", "--health-start-period=2s", "--health-start-interval=1s"] }"#,
    ),
    Case::new("run-no-health", r#"{ "image": "BASE", "runArgs": ["--no-healthcheck"] }"#),
    Case::new(
        "run-ports",
        r#"{ "image": "BASE", "runArgs": ["-p", "PORT_A:80", "-p127.0.0.1:PORT_B:81", "--publish=target=82,published=PORT_C,protocol=tcp", "--expose", "9000", "--expose=9001/udp"] }"#,
    ),
    Case::new("run-udp", r#"{ "image": "BASE", "runArgs": ["-p", "PORT_A:80", "-p", "127.0.0.1:PORT_B:81/udp"] }"#)
        .protect(&["--accept-loss=udp-port"]),
    Case::new(
        "run-words",
        r#"{ "image": "BASE", "runArgs": ["-iw/tmp", "-eA=b", "-e=C=d", "--hostname=first", "--hostname", "last", "--init", "--init=false", "--env", "E=-x"] }"#,
    )
    .differs(&[
        D::changed("Config.AttachStdin", "true", "false", "Compose starts in the background and attaches no input"),
        D::changed("Config.StdinOnce", "true", "false", "Compose starts in the background and attaches no input"),
    ]),
    Case::new(
        "run-lost",
        r#"{ "image": "BASE", "runArgs": ["--rm", "--cpuset-mems=0", "--cidfile", "cid", "-P", "--label-file=labels", "--volume-driver=local"] }"#,
    )
    .files(&[("labels", "from-file=1\n")])
    .with_engine(&[], &[])
    .protect(&[
        "--accept-loss", "--rm", "--accept-loss", "--cpuset-mems", "--accept-loss", "--cidfile",
        "--accept-loss", "--publish-all", "--accept-loss", "--label-file", "--accept-loss", "--volume-driver",
    ])
    .differs(&[
        D::changed("HostConfig.AutoRemove", "true", "false", ACCEPTED),
        D::removed("HostConfig.CpusetMems", "\"0\"", ACCEPTED),
        D::removed("HostConfig.ContainerIDFile", "*", ACCEPTED),
        D::changed("HostConfig.PublishAllPorts", "true", "false", ACCEPTED),
        D::removed("Config.Labels.from-file", "*", ACCEPTED),
        D::removed("HostConfig.VolumeDriver", "\"local\"", ACCEPTED),
    ]),
    Case::new(
        "run-links",
        r#"{ "image": "BASE", "runArgs": ["--link=oracle-linked:peer", "--volumes-from", "oracle-linked"] }"#,
    )
    .with_engine(
        &[&["run", "--detach", "--init", "--name", "oracle-linked", "-v", "/shared", "BASE", "sleep", "infinity"]],
        &[&["rm", "--force", "--volumes", "oracle-linked"]],
    )
    .protect(&["--accept-loss=--link"])
    .differs(&[
        D::removed("HostConfig.Links", "*", MOOT_NETWORK),
    ]),
    Case::new(
        "run-moot",
        r#"{ "image": "BASE", "runArgs": ["--kernel-memory=0", "--disable-content-trust", "--detach-keys=ctrl-x", "--sig-proxy=true"] }"#,
    ),
];
