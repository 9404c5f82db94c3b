//! A real OCI registry on loopback, for as long as a test runs.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::{Bed, until};

/// Debian's program.
const PROGRAM: &str = "/usr/bin/docker-registry";

/// A running registry with nothing in it.
#[derive(Debug)]
pub struct Registry {
    /// `localhost:PORT`; the official CLI and the engine speak plain HTTP to such a name.
    pub host: String,
    child: Child,
    folder: PathBuf,
}

impl Registry {
    /// Starts one; `None` after a message where the program is missing.
    pub fn start(bed: &Bed) -> Option<Self> {
        if !std::path::Path::new(PROGRAM).exists() {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "no docker-registry, and CI must have it");
            eprintln!("SKIPPED: no docker-registry; `./scripts/testbed start` installs it");
            return None;
        }
        let folder =
            tempfile::Builder::new().prefix("registry-").tempdir_in(&bed.directory).expect("a folder").keep();
        let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let address = format!("127.0.0.1:{}", port.expect("a free port").port());
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}/data}}}}\nhttp: {{addr: {address}}}\n",
            folder.display()
        );
        let file = folder.join("config.yml");
        std::fs::write(&file, config).expect("the registry's configuration");
        let child = Command::new(PROGRAM)
            .arg("serve")
            .arg(&file)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the registry starts");
        let host = address.replace("127.0.0.1", "localhost");
        let registry = Self { host, child, folder };
        until("the registry listens", Duration::from_secs(30), || std::net::TcpStream::connect(&address));
        Some(registry)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}
