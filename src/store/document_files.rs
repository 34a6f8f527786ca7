//! The files of documents: `<folder>/<organisation>/<SHA-256 of the content>`. The caller seals them. A file gets its name only when it is
//! complete on disk, and its row is written after that. Several nodes share one folder.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::StoreError;

/// Prefix of the names of files that are being written.
const DRAFT: &str = ".draft-";

/// The folder of the documents' files.
#[derive(Clone, Debug)]
pub struct DocumentFolder {
    root: PathBuf,
}

/// A file of the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentFile {
    /// Id of the organisation.
    pub organisation: String,
    /// Its name: a SHA-256 in hex, or the name of a draft.
    pub name: String,
    /// When it was written, seconds since the epoch.
    pub written_at_secs: i64,
}

impl DocumentFile {
    /// Tells whether it is a draft, which was never completed.
    #[must_use]
    pub fn is_draft(&self) -> bool {
        self.name.starts_with(DRAFT)
    }
}

impl DocumentFolder {
    /// Returns its path. The folder may not exist yet.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Names a folder, which is created with its first file.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Stores a file. It is complete and on disk when this returns, and nothing is left of it if this fails. `draft` is a text that no
    /// other writer uses.
    pub fn keep(&self, organisation: &str, name: &str, bytes: &[u8], draft: &str) -> Result<(), StoreError> {
        let folder = self.root.join(organisation);
        let draft = folder.join(format!("{DRAFT}{draft}"));
        let kept = self.make(&folder).and_then(|()| write(&draft, bytes)).and_then(|()| {
            fs::rename(&draft, folder.join(name))?;
            File::open(&folder)?.sync_all()
        });
        kept.map_err(|error| {
            // If this fails too, the next sweep removes the draft.
            drop(fs::remove_file(&draft));
            StoreError::Files(error)
        })
    }

    /// Returns a file; `None` if it does not exist.
    pub fn read(&self, organisation: &str, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match fs::read(self.root.join(organisation).join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::Files(error)),
        }
    }

    /// Returns the files in the folder; an empty list if the folder does not exist.
    pub fn list(&self) -> Result<Vec<DocumentFile>, StoreError> {
        let mut files = Vec::new();
        for folder in entries(&self.root)? {
            for file in entries(&folder)? {
                let text = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
                let (Some(organisation), Some(name)) = (text(&folder), text(&file)) else { continue };
                match fs::metadata(&file) {
                    Ok(found) => files.push(DocumentFile { organisation, name, written_at_secs: found.mtime() }),
                    // Another node removed it.
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    Err(error) => return Err(StoreError::Files(error)),
                }
            }
        }
        Ok(files)
    }

    /// Removes a file, unless another writer replaced it by a newer one in the meantime.
    pub fn remove(&self, file: &DocumentFile) -> Result<(), StoreError> {
        let folder = self.root.join(&file.organisation);
        let (path, aside) = (folder.join(&file.name), folder.join(format!("{DRAFT}swept-{}", file.name)));
        let removed = fs::rename(&path, &aside).and_then(|()| {
            if fs::metadata(&aside)?.mtime() > file.written_at_secs { fs::rename(&aside, &path) } else { fs::remove_file(&aside) }
        });
        match removed {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(StoreError::Files(error)),
            _ => Ok(()),
        }
    }

    fn make(&self, folder: &Path) -> std::io::Result<()> {
        if folder.is_dir() {
            return Ok(());
        }
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        // Make sure that the folder's own name survives a crash too.
        File::open(&self.root)?.sync_all()
    }
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Returns the entries of a folder; an empty list if it does not exist or is not a folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path()).map_err(StoreError::Files)).collect(),
        Err(error) if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind()) => Ok(Vec::new()),
        Err(error) => Err(StoreError::Files(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_or_not_there_and_its_owners_only() {
        let home = tempfile::tempdir().unwrap();
        let folder = DocumentFolder::new(home.path().join("documents"));
        assert_eq!(folder.list().unwrap(), []);

        folder.keep("org_1", "aa", b"first", "1").unwrap();
        folder.keep("org_1", "aa", b"second", "2").unwrap();

        assert_eq!(folder.read("org_1", "aa").unwrap().as_deref(), Some(&b"second"[..]));
        assert_eq!(folder.read("org_2", "aa").unwrap(), None);
        let files = folder.list().unwrap();
        assert_eq!(files.len(), 1, "no draft is left: {files:?}");
        let mode = |path: &str| fs::metadata(home.path().join(path)).unwrap().mode() & 0o777;
        assert_eq!((mode("documents/org_1/aa"), mode("documents/org_1")), (0o600, 0o700));
    }

    #[test]
    fn nothing_is_left_where_a_file_cannot_be_kept() {
        let home = tempfile::tempdir().unwrap();
        let folder = DocumentFolder::new(home.path().to_owned());
        // A folder already has the name, so the file cannot get it.
        fs::create_dir_all(home.path().join("org_1/aa/inside")).unwrap();

        let refused = folder.keep("org_1", "aa", b"text", "1").unwrap_err();

        assert!(refused.is_unavailable(), "{refused:?}");
        assert_eq!(fs::read_dir(home.path().join("org_1")).unwrap().count(), 1);
    }

    #[test]
    fn a_file_written_anew_while_it_is_swept_stays() {
        let home = tempfile::tempdir().unwrap();
        let folder = DocumentFolder::new(home.path().to_owned());
        folder.keep("org_1", "aa", b"text", "1").unwrap();
        let seen = folder.list().unwrap().remove(0);
        let before = DocumentFile { written_at_secs: seen.written_at_secs - 1, ..seen.clone() };

        folder.remove(&before).unwrap();
        assert_eq!(folder.read("org_1", "aa").unwrap().as_deref(), Some(&b"text"[..]));
        folder.remove(&seen).unwrap();
        folder.remove(&seen).unwrap();

        assert_eq!(folder.list().unwrap(), []);
    }
}
