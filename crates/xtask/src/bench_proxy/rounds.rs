//! The measurements.

use std::fs;
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use tokio::task::LocalSet;

use super::GATE;
use super::client::Route;
use super::measure::{cpu, forget_peak, median, memory};
use super::peers::{self, INSPECTED, Kind, Running, THROUGH};

/// Connections that are held to see what an idle one costs.
const IDLE: u64 = 500;
const UPLOAD: usize = 200 << 20;
const STARTS: usize = 5;

/// One column of the table: a way from the client to the origin.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Column {
    pub(super) name: String,
    /// 32 clients that keep their connections, 1 KiB answers, per second.
    pub(super) requests: f64,
    /// Processor time of the proxy for one of them, in µs.
    pub(super) request_cpu: f64,
    /// 8 clients with a new connection for each request, per second.
    pub(super) connections: f64,
    pub(super) connection_cpu: f64,
    /// Processor time of the proxy for one MiB of 16 MiB answers, in ms.
    pub(super) bulk_cpu: f64,
    /// MiB per second.
    pub(super) bulk: f64,
    /// KiB for an idle connection.
    pub(super) idle: f64,
    /// KiB more at the peak of a 200 MiB upload.
    pub(super) upload: f64,
    /// MiB after the start.
    pub(super) memory: f64,
    /// ms from exec to the first `200`.
    pub(super) first: f64,
}

/// Everything.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    pub(super) columns: Vec<Column>,
    /// ms for `ctl reload` of 1 000 hosts, the start of the command included.
    pub(super) reload: f64,
    /// ms for `ctl status`, which is the start of the command alone.
    pub(super) status: f64,
    /// Load average when it began.
    pub(super) load: String,
}

struct Way {
    name: &'static str,
    kind: Kind,
    inspected: bool,
    transparent: bool,
}

const WAYS: [Way; 7] = [
    Way { name: "direct (origin's CPU)", kind: Kind::Nginx, inspected: false, transparent: true },
    Way { name: "squid", kind: Kind::Squid, inspected: false, transparent: false },
    Way { name: "tinyproxy", kind: Kind::Tinyproxy, inspected: false, transparent: false },
    Way { name: "mitmproxy", kind: Kind::Mitmproxy, inspected: true, transparent: false },
    Way { name: "Drawbridge, CONNECT", kind: Kind::Gate, inspected: false, transparent: false },
    Way { name: "Drawbridge, transparent", kind: Kind::Gate, inspected: false, transparent: true },
    Way { name: "Drawbridge, inspected", kind: Kind::Gate, inspected: true, transparent: true },
];

/// Whether mitmproxy is among the ways whose name holds `only`.
pub(super) fn needs_mitmproxy(only: &str) -> bool {
    WAYS.iter().any(|way| way.kind == Kind::Mitmproxy && way.name.contains(only))
}

impl Way {
    fn route(&self) -> anyhow::Result<Rc<Route>> {
        let mut dial = self.kind.address();
        if self.kind == Kind::Gate && self.transparent {
            dial.set_port(443);
        }
        let host = if self.kind == Kind::Gate && self.inspected { INSPECTED } else { THROUGH };
        let roots = peers::roots(self.kind, self.inspected);
        Ok(Rc::new(Route::new(dial, !self.transparent, host, &roots)?))
    }
}

/// Runs in the container.
pub(super) fn run(rounds: usize, length: u64, only: &str) -> anyhow::Result<Results> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let load = fs::read_to_string("/proc/loadavg")?.split(' ').next().unwrap_or_default().to_owned();
    peers::prepare()?;
    LocalSet::new().block_on(&runtime, async {
        let origin = Kind::Nginx.start()?;
        let ways: Vec<&Way> =
            WAYS.iter().filter(|way| way.kind == Kind::Nginx || way.name.contains(only)).collect();
        let mut columns = Vec::new();
        for way in &ways {
            eprintln!("{}: start, memory, upload", way.name);
            columns.push(alone_each(way, &origin).await.with_context(|| way.name)?);
        }
        let length = Duration::from_millis(length);
        in_turn(&ways, &origin, rounds, length, &mut columns).await?;
        let (reload, status) = reload()?;
        Ok(Results { columns, reload, status, load })
    })
}

/// What needs a fresh process.
async fn alone_each(way: &Way, origin: &Running) -> anyhow::Result<Column> {
    let mut column = Column { name: way.name.to_owned(), ..Column::default() };
    if way.kind == Kind::Nginx {
        (column.idle, column.upload) = held(way, origin.pid).await?;
        return Ok(column);
    }
    // The first start makes keys and copies; after it a start is one that a user sees every day.
    drop(way.kind.start()?);
    let mut first = Vec::new();
    for _ in 0..STARTS {
        let began = Instant::now();
        let mut child = way.kind.command().spawn()?;
        let route = Route::new(
            way.kind.address(),
            true,
            THROUGH,
            &peers::roots(way.kind, way.kind == Kind::Mitmproxy),
        )?;
        while route.answered().await.is_err() {
            ensure!(began.elapsed() < Duration::from_secs(30), "no answer");
        }
        first.push(began.elapsed().as_secs_f64() * 1000.0);
        child.kill()?;
        child.wait()?;
    }
    column.first = median(first);
    let running = way.kind.start()?;
    way.route()?.open().await?.get("/1k").await?;
    column.memory = kib(memory(running.pid)?.0) / 1024.0;
    (column.idle, column.upload) = held(way, running.pid).await?;
    Ok(column)
}

/// KiB for an idle connection, and KiB more during an upload.
async fn held(way: &Way, pid: u32) -> anyhow::Result<(f64, f64)> {
    let route = way.route()?;
    let before = memory(pid)?.0;
    let mut open = Vec::new();
    for _ in 0..IDLE {
        let mut one = route.open().await?;
        one.get("/1k").await?;
        open.push(one);
    }
    let idle = (kib(memory(pid)?.0) - kib(before)) / kib(IDLE);
    drop(open);
    forget_peak(pid)?;
    let before = memory(pid)?.0;
    route.open().await?.post("/upload", UPLOAD).await?;
    Ok((idle, kib(memory(pid)?.1) - kib(before)))
}

/// What alternates.
async fn in_turn(
    ways: &[&Way],
    origin: &Running,
    rounds: usize,
    length: Duration,
    columns: &mut [Column],
) -> anyhow::Result<()> {
    let mut running: Vec<(Kind, Running)> = Vec::new();
    for way in ways {
        if way.kind != Kind::Nginx && !running.iter().any(|(kind, _)| *kind == way.kind) {
            running.push((way.kind, way.kind.start()?));
        }
    }
    let pid = |kind: Kind| {
        running.iter().find(|(running, _)| *running == kind).map_or(origin.pid, |(_, running)| running.pid)
    };
    let mut seen: Vec<Vec<Column>> = vec![Vec::new(); ways.len()];
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        for (way, seen) in ways.iter().zip(&mut seen) {
            seen.push(once(way, pid(way.kind), length).await.with_context(|| way.name)?);
        }
    }
    for (column, seen) in columns.iter_mut().zip(&seen) {
        let middle = |value: fn(&Column) -> f64| median(seen.iter().map(value).collect());
        column.requests = middle(|column| column.requests);
        column.request_cpu = middle(|column| column.request_cpu);
        column.connections = middle(|column| column.connections);
        column.connection_cpu = middle(|column| column.connection_cpu);
        column.bulk = middle(|column| column.bulk);
        column.bulk_cpu = middle(|column| column.bulk_cpu);
    }
    Ok(())
}

async fn once(way: &Way, pid: u32, length: Duration) -> anyhow::Result<Column> {
    let route = way.route()?;
    let mut column = Column::default();
    let began = cpu(pid)?;
    let kept = route.load(32, "/1k", false, length).await.context("32 clients")?;
    let after = cpu(pid)?;
    column.requests = f64::from(kept.answers) / kept.took.as_secs_f64();
    column.request_cpu = (after - began) * 1e6 / f64::from(kept.answers);
    let new = route.load(8, "/1k", true, length).await.context("new connections")?;
    let then = cpu(pid)?;
    column.connections = f64::from(new.answers) / new.took.as_secs_f64();
    column.connection_cpu = (then - after) * 1e6 / f64::from(new.answers);
    let bulk = route.load(1, "/16m", false, length).await.context("bulk")?;
    let mib = kib(bulk.bytes) / (1024.0 * 1024.0);
    column.bulk = mib / bulk.took.as_secs_f64();
    column.bulk_cpu = (cpu(pid)? - then) * 1e3 / mib;
    Ok(column)
}

/// How long a policy of 1 000 hosts takes to come into force, and a command that does nothing.
fn reload() -> anyhow::Result<(f64, f64)> {
    peers::policy(1001)?;
    let running = Kind::Gate.start()?;
    let ctl = |arguments: &[&str]| -> anyhow::Result<f64> {
        let began = Instant::now();
        let output = Command::new(GATE).args(["proxy", "ctl"]).args(arguments).output()?;
        ensure!(output.status.success(), "{output:?}");
        Ok(began.elapsed().as_secs_f64() * 1000.0)
    };
    let (mut reloads, mut statuses) = (Vec::new(), Vec::new());
    for number in 0..STARTS {
        peers::policy(1000 - number)?;
        reloads.push(ctl(&["reload", "--accept"])?);
        statuses.push(ctl(&["status"])?);
    }
    drop(running);
    Ok((median(reloads), median(statuses)))
}

#[expect(clippy::cast_precision_loss, reason = "memory and bytes of a bench are far below 2^52")]
fn kib(number: u64) -> f64 {
    number as f64
}
