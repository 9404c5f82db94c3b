//! Privileges of the process that runs the canaries (proc(5), capabilities(7)).

use std::fs;
use std::path::Path;

use super::{Canary, Targets, Verdict};

const STATUS: &str = "/proc/self/status";
const PROGRAM_FOLDERS: [&str; 6] =
    ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin", "/usr/local/sbin"];
const MAX_PROGRAMS: usize = 20_000;
#[cfg(unix)]
const SET_USER_ID: u32 = 0o4000;

/// The names of the capabilities by bit (`<linux/capability.h>`).
const NAMES: [&str; 41] = [
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
];

pub(super) fn plan(targets: &Targets) -> Vec<Canary> {
    let allowed = targets.capabilities;
    vec![
        Canary::new("capabilities", format!("grep -E 'CapEff|CapBnd' {STATUS}"), move |_| {
            judge_capabilities(&fs::read_to_string(STATUS).unwrap_or_default(), allowed)
        }),
        Canary::new("no-new-privileges", format!("grep NoNewPrivs {STATUS}"), |_| {
            judge_new_privileges(&fs::read_to_string(STATUS).unwrap_or_default())
        }),
        Canary::new("setuid", "find /usr/bin /usr/sbin /bin /sbin -perm -4000", |_| {
            judge_setuid(&setuid_programs(&PROGRAM_FOLDERS.map(Path::new)))
        }),
    ]
}

fn judge_capabilities(status: &str, allowed: u64) -> Verdict {
    let mask = |name| field(status, name).and_then(|digits| u64::from_str_radix(digits, 16).ok());
    let (Some(effective), Some(bounding)) = (mask("CapEff"), mask("CapBnd")) else {
        return Verdict::skip("the kernel does not tell");
    };
    let beyond = (effective | bounding) & !allowed;
    if beyond == 0 {
        Verdict::pass(format!("none beyond the expected set (CapBnd {bounding:016x})"))
    } else {
        Verdict::fail(format!("beyond the expected set: {}", names(beyond)))
    }
}

fn names(mask: u64) -> String {
    let bits = (0..u64::BITS).filter(|bit| mask & (1 << bit) != 0);
    let names = bits.map(|bit| {
        let known = usize::try_from(bit).ok().and_then(|bit| NAMES.get(bit));
        known.map_or_else(|| format!("cap_{bit}"), |name| format!("cap_{name}"))
    });
    names.collect::<Vec<_>>().join(", ")
}

/// A dev container with sudo cannot have it, so its absence is told and not held against it.
fn judge_new_privileges(status: &str) -> Verdict {
    match field(status, "NoNewPrivs") {
        Some("1") => Verdict::pass("set: no program can raise privileges"),
        Some("0") => Verdict::skip("not set, for information: the gate does not depend on it"),
        _ => Verdict::skip("the kernel does not tell"),
    }
}

fn judge_setuid(programs: &[String]) -> Verdict {
    match programs {
        [] => Verdict::pass("no setuid program"),
        some => Verdict::skip(format!(
            "{} present, for information: the gate does not depend on it: {}",
            some.len(),
            some.join(", "),
        )),
    }
}

fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
}

fn setuid_programs(folders: &[&Path]) -> Vec<String> {
    let mut found: Vec<String> = folders
        .iter()
        // `/bin` is often a link to `/usr/bin`, which is looked at anyway.
        .filter(|folder| fs::symlink_metadata(folder).is_ok_and(|metadata| metadata.is_dir()))
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flat_map(|entries| entries.flatten().take(MAX_PROGRAMS))
        .filter(|entry| {
            entry.metadata().is_ok_and(|metadata| metadata.is_file() && has_set_user_id(&metadata))
        })
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    found.sort();
    found
}

#[cfg(unix)]
fn has_set_user_id(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & SET_USER_ID != 0
}

#[cfg(not(unix))]
fn has_set_user_id(_: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::canary::{DEFAULT_CAPABILITIES, Status};

    fn status(effective: u64, bounding: u64) -> String {
        format!("Name:\tx\nCapInh:\t0\nCapEff:\t{effective:016x}\nCapBnd:\t{bounding:016x}\n")
    }

    #[test]
    fn the_default_set_passes_and_one_more_fails() {
        let default = status(DEFAULT_CAPABILITIES, DEFAULT_CAPABILITIES);
        assert_eq!(judge_capabilities(&default, DEFAULT_CAPABILITIES).status, Status::Pass);
        let admin = status(0, DEFAULT_CAPABILITIES | 1 << 21 | 1 << 12 | 1 << 60);
        assert_eq!(
            judge_capabilities(&admin, DEFAULT_CAPABILITIES),
            Verdict::fail("beyond the expected set: cap_net_admin, cap_sys_admin, cap_60"),
        );
        assert_eq!(judge_capabilities("Name:\tx\n", u64::MAX).status, Status::Skip);
    }

    #[test]
    fn new_privileges_are_information() {
        assert_eq!(judge_new_privileges("NoNewPrivs:\t1\n").status, Status::Pass);
        assert_eq!(judge_new_privileges("NoNewPrivs:\t0\n").status, Status::Skip);
        assert_eq!(judge_new_privileges("").status, Status::Skip);
    }

    #[test]
    fn setuid_programs_are_listed() {
        let folder = tempfile::tempdir().unwrap();
        for (name, mode) in [("raise", 0o4755), ("plain", 0o755)] {
            let path = folder.path().join(name);
            fs::write(&path, "").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        let found = setuid_programs(&[folder.path(), Path::new("/nowhere.test")]);
        assert_eq!(found, ["raise"]);
        assert_eq!(judge_setuid(&found).status, Status::Skip);
        assert_eq!(judge_setuid(&[]).status, Status::Pass);
    }
}
