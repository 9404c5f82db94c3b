//! The search for signatures in the code of an extension (target: over 300 MB/s per core).

use std::fs;
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use drawbridge_bridge::signatures::SIGNATURES;
use drawbridge_probe::facts::signatures_below;

/// Minified code in the small; it holds the beginnings of words that are searched for.
const CODE: &str = "function a(e,t){const r=vscode.workspace.getConfiguration('remote');if(e.VSCODE_NLS){t.push(_files)}\
return r.get('workbench.action.terminal.focus')??e}class b extends c{async d(){await this.e.showInformationMessage(`${f}`)}}";
const FILES: usize = 8;
/// Bytes of each file.
const SIZE: usize = 8 << 20;

fn scan(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    for number in 0..FILES {
        let mut code = CODE.repeat(SIZE / CODE.len());
        if number + 1 == FILES {
            code.push_str(SIGNATURES[0].text);
        }
        fs::write(folder.path().join(format!("{number}.js")), code).expect("written");
    }
    let mut group = criterion.benchmark_group("extensions");
    group.throughput(Throughput::Bytes((FILES * SIZE) as u64));
    group.sample_size(10);
    for (name, digests) in [("scan", false), ("scan-and-digest", true)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let limit = Duration::from_mins(1);
                let (found, notes) = signatures_below(black_box(folder.path()), digests, limit);
                assert!(found == [SIGNATURES[0].text] && notes.is_empty(), "{found:?} {notes:?}");
            });
        });
    }
    group.finish();
}

criterion_group!(benches, scan);
criterion_main!(benches);
