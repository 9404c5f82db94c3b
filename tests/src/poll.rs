//! Waiting for an effect: ask until it is there, with a deadline instead of a guessed pause.

use std::fmt::Debug;
use std::time::{Duration, Instant};

/// Pause between two questions.
const INTERVAL: Duration = Duration::from_millis(50);

/// Asks until `question` answers `Ok`, at most for `limit`.
pub fn until<T, E: Debug>(what: &str, limit: Duration, mut question: impl FnMut() -> Result<T, E>) -> T {
    let began = Instant::now();
    loop {
        match question() {
            Ok(answer) => return answer,
            Err(error) if began.elapsed() > limit => panic!("not within {limit:?}: {what}: {error:?}"),
            Err(_) => std::thread::sleep(INTERVAL),
        }
    }
}

/// Runs `act` and fails when it took longer than `limit`.
pub fn within<T>(what: &str, limit: Duration, act: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let result = act();
    let took = began.elapsed();
    assert!(took <= limit, "{what} took {took:?}, more than {limit:?}");
    result
}
