//! A sidecar with the real entries on loopback, and an outside that is a table.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::config::{Config, Ports};
use crate::error::Error;
use crate::log::{Log, LogWriter};
use crate::network::{BoxFuture, Network};
use crate::paths::Paths;
use crate::sidecar::{self, Bound, Sidecar};
use crate::topology::Topology;

/// An address that no test machine dials: the table below leads it to loopback.
pub(crate) const PUBLIC: IpAddr = IpAddr::V4(Ipv4Addr::new(93, 184, 215, 14));

/// Long enough that a watcher answers in time on the slowest machine.
const HOLD: Duration = Duration::from_secs(3);

/// Names and addresses of the outside.
#[derive(Default)]
pub(crate) struct Outside {
    /// Each lookup takes the next answer; the last one stays.
    answers: Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>,
    servers: Mutex<HashMap<SocketAddr, SocketAddr>>,
    resolved: Mutex<Vec<String>>,
    dialled: Mutex<Vec<SocketAddr>>,
    /// Holds back the answer to every lookup.
    pub(crate) paused: Mutex<Option<Arc<Notify>>>,
}

/// One running sidecar. `Drop` ends it.
pub(crate) struct World {
    pub(crate) outside: Arc<Outside>,
    pub(crate) sidecar: Sidecar,
    pub(crate) paths: Paths,
    output: Output,
    writer: Option<LogWriter>,
    folder: Arc<TempDir>,
}

#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Network for Outside {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, String>> {
        self.resolved.lock().unwrap().push(name.to_owned());
        let mut answers = self.answers.lock().unwrap();
        let answer = match answers.get_mut(name) {
            Some(queue) if queue.len() > 1 => queue.pop_front(),
            Some(queue) => queue.front().cloned(),
            None => None,
        };
        let paused = self.paused.lock().unwrap().clone();
        Box::pin(async move {
            if let Some(paused) = paused {
                paused.notified().await;
            }
            answer.ok_or_else(|| "the name does not exist".to_owned())
        })
    }

    fn dial(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>> {
        self.dialled.lock().unwrap().push(address);
        let server = self.servers.lock().unwrap().get(&address).copied();
        Box::pin(async move {
            match server {
                Some(server) => TcpStream::connect(server).await,
                None => Err(io::ErrorKind::ConnectionRefused.into()),
            }
        })
    }
}

impl Outside {
    pub(crate) fn name(&self, name: &str, answers: &[&[IpAddr]]) {
        let answers = answers.iter().map(|answer| answer.to_vec()).collect();
        self.answers.lock().unwrap().insert(name.to_owned(), answers);
    }

    pub(crate) fn server(&self, address: IpAddr, port: u16, server: SocketAddr) {
        self.servers.lock().unwrap().insert(SocketAddr::new(address, port), server);
    }

    /// Where connections to an address are led.
    pub(crate) fn at(&self, address: IpAddr, port: u16) -> SocketAddr {
        self.servers.lock().unwrap()[&SocketAddr::new(address, port)]
    }

    pub(crate) fn dialled(&self) -> Vec<SocketAddr> {
        self.dialled.lock().unwrap().clone()
    }

    pub(crate) fn resolved(&self) -> Vec<String> {
        self.resolved.lock().unwrap().clone()
    }
}

impl World {
    /// A sidecar whose repository policy allows these rules.
    pub(crate) async fn allowing(rules: &[&str]) -> Self {
        Self::with_policy(&policy(rules)).await
    }

    pub(crate) async fn with_policy(text: &str) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let paths = folders(&folder);
        std::fs::write(paths.policy_file(), text).unwrap();
        Self::start(folder, "container-1", None, Vec::new()).await.unwrap()
    }

    /// A sidecar with an own layer of the developer, which may open more than a repository's.
    pub(crate) async fn personal(text: &str) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        std::fs::write(folders(&folder).personal_file(), text).unwrap();
        Self::start(folder, "container-1", None, Vec::new()).await.unwrap()
    }

    pub(crate) async fn start(
        folder: Arc<TempDir>,
        creation: &str,
        inline: Option<&str>,
        relays: Vec<crate::config::Relay>,
    ) -> Result<Self, Error> {
        let paths = folders(&folder);
        let config = Config {
            address: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            relay_address: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            ports: Ports { dns: 0, http: 0, https: 0, proxy: 0 },
            relays,
            paths: paths.clone(),
            inline_policy: inline.map(str::to_owned),
            creation: Some(creation.to_owned()),
            roots: Some(roots_of(paths.clone())),
            prepare_share: Some(Box::new(|share, ca| Ok(std::fs::write(share.join("ca.pem"), ca)?))),
            ..Config::default()
        };
        let outside = Arc::new(Outside::default());
        let output = Output::default();
        let (log, writer) = Log::start(Box::new(output.clone()));
        let sidecar = sidecar::start(config, log, outside.clone(), Topology::default(), HOLD).await?;
        Ok(Self { outside, sidecar, paths, output, writer: Some(writer), folder })
    }

    /// Stops this sidecar and starts another one over the same folders.
    pub(crate) async fn restart(self, creation: &str) -> Result<Self, Error> {
        let folder = self.folder.clone();
        drop(self);
        Self::start(folder, creation, None, Vec::new()).await
    }

    /// Starts an upstream that answers every connection with `serve`, under `name:port`.
    pub(crate) async fn serve<F, Serving>(&self, name: &str, port: u16, serve: F) -> SocketAddr
    where
        F: Fn(TcpStream) -> Serving + Send + 'static,
        Serving: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream));
            }
        });
        self.outside.name(name, &[&[PUBLIC]]);
        self.outside.server(PUBLIC, port, address);
        address
    }

    /// An upstream that records what it reads until it has seen `until`, then answers.
    pub(crate) async fn scripted(
        &self,
        name: &str,
        port: u16,
        until: &'static str,
        answer: &'static str,
    ) -> Arc<Mutex<Vec<String>>> {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let record = heard.clone();
        self.serve(name, port, move |mut stream| {
            let record = record.clone();
            async move {
                let mut bytes = Vec::new();
                while stream.read_buf(&mut bytes).await.unwrap_or(0) > 0 {
                    if String::from_utf8_lossy(&bytes).contains(until) {
                        record.lock().unwrap().push(String::from_utf8_lossy(&bytes).into_owned());
                        bytes.clear();
                        if stream.write_all(answer.as_bytes()).await.is_err() {
                            return;
                        }
                    }
                }
            }
        })
        .await;
        heard
    }

    pub(crate) fn bound(&self) -> &Bound {
        self.sidecar.shared.bound()
    }

    pub(crate) async fn https(&self) -> TcpStream {
        TcpStream::connect(self.bound().https).await.unwrap()
    }

    pub(crate) async fn http(&self) -> TcpStream {
        TcpStream::connect(self.bound().http).await.unwrap()
    }

    pub(crate) async fn proxy(&self) -> TcpStream {
        TcpStream::connect(self.bound().proxy).await.unwrap()
    }

    /// Sends bytes to the explicit proxy and returns all it answers until it closes.
    pub(crate) async fn ask_proxy(&self, request: &str) -> String {
        exchange(self.proxy().await, request.as_bytes()).await
    }

    /// As [`World::ask_proxy`], to port 80.
    pub(crate) async fn ask_http(&self, request: &str) -> String {
        exchange(self.http().await, request.as_bytes()).await
    }

    /// Opens a tunnel and returns it after the `200`.
    pub(crate) async fn connect(&self, target: &str) -> TcpStream {
        let mut stream = self.proxy().await;
        stream.write_all(format!("CONNECT {target} HTTP/1.1\r\n\r\n").as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        stream
    }

    pub(crate) fn set_policy(&self, text: &str) {
        let new = self.paths.policy.join("new");
        std::fs::write(&new, text).unwrap();
        std::fs::rename(new, self.paths.policy_file()).unwrap();
    }

    /// Lets the time pass for policies and grants, and looks at the files.
    pub(crate) fn tick(&self, seconds: i64) {
        let shared = &self.sidecar.shared;
        shared.gate.clock.skew.fetch_add(seconds, Ordering::Relaxed);
        shared.keeper.lock().unwrap().tick();
    }

    pub(crate) fn keeper(&self) -> MutexGuard<'_, crate::keeper::Keeper> {
        self.sidecar.shared.keeper.lock().unwrap()
    }

    /// Every log line so far.
    pub(crate) fn log(&self) -> Vec<Value> {
        let bytes = self.output.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The first line for which `wanted` holds, awaited.
    pub(crate) async fn logged(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        within(async {
            loop {
                if let Some(line) = self.log().into_iter().find(&wanted) {
                    return line;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
        .await
    }

    /// The denial of `host`, awaited in the log; checked to be in `ctl denied` too.
    pub(crate) async fn denial(&self, host: &str) -> Value {
        let line = self.logged(|line| line["action"] == "deny" && line["host"] == host).await;
        let denials = self.sidecar.shared.gate.denials.lock().unwrap();
        assert!(denials.since(None).iter().any(|denial| denial.host == host));
        line
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.writer.take();
    }
}

/// As the program reads them: the public ones and the extra CAs.
fn roots_of(paths: Paths) -> crate::config::Roots {
    Box::new(move || {
        let extra = std::fs::read_dir(paths.authorities()).into_iter().flatten();
        let extra = extra.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
        extra.chain([super::tls::public_root()]).collect()
    })
}

/// A policy file that allows these rules.
pub(crate) fn policy(rules: &[&str]) -> String {
    serde_json::json!({ "version": 1, "allow": rules }).to_string()
}

/// Sends bytes and returns everything until the peer closes.
pub(crate) async fn exchange(mut stream: TcpStream, request: &[u8]) -> String {
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    within(stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// A test that waits for what never comes fails instead of hanging.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("in time")
}

fn folders(folder: &TempDir) -> Paths {
    let below = |name: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    };
    Paths {
        state: below("state"),
        share: below("share"),
        policy: below("policy"),
        personal: below("personal"),
        binary: "/etc/hostname".into(),
    }
}
