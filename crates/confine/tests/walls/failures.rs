//! Every way in which a wall can be missing: refused with the reason, or named on request, never silent.
//!
//! A system-call filter on the test's own thread takes the wall away for real: the kernel answers the program as an old
//! one or a stricter container would.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

use crate::scene::{BEST_EFFORT, Scene, text};

const PR_CAPBSET_DROP: u64 = 24;

/// One system call, perhaps with one value of its first argument, that fails with `errno`.
struct Missing {
    call: libc::c_long,
    first: Option<u64>,
    errno: i32,
}

impl Missing {
    fn filter(&self) -> BpfProgram {
        let rules = self.first.map(|value| {
            let equal = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value).unwrap();
            SeccompRule::new(vec![equal]).unwrap()
        });
        let rules = BTreeMap::from([(self.call, rules.into_iter().collect())]);
        let denied = SeccompAction::Errno(self.errno.cast_unsigned());
        let arch = std::env::consts::ARCH.try_into().unwrap();
        SeccompFilter::new(rules, SeccompAction::Allow, denied, arch).unwrap().try_into().unwrap()
    }

    fn run(&self, mut command: Command) -> Output {
        let filter = self.filter();
        std::thread::spawn(move || {
            seccompiler::apply_filter(&filter).unwrap();
            command.output().unwrap()
        })
        .join()
        .unwrap()
    }
}

/// Refused without a word of the command; with best effort it runs and the wall is named.
#[track_caller]
fn check(missing: &Missing, reason: &str) {
    let scene = Scene::new();
    let refused = missing.run(scene.command("echo the command ran"));
    assert_eq!(refused.status.code(), Some(125), "{}", text(&refused));
    assert!(text(&refused).contains(reason), "{}", text(&refused));
    assert!(!text(&refused).contains("the command ran"), "{}", text(&refused));
    let mut command = scene.command("echo the command ran");
    command.env(BEST_EFFORT, "1");
    let started = missing.run(command);
    assert!(started.status.success(), "{}", text(&started));
    assert!(text(&started).contains("the command ran"), "{}", text(&started));
    let named = text(&started).lines().any(|line| line.starts_with("missing: ") && line.contains(reason));
    assert!(named, "{}", text(&started));
}

#[test]
fn a_kernel_without_landlock() {
    let call = libc::SYS_landlock_create_ruleset;
    check(&Missing { call, first: None, errno: libc::ENOSYS }, "Landlock interface 0");
    check(&Missing { call, first: None, errno: libc::EOPNOTSUPP }, "Landlock interface 0");
}

#[test]
fn a_container_that_forbids_file_rules() {
    let call = libc::SYS_landlock_restrict_self;
    check(&Missing { call, first: None, errno: libc::EPERM }, "the kernel refuses the file rules");
}

#[test]
fn a_container_that_forbids_filters() {
    let call = libc::SYS_seccomp;
    check(&Missing { call, first: None, errno: libc::EINVAL }, "the kernel refuses the system-call filter");
}

#[test]
fn privileges_that_cannot_be_given_up() {
    if !rustix::thread::capabilities(None)
        .unwrap()
        .permitted
        .contains(rustix::thread::CapabilitySet::SYS_ADMIN)
    {
        eprintln!("skipped: this user has no capabilities to give up");
        return;
    }
    let call = libc::SYS_prctl;
    let missing = Missing { call, first: Some(PR_CAPBSET_DROP), errno: libc::EPERM };
    check(&missing, "cannot give up privileges");
}

#[test]
fn walls_inside_walls_until_the_kernel_has_enough() {
    let scene = Scene::new();
    // 16 rulesets at most (`landlock_restrict_self(2)`); the count stops a kernel that takes more.
    let script = "n=${N:-0}; [ $n -lt 40 ] || exit 3; N=$((n + 1)) exec \"$SELF\" sh -c \"$SCRIPT\"";
    let mut command = scene.command(script);
    command.env("SCRIPT", script).env("SELF", Scene::program());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(125), "{}", text(&output));
    assert!(text(&output).contains("16 walls stand inside each other already"), "{}", text(&output));
}

#[test]
fn commands_that_cannot_be_started() {
    let scene = Scene::new();
    let code = |program: &str| {
        let output = Command::new(Scene::program())
            .arg(program)
            .env("HOME", scene.path("home"))
            .current_dir(scene.path("work"))
            .output()
            .unwrap();
        (output.status.code(), text(&output))
    };
    std::fs::write(scene.path("work/plain"), "text").unwrap();
    assert_eq!(code("no-such-command").0, Some(127));
    assert_eq!(code("./plain").0, Some(126));
    let hidden = scene.path("home/.ssh/program");
    std::fs::copy("/bin/true", &hidden).unwrap();
    let (exit, said) = code(&hidden.display().to_string());
    assert_eq!(exit, Some(126));
    assert!(said.contains("--read FOLDER"), "{said}");
}
