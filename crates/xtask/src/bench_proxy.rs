//! `cargo xtask bench-proxy`: the gate beside other proxies, in one run, into `docs/performance.md`.
//!
//! Everything runs as plain processes on the loopback device of one container without a network: the origin (nginx), a
//! closed-loop client, and each proxy in turn. The addresses are documentation addresses that the container's kernel
//! takes for its own, since the gate dials no loopback address. The columns alternate within each round, and the median
//! of the rounds counts, because machines are noisy; compare ratios, not numbers of two runs.

mod client;
mod measure;
mod peers;
mod rounds;
mod table;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

/// Image with the peers and the origin; the test bed builds it.
const IMAGE: &str = "drawbridge-test/peers:latest";
const DOCUMENT: &str = "docs/performance.md";
/// Where things are in the container.
const PROGRAM: &str = "/bench/xtask";
const GATE: &str = "/bench/drawbridge";
const MITMPROXY: &str = "/opt/mitmproxy";

/// Arguments of `bench-proxy`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Static binary of the gate; default: built here with the profile of releases
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,

    /// Rounds; the median of them counts
    #[arg(long, default_value_t = 5, value_name = "N")]
    rounds: usize,

    /// Length of one measurement in milliseconds
    #[arg(long, default_value_t = 1000, value_name = "MS")]
    length: u64,

    /// Print the table and leave the document alone
    #[arg(long)]
    dry_run: bool,

    /// Beside the direct way only those whose name holds this text, such as `Drawbridge`
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,

    /// What runs in the container
    #[arg(long, hide = true)]
    inside: bool,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        if self.inside {
            let results = rounds::run(self.rounds, self.length, &self.only)?;
            println!("{}", serde_json::to_string(&results)?);
            return Ok(());
        }
        ensure!(self.rounds > 0 && self.length >= 100, "at least one round of 100 ms");
        let binary = match &self.binary {
            Some(binary) => binary.clone(),
            None => gate()?,
        };
        let json = self.in_container(&binary)?;
        let results: rounds::Results = serde_json::from_str(json.trim()).context("the container's answer")?;
        let table = table::markdown(&results, self.rounds, self.length)?;
        print!("{table}");
        if self.dry_run { Ok(()) } else { table::replace(Path::new(DOCUMENT), &table) }
    }

    fn in_container(&self, binary: &Path) -> anyhow::Result<String> {
        let own = own()?;
        let mount = |from: &Path, to: &str| -> anyhow::Result<String> {
            let from = from.canonicalize().with_context(|| format!("no {}", from.display()))?;
            Ok(format!("type=bind,source={},target={to},readonly", from.display()))
        };
        let mut docker = Command::new("docker");
        docker.args(["run", "--rm", "--init", "--network", "none", "--cap-add", "NET_ADMIN"]);
        for host in [peers::THROUGH, peers::INSPECTED] {
            docker.args(["--add-host", &format!("{host}:{}", peers::ORIGIN)]);
        }
        docker.args(["--mount", &mount(&own, PROGRAM)?, "--mount", &mount(binary, GATE)?]);
        if rounds::needs_mitmproxy(&self.only) {
            docker.args(["--mount", &mount(&mitmproxy()?, MITMPROXY)?]);
        }
        docker.args([IMAGE, PROGRAM, "bench-proxy", "--inside"]);
        docker.args(["--rounds", &self.rounds.to_string(), "--length", &self.length.to_string()]);
        docker.args(["--only", &self.only]);
        let output = docker.stdin(Stdio::null()).stderr(Stdio::inherit()).output().context("docker")?;
        ensure!(
            output.status.success(),
            "the bench failed; `scripts/testbed start` makes its image and engine"
        );
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// The gate as it is released.
fn gate() -> anyhow::Result<PathBuf> {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let folder = Path::new("target/static");
    let mut build =
        cargo(&["build", "--profile", "dist", "--package", "drawbridge-cli", "--target", &target]);
    build.arg("--target-dir").arg(folder).env("RUSTFLAGS", "-C target-feature=+crt-static");
    ensure!(build.status()?.success(), "the gate does not build");
    Ok(folder.join(target).join("dist/drawbridge"))
}

/// This program, optimised: the client must not be what is measured.
fn own() -> anyhow::Result<PathBuf> {
    ensure!(cargo(&["build", "--release", "--package", "xtask"]).status()?.success(), "xtask does not build");
    Ok(PathBuf::from("target/release/xtask"))
}

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments);
    cargo
}

/// mitmproxy in a virtual environment of the system's Python, which the container's image has too. Made once.
fn mitmproxy() -> anyhow::Result<PathBuf> {
    let home = std::env::home_dir().context("no home folder")?;
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(|| home.join(".cache"), PathBuf::from);
    let folder = cache.join("drawbridge/mitmproxy");
    if !folder.join("bin/mitmdump").exists() {
        let run = |program: &Path, arguments: &[&str]| -> anyhow::Result<()> {
            let status = Command::new(program).args(arguments).stdout(Stdio::null()).status()?;
            ensure!(status.success(), "{} {arguments:?} failed", program.display());
            Ok(())
        };
        let path = folder.to_str().context("a cache folder that is not UTF-8")?;
        run(Path::new("/usr/bin/python3"), &["-m", "venv", path])?;
        run(&folder.join("bin/pip"), &["install", "--quiet", "mitmproxy"])?;
    }
    Ok(folder)
}
