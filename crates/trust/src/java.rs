//! Where the keystores of JDKs are, and those of programs that bring a JVM along.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::root::Root;

/// Entries of one folder that are looked at.
const MAX_NAMES: usize = 512;
/// Depth and number of folders below coursier's cache, whose layout follows download addresses.
const MAX_DEPTH: usize = 12;
const MAX_FOLDERS: usize = 4096;

/// The keystore below a JDK; the second is that of JDK 8.
const STORES: [&str; 2] = ["lib/security/cacerts", "jre/lib/security/cacerts"];

/// Where JDKs are installed; `*` stands for one name.
const SYSTEM_HOMES: [&str; 9] = [
    "/usr/lib/jvm/*",
    "/usr/lib64/jvm/*",
    "/usr/java/*",
    "/opt/*",
    "/opt/*/*",
    "/opt/*/jbr",
    "/usr/local/*",
    "/usr/local/sdkman/candidates/java/*",
    "/root/.jbang/currentjdk",
];

/// The same below the home of a user.
const USER_HOMES: [&str; 12] = [
    ".sdkman/candidates/java/*",
    ".local/share/mise/installs/java/*",
    ".asdf/installs/java/*",
    ".jbang/cache/jdks/*",
    ".jbang/currentjdk",
    ".cache/coursier/jvm/*",
    ".gradle/jdks/*",
    ".gradle/jdks/*/*",
    ".jdks/*",
    ".vscode-server/extensions/*/jre/*",
    ".cache/JetBrains/RemoteDev/dist/*/jbr",
    ".local/share/JetBrains/Toolbox/apps/*/jbr",
];

/// Stores of the distribution that its JDKs link to, and that its programs keep.
const SHARED: [&str; 3] = [
    "/etc/ssl/certs/java/cacerts",
    "/etc/pki/ca-trust/extracted/java/cacerts",
    "/var/lib/ca-certificates/java-cacerts",
];

/// The real paths of all keystores below `root`, each one once, sorted.
///
/// Links are followed below the root, so a JDK that uses the distribution's store yields that.
pub(crate) fn keystores(root: &Root) -> Vec<PathBuf> {
    let homes = homes(root);
    let mut candidates: Vec<PathBuf> =
        homes.iter().flat_map(|home| STORES.map(|store| home.join(store))).collect();
    candidates.extend(SHARED.map(PathBuf::from));
    for user in &root.homes {
        candidates.extend(expand(root, &user.join(".config/JetBrains/*/ssl/cacerts")));
    }
    files(root, &candidates)
}

/// The real paths of every `java` below `root`, each one once, sorted.
pub(crate) fn launchers(root: &Root) -> Vec<PathBuf> {
    let candidates: Vec<PathBuf> = homes(root).iter().map(|home| home.join("bin/java")).collect();
    files(root, &candidates)
}

/// Paths where a keystore is or may appear: below every JDK, and for a pattern one path in each folder
/// that a further JDK would be in. Most do not exist.
pub(crate) fn places(root: &Root) -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> =
        homes(root).iter().flat_map(|home| STORES.map(|store| home.join(store))).collect();
    places.extend(SHARED.map(PathBuf::from));
    let system = SYSTEM_HOMES.iter().map(PathBuf::from);
    let own = root.homes.iter().flat_map(|user| USER_HOMES.iter().map(|pattern| user.join(pattern)));
    for pattern in system.chain(own) {
        let stars = pattern.ancestors().filter(|part| part.ends_with("*"));
        for folder in stars.filter_map(Path::parent) {
            places.extend(expand(root, folder).into_iter().map(|folder| folder.join("any")));
        }
    }
    places
}

/// Folders where a JDK may be.
fn homes(root: &Root) -> Vec<PathBuf> {
    let mut homes: Vec<PathBuf> =
        SYSTEM_HOMES.iter().flat_map(|pattern| expand(root, Path::new(pattern))).collect();
    for user in &root.homes {
        for pattern in USER_HOMES {
            homes.extend(expand(root, &user.join(pattern)));
        }
        homes.extend(below(root, &user.join(".cache/coursier/arc")));
    }
    homes.extend(root.path.iter().filter_map(|folder| home_of_program(root, folder)));
    homes
}

/// The candidates that are files, links followed.
fn files(root: &Root, candidates: &[PathBuf]) -> Vec<PathBuf> {
    let found: BTreeSet<PathBuf> = candidates
        .iter()
        .filter_map(|candidate| root.resolve(candidate).ok())
        .filter(|real| real.is_file())
        .collect();
    found.into_iter().collect()
}

/// The JDK whose `java` is in `folder`, when it is a link into one (`/usr/bin/java`, a shim is not).
fn home_of_program(root: &Root, folder: &Path) -> Option<PathBuf> {
    let real = root.resolve(&folder.join("java")).ok().filter(|real| real.is_file())?;
    Some(root.inside(real.parent()?.parent()?))
}

/// The paths that `pattern` stands for; whether they exist is not checked for the part after the last `*`.
fn expand(root: &Root, pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for part in pattern {
        if part == "*" {
            found = found
                .iter()
                .flat_map(|folder| root.names(folder, MAX_NAMES).into_iter().map(|name| folder.join(name)))
                .collect();
        } else {
            for path in &mut found {
                path.push(part);
            }
        }
    }
    found
}

/// The folders below `top` that hold a keystore of a JDK.
fn below(root: &Root, top: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![(top.to_owned(), 0)];
    let mut seen = 0;
    while let Some((folder, depth)) = pending.pop() {
        seen += 1;
        if seen > MAX_FOLDERS {
            break;
        }
        if STORES.iter().any(|store| root.exists(&folder.join(store))) {
            found.push(folder);
        } else if depth < MAX_DEPTH {
            let names = root.names(&folder, MAX_NAMES);
            pending.extend(names.into_iter().map(|name| (folder.join(name), depth + 1)));
        }
    }
    found
}
