//! Many independent checks, a few at a time, with a line of progress for each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Runs `check` for each item; what it complains about comes back with the item's name. A panic is a
/// complaint.
pub(crate) fn each<T: Sync>(
    workers: usize,
    items: &[T],
    name: impl Fn(&T) -> String + Sync,
    check: impl Fn(&T) -> Vec<String> + Sync,
) -> Vec<String> {
    let (next, done, failed) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let began = Instant::now();
                    let complaints = catch_unwind(AssertUnwindSafe(|| check(item)))
                        .unwrap_or_else(|panic| vec![format!("panicked: {}", message(&*panic))]);
                    let result = if complaints.is_empty() { "ok" } else { "FAILED" };
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    let (count, took) = (items.len(), began.elapsed().as_secs_f32());
                    eprintln!("{done:>3}/{count} {result} {} {took:.1} s", name(item));
                    for complaint in &complaints {
                        eprintln!("      {complaint}");
                    }
                    let each = complaints.into_iter().map(|complaint| format!("{}: {complaint}", name(item)));
                    failed.lock().expect("no worker panics while it holds the list").extend(each);
                }
            });
        }
    });
    failed.into_inner().expect("no worker panics while it holds the list")
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("(no message)")
}
