//! Planning: the largest and the slowest project of the corpus (target: under 2 ms), all of it in one
//! process (target: over 2,000 configurations a second), and growth up to the size limit.
#![allow(clippy::disallowed_methods, reason = "a benchmark may read files and the clock, the crate may not")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use drawbridge_core::project::Snapshot;
use drawbridge_core::protect::{Options, plan};
use support::{Project, corpus, workspace};

const CONFIG: &str = ".devcontainer/devcontainer.json";
/// Sizes of growth in bytes; the largest file that is read has 4 MiB.
const IMAGE: [usize; 5] = [16 << 10, 64 << 10, 256 << 10, 1 << 20, (4 << 20) - (64 << 10)];
const COMPOSE: [usize; 5] = [4 << 10, 16 << 10, 64 << 10, 256 << 10, 992 << 10];

fn options(project: &Project) -> Options {
    Options { config: Some(project.config.clone()), ..Options::default() }
}

/// The best of three.
fn took(project: &Project) -> Duration {
    let once = || {
        let start = Instant::now();
        let _ = black_box(plan(&project.snapshot, &options(project)));
        start.elapsed()
    };
    (0..3).map(|_| once()).min().unwrap_or_default()
}

fn projects(criterion: &mut Criterion) {
    let Some(projects) = corpus() else { return };
    let size = |project: &&Project| project.snapshot.text(&project.config).map_or(0, str::len);
    let mut group = criterion.benchmark_group("plan");
    let chosen =
        [("largest", projects.iter().max_by_key(size)), ("slowest", projects.iter().max_by_key(|p| took(p)))];
    for (name, project) in chosen {
        let Some(project) = project else { continue };
        eprintln!("{name}: {}", project.name);
        group.bench_function(name, |bencher| {
            bencher.iter(|| plan(black_box(&project.snapshot), &options(project)));
        });
    }
    group.throughput(Throughput::Elements(projects.len() as u64));
    group.sample_size(20);
    group.bench_function("corpus", |bencher| {
        bencher.iter(|| {
            projects.iter().filter(|project| plan(&project.snapshot, &options(project)).is_ok()).count()
        });
    });
    group.finish();
}

/// An image configuration of about `bytes`: comments, variables, editor settings.
fn image(bytes: usize) -> Snapshot {
    let mut text =
        String::from("{\n  \"image\": \"debian\",\n  \"customizations\": { \"vscode\": { \"settings\": {\n");
    let mut index = 0;
    while text.len() + 120 < bytes {
        let _ =
            writeln!(text, "    // why it is so\n    \"tool.setting{index}\": [\"text\", {index}], // note");
        index += 1;
    }
    text.push_str("    \"last\": null\n  } } }\n}\n");
    workspace(&[(CONFIG, &text)])
}

/// A Compose file of about `bytes`: services with ports, variables and volumes.
fn compose(bytes: usize) -> Snapshot {
    let mut text = String::from("services:\n  dev:\n    image: debian\n    volumes: [\"..:/workspace\"]\n");
    let mut index = 0;
    while text.len() + 400 < bytes {
        let _ = write!(
            text,
            "  # What service {index} is for, and whom to ask about it\n  s{index}:\n    image: registry.example/team/image:{index} # pinned\n    \
             depends_on: [dev]\n    environment:\n      ADDRESS: \"https://service{index}.team.example/path\"\n    \
             volumes:\n      - data{index}:/var/lib/data\n      - ./folder{index}:/etc/service:ro\n"
        );
        index += 1;
    }
    let config = r#"{"dockerComposeFile": "compose.yaml", "service": "dev"}"#;
    workspace(&[(CONFIG, config), (".devcontainer/compose.yaml", &text)])
}

fn growth(criterion: &mut Criterion) {
    type Make = fn(usize) -> Snapshot;
    let kinds: [(&str, [usize; 5], Make); 2] = [("image", IMAGE, image), ("Compose", COMPOSE, compose)];
    let mut group = criterion.benchmark_group("growth");
    group.sample_size(10);
    for (kind, sizes, make) in kinds {
        for bytes in sizes {
            let snapshot = make(bytes);
            assert!(plan(&snapshot, &Options::default()).is_ok(), "{kind} of {bytes} bytes is planned");
            group.throughput(Throughput::Bytes(bytes as u64));
            group.bench_with_input(BenchmarkId::new(kind, bytes), &snapshot, |bencher, snapshot| {
                bencher.iter(|| plan(snapshot, &Options::default()));
            });
        }
    }
    group.finish();
}

criterion_group!(all, projects, growth);
criterion_main!(all);
