//! Stages the Feature: a copy of its source with the static binary and its checksum beside `install.sh`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use drawbridge_trust::host_cas;
use sha2::{Digest, Sha256};

const SOURCE: &str = "devcontainer-feature/src/drawbridge";
const TESTS: &str = "devcontainer-feature/test/drawbridge";

/// Arguments of `package-feature`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Static Linux binary to carry; may be repeated
    #[arg(
        long,
        value_name = "FILE",
        default_value = "target/static/x86_64-unknown-linux-gnu/release/drawbridge"
    )]
    binary: Vec<PathBuf>,

    /// Architecture of each binary, as `uname -m` prints it
    #[arg(long, value_name = "ARCH", default_value = "x86_64")]
    arch: Vec<String>,

    /// Folder that receives `src/drawbridge` and `test/drawbridge`, as the official CLI wants them
    #[arg(long, value_name = "DIR", default_value = "target/feature")]
    out: PathBuf,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        ensure!(self.binary.len() == self.arch.len(), "give one --arch per --binary");
        let mut binaries = Vec::new();
        for path in &self.binary {
            let binary = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            ensure!(!asks_for_an_interpreter(&binary), "{} is not a static binary", path.display());
            binaries.push(binary);
        }
        let staged = self.out.join("src/drawbridge");
        if staged.exists() {
            fs::remove_dir_all(&staged)?;
        }
        copy(Path::new(SOURCE), &staged)?;
        let bin = staged.join("bin");
        fs::create_dir_all(&bin)?;
        let mut sums = Vec::new();
        for (binary, arch) in binaries.iter().zip(&self.arch) {
            let name = format!("drawbridge-linux-{arch}");
            fs::write(bin.join(&name), binary)?;
            sums.push(format!("{:x}  {name}\n", Sha256::digest(binary)));
        }
        fs::write(bin.join("SHA256SUMS"), sums.concat())?;
        // For images without roots of their own; what an administrator added to this machine stays here.
        fs::write(staged.join("roots.pem"), host_cas::public_bundle())?;
        let tests = self.out.join("test/drawbridge");
        if tests.exists() {
            fs::remove_dir_all(&tests)?;
        }
        copy(Path::new(TESTS), &tests)?;
        println!("{}", staged.display());
        Ok(())
    }
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Whether the program headers of a 64-bit little-endian ELF file hold `PT_INTERP` (3). Anything
/// that is no such file counts as asking.
fn asks_for_an_interpreter(elf: &[u8]) -> bool {
    let number = |at: usize, size: usize| -> Option<usize> {
        let bytes = elf.get(at..at + size)?;
        Some(bytes.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
    };
    let headers = || -> Option<bool> {
        let (start, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
        let kinds: Option<Vec<usize>> = (0..count).map(|nth| number(start + nth * size, 4)).collect();
        Some(kinds?.contains(&3))
    };
    !elf.starts_with(b"\x7fELF\x02\x01") || headers().unwrap_or(true)
}
