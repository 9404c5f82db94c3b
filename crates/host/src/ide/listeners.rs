//! TCP ports that an editor's processes listen on, by `/proc`; other systems have none.

use std::fs::File;
use std::io::Read;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use drawbridge_probe::owner::Proc;

const MAX_LISTENERS: usize = 4096;
/// Processes between a listener and the editor that started it.
const MAX_DEPTH: usize = 32;
/// Bytes of `/proc/PID/stat` that hold name and parent.
const MAX_STAT: u64 = 512;
const BUDGET: Duration = Duration::from_secs(1);

/// `ADDRESS:PORT` of every listener, with the names of its process and of those that it descends from.
pub(super) fn find(proc: &Path) -> Vec<(String, Vec<String>)> {
    let listeners = Proc::at(proc).listeners(MAX_LISTENERS, BUDGET);
    listeners.into_iter().map(|(at, pid)| (shown(at), ancestry(proc, pid))).collect()
}

/// `ADDRESS:PORT` of the listeners of a process and of those that descend from it.
pub(super) fn of_tree(proc: &Path, root: u32) -> Vec<String> {
    let listeners = Proc::at(proc).listeners(MAX_LISTENERS, BUDGET);
    let own = listeners.into_iter().filter(|(_, pid)| ancestors(proc, *pid).contains(&root));
    own.map(|(at, _)| shown(at)).collect()
}

/// A socket for both families, as Java opens them, is bound to `::ffff:127.0.0.1` where `127.0.0.1` is meant.
fn shown(at: SocketAddr) -> String {
    SocketAddr::new(at.ip().to_canonical(), at.port()).to_string()
}

/// The process and those that it descends from.
pub(super) fn ancestors(proc: &Path, pid: u32) -> Vec<u32> {
    lineage(proc, pid).into_iter().map(|(pid, _)| pid).collect()
}

fn ancestry(proc: &Path, pid: u32) -> Vec<String> {
    lineage(proc, pid).into_iter().map(|(_, name)| name).collect()
}

fn lineage(proc: &Path, mut pid: u32) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    while found.len() < MAX_DEPTH
        && let Some((name, parent)) = stat(proc, pid)
    {
        found.push((pid, name));
        pid = parent;
    }
    found
}

/// Name and parent. The name is between the first and the last parenthesis (proc(5)) and may hold some itself.
fn stat(proc: &Path, pid: u32) -> Option<(String, u32)> {
    let mut text = Vec::new();
    File::open(proc.join(pid.to_string()).join("stat")).ok()?.take(MAX_STAT).read_to_end(&mut text).ok()?;
    let text = String::from_utf8_lossy(&text);
    let (before, rest) = text.rsplit_once(')')?;
    let name = before.split_once('(')?.1.to_owned();
    Some((name, rest.split_ascii_whitespace().nth(1)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_name_with_parentheses_hides_no_parent() {
        let proc = tempfile::tempdir().unwrap();
        for (pid, line) in [("9", "9 (a) S 1 (b)) S 7 9"), ("7", "7 (code) S 1 7"), ("5", "5 (code")] {
            fs::create_dir(proc.path().join(pid)).unwrap();
            fs::write(proc.path().join(pid).join("stat"), line).unwrap();
        }
        assert_eq!(ancestry(proc.path(), 9), ["a) S 1 (b)", "code"]);
        assert_eq!(ancestry(proc.path(), 5), [""; 0]);
    }

    #[test]
    fn an_address_of_both_families_is_the_one_that_is_meant() {
        for (at, want) in [
            ("[::ffff:127.0.0.1]:80", "127.0.0.1:80"),
            ("[::ffff:0.0.0.0]:80", "0.0.0.0:80"),
            ("[::]:80", "[::]:80"),
            ("[::1]:80", "[::1]:80"),
        ] {
            assert_eq!(shown(at.parse().unwrap()), want);
        }
    }

    #[test]
    fn a_real_listener_descends_from_this_test() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap().to_string();
        let own = stat(Path::new("/proc"), std::process::id()).unwrap().0;
        let found = find(Path::new("/proc"));
        let (_, names) = found.iter().find(|(found, _)| *found == at).expect("the listener");
        assert_eq!(names.first(), Some(&own));
    }
}
