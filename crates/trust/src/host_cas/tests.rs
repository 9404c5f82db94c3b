use super::*;

/// A host without a bundle, such as Windows, gives the gate's image these.
#[test]
fn mozillas_roots_are_all_certificates() {
    let roots = mozilla();
    assert_eq!(roots.len(), webpki_root_certs::TLS_SERVER_ROOT_CERTS.len());
    assert!(roots.len() > 100, "{}", roots.len());
}

#[test]
fn what_was_found_twice_is_listed_once_and_public_roots_are_not() {
    let roots = mozilla();
    let public = HashSet::from([roots[0].fingerprint_sha256()]);
    let mut found = Found::default();
    found.add(Path::new("one"), roots[..3].to_vec(), &public);
    found.add(Path::new("two"), roots[..4].to_vec(), &public);
    let sources: Vec<_> = found.cas.iter().map(|ca| ca.source.to_str().unwrap()).collect();
    assert_eq!(sources, ["one", "one", "two"]);
}
