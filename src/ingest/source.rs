//! Opens what is to be imported: a file, a `.gz` file, or standard input; with a limit on the bytes after decompression.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::IngestError;
use aws_lc_rs::digest::{Context, SHA256};
use flate2::read::MultiGzDecoder;

/// Largest input after decompression, in bytes.
pub const LIMIT_BYTES: u64 = 4 << 30;

/// Largest input after decompression of a format that is never held in memory, in bytes.
pub const STREAM_LIMIT_BYTES: u64 = 64 << 30;

/// A source ready to be read.
pub struct Source {
    /// Name for reports: the file name without `.gz`, or `stdin`.
    pub file: String,
    input: Box<dyn Read>,
    left_bytes: u64,
    limit_bytes: u64,
    /// A file that can be read again.
    path: Option<PathBuf>,
    bytes_read: Arc<AtomicU64>,
}

/// Counts what is read, before decompression.
struct Counted<R>(R, Arc<AtomicU64>);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        self.1.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok(count)
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("file", &self.file).finish_non_exhaustive()
    }
}

/// Opens `path`; `-` is standard input. What begins like gzip is decompressed, whatever its name.
///
/// # Errors
/// `Read` if it cannot be opened.
pub fn open(path: &str) -> Result<Source, IngestError> {
    if path == "-" {
        return from_reader(io::stdin(), "stdin", LIMIT_BYTES);
    }
    let name = Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned());
    let file = name.strip_suffix(".gz").unwrap_or(&name).to_owned();
    let input = File::open(path).map_err(|source| IngestError::Read { file: name, source })?;
    let is_file = input.metadata().is_ok_and(|metadata| metadata.is_file());
    let source = from_reader(input, &file, LIMIT_BYTES)?;
    Ok(Source { path: is_file.then(|| PathBuf::from(path)), ..source })
}

/// Wraps any reader in the same way, with its own limit.
///
/// # Errors
/// `Read` if its first bytes cannot be read.
pub fn from_reader(input: impl Read + 'static, file: &str, limit_bytes: u64) -> Result<Source, IngestError> {
    let bytes_read = Arc::new(AtomicU64::new(0));
    let mut input = BufReader::new(Counted(input, Arc::clone(&bytes_read)));
    let mut start = Vec::new();
    input.by_ref().take(2).read_to_end(&mut start).map_err(|source| IngestError::Read { file: file.to_owned(), source })?;
    let gzip = start == [0x1f, 0x8b];
    let whole = io::Cursor::new(start).chain(input);
    let input: Box<dyn Read> = if gzip { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) };
    Ok(Source { file: file.to_owned(), input, left_bytes: limit_bytes, limit_bytes, path: None, bytes_read })
}

impl Source {
    /// Raises the limit, for a format that is read piece by piece. To be called before anything is read.
    #[must_use]
    pub fn streamed(self) -> Self {
        let raised = STREAM_LIMIT_BYTES.saturating_sub(self.limit_bytes);
        Self { left_bytes: self.left_bytes.saturating_add(raised), limit_bytes: self.limit_bytes.max(STREAM_LIMIT_BYTES), ..self }
    }

    /// Returns the SHA-256 of the file as it lies on the disk; none of what cannot be read again.
    ///
    /// # Errors
    /// `Read`.
    pub fn digest(&self) -> Result<Option<[u8; 32]>, IngestError> {
        let Some(path) = &self.path else { return Ok(None) };
        let mut context = Context::new(&SHA256);
        let mut buffer = vec![0; 1 << 16];
        let mut read = || {
            let mut file = File::open(path)?;
            loop {
                match file.read(&mut buffer)? {
                    0 => return Ok(()),
                    count => context.update(buffer.get(..count).unwrap_or_default()),
                }
            }
        };
        read().map_err(|source| IngestError::Read { file: self.file.clone(), source })?;
        Ok(<[u8; 32]>::try_from(context.finish().as_ref()).ok())
    }

    /// Returns how much there is to read before decompression, where that is known, and a counter of what was.
    #[must_use]
    pub fn bytes(&self) -> (Option<u64>, Arc<AtomicU64>) {
        let size = self.path.as_ref().and_then(|path| Some(std::fs::metadata(path).ok()?.len()));
        (size, Arc::clone(&self.bytes_read))
    }

    /// Reads all of it into memory.
    ///
    /// # Errors
    /// `Read`, and `TooLarge` beyond the limit.
    pub fn into_bytes(mut self) -> Result<Vec<u8>, IngestError> {
        let mut bytes = Vec::new();
        match self.read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                Err(IngestError::TooLarge { file: self.file, limit_bytes: self.limit_bytes })
            }
            Err(source) => Err(IngestError::Read { file: self.file, source }),
        }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        match self.left_bytes.checked_sub(u64::try_from(count).unwrap_or(u64::MAX)) {
            Some(left) => {
                self.left_bytes = left;
                Ok(count)
            }
            None => Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {} bytes", self.limit_bytes))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn plain_and_compressed_bytes_read_alike() {
        for text in [&b"a,b\n1,2\n"[..], b"", b"x"] {
            let plain = from_reader(io::Cursor::new(text.to_vec()), "f", 100).unwrap();
            let packed = from_reader(io::Cursor::new(gzip(text)), "f", 100).unwrap();

            assert_eq!(plain.into_bytes().unwrap(), text);
            assert_eq!(packed.into_bytes().unwrap(), text);
        }
    }

    #[test]
    fn a_small_file_that_unpacks_to_a_large_one_is_refused() {
        let bomb = gzip(&vec![0; 1_000_000]);
        let error = from_reader(io::Cursor::new(bomb), "bomb.csv", 1000).unwrap().into_bytes().unwrap_err();

        assert_eq!(error.to_string(), "bomb.csv is larger than 1000 bytes after decompression");
    }

    #[test]
    fn a_file_is_named_without_its_packing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("claims.csv.gz");
        std::fs::write(&path, gzip(b"text")).unwrap();

        let source = open(path.to_str().unwrap()).unwrap();

        assert_eq!(source.file, "claims.csv");
        assert_eq!(source.into_bytes().unwrap(), b"text");
        assert!(matches!(open("no such file").unwrap_err(), IngestError::Read { .. }));
    }
}
