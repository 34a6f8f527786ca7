//! Who besides the server gets at the files of a SQLite database, and whether the files outlive a restart of the machine.

use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::paths::{folder_of, open_to_others, with_suffix};

/// The bit of a folder in which only a file's owner may remove it, as in `/tmp`.
const STICKY: u32 = 0o1000;

/// Says of each way in which other users get at a database's files what it is, and what to do.
///
/// # Errors
/// The operating system's error if it cannot read the mode of the database or of its folder.
pub fn exposures(database: &Path) -> io::Result<Vec<String>> {
    let mut found = vec![];
    let all = database.display();
    for file in ["", "-wal", "-shm"].map(|suffix| with_suffix(database, suffix)) {
        match open_to_others(&file) {
            Ok(mode) => found.extend(
                mode.map(|mode| format!("other users can access {} (mode {mode:04o}): run `chmod 600 {all}*`", file.display())),
            ),
            Err(error) if file != database && error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    let folder = folder_of(database);
    let mode = folder.metadata()?.permissions().mode();
    if mode & 0o002 != 0 && mode & STICKY == 0 {
        let folder = folder.display();
        found.push(format!(
            "other users can exchange the files in {folder} (mode {:04o}): run `chmod o-w {folder}`",
            mode & 0o7777
        ));
    }
    let (owner, own) = (database.metadata()?.uid(), rustix::process::geteuid().as_raw());
    if owner != own && own == 0 {
        found.push(format!("{all} belongs to user {owner}, who can read and exchange it: run `chown` if that is not meant"));
    }
    Ok(found)
}

/// Tells whether a folder is kept in memory. A restart of the machine empties it. Source: Linux, `linux/magic.h` (tmpfs, ramfs).
///
/// # Errors
/// The operating system's error if it cannot say.
pub fn is_in_memory(folder: &Path) -> io::Result<bool> {
    const IN_MEMORY: [u64; 2] = [0x0102_1994, 0x8584_58f6];
    let kind = rustix::fs::statfs(folder)?.f_type;
    Ok(IN_MEMORY.iter().any(|known| u64::try_from(kind).is_ok_and(|kind| kind & 0xffff_ffff == *known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_the_files_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.db");
        let set = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        let wal = with_suffix(&path, "-wal");
        for file in [&path, &wal] {
            std::fs::write(file, "").unwrap();
            set(file, 0o600);
        }
        assert!(exposures(&path).unwrap().is_empty());

        set(&wal, 0o644);
        assert!(exposures(&path).unwrap()[0].contains("registry.db-wal (mode 0644)"));
        set(&wal, 0o600);
        set(folder.path(), 0o777);
        assert!(exposures(&path).unwrap()[0].contains("can exchange the files"));
        set(folder.path(), 0o1777);
        assert!(exposures(&path).unwrap().is_empty(), "as /tmp");
        assert!(exposures(&folder.path().join("another")).is_err());
    }

    #[test]
    fn shared_memory_is_in_memory_and_a_disk_is_not() {
        for (folder, expected) in [("/dev/shm", true), ("/proc", false)] {
            if Path::new(folder).is_dir() {
                assert_eq!(is_in_memory(Path::new(folder)).unwrap(), expected, "{folder}");
            }
        }
    }
}
