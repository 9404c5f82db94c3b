//! The origin and the proxies as processes of the container.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use super::GATE;

/// The origin's address, a documentation address (RFC 5737).
pub(super) const ORIGIN: &str = "192.0.2.10";
/// The proxies' address.
pub(super) const PROXY: &str = "192.0.2.1";
/// Host that every proxy lets through.
pub(super) const THROUGH: &str = "bench.example";
/// Host into whose TLS the gate looks.
pub(super) const INSPECTED: &str = "inspected.example";
/// Where the host's virtual environment is mounted.
const MITMDUMP: [&str; 2] = ["/opt/mitmproxy/bin/python3", "/opt/mitmproxy/bin/mitmdump"];
/// Folder of everything that is written.
pub(super) const FOLDER: &str = "/tmp/bench";

/// What a proxy is started with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Nginx,
    Squid,
    Tinyproxy,
    Mitmproxy,
    Gate,
}

/// A process that ends with this value.
pub(super) struct Running {
    child: Child,
    /// The process that does the work.
    pub(super) pid: u32,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Kind {
    /// Where it listens for clients that name it as their proxy, or as the origin.
    pub(super) fn address(self) -> SocketAddr {
        let (address, port) = match self {
            Self::Nginx => (ORIGIN, 443),
            Self::Squid => (PROXY, 3129),
            Self::Tinyproxy => (PROXY, 3130),
            Self::Mitmproxy => (PROXY, 3131),
            Self::Gate => (PROXY, 3128),
        };
        SocketAddr::new(address.parse().expect("a constant address"), port)
    }

    /// Starts it and returns when it listens.
    pub(super) fn start(self) -> anyhow::Result<Running> {
        let child = self.command().spawn().with_context(|| format!("{self:?}"))?;
        let mut running = Running { pid: child.id(), child };
        let began = Instant::now();
        while std::net::TcpStream::connect(self.address()).is_err() {
            ensure!(running.child.try_wait()?.is_none(), "{self:?} ended");
            ensure!(began.elapsed() < Duration::from_secs(30), "{self:?} does not listen");
            std::thread::sleep(Duration::from_millis(1));
        }
        while self == Self::Nginx && running.pid == running.child.id() {
            ensure!(began.elapsed() < Duration::from_secs(30), "nginx has no worker");
            running.pid = worker(running.pid)?.unwrap_or(running.pid);
        }
        Ok(running)
    }

    /// The process, not started, in a group of its own.
    pub(super) fn command(self) -> Command {
        let port = self.address().port().to_string();
        let (program, arguments): (&str, Vec<&str>) = match self {
            Self::Nginx => ("nginx", vec!["-c", "/tmp/bench/nginx.conf"]),
            Self::Squid => ("squid", vec!["-N", "-f", "/tmp/bench/squid.conf"]),
            Self::Tinyproxy => ("tinyproxy", vec!["-d", "-c", "/tmp/bench/tinyproxy.conf"]),
            Self::Mitmproxy => (
                MITMDUMP[0],
                vec![
                    MITMDUMP[1],
                    "--quiet",
                    "--set=http2=false",
                    "--set=confdir=/tmp/bench/mitmproxy",
                    "--set=ssl_verify_upstream_trusted_ca=/tmp/bench/ca.pem",
                    "--scripts=/tmp/bench/allow.py",
                    "--listen-port",
                    &port,
                ],
            ),
            Self::Gate => (GATE, vec!["proxy", "run", "--address", PROXY]),
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        if self == Self::Gate {
            let log = fs::File::create(Path::new(FOLDER).join("gate.log"));
            command.stdout(log.map_or_else(|_| Stdio::null(), Stdio::from));
        }
        command
    }
}

/// nginx's only worker, once it is there.
fn worker(master: u32) -> anyhow::Result<Option<u32>> {
    let children = fs::read_to_string(format!("/proc/{master}/task/{master}/children"))?;
    children.split_whitespace().next().map(|pid| pid.parse().context("a process id")).transpose()
}

/// The CA that signed what the client sees.
pub(super) fn roots(kind: Kind, inspected: bool) -> PathBuf {
    match kind {
        Kind::Mitmproxy => "/tmp/bench/mitmproxy/mitmproxy-ca-cert.pem".into(),
        Kind::Gate if inspected => "/run/drawbridge/share/trust/ca-extra.pem".into(),
        _ => "/tmp/bench/ca.pem".into(),
    }
}

/// Writes certificates, files and configurations, and makes the kernel take the addresses for its own.
pub(super) fn prepare() -> anyhow::Result<()> {
    let status = Command::new("ip").args(["route", "add", "local", "192.0.2.0/24", "dev", "lo"]).status()?;
    ensure!(status.success(), "no route to the addresses");
    let folder = Path::new(FOLDER);
    fs::create_dir_all(folder.join("www"))?;
    fs::create_dir_all(folder.join("mitmproxy"))?;
    // squid and tinyproxy give up root before they open their logs.
    fs::set_permissions(folder, fs::Permissions::from_mode(0o777))?;
    certificates(folder)?;
    fs::write(folder.join("www/1k"), [b'x'; 1024])?;
    fs::write(folder.join("www/16m"), vec![b'x'; 16 << 20])?;
    fs::write(folder.join("nginx.conf"), NGINX)?;
    fs::write(folder.join("squid.conf"), SQUID)?;
    fs::write(folder.join("tinyproxy.conf"), TINYPROXY)?;
    fs::write(folder.join("filter"), "^bench\\.example$\n")?;
    fs::write(folder.join("allow.py"), MITMPROXY_ADDON)?;
    for folder in [
        "/etc/drawbridge/policy",
        "/etc/drawbridge/personal/cas",
        "/var/lib/drawbridge",
        "/run/drawbridge/share",
    ] {
        fs::create_dir_all(folder)?;
    }
    fs::copy(folder.join("ca.pem"), "/etc/drawbridge/personal/cas/bench.pem")?;
    policy(0)
}

/// The gate's policy, with so many hosts more than it needs.
pub(super) fn policy(more: usize) -> anyhow::Result<()> {
    let mut allow = vec![THROUGH.to_owned(), format!("GET,POST {INSPECTED}/**")];
    allow.extend((0..more).map(|number| format!("host-{number}.example")));
    let text = serde_json::to_string_pretty(&serde_json::json!({ "version": 1, "allow": allow }))?;
    Ok(fs::write("/etc/drawbridge/policy/policy.jsonc", text)?)
}

fn certificates(folder: &Path) -> anyhow::Result<()> {
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.distinguished_name.push(DnType::CommonName, "Drawbridge bench");
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let leaf = CertificateParams::new([THROUGH.to_owned(), INSPECTED.to_owned()])?.signed_by(&key, &ca)?;
    fs::write(folder.join("ca.pem"), ca.pem())?;
    fs::write(folder.join("leaf.pem"), leaf.pem())?;
    Ok(fs::write(folder.join("key.pem"), key.serialize_pem())?)
}

const NGINX: &str = "\
daemon off;
user root;
worker_processes 1;
pid /tmp/bench/nginx.pid;
error_log /tmp/bench/nginx.log error;
events { worker_connections 4000; }
http {
  access_log off;
  keepalive_requests 100000000;
  client_max_body_size 0;
  server {
    listen 192.0.2.10:443 ssl;
    ssl_certificate /tmp/bench/leaf.pem;
    ssl_certificate_key /tmp/bench/key.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
    root /tmp/bench/www;
    location = /upload { return 200 ok; }
  }
}
";

const SQUID: &str = "\
http_port 192.0.2.1:3129
acl allowed dstdomain .bench.example
acl tls port 443
acl CONNECT method CONNECT
http_access deny CONNECT !tls
http_access allow allowed
http_access deny all
cache deny all
access_log stdio:/tmp/bench/squid.log
cache_log /dev/null
pid_filename none
max_filedescriptors 8192
";

const TINYPROXY: &str = "\
Port 3130
Listen 192.0.2.1
Filter \"/tmp/bench/filter\"
FilterDefaultDeny Yes
FilterExtended On
ConnectPort 443
MaxClients 2000
LogFile \"/tmp/bench/tinyproxy.log\"
";

/// What the gate's rule for the host says, for mitmproxy.
const MITMPROXY_ADDON: &str = "\
from mitmproxy import http

ALLOWED = {'bench.example'}


class Allow:
    def http_connect(self, flow):
        self.request(flow)

    def request(self, flow):
        if flow.request.host not in ALLOWED or flow.request.method not in ('CONNECT', 'GET', 'POST'):
            flow.response = http.Response.make(403, b'denied')


addons = [Allow()]
";
