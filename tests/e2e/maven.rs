//! The main job: a real Maven project, the real registry, no proxy flag, no keytool.

use std::path::Path;
use std::time::Duration;

use drawbridge_tests::{Bed, Project};

/// The image of the test bed in place of the one that `examples/java-maven` names.
const IMAGE: &str = "drawbridge-test/java:17";

fn example(bed: &Bed) -> Project<'_> {
    let project = Project::empty(bed, "java-maven");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/java-maven");
    bed.as_me(
        &["cp", "-R", &format!("{}/.", source.display()), &project.path.display().to_string()],
        &source,
    )
    .ok();
    bed.give(&project.path);
    let config = project.read(".devcontainer/devcontainer.json");
    assert!(config.contains("\"maven:3.9-eclipse-temurin-17\""));
    project.write(".devcontainer/devcontainer.json", &config.replace("maven:3.9-eclipse-temurin-17", IMAGE));
    project.commit("Start");
    project
}

/// The registry's host, from Maven's own super POM.
fn registry(bed: &Bed) -> String {
    let script = "import re, zipfile, glob\n\
        jar = glob.glob('/usr/share/maven/lib/maven-model-builder*.jar')[0]\n\
        pom = zipfile.ZipFile(jar).read('org/apache/maven/model/pom-4.0.0.xml').decode()\n\
        print(re.search(r'<url>https?://([^/<]+)', pom).group(1))\n";
    let asked = bed
        .docker(&["run", "--rm", "--interactive", "--network", "none", IMAGE, "python3", "-"])
        .input(script)
        .ok();
    asked.stdout.trim().to_owned()
}

/// Whether this machine reaches the registry at all; without it there is nothing to test.
fn reachable(bed: &Bed, host: &str) -> bool {
    let probe = bed.as_me(
        &["curl", "-sS", "--max-time", "20", "-o", "/dev/null", &format!("https://{host}/")],
        &bed.directory,
    );
    let answer = probe.output();
    if answer.code == Some(0) {
        return true;
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "no Maven registry, and CI must have it: {answer:?}"
    );
    eprintln!("SKIPPED: this machine does not reach the Maven registry");
    false
}

#[test]
fn maven_builds_from_the_real_registry() {
    let Some(bed) = Bed::get() else { return };
    let host = registry(bed);
    if !reachable(bed, &host) {
        return;
    }
    let project = example(bed);
    // Here the machine's own resolver and the real network.
    project.drawbridge(&["protect", "--yes", "--trust-host-cas"]).ok();
    project.drawbridge(&["up"]).limit(Duration::from_mins(5)).ok();
    let build =
        project.drawbridge(&["exec", "--", "mvn", "-B", "verify"]).limit(Duration::from_mins(10)).ok();
    build.says("Tests run: 2, Failures: 0, Errors: 0").says("BUILD SUCCESS");
    assert!(project.path.join("target/greet-1.0.0.jar").is_file(), "the build's result is on the host");

    let logs = project.drawbridge(&["logs"]).output().text();
    assert!(logs.contains(&host), "the decision log does not name the registry");
    // A dependency that lives elsewhere fails, and is named.
    let get = "mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get \
        -Dartifact=com.example:none:1 -DremoteRepositories=https://repo.other.example/";
    project.drawbridge(&["exec", "--", "sh", "-c", get]).limit(Duration::from_mins(5)).fails();
    project.drawbridge(&["blocked"]).output().says("repo.other.example");
}
