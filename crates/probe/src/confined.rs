//! Which processes run inside the walls of `drawbridge run`.
//!
//! The label in the environment says so, and the kernel's own record must agree: anybody can set a variable, nobody can
//! fake a filter in `/proc/PID/status`.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use drawbridge_bridge::variables::CONFINED;
use serde::{Deserialize, Serialize};

use crate::owner::Proc;

/// The longest environment that is read; Linux allows more, and then the label is missed.
const MAX_ENVIRONMENT: u64 = 1 << 20;

/// A process with the label of `drawbridge run`. All text is as the process wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confined {
    /// Its number in the container.
    pub pid: u32,
    /// Its parent's number.
    pub parent: u32,
    /// Its name (`comm`).
    pub name: String,
    /// The profile that the label names.
    pub profile: String,
    /// Whether the kernel confirms it: no new privileges, and system-call filters beyond those of the container.
    pub walls: bool,
}

/// Every labelled process whose environment this user may read, in the order of their numbers.
pub fn list(proc: &Proc) -> Vec<Confined> {
    let Ok(entries) = fs::read_dir(proc.root()) else { return Vec::new() };
    let mut pids: Vec<u32> =
        entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    pids.sort_unstable();
    // What every process of the container has, its first one shows.
    let common = status(proc.root(), 1).map_or(0, |status| status.filters);
    pids.into_iter().filter_map(|pid| look(proc.root(), pid, common)).collect()
}

fn look(proc: &Path, pid: u32, common: u32) -> Option<Confined> {
    let profile = label(&proc.join(pid.to_string()).join("environ"))?;
    let status = status(proc, pid)?;
    let walls = status.no_new_privs && status.filters > common;
    Some(Confined { pid, parent: status.parent, name: status.name, profile, walls })
}

fn label(environ: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(environ).ok()?.take(MAX_ENVIRONMENT).read_to_end(&mut bytes).ok()?;
    bytes.split(|byte| *byte == 0).find_map(|variable| {
        let (name, value) = variable.split_at_checked(CONFINED.len())?;
        let value = (name == CONFINED.as_bytes()).then(|| value.strip_prefix(b"="))??;
        Some(String::from_utf8_lossy(value).into_owned())
    })
}

struct Status {
    name: String,
    parent: u32,
    no_new_privs: bool,
    filters: u32,
}

/// Fields of `proc_pid_status(5)`; `Seccomp_filters` counts the stacked filters (Linux 5.9).
fn status(proc: &Path, pid: u32) -> Option<Status> {
    let text = fs::read_to_string(proc.join(pid.to_string()).join("status")).ok()?;
    let field =
        |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
    let number = |name: &str| field(name).and_then(|value| value.parse().ok()).unwrap_or(0);
    Some(Status {
        name: field("Name")?.to_owned(),
        parent: number("PPid"),
        no_new_privs: number("NoNewPrivs") == 1,
        filters: number("Seccomp_filters"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(proc: &Path, pid: u32, environ: &[u8], filters: u32) {
        let folder = proc.join(pid.to_string());
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("environ"), environ).unwrap();
        let status = format!(
            "Name:\ttool{pid}\nPPid:\t1\nNoNewPrivs:\t{}\nSeccomp:\t2\nSeccomp_filters:\t{filters}\n",
            u32::from(filters > 1)
        );
        fs::write(folder.join("status"), status).unwrap();
    }

    #[test]
    fn the_label_counts_with_the_kernels_word_only() {
        let proc = tempfile::tempdir().unwrap();
        process(proc.path(), 1, b"PATH=/bin\0", 1);
        process(proc.path(), 30, b"A=1\0DRAWBRIDGE_CONFINED=codex\0", 5);
        process(proc.path(), 20, b"DRAWBRIDGE_CONFINED=default", 1);
        process(proc.path(), 40, b"DRAWBRIDGE_CONFINED_NOT=x\0", 5);
        let found: Vec<_> = list(&Proc::at(proc.path()))
            .into_iter()
            .map(|confined| (confined.pid, confined.name, confined.profile, confined.walls))
            .collect();
        assert_eq!(
            found,
            [
                (20, "tool20".to_owned(), "default".to_owned(), false),
                (30, "tool30".to_owned(), "codex".to_owned(), true),
            ]
        );
    }
}
