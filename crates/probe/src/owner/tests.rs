use std::fs;
use std::io::{BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use super::*;

/// A `/proc` with one connection from port 40000 (inode 77, uid 1000) and the given processes.
fn constructed(processes: &[(u32, &[u64], &[u8])]) -> tempfile::TempDir {
    let proc = tempfile::tempdir().unwrap();
    fs::create_dir(proc.path().join("net")).unwrap();
    let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
        \x20  0: 00000000:9C40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1\n\
        \x20  1: 0200007F:9C40 0300007F:01BB 01 00000000:00000000 00:00000000 00000000  1000        0 77 1\n\
        \x20  2: 0200007F:9C41 0300007F:01BB 06 00000000:00000000 00:00000000 00000000  1000        0 0 1\n\
        \x20  3: cut";
    fs::write(proc.path().join("net/tcp"), table).unwrap();
    for (pid, inodes, cmdline) in processes {
        let folder = proc.path().join(pid.to_string());
        fs::create_dir_all(folder.join("fd")).unwrap();
        for (number, inode) in inodes.iter().enumerate() {
            symlink(format!("socket:[{inode}]"), folder.join("fd").join(number.to_string())).unwrap();
        }
        symlink(format!("/usr/bin/tool{pid}"), folder.join("exe")).unwrap();
        fs::write(folder.join("cmdline"), cmdline).unwrap();
    }
    proc
}

fn lines(out: &[u8]) -> usize {
    String::from_utf8_lossy(out).lines().count()
}

fn pid(answer: &Answer) -> Option<u32> {
    answer.process.as_ref().map(|process| process.pid)
}

#[test]
#[cfg(target_endian = "little")]
fn the_oldest_holder_is_named() {
    let proc = constructed(&[
        (300, &[77], b"child\0"),
        (200, &[5, 77], b"curl\0https://denied.example\0"),
        (100, &[6], b"sh\0"),
    ]);
    let answer = Proc::at(proc.path()).owner(40000, None);
    assert_eq!(
        answer,
        Answer {
            port: 40000,
            uid: Some(1000),
            process: Some(Process {
                pid: 200,
                exe: Some("/usr/bin/tool200".to_owned()),
                cmdline0: Some("curl".to_owned()),
            }),
        },
    );
}

#[test]
#[cfg(target_endian = "little")]
fn the_far_side_tells_connections_apart() {
    let proc = constructed(&[(200, &[77], b"curl\0")]);
    let proc = Proc::at(proc.path());
    let owner = |remote: &str| pid(&proc.owner(40000, Some(remote.parse().unwrap())));
    assert_eq!(owner("127.0.0.3:443"), Some(200));
    assert_eq!(owner("[::ffff:127.0.0.3]:443"), Some(200));
    assert_eq!(owner("127.0.0.3:80"), None);
    // A connection in TIME_WAIT has no owner any more.
    assert_eq!(proc.owner(40001, None).uid, None);
}

#[test]
#[cfg(target_endian = "little")]
fn a_holder_that_cannot_be_seen_leaves_the_uid() {
    let proc = constructed(&[]);
    let answer = Proc::at(proc.path()).owner(40000, None);
    assert_eq!((answer.uid, answer.process), (Some(1000), None));
}

#[test]
#[cfg(target_endian = "little")]
fn hostile_content_is_bounded_and_kept_raw() {
    let long = [b"\x1b[31m\n\xff".to_vec(), vec![b'x'; 200_000]].concat();
    let proc = constructed(&[(200, &[77], &long)]);
    let word = Proc::at(proc.path()).owner(40000, None).process.unwrap().cmdline0.unwrap();
    assert!(word.starts_with("\u{1b}[31m\n\u{fffd}xxx"));
    assert!(word.len() <= 4096 + 2);
    let mut out = Vec::new();
    owners(&Proc::at(proc.path()), &mut &b"40000\n"[..], &mut out).unwrap();
    assert_eq!(lines(&out), 1);
    assert!(!out.contains(&0x1b));
}

#[test]
fn every_line_is_answered_with_one_line() {
    let proc = constructed(&[]);
    let mut input: Vec<u8> = b"1\nnonsense\n70000\n2 127.0.0.1:80\n".to_vec();
    input.extend_from_slice(b"3 x\n");
    let mut out = Vec::new();
    owners(&Proc::at(proc.path()), &mut &input[..], &mut out).unwrap();
    let kinds: Vec<bool> =
        String::from_utf8(out).unwrap().lines().map(|line| line.contains("\"error\"")).collect();
    assert_eq!(kinds, [false, true, true, false, true]);
}

#[test]
fn an_endless_line_is_cut_into_errors() {
    let proc = constructed(&[]);
    let mut out = Vec::new();
    owners(&Proc::at(proc.path()), &mut &[b'9'; 1000][..], &mut out).unwrap();
    assert_eq!(lines(&out), 4);
}

#[test]
fn a_real_connection_of_this_process_is_found_in_time() {
    let listener = TcpListener::bind("127.0.0.8:0").unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let port = stream.local_addr().unwrap().port();
    // The best of several: the machine may be busy with other tests.
    let (took, process) = (0..20)
        .map(|_| {
            let start = Instant::now();
            let process = of_tcp(port, Some(stream.peer_addr().unwrap()));
            (start.elapsed(), process)
        })
        .min_by_key(|(took, _)| *took)
        .unwrap();
    let process = process.unwrap();
    assert_eq!(process.pid, std::process::id());
    assert_eq!(process.exe.map(PathBuf::from), std::env::current_exe().ok());
    assert!(took < Duration::from_millis(20), "{took:?}");
}

#[test]
fn a_real_connection_of_another_process_is_found() {
    let listener = TcpListener::bind("127.0.0.8:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // A shell that connects, then waits for its standard input to end.
    let mut child = Command::new("bash")
        .args(["-c", &format!("exec 3<>/dev/tcp/127.0.0.8/{port}; read -r line")])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let (_accepted, from) = listener.accept().unwrap();
    let process = of_tcp(from.port(), listener.local_addr().ok());
    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    child.wait().unwrap();
    let process = process.unwrap();
    assert_eq!((process.pid, process.cmdline0.as_deref()), (child.id(), Some("bash")));
}

#[test]
fn the_loop_reads_from_a_buffered_stream() {
    let proc = constructed(&[(200, &[77], b"curl\0")]);
    let mut out = Vec::new();
    let mut input = BufReader::new(&b"40000 127.0.0.3:443\n"[..]);
    owners(&Proc::at(proc.path()), &mut input, &mut out).unwrap();
    #[cfg(target_endian = "little")]
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "{\"port\":40000,\"uid\":1000,\"pid\":200,\"exe\":\"/usr/bin/tool200\",\"cmdline0\":\"curl\"}\n",
    );
}
