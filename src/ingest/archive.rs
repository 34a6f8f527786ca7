//! Reads the one file of a zip archive as a stream, and checks its CRC-32 at the end.
//!
//! Source: APPNOTE.TXT 6.3.10 (PKWARE). GLEIF and others publish their files in this form.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use flate2::CrcReader;
use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

/// The first bytes of a zip archive. An empty archive begins with other bytes and has no file.
pub(super) const MAGIC: [u8; 4] = *b"PK\x03\x04";

/// The file in the archive, and its name there without folders.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) input: Box<dyn Read + Send>,
}

/// Finds the one file of an archive, ignoring the folders that macOS adds. `counted` wraps the input before decompression.
///
/// # Errors
/// `InvalidData` if the archive is damaged, has no file or several, or uses an unsupported compression or encryption.
pub(super) fn open<R: Read + Send + 'static>(mut file: File, counted: impl FnOnce(File) -> R) -> io::Result<Entry> {
    let mut archive = ZipArchive::new(file.try_clone()?).map_err(|error| invalid(format!("damaged zip archive: {error}")))?;
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|error| invalid(format!("damaged zip archive: {error}")))?;
        let name = entry.name().map_err(|error| invalid(format!("damaged zip archive: {error}")))?.into_owned();
        if !entry.is_dir() && !name.starts_with("__MACOSX/") {
            let start = entry.data_start().ok_or_else(|| invalid(format!("the zip archive has no file `{name}`")))?;
            files.push((name, entry.compression(), entry.encrypted(), start, entry.compressed_size(), entry.crc32()));
        }
    }
    let names: Vec<&str> = files.iter().map(|file| file.0.as_str()).take(3).collect();
    let [(name, method, encrypted, start, size, crc)] = files.as_slice() else {
        let told =
            if names.is_empty() { "no file".to_owned() } else { format!("{} files ({} …)", files.len(), names.join(", ")) };
        return Err(invalid(format!("the zip archive has {told}: unpack it and give the right file")));
    };
    if *encrypted {
        return Err(invalid(format!("`{name}` in the zip archive is encrypted: unpack it first")));
    }
    file.seek(SeekFrom::Start(*start))?;
    let packed = counted(file).take(*size);
    let input: Box<dyn Read + Send> = match *method {
        CompressionMethod::Stored => Box::new(packed),
        CompressionMethod::Deflated => Box::new(DeflateDecoder::new(packed)),
        other => {
            return Err(invalid(format!(
                "`{name}` in the zip archive is compressed with {other:?}, which is not supported: unpack it first"
            )));
        }
    };
    let input = Box::new(Checked { input: CrcReader::new(input), crc: *crc });
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned();
    Ok(Entry { name, input })
}

fn invalid(detail: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, detail)
}

/// Compares the CRC of the data with that of the archive, after all of the data was read.
struct Checked {
    input: CrcReader<Box<dyn Read + Send>>,
    crc: u32,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        if count == 0 && !buffer.is_empty() && self.input.crc().sum() != self.crc {
            return Err(invalid("the zip archive is damaged: the checksum of its file does not match".to_owned()));
        }
        Ok(count)
    }
}
