//! Trust files of the share: the dev container's variables point to them, so they always exist.

use std::error::Error;
use std::fs;
use std::path::Path;

use drawbridge_proxy::paths;
use drawbridge_trust::{certificate, share};

/// The image's public roots.
const ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";
/// A certificate file is a few KiB.
const CAP: u64 = 1 << 20;

/// Writes the bundles, with the extra CAs of the personal volume and the project's own.
pub(super) fn prepare(folder: &Path, ca: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    let roots = fs::read_to_string(ROOTS)?;
    let mut extra = extra_cas(&Path::new(paths::PERSONAL).join("cas"));
    extra.push(ca.to_owned());
    share::write(&folder.join("trust"), &roots, &extra)?;
    Ok(())
}

/// Whom upstreams may be signed by: the image's roots and the extra CAs. Without a bundle in the
/// image nothing is inspected successfully, and the answers say why.
pub(super) fn roots() -> Vec<String> {
    let mut roots = extra_cas(&Path::new(paths::PERSONAL).join("cas"));
    roots.extend(fs::read_to_string(ROOTS));
    roots
}

/// Certificates of the folder. A file that holds none is passed over with a word in the log: one
/// bad file must not keep a project from starting.
fn extra_cas(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let small = fs::metadata(&file).is_ok_and(|meta| meta.is_file() && meta.len() <= CAP);
        match fs::read_to_string(&file) {
            Ok(text) if small && !certificate::parse_all(text.as_bytes()).is_empty() => {
                found.push(text);
            }
            _ => eprintln!("warning: {} holds no certificate", file.display()),
        }
    }
    found
}
