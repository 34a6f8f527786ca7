//! A time of day that a test sets under a running process: libfaketime stands between the process and the C library's clock. The clock
//! that nobody sets goes on as it is.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::not_run;

/// The time of day of some processes.
pub(crate) struct FakeClock {
    library: PathBuf,
    folder: TempDir,
}

impl FakeClock {
    /// The right time at first; none where libfaketime is not installed.
    pub(crate) fn new(for_what: &str) -> Option<Self> {
        let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
        let library = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|library| library.exists());
        let Some(library) = library else {
            not_run(&format!("{for_what}: no libfaketime; install the package faketime"));
            return None;
        };
        // On a machine that has just started, the first step of the clock is followed.
        if vasp_clock::young_secs().is_some() {
            not_run(&format!("{for_what}: this machine has just started"));
            return None;
        }
        let clock = Self { library, folder: tempfile::tempdir().unwrap() };
        clock.set(0);
        Some(clock)
    }

    /// Sets the time of day so many seconds after what it is, or before.
    pub(crate) fn set(&self, secs: i64) {
        let draft = self.folder.path().join("draft");
        std::fs::write(&draft, format!("{secs:+}\n")).unwrap();
        std::fs::rename(draft, self.file()).unwrap();
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("time")
    }

    /// Has a command run by it.
    pub(crate) fn rule(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.library).env("FAKETIME_TIMESTAMP_FILE", self.file());
        command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }
}
