//! What the kernel lets this user do: `/proc/self/status` (proc(5)), and sudo.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use drawbridge_bridge::facts::Privileges;

use super::{Search, head};

const SUDO: &str = "/usr/bin/sudo";
const SET_USER_ID: u32 = 0o4000;
/// How long sudo may think.
const PATIENCE: Duration = Duration::from_millis(500);

pub(super) fn read(search: &mut Search<'_>) -> Privileges {
    let bytes = head(&search.proc.join("self/status"), 64 << 10).unwrap_or_default();
    if bytes.is_empty() {
        search.notes.push("privileges cannot be read".to_owned());
    }
    parse(&String::from_utf8_lossy(&bytes))
}

fn parse(status: &str) -> Privileges {
    let field =
        |name: &str| status.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()));
    let mask = |name| field(name).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default();
    Privileges {
        effective: mask("CapEff"),
        bounding: mask("CapBnd"),
        no_new_privs: field("NoNewPrivs") == Some("1"),
        seccomp: field("Seccomp").and_then(|mode| mode.parse().ok()).unwrap_or_default(),
        sudo: false,
    }
}

/// Whether sudo gives root without a password: it is run with `true`, by its own path, and only when
/// it belongs to root. `budget` of nothing leaves it out.
pub(super) fn sudo(budget: Duration) -> bool {
    let trusted =
        Path::new(SUDO).metadata().is_ok_and(|meta| meta.uid() == 0 && meta.mode() & SET_USER_ID != 0);
    if !trusted || budget.is_zero() {
        return false;
    }
    let child = Command::new(SUDO)
        .args(["-n", "true"])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return false };
    // A set-uid program cannot be ended by its caller: after the time it is left to its own end.
    let (done, ended) = mpsc::channel();
    std::thread::spawn(move || done.send(child.wait().is_ok_and(|status| status.success())));
    ended.recv_timeout(PATIENCE).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_masks_and_modes() {
        let status = "Name:\tx\nCapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n";
        let read = parse(status);
        assert_eq!((read.effective, read.bounding), (0xa804_25fb, 0xa804_25fb));
        assert_eq!((read.no_new_privs, read.seccomp), (true, 2));
        assert_eq!(parse("CapEff:\tnonsense"), Privileges::default());
    }
}
