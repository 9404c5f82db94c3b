//! One decision (target: under 1 µs with 1,000 hosts and 100 wildcards) and one load of 1,000 hosts
//! (target: under 5 ms).

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use drawbridge_policy::{Host, Layer, LayerKind, Policy, Request, Scheme, load};

const NOW: i64 = 1_795_435_200;

fn layer(rules: impl Iterator<Item = String>) -> Layer {
    let rules: Vec<String> = rules.collect();
    let text =
        serde_json::json!({ "version": 1, "allow": rules, "deny": ["gist.example", "POST *.api.example"] });
    Layer { kind: LayerKind::Personal, file: "policy.jsonc".to_owned(), text: text.to_string() }
}

fn exact(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|index| format!("host{index}.zone{}.example", index % 50))
}

fn policy() -> Policy {
    let wildcards = (0..100).map(|index| format!("*.wild{index}.example"));
    let limited = (0..100).map(|index| format!("GET,HEAD docs{index}.example/guide/**"));
    load(&[layer(exact(1_000).chain(wildcards).chain(limited))], NOW).expect("loads").policy
}

fn decide(criterion: &mut Criterion) {
    let policy = policy();
    let mut group = criterion.benchmark_group("decide");
    for (name, host) in [
        ("exact", "host777.zone27.example"),
        ("wildcard", "a.b.c.wild42.example"),
        ("unknown", "a.b.unknown.example"),
        ("address", "9.9.9.9"),
    ] {
        let host = Host::parse(host).expect("a host");
        let request = Request::connection(Scheme::Https, &host, 443);
        group.bench_function(name, |bencher| bencher.iter(|| policy.decide(black_box(&request), NOW)));
    }
    let host = Host::parse("docs7.example").expect("a host");
    let request = Request {
        method: Some("GET"),
        path: Some("/guide/chapter/page.html"),
        ..Request::connection(Scheme::Https, &host, 443)
    };
    group.bench_function("inspected", |bencher| bencher.iter(|| policy.decide(black_box(&request), NOW)));
    group.finish();
    criterion.bench_function("parse host", |bencher| {
        bencher.iter(|| Host::parse(black_box("Host777.zone27.Example.")));
    });
}

fn load_thousand(criterion: &mut Criterion) {
    let layers = [layer(exact(1_000))];
    criterion.bench_function("load 1000 hosts", |bencher| bencher.iter(|| load(black_box(&layers), NOW)));
    let bundles = r#"{"use": ["claude-code", "vscode", "maven", "npm", "github", "pypi", "cargo"]}"#;
    let bundles =
        [Layer { kind: LayerKind::Repository, file: "policy.jsonc".to_owned(), text: bundles.to_owned() }];
    criterion.bench_function("load 7 bundles", |bencher| bencher.iter(|| load(black_box(&bundles), NOW)));
}

criterion_group!(benches, decide, load_thousand);
criterion_main!(benches);
