//! As much DNS as a canary needs: one question, and what the answer gives away (RFC 1035).

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use super::net::unspecified;
use super::schedule::Deadline;

pub(super) const A: u16 = 1;
pub(super) const TXT: u16 = 16;
const SOA: u16 = 6;
const AAAA: u16 = 28;
const IN: u16 = 1;
/// The response code of a name that does not exist.
pub(super) const NXDOMAIN: u8 = 3;
/// The response code of a server that does not answer this question on purpose.
pub(super) const REFUSED: u8 = 5;

/// A datagram can be lost even on loopback, so an unanswered question is repeated.
const RETRY: Duration = Duration::from_millis(700);
const MAX_RECORDS: u16 = 64;
const MAX_JUMPS: usize = 16;

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Answer {
    pub(super) code: u8,
    /// The addresses in the answer section.
    pub(super) addresses: Vec<IpAddr>,
    /// Records of other types in the answer section.
    pub(super) other_records: u16,
    /// The zone whose SOA record came along, lower-case, `.` for the root.
    pub(super) zone: Option<String>,
}

/// The first name server of `/etc/resolv.conf`.
pub(super) fn system_resolver() -> Option<SocketAddr> {
    let text = fs::read_to_string("/etc/resolv.conf").ok()?;
    text.lines().find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let ip: IpAddr = (words.next()? == "nameserver").then(|| words.next())??.parse().ok()?;
        Some(SocketAddr::new(ip, 53))
    })
}

/// Asks `server` for `name`.
///
/// # Errors
///
/// Those of the socket; a time-out when no answer to this very question came.
pub(super) fn ask(server: SocketAddr, name: &str, kind: u16, deadline: Deadline) -> io::Result<Answer> {
    let question = query(name, kind);
    let socket = UdpSocket::bind(unspecified(server.ip()))?;
    socket.connect(server)?;
    loop {
        socket.send(&question)?;
        let last = deadline.left() <= RETRY;
        socket.set_read_timeout(Some(deadline.left().min(RETRY)))?;
        let mut bytes = [0; 4096];
        match socket.recv(&mut bytes) {
            Ok(length) => {
                let answer = bytes.get(..length).and_then(|bytes| parse(bytes, &question));
                if let Some(answer) = answer {
                    return Ok(answer);
                }
                if last {
                    return Err(io::ErrorKind::InvalidData.into());
                }
            }
            Err(err) if last => return Err(err),
            Err(err) if matches!(err.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
            Err(err) => return Err(err),
        }
    }
}

/// A question with a random id, recursion wished. Labels longer than 63 bytes are cut.
pub(super) fn query(name: &str, kind: u16) -> Vec<u8> {
    let [high, low, ..] = RandomState::new().hash_one(name).to_be_bytes();
    let mut out = vec![high, low, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.').filter(|label| !label.is_empty()) {
        let label = label.as_bytes().get(..63).unwrap_or(label.as_bytes());
        out.push(u8::try_from(label.len()).unwrap_or(63));
        out.extend_from_slice(label);
    }
    out.push(0);
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&IN.to_be_bytes());
    out
}

/// Reads an answer to `question`; `None` for anything else.
fn parse(bytes: &[u8], question: &[u8]) -> Option<Answer> {
    let is_response = bytes.get(2)? & 0x80 != 0;
    if bytes.get(..2) != question.get(..2) || !is_response {
        return None;
    }
    let mut answer = Answer { code: bytes.get(3)? & 0x0f, ..Answer::default() };
    let mut at = 12;
    for _ in 0..u16_at(bytes, 4)?.min(MAX_RECORDS) {
        at = name_at(bytes, at)?.1 + 4;
    }
    let (answers, authorities) = (u16_at(bytes, 6)?, u16_at(bytes, 8)?);
    for index in 0..answers.saturating_add(authorities).min(MAX_RECORDS) {
        let (owner, after) = name_at(bytes, at)?;
        let kind = u16_at(bytes, after)?;
        let length = usize::from(u16_at(bytes, after + 8)?);
        let data = bytes.get(after + 10..after + 10 + length)?;
        at = after + 10 + length;
        if index >= answers {
            if kind == SOA {
                answer.zone = Some(owner);
            }
            continue;
        }
        match (kind, <[u8; 4]>::try_from(data), <[u8; 16]>::try_from(data)) {
            (A, Ok(octets), _) => answer.addresses.push(Ipv4Addr::from(octets).into()),
            (AAAA, _, Ok(octets)) => answer.addresses.push(Ipv6Addr::from(octets).into()),
            _ => answer.other_records += 1,
        }
    }
    Some(answer)
}

/// The name at `at` and where the bytes after it start.
fn name_at(bytes: &[u8], at: usize) -> Option<(String, usize)> {
    let (mut name, mut cursor, mut end) = (String::new(), at, None);
    for _ in 0..128 + MAX_JUMPS {
        let length = *bytes.get(cursor)?;
        match length {
            0 => {
                let after = end.unwrap_or(cursor + 1);
                return Some((if name.is_empty() { ".".to_owned() } else { name }, after));
            }
            1..=63 => {
                let label = bytes.get(cursor + 1..cursor + 1 + usize::from(length))?;
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(&String::from_utf8_lossy(label).to_ascii_lowercase());
                cursor += 1 + usize::from(length);
            }
            0xc0.. => {
                let low = *bytes.get(cursor + 1)?;
                end.get_or_insert(cursor + 2);
                cursor = usize::from(u16::from_be_bytes([length & 0x3f, low]));
            }
            _ => return None,
        }
    }
    None
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `flags` and counts of an answer, then records with names that point into the question.
    fn answer(question: &[u8], code: u8, answers: &[(u16, &[u8])], soa_of: Option<u8>) -> Vec<u8> {
        let mut out = question.to_vec();
        out[2] = 0x81;
        out[3] = 0x80 | code;
        out[7] = u8::try_from(answers.len()).unwrap();
        out[9] = u8::from(soa_of.is_some());
        let mut record = |name: [u8; 2], kind: u16, data: &[u8]| {
            out.extend_from_slice(&name);
            out.extend_from_slice(&kind.to_be_bytes());
            out.extend_from_slice(&[0, 1, 0, 0, 0, 60]);
            out.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
            out.extend_from_slice(data);
        };
        for (kind, data) in answers {
            record([0xc0, 12], *kind, data);
        }
        if let Some(offset) = soa_of {
            record([0xc0, offset], SOA, &[0; 22]);
        }
        out
    }

    #[test]
    fn addresses_and_zones_are_read() {
        let question = query("abc.denied.example", A);
        let bytes = answer(&question, 0, &[(A, &[192, 0, 2, 1]), (TXT, b"\x01x")], None);
        let read = parse(&bytes, &question).unwrap();
        assert_eq!(read.addresses, [IpAddr::from([192, 0, 2, 1])]);
        assert_eq!((read.other_records, read.zone), (1, None));

        // Offset 16 is the second label of the question.
        let read = parse(&answer(&question, NXDOMAIN, &[], Some(16)), &question).unwrap();
        assert_eq!((read.code, read.zone.as_deref()), (NXDOMAIN, Some("denied.example")));
    }

    #[test]
    fn an_answer_to_another_question_is_passed_over() {
        let question = query("denied.example", A);
        let mut other = answer(&question, 0, &[], None);
        other[0] ^= 1;
        assert_eq!(parse(&other, &question), None);
        assert_eq!(parse(&question, &question), None);
    }

    #[test]
    fn a_name_that_points_to_itself_ends() {
        let question = query("a.example", A);
        let mut bytes = answer(&question, 0, &[(A, &[192, 0, 2, 1])], None);
        let record = question.len();
        bytes[record + 1] = u8::try_from(record).unwrap();
        assert_eq!(parse(&bytes, &question), None);
    }

    proptest! {
        #[test]
        fn hostile_answers_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 12..512)) {
            let question = query("a.example", A);
            bytes[..2].copy_from_slice(&question[..2]);
            bytes[2] |= 0x80;
            let _ = parse(&bytes, &question);
        }
    }
}
