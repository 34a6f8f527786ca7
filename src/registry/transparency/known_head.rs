//! The newest checkpoint of this registry that is known outside the database, in a file that a server keeps (`--log-head`). A database that
//! lost entries, or was replaced, looks complete from inside. Only a copy of the last signed checkpoint reveals the loss.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use vasp_log::{Checkpoint, NotACheckpoint, root_of};
use vasp_store::{Conn, Store, folder_of, sync_folder_of, with_suffix};

use super::sign_head::{covered, subtree};
use crate::node::ServiceError;

/// The file with the last known checkpoint.
#[derive(Clone, Debug)]
pub struct HeadFile(PathBuf);

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HeadFileError {
    /// The file cannot be read.
    #[error("the file {path} of the log's head cannot be read")]
    Io {
        /// The file's path.
        path: String,
        /// The error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// The file is not a checkpoint.
    #[error(
        "the file {path} of the log's head is not a checkpoint: {source}; name another file, or remove this one if you do not \
         need it"
    )]
    Form {
        /// The file's path.
        path: String,
        /// What is wrong with it.
        #[source]
        source: NotACheckpoint,
    },
}

/// A log that does not continue the known checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fork {
    /// The last sequence of the database's log.
    pub ends: i64,
    /// The known checkpoint.
    pub known: Checkpoint,
}

impl Fork {
    /// Returns the minimum number of lost entries.
    #[must_use]
    pub fn lost(&self) -> i64 {
        self.known.size.saturating_sub(self.ends).max(0)
    }
}

impl std::fmt::Display for Fork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { ends, known } = self;
        if known.size > *ends {
            let lost = self.lost();
            return write!(
                f,
                "the log of this database ends at entry {ends}, but {} entries were signed: {lost} entries are lost",
                known.size
            );
        }
        write!(f, "the log of this database is not the log that was signed up to entry {}", known.size)
    }
}

impl HeadFile {
    /// Returns the file at a path; it need not exist yet.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Returns its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Reads the checkpoint in the file; `None` if there is no file.
    pub fn read(&self) -> Result<Option<Checkpoint>, HeadFileError> {
        let path = || self.0.display().to_string();
        match std::fs::read_to_string(&self.0) {
            Ok(note) => Checkpoint::of_note(&note).map(Some).map_err(|source| HeadFileError::Form { path: path(), source }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(HeadFileError::Io { path: path(), source }),
        }
    }

    /// Writes a checkpoint to the file, completely or not at all. A link to a file stays a link: it may lead to another disk.
    pub fn keep(&self, note: &str) -> std::io::Result<()> {
        let target = || std::fs::read_link(&self.0).map(|to| folder_of(&self.0).join(to));
        let place = std::fs::canonicalize(&self.0).or_else(|_| target()).unwrap_or_else(|_| self.0.clone());
        let draft = with_suffix(&place, ".new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(note.as_bytes()).and_then(|()| file.sync_all())?;
        drop::<File>(file);
        std::fs::rename(&draft, &place)?;
        sync_folder_of(&place)
    }
}

/// Returns a fork if the database's log does not continue the known checkpoint: it ends earlier, or its tree is another one.
pub fn find_fork(store: &Store, known: &Checkpoint) -> Result<Option<Fork>, ServiceError> {
    store.read(|conn| Ok(is_fork(conn, known)?.map(|ends| Fork { ends, known: known.clone() })))
}

fn is_fork(conn: &mut Conn, known: &Checkpoint) -> Result<Option<i64>, ServiceError> {
    let ends = conn.log_head()?.sequence;
    let origin = conn.signing_keys()?.into_iter().map(|row| row.name).find(|name| !name.is_empty());
    let size = u64::try_from(known.size).unwrap_or(u64::MAX);
    // If this database signed the checkpoint, it has the tiles for it.
    if known.size > ends || origin.is_none_or(|origin| origin != known.origin) || covered(conn)? < size {
        return Ok(Some(ends));
    }
    let root = root_of(size, &mut |height, index| subtree(conn, height, index))?;
    Ok((root != known.root).then_some(ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: issue 47, a fourth stranger's faults: the link was replaced by a file on the database's own disk.
    #[test]
    fn a_link_to_the_file_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (link, elsewhere) = (folder.path().join("head"), folder.path().join("elsewhere"));
        std::fs::write(&elsewhere, "old").unwrap();
        std::os::unix::fs::symlink(&elsewhere, &link).unwrap();

        HeadFile::at(link.clone()).keep("new").unwrap();

        assert_eq!(std::fs::read_to_string(&elsewhere).unwrap(), "new");
        assert!(link.is_symlink());

        // Also one whose disk is not mounted.
        std::fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink(folder.path().join("unmounted/head"), &link).unwrap();

        assert!(HeadFile::at(link.clone()).keep("new").is_err());
        assert!(link.is_symlink());
    }
}
