//! The files of documents: `<folder>/<organisation>/<SHA-256 of the content>`. The caller seals them. A file is complete on disk before its
//! row is written, and gets its name after that. So a file that has its name is needed by a row, if not of this database then of another one
//! on the same folder, such as the original of a copy. Several nodes share one folder.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::StoreError;

/// Prefix of the names of drafts: `.draft-<SHA-256 of the content>-<text that no other writer uses>`.
const DRAFT: &str = ".draft-";

/// The folder of the documents' files.
#[derive(Clone, Debug)]
pub struct DocumentFolder {
    root: PathBuf,
}

/// A file without its name: it is being written, or its row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentDraft {
    path: PathBuf,
    /// Id of the organisation.
    pub organisation: String,
    /// The name that it is to have: a SHA-256 in hex.
    pub name: String,
    /// When it was written, seconds since the epoch.
    pub written_at_secs: i64,
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

    /// Writes a draft of the file `name`. It is complete and on disk when this returns, and nothing is left of it if this fails. `by` is a
    /// text that no other writer uses.
    pub fn draft(&self, organisation: &str, name: &str, bytes: &[u8], by: &str) -> Result<DocumentDraft, StoreError> {
        let folder = self.root.join(organisation);
        let path = folder.join(format!("{DRAFT}{name}-{by}"));
        let written = self.make(&folder).and_then(|()| write(&path, bytes)).and_then(|()| File::open(&folder)?.sync_all());
        if let Err(error) = written {
            // If this fails too, the next sweep removes the draft.
            drop(fs::remove_file(&path));
            return Err(StoreError::Files(error));
        }
        Ok(DocumentDraft { path, organisation: organisation.to_owned(), name: name.to_owned(), written_at_secs: 0 })
    }

    /// Gives a draft its name, once its row is written.
    pub fn complete(&self, draft: &DocumentDraft) -> Result<(), StoreError> {
        let folder = self.root.join(&draft.organisation);
        let renamed = fs::rename(&draft.path, folder.join(&draft.name)).and_then(|()| File::open(&folder)?.sync_all());
        renamed.or_else(gone).map_err(StoreError::Files)
    }

    /// Returns a file; `None` if it does not exist.
    pub fn read(&self, organisation: &str, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let folder = self.root.join(organisation);
        let (named, draft) = (folder.join(name), format!("{DRAFT}{name}-"));
        // The process that wrote the row may have died before it gave the file its name.
        let found =
            read(&named)?.map_or_else(|| find(&folder, &draft)?.map_or(Ok(None), |path| read(&path)), |bytes| Ok(Some(bytes)));
        // Or it gave it just now.
        found?.map_or_else(|| read(&named), |bytes| Ok(Some(bytes)))
    }

    /// Returns the drafts in the folder; an empty list if the folder does not exist.
    pub fn drafts(&self) -> Result<Vec<DocumentDraft>, StoreError> {
        let mut drafts = Vec::new();
        for folder in entries(&self.root)? {
            for path in entries(&folder)? {
                let text = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
                let (Some(organisation), Some(own)) = (text(&folder), text(&path)) else { continue };
                let Some((name, _)) = own.strip_prefix(DRAFT).and_then(|rest| rest.split_once('-')) else { continue };
                match fs::metadata(&path) {
                    Ok(found) => {
                        let (name, written_at_secs) = (name.to_owned(), found.mtime());
                        drafts.push(DocumentDraft { path, organisation, name, written_at_secs });
                    }
                    // Another node completed or removed it.
                    Err(error) => gone(error).map_err(StoreError::Files)?,
                }
            }
        }
        Ok(drafts)
    }

    /// Removes a draft.
    pub fn remove(&self, draft: &DocumentDraft) -> Result<(), StoreError> {
        fs::remove_file(&draft.path).or_else(gone).map_err(StoreError::Files)
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

/// Takes it for done if another node did it first.
fn gone(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) => gone(error).map(|()| None).map_err(StoreError::Files),
    }
}

/// Returns a file of the folder whose name begins so.
fn find(folder: &Path, begin: &str) -> Result<Option<PathBuf>, StoreError> {
    let begins = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(begin));
    Ok(entries(folder)?.into_iter().find(begins))
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

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn a_file_is_whole_and_its_owners_only_and_has_its_name_when_it_is_completed() {
        let home = tempfile::tempdir().unwrap();
        let folder = DocumentFolder::new(home.path().join("documents"));
        assert_eq!(folder.drafts().unwrap(), []);
        let read = |organisation| folder.read(organisation, "aa").unwrap();

        let first = folder.draft("org_1", "aa", b"first", "1").unwrap();
        assert_eq!(read("org_1").as_deref(), Some(&b"first"[..]), "its row may be written");
        folder.complete(&first).unwrap();
        folder.complete(&folder.draft("org_1", "aa", b"second", "2").unwrap()).unwrap();

        assert_eq!(read("org_1").as_deref(), Some(&b"second"[..]));
        assert_eq!(read("org_2"), None);
        assert_eq!(folder.drafts().unwrap(), []);
        let own = folder.path().join("org_1");
        assert_eq!((mode(&own.join("aa")), mode(&own)), (0o600, 0o700));
    }

    #[test]
    fn a_draft_is_removed_or_completed_whoever_is_first() {
        let home = tempfile::tempdir().unwrap();
        let folder = DocumentFolder::new(home.path().to_owned());
        let made = folder.draft("org_1", "aa", b"text", "doc_1").unwrap();
        let seen = folder.drafts().unwrap().remove(0);
        assert_eq!((seen.name.as_str(), &seen.path), ("aa", &made.path));

        folder.complete(&made).unwrap();
        folder.complete(&seen).unwrap();
        folder.remove(&seen).unwrap();

        assert_eq!(folder.read("org_1", "aa").unwrap().as_deref(), Some(&b"text"[..]));
    }
}
