//! A disk that fails for one process: flushes or reads of the database's files end with an error of the disk. Made of a small library that
//! stands between the process and the C library.

use std::process::Command;

use tempfile::TempDir;

use super::not_run;

/// What fails. It goes on, and goes, when it is dropped.
pub(crate) struct FailingDisk(TempDir);

impl FailingDisk {
    /// A disk that works at first; none where there is no C compiler.
    pub(crate) fn new(for_what: &str) -> Option<Self> {
        let disk = Self(tempfile::tempdir().unwrap());
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/failing_disk.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(disk.0.path().join("library.so")).arg(source).arg("-ldl");
        if !compiler.output().is_ok_and(|made| made.status.success()) {
            not_run(&format!("{for_what}: no C compiler makes the library that fails"));
            return None;
        }
        Some(disk)
    }

    /// Has a command run on it.
    pub(crate) fn rule(&self, command: &mut Command) {
        command.env("LD_PRELOAD", self.0.path().join("library.so")).env("FAILING_DISK", self.0.path());
    }

    /// Has a kind of call fail: `flush` or `read`.
    pub(crate) fn fail(&self, how: &str) {
        std::fs::write(self.0.path().join(how), "").unwrap();
    }

    /// Has all calls work again.
    pub(crate) fn mend(&self) {
        for how in ["flush", "read"] {
            drop(std::fs::remove_file(self.0.path().join(how)));
        }
    }
}
