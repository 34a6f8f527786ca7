//! What a short run leaves out. `TESTS_TURN` is a number, which `scripts/test` draws from the commit: each commit takes another part, and
//! without the variable everything runs.

/// The number of a short run.
pub(crate) fn turn() -> Option<u64> {
    std::env::var("TESTS_TURN").ok().and_then(|turn| turn.parse().ok())
}

/// Whether PostgreSQL takes the running test: always, or every third test of a short run. Three numbers in a row take every test once. The
/// name of its thread is the name of the test; one that has none is always taken.
pub(crate) fn is_postgres_turn() -> bool {
    let Some(turn) = turn() else { return true };
    let thread = std::thread::current();
    let Some(name) = thread.name().filter(|name| name.contains("::")) else { return true };
    turn.wrapping_add(name.bytes().map(u64::from).sum()).is_multiple_of(3)
}

/// Whether a case gets its slow checks: always, or in a short run every eighth case, which depends on the commit.
pub(crate) fn is_turn_of(number: u64) -> bool {
    turn().is_none_or(|turn| turn.wrapping_add(number).is_multiple_of(8))
}
