//! The registry of a Windows host.

use std::collections::HashSet;
use std::path::Path;

use windows_registry::LOCAL_MACHINE;

use super::{comes_with_windows, in_blob};
use crate::certificate::Certificate;
use crate::host_cas::Found;

/// Only administrators write here.
const ADDED: [&str; 2] = [
    r"SOFTWARE\Policies\Microsoft\SystemCertificates\Root\Certificates",
    r"SOFTWARE\Microsoft\EnterpriseCertificates\Root\Certificates",
];
const MACHINE: &str = r"SOFTWARE\Microsoft\SystemCertificates\ROOT\Certificates";
const PUBLIC: &str = r"SOFTWARE\Microsoft\SystemCertificates\AuthRoot\Certificates";
/// A store of a machine has some hundred at most.
const MOST: usize = 4096;

/// Adds what the stores of the machine have beyond what comes with Windows.
pub(in crate::host_cas) fn find(found: &mut Found) {
    for store in ADDED {
        found.add(Path::new(&format!(r"HKEY_LOCAL_MACHINE\{store}")), certificates(store), &HashSet::new());
    }
    let public = certificates(PUBLIC).iter().map(Certificate::fingerprint_sha256).collect();
    let mut machine = certificates(MACHINE);
    machine.retain(|certificate| !comes_with_windows(certificate));
    found.add(Path::new(&format!(r"HKEY_LOCAL_MACHINE\{MACHINE}")), machine, &public);
}

fn certificates(store: &str) -> Vec<Certificate> {
    let Ok(store) = LOCAL_MACHINE.open(store) else { return Vec::new() };
    let Ok(names) = store.keys() else { return Vec::new() };
    let blobs = names.take(MOST).filter_map(|name| store.open(name).ok()?.get_value("Blob").ok());
    blobs.filter_map(|blob| in_blob(&blob)).collect()
}
