//! The distribution's store: certificates are put where its own program picks them up, or, where there
//! is no such program, behind the bundle itself.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::certificate::Certificate;
use crate::root::Root;

/// How a family of distributions takes certificates in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Family {
    /// The folder for certificates of the administrator.
    pub(crate) anchors: &'static str,
    /// The program that derives the bundles from it.
    pub(crate) program: &'static str,
    /// What makes that program forget certificates that are gone.
    afresh: &'static [&'static str],
}

/// In the order in which they are recognised: SUSE has the program of Debian, so it comes before.
const FAMILIES: [Family; 4] = [
    // SUSE
    Family { anchors: "/etc/pki/trust/anchors", program: "update-ca-certificates", afresh: &["-f"] },
    // Fedora, RHEL, Amazon Linux
    Family { anchors: "/etc/pki/ca-trust/source/anchors", program: "update-ca-trust", afresh: &[] },
    // Arch
    Family { anchors: "/etc/ca-certificates/trust-source/anchors", program: "update-ca-trust", afresh: &[] },
    // Debian, Ubuntu, Alpine
    Family {
        anchors: "/usr/local/share/ca-certificates",
        program: "update-ca-certificates",
        afresh: &["--fresh"],
    },
];

/// The bundles that programs read, and the keystore that some distributions derive along with them.
const DERIVED: [&str; 8] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs/java/cacerts",
    "/etc/pki/ca-trust/extracted/java/cacerts",
    "/var/lib/ca-certificates/java-cacerts",
];
const BUNDLES: usize = 5;

/// The family of `root`, when its folder and its program are there.
pub(crate) fn family(root: &Root) -> Option<(&'static Family, PathBuf)> {
    FAMILIES.iter().find_map(|family| {
        let known = root.exists(Path::new(family.anchors));
        known.then(|| root.program(family.program)).flatten().map(|program| (family, program))
    })
}

/// The real path of the bundle that programs read first.
pub(crate) fn bundle(root: &Root) -> Option<PathBuf> {
    derived(root, &DERIVED[..BUNDLES]).into_iter().next()
}

/// The real paths of everything that the distribution's program rewrites.
pub(crate) fn derived_files(root: &Root) -> Vec<PathBuf> {
    derived(root, &DERIVED)
}

/// Where bundles are or may appear.
pub(crate) fn places() -> impl Iterator<Item = PathBuf> {
    DERIVED.iter().map(PathBuf::from)
}

fn derived(root: &Root, paths: &[&str]) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for path in paths {
        if let Ok(real) = root.resolve(Path::new(path))
            && real.is_file()
            && !found.contains(&real)
        {
            found.push(real);
        }
    }
    found
}

impl Family {
    /// The file for `ca`: one certificate each, and the ending that Debian asks for.
    pub(crate) fn anchor(&self, ca: &Certificate) -> PathBuf {
        let fingerprint = ca.fingerprint_sha256();
        let short = fingerprint.get(..16).unwrap_or(&fingerprint);
        Path::new(self.anchors).join(format!("drawbridge-{short}.crt"))
    }
}

/// Whether `path` is a file that [`Family::anchor`] named.
pub(crate) fn is_anchor(path: &Path) -> bool {
    FAMILIES.iter().any(|family| path.parent() == Some(Path::new(family.anchors)))
}

/// Runs the distribution's program; `afresh` after a certificate was taken away.
pub(crate) fn update(family: &Family, program: &Path, afresh: bool) -> io::Result<()> {
    let output = Command::new(program)
        .args(if afresh { family.afresh } else { &[] })
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().last().unwrap_or("no message").chars().take(200).collect::<String>();
    Err(io::Error::other(format!("`{}` failed: {last}", family.program)))
}
