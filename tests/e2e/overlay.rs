//! What the engine does with the hand-written overlay. When one of these fails on a new engine, the design of
//! the gate is wrong there, whatever our own code does.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use drawbridge_tests::{Bed, Inet, Output, until, within};

const PROJECT: &str = "drawbridge-test-overlay";
const SIDECAR: &str = "198.18.255.2";
const GATEWAY: &str = "198.18.255.1";

/// The fixture has one fixed subnet, so one at a time.
static SUBNET: Mutex<()> = Mutex::new(());

/// The project of `fixtures/overlay-by-hand`, removed at the end.
struct Overlay {
    _subnet: MutexGuard<'static, ()>,
    bed: &'static Bed,
    files: Vec<String>,
    name: String,
}

impl Overlay {
    fn new(bed: &'static Bed, name: &str, files: &[&str]) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/overlay-by-hand");
        let files = files.iter().map(|file| folder.join(file).display().to_string()).collect();
        let subnet = SUBNET.lock().unwrap_or_else(PoisonError::into_inner);
        let overlay = Self { _subnet: subnet, bed, files, name: format!("{PROJECT}-{name}") };
        overlay.compose(&["down", "--volumes", "--timeout", "0"]);
        overlay
    }

    fn compose(&self, arguments: &[&str]) -> Output {
        let files = self.files.iter().flat_map(|file| ["-f", file]);
        let argv: Vec<&str> =
            ["compose", "-p", &self.name].into_iter().chain(files).chain(arguments.iter().copied()).collect();
        self.bed.docker(&argv).output()
    }

    fn in_app(&self, script: &str) -> Output {
        self.compose(&["exec", "--no-TTY", "app", "sh", "-c", script])
    }

    fn id(&self, service: &str) -> String {
        self.compose(&["ps", "--all", "--quiet", service]).succeeded().stdout.trim().to_owned()
    }

    fn published(&self, service: &str) -> String {
        let format = r#"{{range (index .NetworkSettings.Ports "8081/tcp")}}{{.HostIp}}:{{.HostPort}}{{end}}"#;
        self.bed.docker(&["inspect", "--format", format, &self.id(service)]).output().stdout.trim().to_owned()
    }
}

impl Drop for Overlay {
    fn drop(&mut self) {
        self.compose(&["down", "--volumes", "--timeout", "0"]);
    }
}

#[test]
fn overlay_leaves_no_way_but_the_sidecar() {
    let Some(bed) = Bed::get() else { return };
    let overlay = Overlay::new(bed, "closed", &["compose.yaml", "drawbridge.compose.yaml"]);
    overlay.compose(&["up", "--detach", "--wait"]).succeeded();

    // `!override` replaces the list; without it Compose would have joined the three networks.
    let networks = "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}";
    let joined = bed.docker(&["inspect", "--format", networks, &overlay.id("app")]).ok();
    assert_eq!(joined.stdout.trim(), format!("{}_drawbridge", overlay.name));

    assert_eq!(overlay.in_app("ip -4 route show default; ip -6 route show default").succeeded().stdout, "");
    overlay.in_app(&format!("curl -sS --max-time 3 http://{}/", Inet::ADDRESS)).failed();

    // Names are steered although the engine's own resolver answers; service names keep working.
    overlay.in_app("getent ahostsv4 allowed.example").succeeded().says(SIDECAR);
    overlay
        .in_app("curl -sS --max-time 5 https://allowed.example/by-hand")
        .succeeded()
        .says("hello from allowed.example/by-hand");
    assert!(Inet::new(bed).seen().path("/by-hand"));
    within("the answer for a denied name", Duration::from_secs(1), || {
        overlay.in_app("getent ahostsv4 denied.example").failed()
    });
    overlay.in_app("curl -sS --max-time 5 http://db:5432/").succeeded().says("Directory listing");
}

#[test]
fn overlay_hides_the_host_behind_the_gateway_address() {
    let Some(bed) = Bed::get() else { return };
    let overlay = Overlay::new(bed, "gateway", &["compose.yaml", "drawbridge.compose.yaml"]);
    overlay.compose(&["up", "--detach", "--wait"]).succeeded();
    let host = TcpListener::bind("0.0.0.0:0").expect("a service of the host");
    let port = host.local_addr().expect("its address").port();
    overlay.in_app(&format!("timeout 3 bash -c 'exec 3<>/dev/tcp/{GATEWAY}/{port}'")).failed();
    host.set_nonblocking(true).expect("non-blocking");
    assert!(host.accept().is_err(), "the container reached a service of the host");
}

#[test]
fn overlay_publishes_ports_only_through_the_sidecar() {
    let Some(bed) = Bed::get() else { return };
    let overlay = Overlay::new(bed, "ports", &["compose.yaml", "drawbridge.compose.yaml"]);
    overlay.compose(&["up", "--detach", "--wait"]).succeeded();
    assert_eq!(overlay.published("app"), "", "a port of a container on an internal network is bound");
    let address = overlay.published("drawbridge");
    until("the relayed port answers on the host", Duration::from_secs(10), || TcpStream::connect(&address));
    bed.as_me(&["curl", "-sS", "--max-time", "5", &format!("http://{address}/")], &bed.directory)
        .ok()
        .says("Directory listing");
}

#[test]
fn overlay_without_a_healthy_sidecar_starts_nothing() {
    let Some(bed) = Bed::get() else { return };
    let files = ["compose.yaml", "drawbridge.compose.yaml", "unhealthy.compose.yaml"];
    let overlay = Overlay::new(bed, "unhealthy", &files);
    overlay.compose(&["up", "--detach"]).failed();
    let state = bed.docker(&["inspect", "--format", "{{.State.Status}}", &overlay.id("app")]).ok();
    assert_eq!(state.stdout.trim(), "created");
}

#[test]
fn overlay_stays_closed_and_restarts_when_the_sidecar_ends() {
    let Some(bed) = Bed::get() else { return };
    let overlay = Overlay::new(bed, "restart", &["compose.yaml", "drawbridge.compose.yaml"]);
    overlay.compose(&["up", "--detach", "--wait"]).succeeded();
    let sidecar = overlay.id("drawbridge");
    let pid =
        || bed.docker(&["inspect", "--format", "{{.State.Pid}}", &sidecar]).ok().stdout.trim().to_owned();
    let before = pid();
    // The engine's own `kill` would count as the user's wish and prevent the restart.
    bed.as_me(&["kill", "-KILL", &before], &bed.directory).ok();
    overlay.in_app(&format!("curl -sS --max-time 3 http://{}/", Inet::ADDRESS)).failed();
    until("the engine restarts the sidecar", Duration::from_secs(20), || {
        let now = pid();
        if now == before || now == "0" { Err(now) } else { Ok(()) }
    });
    until("the name works again", Duration::from_secs(20), || {
        let answer = overlay.in_app("curl -sS --max-time 3 https://allowed.example/again");
        if answer.code == Some(0) { Ok(()) } else { Err(answer) }
    });
}
