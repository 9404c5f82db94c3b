//! The stores of distributions. Their programs are faked: a script that derives the bundle from the anchors.

use super::*;

/// Joins the shipped roots and the anchors, as the program of each distribution does.
fn deriving(anchors: &str, bundle: &str) -> String {
    format!(
        "root=\"$(dirname \"$0\")/../..\"\n\
         echo \"$*\" >> \"$root/calls\"\n\
         cat \"$root/shipped.pem\" > \"$root/{bundle}\"\n\
         for anchor in \"$root/{anchors}\"/*; do [ ! -e \"$anchor\" ] || cat \"$anchor\" >> \"$root/{bundle}\"; done",
    )
}

fn distribution(program: &str, anchors: &str, bundle: &str) -> Container {
    let container = Container::new()
        .with_program(&format!("usr/sbin/{program}"), &deriving(anchors, bundle))
        .with("shipped.pem", ACME)
        .with("calls", "")
        .with(bundle, ACME);
    fs::create_dir_all(container.at(anchors)).unwrap();
    container
}

#[test]
fn each_distribution_is_served_its_own_way() {
    for (name, program, anchors, bundle, forget) in [
        (
            "Debian",
            "update-ca-certificates",
            "usr/local/share/ca-certificates",
            "etc/ssl/certs/ca-certificates.crt",
            "--fresh",
        ),
        (
            "Fedora",
            "update-ca-trust",
            "etc/pki/ca-trust/source/anchors",
            "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
            "",
        ),
        ("SUSE", "update-ca-certificates", "etc/pki/trust/anchors", "etc/ssl/ca-bundle.pem", "-f"),
        (
            "Arch",
            "update-ca-trust",
            "etc/ca-certificates/trust-source/anchors",
            "etc/ca-certificates/extracted/tls-ca-bundle.pem",
            "",
        ),
    ] {
        let mut container = distribution(program, anchors, bundle);
        if name == "Arch" {
            container = container.with_link("etc/ssl/certs/ca-certificates.crt", &format!("/{bundle}"));
        }
        let before = container.tree();
        let outcomes = container.install();
        assert_eq!(outcomes[&format!("/{anchors}")], Outcome::Added, "{name}");
        assert_eq!(container.read(bundle), [ACME, BETA].concat().as_bytes(), "{name}");
        assert_eq!(fs::read_dir(container.at(anchors)).unwrap().count(), 1, "{name}");

        let installed = container.tree();
        container.install();
        assert_eq!(container.tree(), installed, "{name}");

        container.undo();
        assert_eq!(container.read("calls"), format!("\n{forget}\n").as_bytes(), "{name}");
        fs::write(container.at("calls"), "").unwrap();
        assert_eq!(container.tree(), before, "{name}");
    }
}

#[test]
fn a_keystore_that_the_program_derives_comes_back_too() {
    let container = distribution(
        "update-ca-certificates",
        "usr/local/share/ca-certificates",
        "etc/ssl/certs/ca-certificates.crt",
    )
    .with("etc/ssl/certs/java/cacerts", jks());
    let before = container.read("etc/ssl/certs/java/cacerts");
    let outcomes = container.install();
    assert_eq!(outcomes["/etc/ssl/certs/java/cacerts"], Outcome::Added);
    container.undo();
    assert_eq!(container.read("etc/ssl/certs/java/cacerts"), before);
}

#[test]
fn a_program_that_fails_leaves_no_anchor() {
    let container = Container::new()
        .with_program("usr/sbin/update-ca-certificates", "echo broken >&2; exit 3")
        .with("etc/ssl/certs/ca-certificates.crt", ACME);
    fs::create_dir_all(container.at("usr/local/share/ca-certificates")).unwrap();
    let outcomes = container.install();
    let outcome = &outcomes["/usr/local/share/ca-certificates"];
    check_left(outcome, "`update-ca-certificates` failed: broken");
    let anchors = container.at("usr/local/share/ca-certificates");
    assert_eq!(fs::read_dir(anchors).unwrap().count(), 0);
    assert_eq!(container.read("etc/ssl/certs/ca-certificates.crt"), ACME.as_bytes());
}

#[test]
fn without_a_program_the_bundle_itself_is_extended() {
    let container = Container::new().with("etc/ssl/cert.pem", ACME);
    let before = container.tree();
    assert_eq!(container.install()["/etc/ssl/cert.pem"], Outcome::Added);
    assert_eq!(container.read("etc/ssl/cert.pem"), [ACME, BETA].concat().as_bytes());
    container.undo();
    assert_eq!(container.tree(), before);
}

#[test]
fn without_any_bundle_it_is_said() {
    check_left(&Container::new().install()["/etc/ssl/certs"], "there is no bundle");
}

/// Debian's own program on a constructed root, where the machine has it.
#[test]
fn the_real_program_of_debian() {
    const REAL: &str = "/usr/sbin/update-ca-certificates";
    if !fs::read_to_string(REAL).is_ok_and(|script| script.contains("--localcertsdir")) {
        println!("skipped: this machine has no update-ca-certificates of Debian");
        return;
    }
    let script = format!(
        "root=\"$(cd \"$(dirname \"$0\")/../..\" && pwd)\"\n\
         exec {REAL} --certsconf \"$root/etc/ca-certificates.conf\" \
         --certsdir \"$root/usr/share/ca-certificates\" \
         --localcertsdir \"$root/usr/local/share/ca-certificates\" \
         --etccertsdir \"$root/etc/ssl/certs\" --hooksdir \"$root/etc/ca-certificates/update.d\" \"$@\"",
    );
    let container = Container::new()
        .with_program("usr/sbin/update-ca-certificates", &script)
        .with("usr/share/ca-certificates/mozilla/Acme.crt", ACME)
        .with("etc/ca-certificates.conf", "mozilla/Acme.crt\n")
        .with("etc/ssl/certs/ca-certificates.crt", "");
    for folder in ["usr/local/share/ca-certificates", "etc/ca-certificates/update.d"] {
        fs::create_dir_all(container.at(folder)).unwrap();
    }
    let (family, program) = system::family(&container.root).unwrap();
    system::update(family, &program, false).unwrap();
    let before = container.tree();

    let outcomes = container.install();
    assert_eq!(outcomes["/usr/local/share/ca-certificates"], Outcome::Added);
    let bundle = parse_all(&container.read("etc/ssl/certs/ca-certificates.crt"));
    assert_eq!(bundle, [vec![acme()], beta().to_vec()].concat());
    let links = |container: &Container| fs::read_dir(container.at("etc/ssl/certs")).unwrap().count();
    assert_eq!(links(&container), 5, "the bundle, and a link by name and by hash for each root");

    container.undo();
    assert_eq!(container.tree(), before);
}
