//! Hands stores to the user of a container while its image is built, so that its start needs no root.
//!
//! Each store moves into a folder of a group and a link takes its place. Whoever decides what he trusts
//! himself gains no right by it.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use crate::file;
use crate::java;
use crate::root::Root;
use crate::store::{Kind, Outcome, Report};
use crate::system;

/// Where the stores are that were handed over. Its parent belongs to root, so nobody can swap the folder.
pub const HANDED_OVER: &str = "/var/lib/drawbridge/trust/stores";

/// Members of the group replace files, and what they make belongs to the group again.
const FOLDER_MODE: u32 = 0o2775;
const MODE: u32 = 0o664;

/// Moves every store of this user (root) into [`HANDED_OVER`], for the members of the group with the number `group`.
///
/// What is handed over already, belongs to somebody else or cannot be read is left. A second run changes nothing.
///
/// # Errors
///
/// The folder cannot be made or given away, which takes root.
pub fn hand_over(root: &Root, group: u32) -> io::Result<Vec<Report>> {
    let folder = place(root);
    fs::DirBuilder::new().recursive(true).mode(0o755).create(&folder)?;
    give(&folder, group, FOLDER_MODE)?;
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            give(&entry.path(), group, MODE)?;
        }
    }
    let system = system::derived_files(root).into_iter().map(|real| (Kind::System, real));
    let mut stores: Vec<(Kind, PathBuf)> = system.collect();
    for real in java::keystores(root) {
        if !stores.iter().any(|(_, known)| *known == real) {
            stores.push((Kind::Java, real));
        }
    }
    let mut reports = Vec::new();
    for (kind, real) in stores {
        let own = fs::metadata(&real).is_ok_and(|metadata| metadata.uid() == root.uid);
        if real.starts_with(&folder) || !own || root.is_foreign(&real) {
            continue;
        }
        let path = root.inside(&real);
        let outcome = move_one(root, &folder, &real, &path, group)
            .map_or_else(|err| Outcome::Left { why: err.to_string(), hint: None }, |()| Outcome::HandedOver);
        reports.push(Report { kind, path, outcome });
    }
    Ok(reports)
}

/// Whether the store at `real` was handed over.
pub(super) fn is_handed_over(root: &Root, real: &Path) -> bool {
    let folder = place(root);
    real.starts_with(&folder)
        && fs::metadata(folder).is_ok_and(|metadata| metadata.permissions().mode() & 0o020 != 0)
}

fn move_one(root: &Root, folder: &Path, real: &Path, path: &Path, group: u32) -> io::Result<()> {
    let bytes = file::read(real)?;
    // Complete at its new place before anything points there.
    let name = path.strip_prefix("/").unwrap_or(path).to_string_lossy().replace('/', "_");
    let target = folder.join(&name);
    file::replace_with(&target, &bytes, MODE, |staged| give(staged, group, MODE))?;
    let mut staged = real.as_os_str().to_owned();
    staged.push(".drawbridge-new");
    let staged = PathBuf::from(staged);
    match fs::remove_file(&staged) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
        _ => {}
    }
    symlink(root.inside(&target), &staged)?;
    fs::rename(&staged, real).inspect_err(|_| {
        let _ = fs::remove_file(&staged);
    })
}

fn give(path: &Path, group: u32, mode: u32) -> io::Result<()> {
    chown(path, None, Some(group))?;
    // After the change of the group, which takes the set-group-id bit away.
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

fn place(root: &Root) -> PathBuf {
    root.root.join(HANDED_OVER.trim_start_matches('/'))
}
