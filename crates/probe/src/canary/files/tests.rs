use std::process::Command;
use std::time::Duration;

use super::*;
use crate::canary::Status;
use crate::canary::schedule::Deadline;

fn run(canary: Canary) -> Verdict {
    (canary.job)(Deadline::after(Duration::from_secs(2)))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn open_doors_fail_and_nothing_changes() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join(".devcontainer");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("devcontainer.json");
    fs::write(&file, "{}").unwrap();
    let before = fs::metadata(&file).unwrap().modified().unwrap();

    let targets = Targets { protected: vec![folder.clone(), file.clone()], ..Targets::default() };
    let canaries = plan(&targets);
    let ids: Vec<String> =
        canaries.iter().map(|canary| canary.id.replace(&root.path().display().to_string(), "")).collect();
    assert_eq!(
        ids,
        [
            "write:/.devcontainer",
            "rename:/.devcontainer",
            "write:/.devcontainer/devcontainer.json",
            "rename:/.devcontainer/devcontainer.json",
            "rename:",
        ],
    );
    for canary in canaries {
        let id = canary.id.clone();
        assert_eq!(run(canary).status, Status::Fail, "{id}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "{}");
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), before);
    assert_eq!(names(root.path()), [".devcontainer"]);
    assert_eq!(names(&folder), ["devcontainer.json"]);
}

#[test]
fn what_is_not_there_is_skipped() {
    let missing = tempfile::tempdir().unwrap().path().join("gone");
    assert_eq!(run(write(missing.clone())).status, Status::Skip);
    assert_eq!(run(rename(missing)).status, Status::Skip);
}

#[test]
fn only_refusals_pass() {
    let with = |kind: ErrorKind| judge_rename(&io::Error::from(kind)).status;
    assert_eq!(with(ErrorKind::ResourceBusy), Status::Pass);
    assert_eq!(with(ErrorKind::ReadOnlyFilesystem), Status::Pass);
    assert_eq!(with(ErrorKind::DirectoryNotEmpty), Status::Fail);
    assert_eq!(with(ErrorKind::StorageFull), Status::Skip);
    let write = judge_write(Path::new("/"), Err(ErrorKind::StorageFull.into()));
    assert_eq!(write.status, Status::Skip);
}

/// Real read-only binds need a mount namespace; the test runs itself again inside one.
#[test]
fn read_only_binds_pass() {
    const INSIDE: &str = "DRAWBRIDGE_TEST_PROTECTED";
    if let Some(root) = std::env::var_os(INSIDE) {
        let folder = Path::new(&root).join("p/.devcontainer");
        let targets = Targets { protected: vec![folder], ..Targets::default() };
        let verdicts: Vec<Verdict> = plan(&targets).into_iter().map(run).collect();
        assert_eq!(
            verdicts,
            [
                Verdict::pass("a read-only mount"),
                Verdict::pass("it is a mount point, which cannot be renamed"),
                Verdict::fail("it can be renamed, so another can take its place"),
            ],
        );
        return;
    }
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("p/.devcontainer")).unwrap();
    let script = "mount --bind p/.devcontainer p/.devcontainer && \
        mount -o remount,bind,ro p/.devcontainer && echo mounted && \
        exec \"$0\" --exact canary::files::tests::read_only_binds_pass";
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
        .arg(std::env::current_exe().unwrap())
        .env(INSIDE, root.path())
        .current_dir(root.path())
        .output();
    match output {
        Ok(output) if String::from_utf8_lossy(&output.stdout).contains("mounted") => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        }
        _ => println!("skipped: this machine gives no mount namespace to the test"),
    }
}
