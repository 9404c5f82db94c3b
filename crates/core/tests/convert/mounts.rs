//! `mounts`: what stays, what gets a type, what has to move.

use crate::support::images;
use crate::table;

#[test]
fn what_the_cli_writes_faithfully_stays() {
    table!(images(&[
        r#""mounts": ["source=/a,target=/b,type=bind,consistency=cached"]"#,
        r#""mounts": ["source=${localWorkspaceFolder}/../x,target=/x,type=bind"]"#,
        r#""mounts": ["source=cache,target=/c,type=volume"]"#,
        r#""mounts": [{"source": "cache", "target": "/c", "type": "volume"}]"#,
        r#""mounts": ["source=cache-${devcontainerId},target=/c,type=volume"]"#,
        r#""mounts": ["source=/var/run/docker.sock,target=/var/run/docker-host.sock,type=bind"]"#,
    ]));
}

#[test]
fn a_missing_type_is_written() {
    table!(images(&[r#""mounts": ["source=cache,target=/c", "source=/a,target=/b,type=bind"]"#,]));
}

#[test]
fn what_the_cli_would_change_moves() {
    table!(images(&[
        r#""mounts": ["source=/a,target=/b,type=bind,readonly"]"#,
        r#""mounts": ["type=tmpfs,target=/t", "source=/a,target=/b,type=bind"]"#,
        r#""mounts": ["type=volume,target=/anonymous"]"#,
        r#""mounts": [{"target": "/anonymous", "type": "volume"}]"#,
        r#""mounts": ["source=${localEnv:USER}-c,target=/c,type=volume"]"#,
        r#""mounts": ["source=./a,target=/b,type=bind"]"#,
        r#""mounts": ["source=/a=b,target=/b,type=bind"]"#,
        r#""mounts": ["source=/price$5,target=/b,type=bind"]"#,
        r#""mounts": ["source=c,target=/c,type=volume,volume-subpath=${localWorkspaceFolderBasename}"]"#,
    ]));
}

#[test]
fn what_neither_can_say_is_lost() {
    table!(images(&[
        r#""mounts": ["source=c-${devcontainerId},target=/c,type=volume,readonly"]"#,
        r#""mounts": ["source=/a,target=/b,type=bind,made-up=1"]"#,
        r#""mounts": ["type=cluster,source=/a,target=/b"]"#,
        r#""mounts": ["source=/a,target=/b,type=bind,bind-nonrecursive"]"#,
        r#""mounts": ["source=/a,target=/b,type=bind,bind-recursive=readonly"]"#,
    ]));
}
