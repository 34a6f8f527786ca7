//! Reads each file of a source once, into a folder of its own: what is digested, imported and kept are the same bytes, whatever happens to the
//! file in the meantime. A web page instead of a file is refused here, before any importer sees it.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

/// The largest file whose bytes are kept, before compression.
const LARGEST_SNAPSHOT_BYTES: u64 = 64 << 20;

/// How much of a file shows whether it is a web page.
const START_BYTES: usize = 1024;

/// Files that were read once; the copies go when this is dropped.
pub(super) struct Taken {
    folder: TempDir,
    files: Vec<TakenFile>,
}

/// A copy of a file.
pub(super) struct TakenFile {
    pub path: PathBuf,
    pub name: String,
    pub digest: Vec<u8>,
    pub size_bytes: u64,
}

impl Taken {
    /// Makes an empty folder for copies.
    ///
    /// # Errors
    /// In words, if the machine has no place for it.
    pub(super) fn new() -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| format!("there is no place for a copy: {error}"))?;
        Ok(Self { folder, files: Vec::new() })
    }

    /// Copies files.
    ///
    /// # Errors
    /// In words, with the name of the file that cannot be read or is a web page.
    pub(super) fn copy(paths: &[PathBuf]) -> Result<Self, String> {
        let mut taken = Self::new()?;
        for path in paths {
            let name = name_of(path);
            let failed = |error: io::Error| format!("{name} cannot be read: {error}");
            let mut file = File::open(path).map_err(failed)?;
            taken.add(&name, |copy| io::copy(&mut file, copy).map(drop).map_err(failed))?;
        }
        Ok(taken)
    }

    /// Adds a file under a name, as `write` writes it.
    ///
    /// # Errors
    /// Those of `write`; in words, if it is a web page or cannot be stored.
    fn add(&mut self, name: &str, write: impl FnOnce(&mut dyn Write) -> Result<(), String>) -> Result<(), String> {
        self.add_named(|copy| write(copy).map(|()| Some(name.to_owned())))
    }

    /// Adds a file as `write` writes it, under the name that `write` returns; nothing, if it returns none.
    ///
    /// # Errors
    /// Those of [`Taken::add`].
    pub(super) fn add_named(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> Result<Option<String>, String>,
    ) -> Result<(), String> {
        let unstored = |error: io::Error| format!("the file cannot be stored on this machine: {error}");
        let folder = self.folder.path().join(self.files.len().to_string());
        std::fs::create_dir_all(&folder).map_err(unstored)?;
        let draft = folder.join("draft");
        let file = BufWriter::new(File::create(&draft).map_err(unstored)?);
        let mut copy = Copy { file, context: Context::new(&SHA256), start: Vec::new(), size_bytes: 0 };
        let Some(name) = write(&mut copy)? else { return Ok(()) };
        copy.flush().map_err(unstored)?;
        if is_web_page(&copy.start) {
            return Err(format!("{name} is a web page, not the file: an error page, or one that asks whether you are a robot"));
        }
        let path = folder.join(&name);
        std::fs::rename(&draft, &path).map_err(unstored)?;
        let (digest, size_bytes) = (copy.context.finish().as_ref().to_vec(), copy.size_bytes);
        self.files.push(TakenFile { path, name, digest, size_bytes });
        Ok(())
    }

    /// Returns the files, in order.
    pub(super) fn files(&self) -> &[TakenFile] {
        &self.files
    }

    /// Returns the names of the files, in order.
    pub(super) fn names(&self) -> String {
        self.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// Returns the digest of one file, or of the digests of several.
    pub(super) fn digest(&self) -> Vec<u8> {
        match self.files.as_slice() {
            [one] => one.digest.clone(),
            several => {
                let mut context = Context::new(&SHA256);
                several.iter().for_each(|one| context.update(&one.digest));
                context.finish().as_ref().to_vec()
            }
        }
    }
}

impl TakenFile {
    /// Returns the bytes, compressed by gzip; `None` if they are too many to be kept.
    pub(super) fn compressed(&self) -> io::Result<Option<Vec<u8>>> {
        if self.size_bytes > LARGEST_SNAPSHOT_BYTES {
            return Ok(None);
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        io::copy(&mut File::open(&self.path)?, &mut encoder)?;
        encoder.finish().map(Some)
    }
}

/// Returns the last part of a path.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Unpacks bytes that were compressed by gzip.
pub(super) fn unpacked(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut whole = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut whole)?;
    Ok(whole)
}

/// Returns whether a file begins like a web page. No format that is imported is HTML.
fn is_web_page(start: &[u8]) -> bool {
    let text = String::from_utf8_lossy(start).to_lowercase();
    let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    text.starts_with('<') && ["<!doctype html", "<html", "<head", "<body"].iter().any(|mark| text.contains(mark))
}

/// A file that is being written, with its digest.
struct Copy {
    file: BufWriter<File>,
    context: Context,
    start: Vec<u8>,
    size_bytes: u64,
}

impl Write for Copy {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        let written = bytes.get(..count).unwrap_or_default();
        self.context.update(written);
        self.start.extend(written.iter().take(START_BYTES.saturating_sub(self.start.len())));
        self.size_bytes += u64::try_from(count).unwrap_or(u64::MAX);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_page_is_told_from_a_list() {
        for page in
            ["<!DOCTYPE html><p>Are you a robot?", "\u{feff} \n<html lang=en>", "<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC"]
        {
            assert!(is_web_page(page.as_bytes()), "{page}");
        }
        for file in ["ae_lei,ae_name\nx,<html>", "<?xml version=\"1.0\"?><CONSOLIDATED_LIST>", "", "PK\u{3}\u{4}"] {
            assert!(!is_web_page(file.as_bytes()), "{file}");
        }
    }

    #[test]
    fn a_copy_stays_as_it_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "first").unwrap();

        let taken = Taken::copy(std::slice::from_ref(&path)).unwrap();
        std::fs::write(&path, "second").unwrap();

        let [file] = taken.files() else { panic!() };
        assert_eq!((file.name.as_str(), file.size_bytes), ("a.csv", 5));
        assert_eq!(std::fs::read(&file.path).unwrap(), b"first");
        // Source: `printf first | sha256sum`.
        assert_eq!(hex::encode(taken.digest()), "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e");
        assert_eq!(unpacked(&file.compressed().unwrap().unwrap()).unwrap(), b"first");
        let Err(refused) = Taken::copy(&[folder.path().join("b.csv")]) else { panic!() };
        assert!(refused.starts_with("b.csv cannot be read: "), "{refused}");
    }
}
