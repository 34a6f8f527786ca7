//! Refuses a SQLite file that can be open under two names: SQLite names the log after the file, so each name has a log of its own, and what
//! is written by one name is lost to the other.
//!
//! Source: SQLite, "How To Corrupt An SQLite Database File", sections 2.4 and 2.5.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Flock, FlockType, fcntl_getlk};

use super::StoreError;
use super::paths::with_suffix;
use vasp_clock::Stopwatch;

/// First byte and number of bytes that every process locks that has a file with a log open.
///
/// Source: SQLite, os.h, `SHARED_FIRST` and `SHARED_SIZE`.
const SHARED: (u64, u64) = (0x4000_0002, 510);

/// For how long a file may be open without a log beside it: a process that opens or closes it makes or removes the log meanwhile.
const MOMENT: Duration = Duration::from_secs(2);

/// Refuses a file that has two names, is mounted without its folder, or is open under another name. `has_log`: whether the file says that
/// it is written with a log.
pub(super) fn assert_one_name(path: &Path, has_log: bool) -> Result<(), StoreError> {
    let refused = |what| Err(StoreError::OtherName { path: path.display().to_string(), what });
    if std::fs::metadata(path).is_ok_and(|file| file.nlink() > 1) {
        return refused("has a second name (a hard link)");
    }
    if is_mounted_alone(path) {
        return refused("is mounted without its folder");
    }
    let watch = Stopwatch::start();
    while has_log && !log_of(path).exists() && is_open_elsewhere(path) {
        if Duration::from_micros(watch.elapsed_micros()) >= MOMENT {
            return refused("is open in another process, but has no log beside it: that process uses another name");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// The log is beside the file itself, not beside a link to it.
fn log_of(path: &Path) -> std::path::PathBuf {
    with_suffix(&path.canonicalize().unwrap_or_else(|_| path.to_owned()), "-wal")
}

/// Source: Linux, proc_pid_mountinfo(5), field 5, and `\040` for a space.
fn is_mounted_alone(path: &Path) -> bool {
    let (Ok(path), Ok(mounts)) = (path.canonicalize(), std::fs::read_to_string("/proc/self/mountinfo")) else { return false };
    let name = path.display().to_string().replace(' ', "\\040");
    mounts.lines().any(|mount| mount.split(' ').nth(4) == Some(&name))
}

/// Tells whether another process holds the lock of an open database.
fn is_open_elsewhere(path: &Path) -> bool {
    let wanted = Flock { start: SHARED.0, length: SHARED.1, ..FlockType::WriteLock.into() };
    File::open(path).is_ok_and(|file| fcntl_getlk(file, &wanted).is_ok_and(|held| held.is_some()))
}
