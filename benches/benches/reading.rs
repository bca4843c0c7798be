//! Open, list and read everything: this library and `outlook-pst` in one run, on the corpus and on a generated store.
//!
//! `cargo bench -p pst-benches`. Ratios inside one run count, absolute times do not.

#![allow(missing_docs, clippy::expect_used)]

use std::path::Path;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use pst_benches::{corpus, ours, peer, store};
use pst_core::Mapping;

const GENERATED_MESSAGES: usize = 4_000;

fn reading(criterion: &mut Criterion) {
    let generated = std::env::temp_dir().join("pst-benches-generated.pst");
    store::write(&generated, GENERATED_MESSAGES, store::Mails::Heavy).expect("the store is written");
    let mut files = corpus();
    files.push(generated.clone());
    for (job, ours_does, peer_does) in [
        (
            "open",
            (|path| {
                ours::open(path);
            }) as fn(&Path),
            (|path| peer::open(path).map(drop)) as fn(&Path) -> std::io::Result<()>,
        ),
        (
            "list",
            |path| {
                ours::list(path);
            },
            |path| peer::list(path).map(drop),
        ),
        (
            "read",
            |path| {
                ours::read(path);
            },
            |path| peer::read(path).map(drop),
        ),
    ] {
        let mut group = criterion.benchmark_group(job);
        group.sample_size(10).measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(300));
        for path in &files {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            group.bench_with_input(BenchmarkId::new("ours", &name), path, |bencher, path| {
                bencher.iter(|| ours_does(path))
            });
            // The other reader refuses some files; there is nothing to compare on those.
            if peer_does(path).is_ok() {
                group.bench_with_input(BenchmarkId::new("outlook-pst", &name), path, |bencher, path| {
                    bencher.iter(|| peer_does(path).expect("it could before"));
                });
            }
            if job == "read" {
                group.bench_with_input(BenchmarkId::new("ours-unmapped", &name), path, |bencher, path| {
                    bencher.iter(|| ours::read_with(path, Mapping::Never));
                });
            }
        }
        group.finish();
    }
    let _ = std::fs::remove_file(generated);
}

criterion_group!(benches, reading);
criterion_main!(benches);
