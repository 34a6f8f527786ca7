//! Where log lines go: standard error, until a line that ends the process is written.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Whether the last line is written. Only changed by whoever holds the lock of standard error.
static ENDED: AtomicBool = AtomicBool::new(false);

/// How many attempts to write to standard error failed. A line is tried again until the buffer in front is full.
pub(super) static FAILED: AtomicUsize = AtomicUsize::new(0);

/// Writes `line` to standard error. It is the last line: whatever other threads log later is dropped.
pub fn write_last_line(line: &str) {
    let mut error = io::stderr().lock();
    // If this fails, there is nowhere left to report it.
    drop(writeln!(error, "{line}"));
    ENDED.store(true, Ordering::SeqCst);
}

/// Standard error for log lines; silent after the last line.
#[derive(Debug)]
pub(super) struct UntilTheEnd;

impl Write for UntilTheEnd {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        let mut error = io::stderr().lock();
        if ENDED.load(Ordering::SeqCst) {
            return Ok(lines.len());
        }
        let written = error.write(lines);
        let has_failed = written.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        FAILED.fetch_add(usize::from(has_failed), Ordering::Relaxed);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
