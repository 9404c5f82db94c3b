//! All canaries at once: against open doors on loopback, and in a network namespace without any.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

use drawbridge_probe::canary::{Endpoint, Outcome, Status, Targets, run};

fn by_id(outcomes: &[Outcome]) -> BTreeMap<&str, &Outcome> {
    outcomes.iter().map(|outcome| (outcome.id.as_str(), outcome)).collect()
}

/// The canaries aimed at the network, without those about files and privileges.
fn network(outcomes: &[Outcome]) -> impl Iterator<Item = &Outcome> {
    outcomes.iter().filter(|outcome| !["capabilities", "no-new-privileges", "setuid"].contains(&&*outcome.id))
}

#[test]
fn open_doors_on_loopback_fail() {
    let listener = TcpListener::bind("127.0.0.7:0").unwrap();
    let address = listener.local_addr().unwrap();
    let silent = UdpSocket::bind("127.0.0.7:0").unwrap().local_addr().unwrap();
    let gateway = IpAddr::from([127, 0, 0, 7]);
    let targets = Targets {
        direct: vec![Endpoint::unknown(address)],
        udp: vec![Endpoint::unknown(silent)],
        dns_servers: vec![Endpoint::unknown(address)],
        metadata: vec![Endpoint::unknown(address)],
        gateways: vec![gateway],
        gateway_ports: vec![address.port()],
        host_names: vec!["localhost".to_owned()],
        resolver: Some(silent),
        ..Targets::default()
    };
    let outcomes = run(&targets);
    let found = by_id(&outcomes);
    for id in [
        "route:127.0.0.7".to_owned(),
        format!("tcp-direct:{address}"),
        format!("udp-quic:{silent}"),
        format!("dns-foreign-udp:{address}"),
        format!("dns-foreign-tcp:{address}"),
        format!("metadata:{address}"),
        "gateway:127.0.0.7".to_owned(),
        "host-name:localhost".to_owned(),
    ] {
        assert_eq!(found[id.as_str()].status, Status::Fail, "{:?}", found[id.as_str()]);
    }
}

#[test]
fn attempts_and_results_survive_as_json() {
    let targets = Targets {
        direct: vec![Endpoint::alive(SocketAddr::from(([127, 0, 0, 7], 1)))],
        ..Targets::default()
    };
    let text = serde_json::to_string(&targets).unwrap();
    assert_eq!(serde_json::from_str::<Targets>(&text).unwrap(), targets);
    assert_eq!(serde_json::from_str::<Targets>("{}").unwrap(), Targets::default());
    assert!(serde_json::from_str::<Targets>(r#"{"dirct": []}"#).is_err());

    let outcome = Outcome {
        id: "setuid".to_owned(),
        status: Status::Skip,
        attempt: "find".to_owned(),
        detail: "none".to_owned(),
        ms: 3,
    };
    assert_eq!(
        serde_json::to_string(&outcome).unwrap(),
        r#"{"id":"setuid","status":"skip","attempt":"find","detail":"none","ms":3}"#,
    );
}

/// The test runs itself again in a namespace that has no network at all.
#[test]
fn without_a_network_every_door_is_closed() {
    const INSIDE: &str = "DRAWBRIDGE_TEST_NO_NETWORK";
    if std::env::var_os(INSIDE).is_some() {
        let start = Instant::now();
        let alive = |address: &str| Endpoint::alive(address.parse().unwrap());
        let targets = Targets {
            direct: vec![alive("203.0.113.10:443"), alive("[2001:db8::10]:443")],
            ..Targets::default()
        };
        let outcomes = run(&targets);
        assert!(start.elapsed() < Duration::from_millis(2600));
        for outcome in network(&outcomes) {
            assert_ne!(outcome.status, Status::Fail, "{outcome:?}");
        }
        let found = by_id(&outcomes);
        for id in [
            "route:203.0.113.10",
            "tcp-direct:203.0.113.10:443",
            "tcp-direct:[2001:db8::10]:443",
            "udp-quic:203.0.113.10:443",
            "dns-foreign-udp:203.0.113.53:53",
            "dns-foreign-tcp:203.0.113.53:53",
            "metadata:169.254.169.254:80",
            "metadata:[fd00:ec2::254]:80",
        ] {
            assert_eq!(found[id].status, Status::Pass, "{:?}", found[id]);
        }
        // No name server and no proxy answers here, which proves nothing about them.
        for id in ["dns-random", "proxy-connect-denied", "sni-denied"] {
            assert_eq!(found[id].status, Status::Skip, "{:?}", found[id]);
        }
        println!("closed as expected");
        return;
    }
    in_own_network("without_a_network_every_door_is_closed", INSIDE, "exec \"$@\"");
}

/// As in the internal network of the overlay: the container has neighbours, and no gateway.
#[test]
fn on_an_internal_network_nobody_has_the_gateways_address() {
    const INSIDE: &str = "DRAWBRIDGE_TEST_INTERNAL_NETWORK";
    if std::env::var_os(INSIDE).is_some() {
        let outcomes = run(&Targets { host_names: Vec::new(), ..Targets::default() });
        for outcome in network(&outcomes) {
            assert_ne!(outcome.status, Status::Fail, "{outcome:?}");
        }
        let found = by_id(&outcomes);
        let gateway = found["gateway:198.18.0.17"];
        assert_eq!(gateway.status, Status::Pass, "{gateway:?}");
        assert_eq!(found["tcp-direct:203.0.113.10:443"].status, Status::Pass);
        assert_eq!(found["metadata:169.254.169.254:80"].status, Status::Pass);
        println!("closed as expected");
        return;
    }
    let script = "ip link add inner type veth peer name outer && ip addr add 198.18.0.19/28 dev inner \
        && ip link set inner up && ip link set outer up || { echo no network; exit 0; }; exec \"$@\"";
    in_own_network("on_an_internal_network_nobody_has_the_gateways_address", INSIDE, script);
}

/// Runs `test` of this program again, behind `script` and with `variable` set, in a network namespace.
fn in_own_network(test: &str, variable: &str, script: &str) {
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", "sh", "-c", script, "sh"])
        .arg(std::env::current_exe().expect("the test knows its own file"))
        .args(["--exact", test, "--nocapture"])
        .env(variable, "1")
        .output();
    match output {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout);
            if said.contains("running 1 test") {
                assert!(said.contains("closed as expected"), "{said}");
            } else {
                println!("skipped: this machine gives no network namespace to the test");
            }
        }
        Err(err) => println!("skipped: no unshare on this machine: {err}"),
    }
}
