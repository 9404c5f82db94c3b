//! Extensions in the editors' servers: what their manifests say, and words in their code that name a way
//! to the host. A digest of each tells whether it is still what was looked at before.

use std::collections::BTreeSet;
use std::fs::DirEntry;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Instant;

use aho_corasick::{AhoCorasick, Input, MatchKind};
use drawbridge_bridge::facts::ExtensionFact;
use drawbridge_bridge::signatures::SIGNATURES;
use sha2::{Digest, Sha256};

use super::settings::SERVERS;
use super::{Search, head, open, text};

const MAX_EXTENSIONS: usize = 1000;
const MAX_MANIFEST: u64 = 4 << 20;
/// Files and folders of one extension that are looked at, and how deep.
const MAX_ENTRIES: usize = 20_000;
const MAX_DEPTH: usize = 12;
/// Code of one extension that is read; the largest real bundles have some 30 MiB.
const MAX_CODE: u64 = 128 << 20;
const BLOCK: usize = 256 << 10;
/// What holds code.
const CODE: [&str; 5] = ["js", "cjs", "mjs", "sh", "node"];

/// Every extension of every server of this user.
pub(super) fn find(search: &mut Search<'_>) -> Vec<ExtensionFact> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for server in SERVERS {
        let folder = search.at(server).join("extensions");
        let mut entries: Vec<PathBuf> = search.entries(&folder).map(|entry| entry.path()).collect();
        entries.sort();
        for path in entries {
            if found.len() >= MAX_EXTENSIONS || search.late() {
                search.notes.push("not every extension was looked at: too many, or no time".to_owned());
                return found;
            }
            // One folder may be linked into several servers.
            if path.canonicalize().is_ok_and(|real| seen.insert(real)) {
                found.extend(extension(search, &path));
            }
        }
    }
    found
}

fn extension(search: &mut Search<'_>, path: &Path) -> Option<ExtensionFact> {
    let bytes = head(&path.join("package.json"), MAX_MANIFEST)?;
    let manifest: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    let word = |name: &str| manifest.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    let kinds = manifest.get("extensionKind").map(|kinds| match kinds {
        serde_json::Value::Array(kinds) => kinds.iter().filter_map(|kind| kind.as_str()).map(text).collect(),
        other => other.as_str().map(text).into_iter().collect(),
    });
    let (signatures, digest) = scan(search, path);
    Some(ExtensionFact {
        id: text(&format!("{}.{}", word("publisher"), word("name"))),
        path: text(&path.to_string_lossy()),
        kinds: kinds.unwrap_or_default(),
        signatures,
        digest,
    })
}

/// The words that the code below a folder holds, and the digest of it all.
pub(super) fn scan(search: &mut Search<'_>, root: &Path) -> (Vec<String>, Option<String>) {
    let mut code = Code {
        hits: vec![false; SIGNATURES.len()],
        digest: search.digests.then(Sha256::new),
        left: MAX_CODE,
    };
    let whole = read_code(search, root, &mut code);
    let found = code.hits.iter().zip(SIGNATURES).filter(|(hit, _)| **hit);
    let words = found.map(|(_, known)| known.text.to_owned()).collect();
    let digest = code.digest.filter(|_| whole).map(|digest| format!("{:x}", digest.finalize()));
    (words, digest)
}

/// What is known of an extension's code so far.
struct Code {
    hits: Vec<bool>,
    digest: Option<Sha256>,
    /// Bytes that may still be read.
    left: u64,
}

impl Code {
    /// A path and what follows it in the digest, each with its length, so that no two trees say the same.
    fn says(&mut self, path: &Path, sort: u8, what: &[u8]) {
        let Some(digest) = &mut self.digest else { return };
        for part in [path.as_os_str().as_bytes(), &[sort], what] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
    }
}

/// Reads the code below a folder; whether it was all of it. Links are not followed, so a loop of them is none here.
fn read_code(search: &mut Search<'_>, root: &Path, code: &mut Code) -> bool {
    let notes = search.notes.len();
    let mut open = vec![(root.to_owned(), 0)];
    let mut entries = 0;
    let mut deep = false;
    while let Some((folder, depth)) = open.pop() {
        let mut inside: Vec<_> = search.entries(&folder).take(MAX_ENTRIES + 1).collect();
        inside.sort_by_key(DirEntry::file_name);
        for entry in inside {
            entries += 1;
            let (Ok(kind), path) = (entry.file_type(), entry.path()) else { continue };
            let below = path.strip_prefix(root).unwrap_or(&path).to_owned();
            if kind.is_dir() {
                code.says(&below, b'd', &[]);
                deep |= depth >= MAX_DEPTH;
                open.extend((depth < MAX_DEPTH).then(|| (path, depth + 1)));
            } else if kind.is_file() && is_code(&path) {
                let size = entry.metadata().map_or(0, |meta| meta.len());
                code.says(&below, b'c', &size.to_le_bytes());
                let most = code.left;
                let read = scan_file(&path, most, search.deadline, code);
                code.left = most.saturating_sub(read);
                deep |= read < size;
            } else if kind.is_file() {
                let size = entry.metadata().map_or(0, |meta| meta.len());
                code.says(&below, b'f', &size.to_le_bytes());
            } else {
                let target = std::fs::read_link(&path).unwrap_or_default();
                code.says(&below, b'l', target.as_os_str().as_bytes());
            }
            if entries > MAX_ENTRIES || code.left == 0 || search.late() {
                let shown = text(&root.to_string_lossy());
                search.notes.push(format!("not all code of {shown} was read: too much of it, or no time"));
                return false;
            }
        }
    }
    !deep && search.notes.len() == notes
}

/// Whether the words are looked for in it: what runs, and the manifest that says so.
fn is_code(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "package.json")
        || path.extension().is_some_and(|end| CODE.iter().any(|code| end == *code))
}

/// Looks for the words in one file, in blocks that overlap by the longest word; bytes that were read by then.
fn scan_file(path: &Path, most: u64, deadline: Instant, code: &mut Code) -> u64 {
    let Some(file) = open(path) else { return 0 };
    let mut file = file.take(most);
    let overlap = SIGNATURES.iter().map(|known| known.text.len()).max().unwrap_or(1) - 1;
    let mut block = vec![0; overlap + BLOCK];
    let (mut kept, mut total) = (0, 0);
    loop {
        let Ok(count) = file.read(&mut block[kept..]) else { return total };
        if count == 0 || Instant::now() >= deadline {
            return total;
        }
        total += count as u64;
        let filled = kept + count;
        if let Some(digest) = &mut code.digest {
            digest.update(&block[kept..filled]);
        }
        search_words(&block[..filled], &mut code.hits);
        let tail = filled.min(overlap);
        block.copy_within(filled - tail..filled, 0);
        kept = tail;
    }
}

/// Marks the words that `bytes` hold. The next one may begin inside of the one before, so the search goes on behind
/// the first byte of each; no word is the beginning of another. (Asking for overlapping matches forgoes the vector
/// search: it costs two thirds of the speed.)
pub(crate) fn search_words(bytes: &[u8], hits: &mut [bool]) {
    let mut input = Input::new(bytes);
    while let Some(found) = words().find(input.clone()) {
        hits[found.pattern().as_usize()] = true;
        input.set_start(found.start() + 1);
    }
}

fn words() -> &'static AhoCorasick {
    static WORDS: OnceLock<AhoCorasick> = OnceLock::new();
    WORDS.get_or_init(|| {
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(SIGNATURES.iter().map(|known| known.text))
            .expect("a few short words fit an automaton")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_hides_another() {
        for (index, one) in SIGNATURES.iter().enumerate() {
            for other in SIGNATURES.iter().skip(index + 1) {
                let (one, other) = (one.text, other.text);
                assert!(!one.starts_with(other) && !other.starts_with(one), "{one}, {other}");
            }
        }
        let all: String = SIGNATURES.iter().map(|known| known.text).collect();
        for text in [all.clone(), all.replace("..", ".")] {
            let mut hits = vec![false; SIGNATURES.len()];
            search_words(text.as_bytes(), &mut hits);
            let lost: Vec<&str> = SIGNATURES
                .iter()
                .zip(hits)
                .filter(|(known, hit)| text.contains(known.text) && !hit)
                .map(|(known, _)| known.text)
                .collect();
            assert_eq!(lost, [""; 0]);
        }
        let mut hits = vec![false; SIGNATURES.len()];
        search_words(b"remote-containersworkbench.externalBrowserallowInUntrustedWorkspace", &mut hits);
        assert_eq!(hits.iter().filter(|hit| **hit).count(), 2);
    }
}
