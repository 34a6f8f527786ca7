//! A disk that stalls, as a network disk does: every write to it waits until it goes on. Made of a file, by root.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::not_run;

/// A disk; it goes on, and goes, when it is dropped.
pub(crate) struct StallingDisk {
    _image: tempfile::NamedTempFile,
    folder: TempDir,
}

fn run(program: &str, arguments: &[&str], path: &Path) -> bool {
    Command::new(program).args(arguments).arg(path).output().is_ok_and(|done| done.status.success())
}

impl StallingDisk {
    /// Makes a disk of some megabytes, where that can be done.
    pub(crate) fn new(megabytes: u64, for_what: &str) -> Option<Self> {
        let (image, folder) = (tempfile::NamedTempFile::new().unwrap(), tempfile::tempdir().unwrap());
        image.as_file().set_len(megabytes << 20).unwrap();
        let file = image.path().to_str().unwrap().to_owned();
        let is_made = run("mkfs.ext4", &["-q", "-O", "^has_journal"], image.path())
            && run("mount", &["-o", "loop", &file], folder.path())
            && run("fsfreeze", &["--freeze"], folder.path())
            && run("fsfreeze", &["--unfreeze"], folder.path());
        let disk = Self { _image: image, folder };
        if !is_made {
            not_run(&format!("{for_what}: no disk can be made here that stalls"));
            return None;
        }
        Some(disk)
    }

    /// Where it is mounted.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Has every write wait, or go on.
    pub(crate) fn stall(&self, stalls: bool) {
        assert!(run("fsfreeze", &[if stalls { "--freeze" } else { "--unfreeze" }], self.path()));
    }
}

impl Drop for StallingDisk {
    fn drop(&mut self) {
        run("fsfreeze", &["--unfreeze"], self.path());
        // Lazily: a process of a failed test may still hold it.
        run("umount", &["-l"], self.path());
    }
}
