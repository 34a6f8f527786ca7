//! A small disk that a test may fill, empty and make read-only: a memory file system where one can be mounted (by root), else
//! a limit on the size of files, under which a write fails just as well.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Once;

use tempfile::TempDir;

use super::not_run;
use super::postgres::is_root;

/// A small disk; it goes when it is dropped.
pub(crate) struct SmallDisk {
    folder: TempDir,
    mounted: bool,
}

impl SmallDisk {
    /// Makes a disk of some megabytes.
    pub(crate) fn new(megabytes: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        let mounted = mount.is_ok_and(|done| done.status.success());
        if !mounted {
            let what = "a disk that is really full: nothing can be mounted here, a limit on the size of files stands in for it";
            static SAID: Once = Once::new();
            SAID.call_once(|| not_run(what));
        }
        Self { folder, mounted }
    }

    /// Where it is mounted.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Whether it is a disk of its own, and not only a limit for the processes that use it.
    pub(crate) fn is_mounted(&self) -> bool {
        self.mounted
    }

    /// Has a command run where a file that grows too large is an error and not the end of the process.
    pub(crate) fn command(&self, command: &Command, limit_bytes: Option<u64>) -> Command {
        let mut wrapped = Command::new("sh");
        let limit = limit_bytes.filter(|_| !self.mounted).map_or(String::new(), |bytes| format!("prlimit --fsize={bytes} "));
        wrapped.args(["-c", &format!("trap '' XFSZ; exec {limit}\"$@\""), "sh"]);
        wrapped.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => wrapped.env(name, value),
                None => wrapped.env_remove(name),
            };
        }
        wrapped
    }

    /// Leaves so many bytes free for a process that runs.
    pub(crate) fn fill(&self, pid: Option<u32>, leave_bytes: usize) {
        if !self.mounted {
            return pid.map_or((), |pid| limit_file_size(pid, "4096"));
        }
        let mut ballast = File::options().create(true).append(true).open(self.ballast()).unwrap();
        while ballast.write_all(&[0; 4096]).is_ok() {}
        let length = ballast.metadata().unwrap().len();
        ballast.set_len(length - u64::try_from(leave_bytes).unwrap()).unwrap();
    }

    /// Gives the room back.
    pub(crate) fn free(&self, pid: Option<u32>) {
        if self.mounted {
            std::fs::remove_file(self.ballast()).unwrap();
        } else if let Some(pid) = pid {
            limit_file_size(pid, "unlimited");
        }
    }

    fn ballast(&self) -> std::path::PathBuf {
        self.folder.path().join("ballast")
    }

    /// Makes it read-only; tells whether it could: permissions are nothing to root.
    pub(crate) fn make_read_only(&self) -> bool {
        if self.mounted {
            assert!(Command::new("mount").args(["-o", "remount,ro"]).arg(self.path()).status().unwrap().success());
        } else if !is_root() {
            self.change_mode("a-w");
        }
        self.mounted || !is_root()
    }

    fn change_mode(&self, mode: &str) {
        assert!(Command::new("chmod").args(["-R", mode]).arg(self.path()).status().unwrap().success());
    }
}

fn limit_file_size(pid: u32, limit: &str) {
    let done = Command::new("prlimit").args(["--pid", &pid.to_string(), &format!("--fsize={limit}:unlimited")]).status();
    assert!(done.unwrap().success());
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if self.mounted {
            // Lazily: a process of a failed test may still hold it.
            drop(Command::new("umount").arg("-l").arg(self.path()).status());
        } else {
            self.change_mode("u+w");
        }
    }
}
