//! Paths of files beside other files, and file names that survive a crash.

use std::fs::File;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Returns the path with a suffix added to its name.
#[must_use]
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Returns the mode of a file if users other than its owner may read or write it; `None` if they may not.
///
/// # Errors
/// The operating system's error if it cannot read the file's mode.
pub fn open_to_others(path: &Path) -> io::Result<Option<u32>> {
    let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
    Ok((mode & 0o077 != 0).then_some(mode))
}

/// Returns the folder that a file is in.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Flushes a file's folder to disk, so that the names in it survive a crash.
///
/// # Errors
/// The operating system's error.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_bare_name_is_the_one_we_are_in() {
        assert_eq!(folder_of(Path::new("registry.db")), Path::new("."));
        assert_eq!(folder_of(Path::new("data/registry.db")), Path::new("data"));
        assert_eq!(with_suffix(Path::new("data/registry.db"), ".new"), Path::new("data/registry.db.new"));
    }
}
