//! Work on a long list, done by several threads at the same time.

use std::iter::from_fn;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{available_parallelism, scope};

/// Maximum number of threads.
const THREADS: usize = 4;

/// How many parts are made for each thread. Some parts take longer than others, so a thread that is done takes the next part.
const PARTS: usize = 4;

/// Calls `work` for the list, or for parts of it on several threads if it has as many items as `many`. Returns the results in order.
pub fn in_parts<T: Sync, R: Send>(items: &[T], many: usize, work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    let threads = if items.len() < many { 1 } else { available_parallelism().map_or(1, usize::from).min(THREADS) };
    if threads == 1 {
        return vec![work(items)];
    }
    let (next, parts) = (AtomicUsize::new(0), items.chunks(items.len().div_ceil(threads * PARTS)).collect::<Vec<_>>());
    let take = || {
        let place = next.fetch_add(1, Ordering::Relaxed);
        Some((place, work(parts.get(place)?)))
    };
    let mut done: Vec<(usize, R)> = scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(|| from_fn(take).collect::<Vec<_>>())).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once_and_in_order() {
        let many = 20;
        for count in [0, 1, many - 1, many, 3 * many + 1] {
            let items: Vec<usize> = (0..count).collect();

            assert_eq!(in_parts(&items, many, <[usize]>::to_vec).concat(), items);
        }
    }
}
