//! The files of documents: `<folder>/<organisation>/<SHA-256 of the content>`. The caller seals them. A file is complete on disk before its
//! row is written, as a draft, and gets its name after that. So some row needs each file that has its name: a row of this database, or of
//! another one on the same folder, such as the original of a copy. Several nodes share one folder.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::StoreError;

/// Prefix of the names of files that are being written: `.part-<text that no other writer uses>`.
const PART: &str = ".part-";

/// Prefix of the names of drafts: `.draft-<SHA-256 of the content>-<text that no other writer uses>`. Drafts are complete.
const DRAFT: &str = ".draft-";

/// The folder of the documents' files.
#[derive(Clone, Debug)]
pub struct DocumentFolder {
    root: PathBuf,
}

/// A file of the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentFile {
    path: PathBuf,
    /// Id of the organisation.
    pub organisation: String,
    /// The name that it has.
    pub file: String,
    /// When it was written, seconds since the epoch.
    pub written_at_secs: i64,
}

impl DocumentFile {
    /// Returns where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Tells whether its writing has not ended: it may lack its end.
    #[must_use]
    pub fn is_part(&self) -> bool {
        self.file.starts_with(PART)
    }

    /// Returns the name that a draft is to have: a SHA-256 in hex. `None` if it is no draft.
    #[must_use]
    pub fn draft_of(&self) -> Option<&str> {
        self.file.strip_prefix(DRAFT)?.split_once('-').map(|(name, _)| name)
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

    /// Writes a draft of the file `name`, and returns its own name. It is complete and on disk when this returns, and nothing is left of it
    /// if this fails. `by` is a text that no other writer uses.
    pub fn draft(&self, organisation: &str, name: &str, bytes: &[u8], by: &str) -> Result<String, StoreError> {
        let draft = format!("{DRAFT}{name}-{by}");
        self.keep(organisation, &draft, bytes, by).map(|()| draft)
    }

    /// Writes a file, as [`Self::draft`] does.
    pub fn keep(&self, organisation: &str, file: &str, bytes: &[u8], by: &str) -> Result<(), StoreError> {
        let folder = self.root.join(organisation);
        let part = folder.join(format!("{PART}{by}"));
        let kept = self.make(&folder).and_then(|()| write(&part, bytes)).and_then(|()| {
            fs::rename(&part, folder.join(file))?;
            File::open(&folder)?.sync_all()
        });
        kept.map_err(|error| {
            // If this fails too, the next sweep removes the part.
            drop(fs::remove_file(&part));
            StoreError::Files(error)
        })
    }

    /// Gives a draft its name, once its row is written.
    pub fn complete(&self, organisation: &str, draft: &str, name: &str) -> Result<(), StoreError> {
        let folder = self.root.join(organisation);
        let renamed = fs::rename(folder.join(draft), folder.join(name)).and_then(|()| File::open(&folder)?.sync_all());
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

    /// Returns the files in the folder; an empty list if the folder does not exist.
    pub fn list(&self) -> Result<Vec<DocumentFile>, StoreError> {
        let mut files = Vec::new();
        for folder in entries(&self.root)? {
            for path in entries(&folder)? {
                let text = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
                let (Some(organisation), Some(file)) = (text(&folder), text(&path)) else { continue };
                match fs::metadata(&path) {
                    Ok(found) => files.push(DocumentFile { path, organisation, file, written_at_secs: found.mtime() }),
                    // Another node completed or removed it.
                    Err(error) => gone(error).map_err(StoreError::Files)?,
                }
            }
        }
        Ok(files)
    }

    /// Removes a file.
    pub fn remove(&self, file: &DocumentFile) -> Result<(), StoreError> {
        fs::remove_file(&file.path).or_else(gone).map_err(StoreError::Files)
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
        assert_eq!(folder.list().unwrap(), []);
        let read = |organisation| folder.read(organisation, "aa").unwrap();

        let first = folder.draft("org_1", "aa", b"first", "1").unwrap();
        assert_eq!(read("org_1").as_deref(), Some(&b"first"[..]), "its row may be written");
        folder.complete("org_1", &first, "aa").unwrap();
        let second = folder.draft("org_1", "aa", b"second", "2").unwrap();
        folder.complete("org_1", &second, "aa").unwrap();

        assert_eq!(read("org_1").as_deref(), Some(&b"second"[..]));
        assert_eq!(read("org_2"), None);
        assert_eq!(folder.list().unwrap().len(), 1, "no draft is left");
        let own = folder.path().join("org_1");
        assert_eq!((mode(&own.join("aa")), mode(&own)), (0o600, 0o700));
    }

    #[test]
    fn nothing_is_left_where_a_file_cannot_be_kept() {
        let home = tempfile::tempdir().unwrap();
        let folder = DocumentFolder::new(home.path().to_owned());
        // A folder already has the name, so the file cannot get it.
        fs::create_dir_all(home.path().join("org_1/.draft-aa-1/inside")).unwrap();

        let refused = folder.draft("org_1", "aa", b"text", "1").unwrap_err();

        assert!(refused.is_unavailable(), "{refused:?}");
        assert_eq!(fs::read_dir(home.path().join("org_1")).unwrap().count(), 1);
    }

    #[test]
    fn a_draft_is_removed_or_completed_whoever_is_first() {
        let home = tempfile::tempdir().unwrap();
        let folder = DocumentFolder::new(home.path().to_owned());
        let made = folder.draft("org_1", "aa", b"text", "doc_1").unwrap();
        let seen = folder.list().unwrap().remove(0);
        assert_eq!((seen.draft_of(), seen.file.as_str(), seen.is_part()), (Some("aa"), made.as_str(), false));

        for _ in 0..2 {
            folder.complete("org_1", &made, "aa").unwrap();
        }
        folder.remove(&seen).unwrap();

        assert_eq!(folder.read("org_1", "aa").unwrap().as_deref(), Some(&b"text"[..]));
    }
}
