//! Ten real configurations with the Feature and nothing else: they come up, trust works, the banner is honest, the
//! start stays quick, and nothing is left when the Feature is taken out.
//!
//! Minutes long, so only with `DRAWBRIDGE_TEST_FULL=1`. The corpus is not part of the repository.

use std::path::Path;
use std::time::Duration;

use drawbridge_tests::{Bed, Project, Registry};

use crate::publish::Collection;
use crate::trust;

const IMAGE: &str = "drawbridge-test/base:bookworm";
const GROWTH: Duration = Duration::from_millis(300);
/// Starts that are timed of either container, in turn; the median of the differences counts, because a single one is off
/// by a hundred milliseconds when the machine does other things too.
const PAIRS: usize = 11;

const TEN: [(&str, &str); 10] = [
    ("0xflotus__mdtg__1", ".devcontainer.json"),
    ("AbuseTotal__openstix__1", ".devcontainer.json"),
    ("AjkayAlan__dotfiles__1", ".devcontainer.json"),
    ("DataVisRug__DataVisMaterial__1", ".devcontainer/devcontainer.json"),
    ("ansible__vscode-ansible__1", ".devcontainer/devcontainer.json"),
    ("devcontainers__cli__3", ".devcontainer/devcontainer.json"),
    ("devcontainers__cli__13", ".devcontainer.json"),
    ("devcontainers__template-starter__3", ".devcontainer/devcontainer.json"),
    ("microsoft__vscode-dev-containers__12", ".devcontainer.json"),
    ("opentofu__opentofu__1", ".devcontainer.json"),
];

/// The text with the local base image in place of the one that it names.
fn with_local_image(text: &str) -> String {
    let at = text.find("\"image\"").expect("an image");
    let rest = &text[at + 7..];
    let start = at + 7 + rest.find('"').expect("a value") + 1;
    let end = start + text[start..].find('"').expect("its end");
    format!("{}{IMAGE}{}", &text[..start], &text[end..])
}

/// The text with one more property in front.
fn with_feature(text: &str, reference: &str, ca: &str) -> String {
    let open = text.find("\n{").map_or_else(|| text.find('{').expect("an object"), |at| at + 1);
    let feature = format!("\n\t\"features\": {{ \"{reference}\": {{ \"ca\": \"{ca}\" }} }},");
    format!("{}{feature}{}", &text[..=open], &text[open + 1..])
}

fn up(project: &Project<'_>, more: &[&str]) -> Duration {
    let argv = [&["devcontainer", "up", "--workspace-folder", "."], more].concat();
    project.bed.host(&argv, &project.path).limit(Duration::from_mins(5)).ok().took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Medians of the starts of both containers, which are there, stopped and started in turn, and of how much longer the
/// second took.
fn starts(plain: &Project<'_>, with: &Project<'_>) -> [Duration; 3] {
    let once = |project: &Project<'_>| {
        project.bed.docker(&["stop", "--time", "0", &project.dev()]).ok();
        up(project, &[])
    };
    let pairs: Vec<_> = (0..PAIRS).map(|_| (once(plain), once(with))).collect();
    [
        median(pairs.iter().map(|pair| pair.0).collect()),
        median(pairs.iter().map(|pair| pair.1).collect()),
        median(pairs.iter().map(|pair| pair.1.saturating_sub(pair.0)).collect()),
    ]
}

#[test]
fn ten_real_configurations_take_the_feature_and_lose_it_again() {
    let Some(bed) = Bed::get() else { return };
    if std::env::var_os("DRAWBRIDGE_TEST_FULL").is_none() {
        eprintln!("SKIPPED: the Feature in the corpus; DRAWBRIDGE_TEST_FULL=1 runs it");
        return;
    }
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    if !corpus.is_dir() {
        eprintln!("SKIPPED: no corpus at {}", corpus.display());
        return;
    }
    let Some(registry) = Registry::start(bed) else { return };
    Collection::stage(bed).publish(&registry);
    let reference = format!("{}/drawbridge/features/drawbridge:0", registry.host);
    let pki = tempfile::Builder::new().prefix("pki-").tempdir_in(&bed.directory).expect("a folder");
    trust::pki(bed, pki.path());
    let ca = bed.as_me(&["base64", "-w0", "ca-extra.pem"], pki.path()).ok().stdout;
    let mut slow = Vec::new();
    for (name, config) in TEN {
        let text = std::fs::read_to_string(corpus.join(name).join(config)).expect("a configuration");
        let plain = with_local_image(text.trim_start_matches('\u{feff}'));
        let control = Project::empty(bed, name);
        control.write(config, &plain);
        up(&control, &[]);
        let project = Project::empty(bed, name);
        project.write(config, &plain);
        project.commit("As it was");
        project.write(config, &with_feature(&plain, &reference, &ca));
        up(&project, &[]);
        let [without, with, growth] = starts(&control, &project);
        drop(control);
        let dev = project.dev();
        bed.docker(&["cp", &format!("{}/.", pki.path().display()), &format!("{dev}:/pki")]).ok();
        let hosts = "mkdir -p /pki && echo 127.0.0.1 check.test >>/etc/hosts";
        bed.docker(&["exec", "--user", "root", &dev, "sh", "-c", hosts]).ok();
        trust::serve(bed, &dev, "/pki");
        let check =
            bed.docker(&["exec", &dev, "drawbridge", "trust", "check", "--json", trust::SERVER]).output();
        let verdicts = trust::verdicts(&check);
        assert!(
            verdicts.len() >= 4 && verdicts.values().all(|verdict| verdict == "trusted"),
            "{name}: {check:?}"
        );
        bed.docker(&["exec", &dev, "/usr/local/share/drawbridge/banner.sh"])
            .ok()
            .says("egress is NOT enforced");

        project.write(config, &plain);
        up(&project, &["--remove-existing-container"]);
        let left = "ls -d /usr/local/bin/drawbridge /usr/local/share/drawbridge /var/lib/drawbridge; env | grep -i drawbridge; \
                    grep -l drawbridge /etc/bash.bashrc /etc/group; true";
        let left = bed.docker(&["exec", &project.dev(), "sh", "-c", left]).ok().stdout;
        assert_eq!(left, "", "{name}");
        let status = project.git(&["status", "--porcelain"]).stdout;
        let lock = status.lines().filter(|line| !line.ends_with("devcontainer-lock.json")).count();
        assert_eq!(lock, 0, "{name}: {status}");
        println!(
            "{name}: start {} ms without, {} ms with the Feature, {} ms more; left: {}",
            without.as_millis(),
            with.as_millis(),
            growth.as_millis(),
            if status.is_empty() { "nothing" } else { status.trim() }
        );
        if growth > GROWTH {
            slow.push(name);
        }
    }
    assert!(slow.is_empty(), "slower by more than {GROWTH:?}: {slow:?}");
}
