//! The newest checkpoint of this registry, and the head of its audit chain, that are known outside the database, in a file that a server
//! keeps (`--log-head`). A database that lost its last writes, or was replaced, looks complete from inside. Only a copy of its ends reveals
//! the loss.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vasp_log::audit::AuditHead;
use vasp_log::{Checkpoint, NotACheckpoint, to_base64};
use vasp_store::{AuditFilter, Conn, Store, folder_of, sync_folder_of, with_suffix};

use super::sign_head::covered;
use super::tiles::Tiles;
use crate::node::ServiceError;

/// The file with the last known ends.
#[derive(Clone, Debug)]
pub struct HeadFile(PathBuf);

/// The ends of a database's two chains. Most writes are in the audit chain only: people, keys, relationships, policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownEnds {
    /// The newest signed checkpoint of the log.
    pub log: Checkpoint,
    /// The head of the audit chain.
    pub audit: AuditHead,
}

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
    /// The file is not a checkpoint with the end of the audit chain.
    #[error(
        "the file {path} of the log's head is not what a server keeps there: {source}; name another file, or remove this one if you do not \
         need it"
    )]
    Form {
        /// The file's path.
        path: String,
        /// What is wrong with it.
        #[source]
        source: NotKnownEnds,
    },
}

/// Why a text is not what the file keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotKnownEnds {
    /// It does not begin with a checkpoint.
    #[error("it is not a checkpoint: {0}")]
    Log(NotACheckpoint),
    /// Its last line is not the end of the audit chain.
    #[error("its last line must be `audit`, the number of an event, and its hash of 32 bytes in base64")]
    Audit,
}

/// A chain that does not continue the known end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fork {
    /// The log.
    Log {
        /// The last sequence of the database's log.
        ends: i64,
        /// The known checkpoint.
        known: Checkpoint,
    },
    /// Only the audit chain.
    Audit {
        /// The last event of the database's chain.
        ends: i64,
        /// The number of the known event.
        known: i64,
    },
}

impl std::fmt::Display for Fork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Log { ends, known } if known.size > *ends => {
                let (signed, lost) = (known.size, known.size.saturating_sub(*ends));
                write!(
                    f,
                    "the log of this database ends at entry {ends}, but {signed} entries were signed: {lost} entries are lost"
                )
            }
            Self::Log { known, .. } => {
                write!(f, "the log of this database is not the log that was signed up to entry {}", known.size)
            }
            Self::Audit { ends, known } if known > ends => {
                let lost = known.saturating_sub(*ends);
                write!(
                    f,
                    "the audit chain of this database ends at event {ends}, but {known} were written: {lost} events are lost, and what \
                     people and programs did with them"
                )
            }
            Self::Audit { known, .. } => {
                write!(f, "the audit chain of this database is not the chain that was known up to event {known}")
            }
        }
    }
}

impl KnownEnds {
    /// Reads the text of a file.
    fn read(text: &str) -> Result<Self, NotKnownEnds> {
        let log = Checkpoint::of_note(text).map_err(NotKnownEnds::Log)?;
        let mut words = text.lines().last().unwrap_or_default().split(' ');
        let (word, number, hash) = (words.next(), words.next(), words.next());
        let number = number.and_then(|number| number.parse().ok()).filter(|number: &i64| *number >= 0);
        let hash = hash.and_then(|hash| STANDARD.decode(hash).ok()).filter(|hash| hash.len() == 32);
        match (word, number, hash, words.next()) {
            (Some("audit"), Some(number), Some(hash), None) => Ok(Self { log, audit: AuditHead { number, hash } }),
            _ => Err(NotKnownEnds::Audit),
        }
    }
}

/// Returns the text of the file for the newest checkpoint, a signed note, and the head of the audit chain.
#[must_use]
pub fn known_ends_text(note: &str, audit: &AuditHead) -> String {
    format!("{note}audit {} {}\n", audit.number, to_base64(&audit.hash))
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

    /// Returns the file's text; `None` if there is no file.
    pub fn text(&self) -> Result<Option<String>, HeadFileError> {
        match std::fs::read_to_string(&self.0) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(HeadFileError::Io { path: self.0.display().to_string(), source }),
        }
    }

    /// Reads a text of the file.
    pub fn read(&self, text: &str) -> Result<KnownEnds, HeadFileError> {
        KnownEnds::read(text).map_err(|source| HeadFileError::Form { path: self.0.display().to_string(), source })
    }

    /// Writes a text to the file, completely or not at all. A link to a file stays a link: it may lead to another disk.
    pub fn keep(&self, text: &str) -> std::io::Result<()> {
        let target = || std::fs::read_link(&self.0).map(|to| folder_of(&self.0).join(to));
        let place = std::fs::canonicalize(&self.0).or_else(|_| target()).unwrap_or_else(|_| self.0.clone());
        let draft = with_suffix(&place, ".new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all())?;
        drop::<File>(file);
        std::fs::rename(&draft, &place)?;
        sync_folder_of(&place)
    }
}

/// Returns a fork if the database does not continue the known ends: the log or the audit chain ends earlier, or is another one.
pub fn find_fork(store: &Store, known: &KnownEnds) -> Result<Option<Fork>, ServiceError> {
    store.read(|conn| match log_fork(conn, &known.log)? {
        None => audit_fork(conn, &known.audit),
        fork => Ok(fork),
    })
}

fn log_fork(conn: &mut Conn, known: &Checkpoint) -> Result<Option<Fork>, ServiceError> {
    let ends = conn.log_head()?.sequence;
    let fork = || Some(Fork::Log { ends, known: known.clone() });
    let origin = conn.signing_keys()?.into_iter().map(|row| row.name).find(|name| !name.is_empty());
    let size = u64::try_from(known.size).unwrap_or(u64::MAX);
    // If this database signed the checkpoint, it has the tiles for it.
    if known.size > ends || origin.is_none_or(|origin| origin != known.origin) || covered(conn)? < size {
        return Ok(fork());
    }
    let root = Tiles::of(conn).root(size)?;
    Ok((root != known.root).then(fork).flatten())
}

fn audit_fork(conn: &mut Conn, known: &AuditHead) -> Result<Option<Fork>, ServiceError> {
    let ends = conn.audit_head()?.number;
    let event = conn.audit_chain(&AuditFilter::default(), known.number.saturating_sub(1), known.number, 1)?;
    let is_there = known.number == 0 || event.first().is_some_and(|event| event.hash == known.hash);
    Ok((!is_there).then_some(Fork::Audit { ends, known: known.number }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The link must not be replaced by a file on the database's own disk.
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

    /// Source: C2SP tlog-checkpoint, the example at its beginning.
    #[test]
    fn a_file_has_the_ends_of_both_chains() {
        let note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u{2014} example.com/behind-the-sofa Az3g\n";
        let hash = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

        let text = known_ends_text(note, &AuditHead { number: 7, hash: vec![1; 32] });

        assert_eq!(text, format!("{note}audit 7 {hash}\n"));
        let read = KnownEnds::read(&text).unwrap();
        assert_eq!((read.log.size, read.audit.number), (20_852_163, 7));
        for last in ["", "audit", "audit 7", "audit -7 AQ==", &format!("audit 7 {hash} more"), &format!("events 7 {hash}")] {
            assert_eq!(KnownEnds::read(&format!("{note}{last}\n")), Err(NotKnownEnds::Audit), "{last}");
        }
        assert_eq!(KnownEnds::read("nothing"), Err(NotKnownEnds::Log(NotACheckpoint::Size)));
    }
}
