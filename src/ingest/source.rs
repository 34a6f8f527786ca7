//! Opens the input of an import: a file, a `.gz` file, the one file of a zip archive, or standard input. Limits the bytes after
//! decompression, and removes the byte order mark (BOM) that some programs write.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::lost_letters::lost_letters;
use super::twice_encoded::{TwiceEncoded, twice_encoded};
use super::{IngestError, archive};
use aws_lc_rs::digest::{Context, SHA256};
use flate2::read::MultiGzDecoder;

/// The maximum size of an input after decompression, in bytes.
pub const LIMIT_BYTES: u64 = 4 << 30;

/// The maximum size after decompression, in bytes, for a format that is never held in memory.
pub const STREAM_LIMIT_BYTES: u64 = 64 << 30;

/// An input that is ready to be read.
pub struct Source {
    /// The name in reports: the file name without `.gz`, the name of the file in an archive, or `stdin`.
    pub file: String,
    input: Box<dyn Read + Send>,
    left_bytes: u64,
    limit_bytes: u64,
    /// The path of a file that can be read again; `None` for other inputs.
    path: Option<PathBuf>,
    /// Whether it is a pipe. Reading it may then wait until another process writes.
    may_stall: bool,
    bytes_read: Arc<AtomicU64>,
}

/// Counts the bytes that are read, before decompression.
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

/// Opens `path`; `-` is standard input. Data that begins like gzip or zip is decompressed, whatever the file name.
///
/// # Errors
/// `Read` if the file cannot be opened, is an archive without exactly one file, or is a text in UTF-16.
pub fn open(path: &str) -> Result<Source, IngestError> {
    if path == "-" {
        return Ok(Source { may_stall: true, ..from_reader(io::stdin(), "stdin", LIMIT_BYTES)? });
    }
    let name = Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned());
    let file = name.strip_suffix(".gz").unwrap_or(&name).to_owned();
    let unreadable = |source| IngestError::Read { file: name.clone(), source };
    let mut input = File::open(path).map_err(unreadable)?;
    if !input.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Ok(Source { may_stall: true, ..from_reader(input, &file, LIMIT_BYTES)? });
    }
    let path = Some(PathBuf::from(path));
    let mut start = Vec::new();
    input.by_ref().take(4).read_to_end(&mut start).and_then(|_| input.rewind()).map_err(unreadable)?;
    if start != archive::MAGIC {
        return Ok(Source { path, ..from_reader(input, &file, LIMIT_BYTES)? });
    }
    let bytes_read = Arc::new(AtomicU64::new(0));
    let entry = archive::open(input, |file| BufReader::new(Counted(file, Arc::clone(&bytes_read)))).map_err(unreadable)?;
    let input = unmarked(entry.input).map_err(unreadable)?;
    Ok(Source { file: entry.name, input, left_bytes: LIMIT_BYTES, limit_bytes: LIMIT_BYTES, path, may_stall: false, bytes_read })
}

/// Makes a source from any reader, with its own limit.
///
/// # Errors
/// `Read` if the first bytes cannot be read, or belong to a text in UTF-16 or to a zip archive, which must be a file.
pub fn from_reader(input: impl Read + Send + 'static, file: &str, limit_bytes: u64) -> Result<Source, IngestError> {
    let bytes_read = Arc::new(AtomicU64::new(0));
    let mut input = BufReader::new(Counted(input, Arc::clone(&bytes_read)));
    let unreadable = |source| IngestError::Read { file: file.to_owned(), source };
    let mut start = Vec::new();
    input.by_ref().take(4).read_to_end(&mut start).map_err(unreadable)?;
    if start == archive::MAGIC {
        let told = "a zip archive can only be read from a file: save it or unpack it first";
        return Err(unreadable(io::Error::new(io::ErrorKind::InvalidData, told)));
    }
    let gzip = start.starts_with(&[0x1f, 0x8b]);
    let whole = io::Cursor::new(start).chain(input);
    let input: Box<dyn Read + Send> = if gzip { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) };
    let input = unmarked(input).map_err(unreadable)?;
    Ok(Source { file: file.to_owned(), input, left_bytes: limit_bytes, limit_bytes, path: None, may_stall: false, bytes_read })
}

/// Removes the UTF-8 byte order mark at the beginning.
///
/// Source: The Unicode Standard 16.0, section 23.8.
fn unmarked(mut input: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let mut start = Vec::new();
    input.by_ref().take(3).read_to_end(&mut start)?;
    match start.as_slice() {
        [0xef, 0xbb, 0xbf] => start.clear(),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the text is in UTF-16: save it as UTF-8"));
        }
        _ => (),
    }
    Ok(Box::new(io::Cursor::new(start).chain(input)))
}

impl Source {
    /// Raises the limit, for a format that is read piece by piece. Call it before reading.
    #[must_use]
    pub fn streamed(self) -> Self {
        let raised = STREAM_LIMIT_BYTES.saturating_sub(self.limit_bytes);
        Self { left_bytes: self.left_bytes.saturating_add(raised), limit_bytes: self.limit_bytes.max(STREAM_LIMIT_BYTES), ..self }
    }

    /// Lowers the limit, for a format whose files are small. Call it before reading.
    #[must_use]
    pub fn at_most(self, limit_bytes: u64) -> Self {
        let limit_bytes = limit_bytes.min(self.limit_bytes);
        Self { left_bytes: limit_bytes, limit_bytes, ..self }
    }

    /// Returns the SHA-256 of the file on disk; `None` if the input cannot be read again.
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

    /// Returns true for a pipe: reading it may wait until another process writes.
    #[must_use]
    pub fn may_stall(&self) -> bool {
        self.may_stall
    }

    /// Returns the total size before decompression, if it is known, and a counter of the bytes read so far.
    #[must_use]
    pub fn bytes(&self) -> (Option<u64>, Arc<AtomicU64>) {
        let size = self.path.as_ref().and_then(|path| Some(std::fs::metadata(path).ok()?.len()));
        (size, Arc::clone(&self.bytes_read))
    }

    /// Writes all of it to a file and reads that: a vector that grows while a text is unpacked takes three times the memory of the text.
    fn spooled(&mut self) -> io::Result<Vec<u8>> {
        let mut spool = tempfile::tempfile()?;
        io::copy(self, &mut spool)?;
        spool.rewind()?;
        let mut bytes = Vec::new();
        spool.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads all of it into memory.
    ///
    /// # Errors
    /// `Read`; `TooLarge` if the input exceeds the limit; `Table` if it is a text that was garbled when somebody saved it.
    pub fn into_bytes(mut self) -> Result<Vec<u8>, IngestError> {
        match self.spooled() {
            Ok(bytes) => match garbled(&bytes) {
                None => Ok(bytes),
                Some((line, detail)) => Err(IngestError::Table { file: self.file, line, detail }),
            },
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                Err(IngestError::TooLarge { file: self.file, limit_bytes: self.limit_bytes })
            }
            Err(source) => Err(IngestError::Read { file: self.file, source }),
        }
    }
}

/// Returns where a text was garbled when somebody saved it, and how; `None` if it was not.
fn garbled(bytes: &[u8]) -> Option<(u64, String)> {
    let twice = twice_encoded(bytes).map(|TwiceEncoded { line, found, was }| {
        (line, format!("`{found}` was `{was}`: UTF-8 was taken for Latin-1 and saved again; load the file anew"))
    });
    let lost = |line| {
        (line, "letters are lost (`???`): it was saved in a code page that does not have them; load the file anew".to_owned())
    };
    twice.or_else(|| lost_letters(bytes).map(lost))
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
    use zip::CompressionMethod::{self, Deflated, Stored};

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

        assert_eq!(error.to_string(), "bomb.csv is larger than the limit of 1000 bytes after decompression");
    }

    #[test]
    fn a_limit_is_lowered_and_never_raised() {
        let read = |limit| from_reader(io::Cursor::new(vec![0; 100]), "f", 99).unwrap().at_most(limit).into_bytes().unwrap_err();

        assert_eq!(read(50).to_string(), "f is larger than the limit of 50 bytes after decompression");
        assert_eq!(read(1000).to_string(), "f is larger than the limit of 99 bytes after decompression");
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

    /// Returns an archive of files, each given by name, compression and content.
    fn zipped(files: &[(&str, CompressionMethod, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, method, text) in files {
            let options = zip::write::SimpleFileOptions::default().compression_method(*method);
            writer.start_file(*name, options).unwrap();
            writer.write_all(text).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn read_archive(bytes: &[u8]) -> Result<(String, Vec<u8>), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("archive.zip");
        std::fs::write(&path, bytes).unwrap();
        let told = |error: IngestError| format!("{error}: {}", std::error::Error::source(&error).unwrap());
        let source = open(path.to_str().unwrap()).map_err(told)?;
        let name = source.file.clone();
        Ok((name, source.into_bytes().map_err(told)?))
    }

    #[test]
    fn the_one_file_of_an_archive_is_read_and_its_sum_checked() {
        let text: &[u8] = b"LEI,Entity.LegalName\n5493007WZ7IFULIL8G21,Bitpanda GmbH\n";
        let whole = zipped(&[("folder/20260426-lei2.csv", Stored, text), ("__MACOSX/._x", Stored, b"x")]);
        assert_eq!(read_archive(&whole).unwrap(), ("20260426-lei2.csv".to_owned(), text.to_vec()));
        let packed = zipped(&[("a.csv", Deflated, &text.repeat(100))]);
        assert_eq!(read_archive(&packed).unwrap().1, text.repeat(100));

        let at = whole.windows(8).position(|eight| eight == b"Bitpanda").unwrap();
        let mut altered = whole;
        altered[at] = b'b';
        assert!(read_archive(&altered).unwrap_err().contains("the checksum of its file does not match"), "altered");
        let two = zipped(&[("a.csv", Stored, text), ("b.csv", Stored, text)]);
        assert!(read_archive(&two).unwrap_err().contains("2 files (a.csv, b.csv …): unpack it"), "two");
        assert!(read_archive(&two[..60]).unwrap_err().contains("damaged zip archive"), "cut");
        let piped = from_reader(io::Cursor::new(two), "stdin", 100).unwrap_err();
        assert!(matches!(piped, IngestError::Read { .. }), "{piped}");
    }

    #[test]
    fn the_mark_of_a_text_is_no_part_of_it() {
        let read = |bytes: &[u8]| from_reader(io::Cursor::new(bytes.to_vec()), "f", 100);
        for marked in [b"\xef\xbb\xbfa,b".to_vec(), gzip(b"\xef\xbb\xbfa,b")] {
            assert_eq!(read(&marked).unwrap().into_bytes().unwrap(), b"a,b");
        }
        assert!(read(b"\xff\xfea\0").is_err() && read(b"\xfe\xff\0a").is_err(), "UTF-16");
    }
}
