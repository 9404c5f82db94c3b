//! Whether a program runs in an empty image: a Linux executable without an interpreter.
//!
//! Layout: System V ABI, chapter "Object Files", 64-bit little-endian form.

const PT_INTERP: u32 = 3;
const EM_X86_64: u16 = 62;
const EM_AARCH64: u16 = 183;

/// Returns the architecture in the engine's words, or what is wrong with the file.
pub(super) fn require_static(bytes: &[u8]) -> Result<&'static str, &'static str> {
    if bytes.get(..4) != Some(b"\x7fELF") {
        return Err("it is not an ELF file");
    }
    if bytes.get(4..6) != Some(&[2, 1]) {
        return Err("it is not a 64-bit little-endian program");
    }
    let arch = match u16_at(bytes, 18) {
        Some(EM_X86_64) => "amd64",
        Some(EM_AARCH64) => "arm64",
        _ => return Err("its processor is neither x86-64 nor ARM64"),
    };
    let table = u64_at(bytes, 32).and_then(|offset| usize::try_from(offset).ok());
    let (Some(table), Some(size), Some(count)) = (table, u16_at(bytes, 54), u16_at(bytes, 56)) else {
        return Err("its header is cut off");
    };
    for index in 0..usize::from(count) {
        let at = index.checked_mul(usize::from(size)).and_then(|skip| table.checked_add(skip));
        match at.and_then(|at| u32_at(bytes, at)) {
            Some(PT_INTERP) => return Err("it needs a dynamic loader"),
            Some(_) => {}
            None => return Err("its program headers are cut off"),
        }
    }
    Ok(arch)
}

fn slice<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    slice(bytes, at).map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    slice(bytes, at).map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    slice(bytes, at).map(u64::from_le_bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A header with one program header of the given type.
    pub(in crate::sidecar) fn program(kind: u32) -> Vec<u8> {
        let mut bytes = vec![0; 64 + 56];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[18..20].copy_from_slice(&EM_X86_64.to_le_bytes());
        bytes[32..40].copy_from_slice(&64_u64.to_le_bytes());
        bytes[54..56].copy_from_slice(&56_u16.to_le_bytes());
        bytes[56..58].copy_from_slice(&1_u16.to_le_bytes());
        bytes[64..68].copy_from_slice(&kind.to_le_bytes());
        bytes
    }

    #[test]
    fn a_static_program_is_accepted_and_a_dynamic_one_is_not() {
        assert_eq!(require_static(&program(1)), Ok("amd64"));
        assert_eq!(require_static(&program(PT_INTERP)), Err("it needs a dynamic loader"));
    }

    #[test]
    fn every_cut_is_refused_without_a_panic() {
        let whole = program(1);
        for end in 0..68 {
            assert!(require_static(&whole[..end]).is_err(), "{end}");
        }
        let mut far = whole;
        far[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(require_static(&far).is_err());
    }

    #[test]
    fn this_test_needs_a_loader() {
        // The test program of an ordinary build is dynamic; a static test build would be accepted.
        let bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let expected =
            if cfg!(target_feature = "crt-static") { Ok("amd64") } else { Err("it needs a dynamic loader") };
        assert_eq!(require_static(&bytes), expected);
    }
}
