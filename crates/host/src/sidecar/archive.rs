//! The image's root file system as a tar archive in memory, the same bytes for the same content.

use std::io;

use tar::{Builder, EntryType, Header};

use super::UID;

/// Folders of the sidecar. A fresh named volume takes the owner of the folder that it covers, so
/// each exists here, owned by the sidecar's user.
const FOLDERS: &[&str] =
    &["var/lib/drawbridge", "run/drawbridge/share", "etc/drawbridge/policy", "etc/drawbridge/personal"];

pub(super) fn image(binary: &[u8], roots: &[u8]) -> io::Result<Vec<u8>> {
    let mut builder = Builder::new(Vec::with_capacity(binary.len() + roots.len() + (64 << 10)));
    let mut made: Vec<String> = Vec::new();
    for path in FOLDERS.iter().chain(&["etc/ssl/certs"]) {
        let names: Vec<&str> = path.split('/').collect();
        for count in 1..=names.len() {
            let folder = names[..count].join("/");
            if !made.contains(&folder) {
                let owner = if FOLDERS.contains(&folder.as_str()) { UID } else { 0 };
                append(&mut builder, &format!("{folder}/"), EntryType::Directory, 0o755, owner, b"")?;
                made.push(folder);
            }
        }
    }
    append(&mut builder, "etc/ssl/certs/ca-certificates.crt", EntryType::Regular, 0o644, 0, roots)?;
    append(&mut builder, "drawbridge", EntryType::Regular, 0o755, 0, binary)?;
    builder.into_inner()
}

/// One program, to be unpacked at the root of a container.
pub(crate) fn program(name: &str, binary: &[u8]) -> io::Result<Vec<u8>> {
    let mut builder = Builder::new(Vec::with_capacity(binary.len() + (4 << 10)));
    append(&mut builder, name, EntryType::Regular, 0o755, 0, binary)?;
    builder.into_inner()
}

fn append(
    builder: &mut Builder<Vec<u8>>,
    path: &str,
    kind: EntryType,
    mode: u32,
    owner: u64,
    content: &[u8],
) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(owner);
    header.set_gid(owner);
    header.set_mtime(0);
    header.set_size(content.len() as u64);
    builder.append_data(&mut header, path, content)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::io::Read;

    use super::*;

    #[test]
    fn holds_the_binary_the_roots_and_owned_folders() {
        let archive = image(b"elf", b"pem").unwrap();
        let mut listing = String::new();
        for entry in tar::Archive::new(archive.as_slice()).entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut content = String::new();
            entry.read_to_string(&mut content).unwrap();
            let header = entry.header();
            writeln!(
                listing,
                "{:o} {} {} [{content}]",
                header.mode().unwrap(),
                header.uid().unwrap(),
                entry.path().unwrap().display()
            )
            .unwrap();
        }
        insta::assert_snapshot!(listing, @r"
        755 0 var/ []
        755 0 var/lib/ []
        755 65532 var/lib/drawbridge/ []
        755 0 run/ []
        755 0 run/drawbridge/ []
        755 65532 run/drawbridge/share/ []
        755 0 etc/ []
        755 0 etc/drawbridge/ []
        755 65532 etc/drawbridge/policy/ []
        755 65532 etc/drawbridge/personal/ []
        755 0 etc/ssl/ []
        755 0 etc/ssl/certs/ []
        644 0 etc/ssl/certs/ca-certificates.crt [pem]
        755 0 drawbridge [elf]
        ");
    }

    #[test]
    fn the_same_content_gives_the_same_bytes() {
        assert_eq!(image(b"elf", b"pem").unwrap(), image(b"elf", b"pem").unwrap());
        assert_ne!(image(b"elf", b"pem").unwrap(), image(b"elg", b"pem").unwrap());
    }
}
