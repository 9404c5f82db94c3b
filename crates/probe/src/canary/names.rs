//! What the container's own name server gives away: a question that is forwarded is a way out.

use std::net::{IpAddr, SocketAddr};

use super::dns::{self, Answer};
use super::schedule::Deadline;
use super::{Canary, Targets, Verdict};

/// The zone that the sidecar may name in its own answers.
const OWN_ZONE: &str = "drawbridge";

pub(super) fn plan(targets: &Targets) -> Vec<Canary> {
    let denied = &targets.denied_host;
    let random = random_label();
    let questions = [
        ("dns-denied", denied.clone(), dns::A, "A"),
        ("dns-random", format!("{random}.{denied}"), dns::A, "A"),
        ("dns-tunnel", tunnel_name(denied), dns::TXT, "TXT"),
    ];
    let resolver = targets.resolver.or_else(dns::system_resolver);
    questions
        .into_iter()
        .map(|(id, name, kind, kind_name)| {
            let attempt = format!("dig {name} {kind_name}");
            match resolver {
                None => Canary::skipped(id, attempt, "no name server in /etc/resolv.conf"),
                Some(server) => question(id, attempt, server, name, kind, targets.sidecar),
            }
        })
        .collect()
}

fn question(
    id: &str,
    attempt: String,
    server: SocketAddr,
    name: String,
    kind: u16,
    sidecar: Option<IpAddr>,
) -> Canary {
    Canary::new(id, attempt, move |deadline: Deadline| match dns::ask(server, &name, kind, deadline) {
        Ok(answer) => judge(&name, &answer, sidecar),
        Err(err) => Verdict::skip(format!("the name server {server} did not answer: {err}")),
    })
}

/// The verdict on an answer to a question that no rule allows.
fn judge(name: &str, answer: &Answer, sidecar: Option<IpAddr>) -> Verdict {
    let only_sidecar = sidecar.is_some_and(|sidecar| {
        !answer.addresses.is_empty() && answer.addresses.iter().all(|ip| *ip == sidecar)
    });
    if only_sidecar && answer.other_records == 0 {
        return Verdict::pass("the name leads to the sidecar, which decides there");
    }
    if let Some(ip) = answer.addresses.first() {
        return Verdict::fail(format!("the name was resolved to {ip}"));
    }
    if answer.other_records > 0 {
        return Verdict::fail("the name server handed out records from outside");
    }
    if let Some(zone) = answer.zone.as_deref().filter(|zone| is_above(zone, name)) {
        return Verdict::fail(format!("the question was forwarded: the zone `{zone}` answered it"));
    }
    match answer.code {
        0 => Verdict::pass("the answer is empty"),
        dns::NXDOMAIN => Verdict::pass("NXDOMAIN, from no zone of the public DNS"),
        dns::REFUSED => Verdict::pass("REFUSED"),
        code => Verdict::skip(format!(
            "the name server failed with code {code}, which does not tell whether it forwarded the question"
        )),
    }
}

/// Whether `zone` is a parent of `name`, so that only its own server, or one that asked it, names it.
fn is_above(zone: &str, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    zone != OWN_ZONE
        && (zone == "." || name.strip_suffix(zone).is_some_and(|head| head.ends_with('.')) || name == zone)
}

fn random_label() -> String {
    use std::hash::{BuildHasher, RandomState};
    format!("{:016x}", RandomState::new().hash_one("canary"))
}

/// A name as long as a DNS tunnel makes them: three labels of random digits.
fn tunnel_name(parent: &str) -> String {
    let label = || [random_label(), random_label(), random_label()].concat();
    format!("{}.{}.{}.{parent}", label(), label(), label())
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::thread;

    use super::*;
    use crate::canary::{DEADLINE, Status};

    const NAME: &str = "abc.denied.example";

    fn answer(code: u8, zone: Option<&str>) -> Answer {
        Answer { code, zone: zone.map(str::to_owned), ..Answer::default() }
    }

    #[test]
    fn a_name_that_does_not_exist_passes_unless_the_public_dns_said_so() {
        assert_eq!(judge(NAME, &answer(3, None), None).status, Status::Pass);
        assert_eq!(judge(NAME, &answer(0, None), None).status, Status::Pass);
        for zone in [".", "example", "denied.example", NAME] {
            assert_eq!(judge(NAME, &answer(3, Some(zone)), None).status, Status::Fail, "{zone}");
        }
        for zone in [OWN_ZONE, "nied.example", "other.example"] {
            assert_eq!(judge(NAME, &answer(3, Some(zone)), None).status, Status::Pass, "{zone}");
        }
    }

    #[test]
    fn a_server_that_failed_proves_nothing() {
        assert_eq!(judge(NAME, &answer(2, None), None).status, Status::Skip);
    }

    #[test]
    fn only_the_address_of_the_sidecar_may_come_back() {
        let sidecar = Some(IpAddr::from([198, 18, 0, 2]));
        let with = |addresses: &[[u8; 4]]| Answer {
            addresses: addresses.iter().map(|octets| IpAddr::from(*octets)).collect(),
            ..Answer::default()
        };
        let steered = with(&[[198, 18, 0, 2]]);
        assert_eq!(judge(NAME, &steered, sidecar).status, Status::Pass);
        assert_eq!(judge(NAME, &steered, None).status, Status::Fail);
        let mixed = with(&[[198, 18, 0, 2], [192, 0, 2, 1]]);
        assert_eq!(judge(NAME, &mixed, sidecar).status, Status::Fail);
        let text = Answer { other_records: 1, ..Answer::default() };
        assert_eq!(judge(NAME, &text, sidecar).status, Status::Fail);
    }

    #[test]
    fn the_own_name_server_is_asked_long_and_random_names() {
        let server = UdpSocket::bind("127.0.0.3:0").unwrap();
        let targets = Targets { resolver: Some(server.local_addr().unwrap()), ..Targets::default() };
        let answering = thread::spawn(move || {
            let mut lengths = Vec::new();
            for _ in 0..3 {
                let mut bytes = [0; 512];
                let (length, from) = server.recv_from(&mut bytes).unwrap();
                bytes[2] |= 0x80;
                bytes[3] = dns::NXDOMAIN;
                server.send_to(&bytes[..length], from).unwrap();
                lengths.push(length);
            }
            lengths
        });
        let verdicts: Vec<Status> =
            plan(&targets).into_iter().map(|canary| (canary.job)(Deadline::after(DEADLINE)).status).collect();
        assert_eq!(verdicts, [Status::Pass; 3]);
        // Header, name, type and class of `example.com`, with 17 and with 147 bytes before it.
        assert_eq!(answering.join().unwrap(), [29, 46, 176]);
    }
}
