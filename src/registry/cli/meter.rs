//! Reports the progress of a long read on standard error: on a terminal about once a second on the same line, elsewhere one line every ten
//! seconds.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use vasp_clock::Stopwatch;
use vasp_ingest::source::Source;

/// Microseconds between two progress reports, on a terminal and in a log.
const INTERVALS: (u64, u64) = (1_000_000, 10_000_000);

/// The position of the read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Mark {
    rows: u64,
    bytes: u64,
    micros: u64,
}

/// Measures the progress of reading one file.
pub(super) struct Meter {
    name: String,
    size: Option<u64>,
    bytes: Arc<AtomicU64>,
    watch: Stopwatch,
    /// The position at the first report. It is not the first row if the import continues an earlier one.
    began: Option<Mark>,
    said_at: u64,
    on_terminal: bool,
    has_said: bool,
}

impl Meter {
    pub(super) fn of(path: &str, source: &Source) -> Self {
        let (size, bytes) = source.bytes();
        let on_terminal = std::io::stderr().is_terminal();
        Self {
            name: path.to_owned(),
            size,
            bytes,
            watch: Stopwatch::start(),
            began: None,
            said_at: 0,
            on_terminal,
            has_said: false,
        }
    }

    /// Records how many rows are done.
    pub(super) fn rows(&mut self, rows: u64) {
        let now = Mark { rows, bytes: self.bytes.load(Ordering::Relaxed), micros: self.watch.elapsed_micros() };
        let began = *self.began.get_or_insert_with(|| {
            if rows > 0 && self.on_terminal {
                say(&format!("{}: {} rows were imported before; continuing from there\n", self.name, grouped(rows)));
            }
            now
        });
        let interval = if self.on_terminal { INTERVALS.0 } else { INTERVALS.1 };
        if now.micros.saturating_sub(self.said_at) < interval {
            return;
        }
        self.said_at = now.micros;
        let words = words(&self.name, self.size, began, now);
        if self.on_terminal {
            self.has_said = true;
            // The escape sequence clears the rest of a longer previous line.
            say(&format!("\r{words}\x1b[K"));
        } else {
            say(&format!("{words}\n"));
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if self.has_said {
            say("\n");
        }
    }
}

/// Errors are ignored: if standard error is closed, nobody can read them.
fn say(words: &str) {
    drop(std::io::stderr().write_all(words.as_bytes()));
}

fn words(name: &str, size: Option<u64>, began: Mark, now: Mark) -> String {
    let micros = now.micros.saturating_sub(began.micros).max(1);
    let rate = u128::from(now.rows.saturating_sub(began.rows)) * 1_000_000 / u128::from(micros);
    let mut words = format!("{name}: {} rows, {} rows/s", grouped(now.rows), grouped(u64::try_from(rate).unwrap_or(u64::MAX)));
    let read = now.bytes.saturating_sub(began.bytes);
    if let Some(size) = size.filter(|size| *size > 0 && read > 0) {
        let percent = u128::from(now.bytes.min(size)) * 100 / u128::from(size);
        let left = u128::from(micros) * u128::from(size.saturating_sub(now.bytes)) / u128::from(read) / 1_000_000;
        words.push_str(&format!(", {percent} % read, about {} left", duration(left)));
    }
    words
}

fn duration(secs: u128) -> String {
    match secs {
        0..=99 => format!("{secs} s"),
        100..=5_999 => format!("{} min", secs.div_ceil(60)),
        _ => format!("{} h {} min", secs / 3_600, secs % 3_600 / 60),
    }
}

/// Writes a number with separators between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_rate_share_and_time_left_since_it_began() {
        let began = Mark { rows: 1_000_000, bytes: 100_000_000, micros: 2_000_000 };
        let now = Mark { rows: 1_500_000, bytes: 150_000_000, micros: 7_000_000 };

        assert_eq!(
            words("a.csv", Some(1_000_000_000), began, now),
            "a.csv: 1,500,000 rows, 100,000 rows/s, 15 % read, about 85 s left"
        );
        assert_eq!(words("stdin", None, began, now), "stdin: 1,500,000 rows, 100,000 rows/s");
    }

    #[test]
    fn durations_and_numbers_read_well() {
        assert_eq!([0, 99, 100, 3_600, 7_260].map(duration), ["0 s", "99 s", "2 min", "60 min", "2 h 1 min"]);
        assert_eq!([0, 999, 1_000, 12_345_678].map(grouped), ["0", "999", "1,000", "12,345,678"]);
    }
}
