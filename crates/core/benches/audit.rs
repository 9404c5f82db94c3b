//! The audit: the slowest project of the corpus (target: under 10 ms) and all of it in one process
//! (target: over 1,000 projects a second).
#![allow(clippy::disallowed_methods, reason = "a benchmark may read files and the clock, the crate may not")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use drawbridge_core::audit::{Input, Report, audit};
use support::{Project, corpus};

fn run(project: &Project) -> Report {
    audit(&Input::of(&project.snapshot, 1_795_000_000))
}

/// The best of three.
fn took(project: &Project) -> Duration {
    let once = || {
        let start = Instant::now();
        let _ = black_box(run(project));
        start.elapsed()
    };
    (0..3).map(|_| once()).min().unwrap_or_default()
}

fn projects(criterion: &mut Criterion) {
    let Some(projects) = corpus() else { return };
    let mut group = criterion.benchmark_group("audit");
    if let Some(slowest) = projects.iter().max_by_key(|project| took(project)) {
        eprintln!("slowest: {}", slowest.name);
        group.bench_function("slowest", |bencher| bencher.iter(|| run(black_box(slowest))));
    }
    group.throughput(Throughput::Elements(projects.len() as u64));
    group.sample_size(20);
    group.bench_function("corpus", |bencher| {
        bencher.iter(|| projects.iter().map(|project| run(project).findings.len()).sum::<usize>());
    });
    group.finish();
}

criterion_group!(benches, projects);
criterion_main!(benches);
