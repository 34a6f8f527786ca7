//! Log lines that would repeat by the thousand while a fault lasts. The first is written, then at most one a minute, with the number of those
//! that were held back. Metrics count them all.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use vasp_clock::Stopwatch;

/// Microseconds between two lines about the same. Ours.
const PAUSE_MICROS: u64 = 60_000_000;

/// When a line was last written, and how many were held back since.
static LINES: Mutex<BTreeMap<&'static str, (Stopwatch, u64)>> = Mutex::new(BTreeMap::new());

/// Returns how many lines about `what` were held back, if one may be written now; `None` if this one is held back, too.
pub(crate) fn seldom(what: &'static str) -> Option<u64> {
    seldom_in(&mut LINES.lock().unwrap_or_else(PoisonError::into_inner), what, PAUSE_MICROS)
}

fn seldom_in(lines: &mut BTreeMap<&'static str, (Stopwatch, u64)>, what: &'static str, pause_micros: u64) -> Option<u64> {
    match lines.get_mut(what) {
        Some((since, held_back)) if since.elapsed_micros() < pause_micros => {
            *held_back += 1;
            None
        }
        _ => Some(lines.insert(what, (Stopwatch::start(), 0)).map_or(0, |(_, held_back)| held_back)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_written_and_the_next_says_how_many_were_not() {
        let mut lines = BTreeMap::new();
        assert_eq!(seldom_in(&mut lines, "disk_full", u64::MAX), Some(0));
        assert_eq!(seldom_in(&mut lines, "disk_full", u64::MAX), None);
        assert_eq!(seldom_in(&mut lines, "disk_full", u64::MAX), None);
        assert_eq!(seldom_in(&mut lines, "read_only", u64::MAX), Some(0), "another cause");
        assert_eq!(seldom_in(&mut lines, "disk_full", 0), Some(2));
    }
}
