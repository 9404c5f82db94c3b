//! Parse and patch of the largest real configuration, and growth up to the size limit.

use std::hint::black_box;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use drawbridge_jsonc::{Edit, MAX_BYTES, Pointer, parse, patch};
use serde_json::json;

/// The largest `devcontainer.json` of the corpus, or one like it where there is no corpus.
#[expect(clippy::disallowed_methods, reason = "a benchmark may read files, the crate may not")]
fn largest() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let manifest = std::fs::read_to_string(root.join("MANIFEST.tsv")).unwrap_or_default();
    let paths = manifest.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        Some(root.join(fields.first()?).join(fields.get(4)?))
    });
    let texts = paths.filter_map(|path| std::fs::read_to_string(path).ok());
    texts.max_by_key(String::len).unwrap_or_else(|| document(9 * 1024))
}

/// A document of about `bytes` bytes with members, arrays, strings and comments.
fn document(bytes: usize) -> String {
    let mut text = String::from("{\n");
    let mut index = 0;
    while text.len() + 120 < bytes {
        text.push_str("  // a comment about the next member\n");
        let member = format!("  \"member-{index}\": [\"text\", {index}, {{ \"a\": true }}], // note\n");
        text.push_str(&member);
        index += 1;
    }
    text + "  \"last\": null\n}\n"
}

fn edits() -> Vec<Edit> {
    let at = |text: &str| Pointer::root().key(text);
    vec![
        Edit::Set { at: at("dockerComposeFile"), value: json!(["a.yaml", "drawbridge.compose.yaml"]) },
        Edit::Set { at: at("service"), value: json!("dev") },
        Edit::Append { at: at("x-list"), value: json!({ "source": "s", "target": "/t" }) },
        Edit::Set { at: at("x-object").key("a").key("b"), value: json!(true) },
        Edit::Remove { at: at("service") },
    ]
}

fn benches(criterion: &mut Criterion) {
    let text = largest();
    let edits = edits();
    let mut group = criterion.benchmark_group("largest configuration");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse", |bencher| bencher.iter(|| parse(black_box(&text))));
    group.bench_function("patch", |bencher| bencher.iter(|| patch(black_box(&text), &edits)));
    group.finish();

    let mut group = criterion.benchmark_group("growth");
    group.sample_size(10);
    for bytes in [MAX_BYTES / 64, MAX_BYTES / 16, MAX_BYTES / 4, MAX_BYTES] {
        let text = document(bytes - 64 * 1024 * usize::from(bytes == MAX_BYTES));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::new("parse", text.len()), &text, |bencher, text| {
            bencher.iter(|| parse(text));
        });
        group.bench_with_input(BenchmarkId::new("patch", text.len()), &text, |bencher, text| {
            bencher.iter(|| patch(text, &edits));
        });
    }
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
