//! Writes a bundle from a folder, and reads one: the signature first, then the manifest, then each file by its hash. Nothing is unpacked
//! under a name of the archive, and nothing is held in memory but the manifest.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use tempfile::NamedTempFile;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{BundleError, BundleFile, Contents, Manifest};
use vasp_pki::jose::{carried_key, sign_compact, thumbprint, verify_compact};
use vasp_pki::{PublicKey, SigningKey, sha256};
use vasp_store::folder_of;
use vasp_words::time::UtcTime;

const DESCRIPTION: &str = "bundle.json";
const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.sig";

/// What the signature is for, so that no other text that the same key signed counts as one.
const TYP: &str = "vasp-registry-bundle+jws";

/// The largest manifest or description, in bytes.
const MANIFEST_BYTES_MAX: u64 = 1 << 20;

/// The largest signature, in bytes.
const SIGNATURE_BYTES_MAX: u64 = 8 << 10;

/// A bundle whose signature and manifest are in order. Its files are checked when they are read.
pub struct Bundle {
    archive: ZipArchive<BufReader<File>>,
    manifest: Manifest,
    key: String,
}

/// Why bytes were not copied.
enum CopyFault {
    Read(io::Error),
    Write(io::Error),
    TooLarge,
}

/// Makes a bundle of the documents that `bundle.json` in a folder describes. `out` must not exist yet.
///
/// # Errors
/// `BundleError::Rule` for a description that breaks a rule; `File`.
pub fn make_bundle(folder: &Path, key: &SigningKey, made_at: UtcTime, serial: u32, out: &Path) -> Result<Manifest, BundleError> {
    let failed = |source: io::Error| cannot_use(out, source);
    let zipped = |error: ZipError| failed(error.into());
    let description = folder.join(DESCRIPTION);
    let text = File::open(&description).and_then(|file| whole(file, MANIFEST_BYTES_MAX));
    let contents = Contents::from_json(&text.map_err(|source| cannot_use(&description, source))?)?;
    let mut draft = NamedTempFile::new_in(folder_of(out)).map_err(failed)?;
    let mut archive = ZipWriter::new(draft.as_file_mut());
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let mut files = Vec::with_capacity(contents.files.len());
    for document in contents.files {
        let path = folder.join(&document.path);
        let mut file = File::open(&path).map_err(|source| cannot_use(&path, source))?;
        archive.start_file(document.path.as_str(), options).map_err(zipped)?;
        let (sha256, size_bytes) = copy(&mut file, &mut archive, document.limit_bytes()).map_err(|fault| match fault {
            CopyFault::Read(source) => cannot_use(&path, source),
            CopyFault::Write(source) => failed(source),
            CopyFault::TooLarge => {
                let (limit, import) = (document.limit_bytes(), document.import);
                let detail = format!("{} is larger than {limit} bytes, the limit of {import}", document.path);
                BundleError::Rule { file: DESCRIPTION, detail }
            }
        })?;
        files.push(BundleFile { document, sha256, size_bytes });
    }
    let manifest = Manifest::new(made_at, serial, files);
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| failed(error.into()))?;
    let signature = sign_compact(key, TYP, &signed(&text));
    for (name, bytes) in [(MANIFEST, text.as_slice()), (SIGNATURE, signature.as_bytes())] {
        archive.start_file(name, options).map_err(zipped)?;
        archive.write_all(bytes).map_err(failed)?;
    }
    archive.finish().map_err(zipped)?;
    draft.as_file().sync_all().map_err(failed)?;
    draft.persist_noclobber(out).map_err(|error| failed(error.error))?;
    Ok(manifest)
}

/// Returns what is signed of a manifest: its SHA-256, in hexadecimal digits.
fn signed(manifest: &[u8]) -> Vec<u8> {
    hex::encode(sha256(manifest)).into_bytes()
}

fn cannot_use(path: &Path, source: io::Error) -> BundleError {
    BundleError::File { file: path.display().to_string(), source }
}

/// Reads all bytes, if they are not more than a limit.
fn whole(from: impl Read, limit_bytes: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![];
    from.take(limit_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    match u64::try_from(bytes.len()).is_ok_and(|size| size <= limit_bytes) {
        true => Ok(bytes),
        false => Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {limit_bytes} bytes"))),
    }
}

/// Copies all bytes, if they are not more than a limit, and returns their SHA-256 and number.
fn copy(from: &mut impl Read, to: &mut dyn Write, limit_bytes: u64) -> Result<([u8; 32], u64), CopyFault> {
    let (mut context, mut size_bytes) = (Context::new(&SHA256), 0_u64);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(CopyFault::Read(error)),
        };
        size_bytes = size_bytes.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        if size_bytes > limit_bytes {
            return Err(CopyFault::TooLarge);
        }
        let bytes = buffer.get(..count).unwrap_or_default();
        context.update(bytes);
        to.write_all(bytes).map_err(CopyFault::Write)?;
    }
    let mut sum = [0; 32];
    sum.copy_from_slice(context.finish().as_ref());
    Ok((sum, size_bytes))
}

impl Bundle {
    /// Opens a bundle: checks the signature with the key that it carries, the rules of the manifest, and that no file is missing or more.
    /// Whose key it is, the caller decides.
    ///
    /// # Errors
    /// `BundleError::File`, `Damaged`, `Unsigned`, `Signature`, `Rule` or `Altered`.
    pub fn open(path: &Path) -> Result<Self, BundleError> {
        let damaged = |error: ZipError| BundleError::Damaged { file: path.display().to_string(), detail: error.to_string() };
        let file = File::open(path).map_err(|source| cannot_use(path, source))?;
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
        let mut part = |name: &'static str, limit_bytes: u64| match archive.by_name(name) {
            Ok(part) => whole(part, limit_bytes).map_err(|error| damaged(error.into())),
            Err(ZipError::FileNotFound) => Err(BundleError::Altered { path: name.to_owned(), detail: "is missing" }),
            Err(error) => Err(damaged(error)),
        };
        let (text, signature) = (part(MANIFEST, MANIFEST_BYTES_MAX)?, part(SIGNATURE, SIGNATURE_BYTES_MAX)?);
        let signature = String::from_utf8(signature).map_err(|_| BundleError::Unsigned)?;
        let key: PublicKey = carried_key(&signature, TYP).ok_or(BundleError::Unsigned)?;
        verify_compact(&signature, &key, &signed(&text)).map_err(BundleError::Signature)?;
        let manifest = Manifest::from_json(&text)?;
        let mut wanted: BTreeSet<&str> = manifest.files.iter().map(|file| file.document.path.as_str()).collect();
        wanted.extend([MANIFEST, SIGNATURE]);
        if archive.has_duplicate_names() {
            return Err(BundleError::Altered { path: path.display().to_string(), detail: "has two files of one name" });
        }
        for name in archive.file_names() {
            let name = name.map_err(damaged)?;
            if !wanted.remove(name.as_ref()) {
                return Err(BundleError::Altered { path: name.escape_debug().to_string(), detail: "is not in the manifest" });
            }
        }
        if let Some(missing) = wanted.first() {
            return Err(BundleError::Altered { path: (*missing).to_owned(), detail: "is missing" });
        }
        Ok(Self { archive, manifest, key: thumbprint(&key) })
    }

    /// Returns its manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns the id of the key that signed it: its SHA-256 thumbprint (RFC 7638).
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Checks the size and hash of every file.
    ///
    /// # Errors
    /// `BundleError::Altered` with the first file that differs.
    pub fn check_files(&mut self) -> Result<(), BundleError> {
        let files = self.manifest.files.clone();
        files.iter().try_for_each(|file| self.copy(file, &mut io::sink()))
    }

    /// Writes a file to `to`, and checks its size and hash on the way.
    ///
    /// # Errors
    /// `BundleError::Altered` if it differs from what was signed; `File` if it cannot be written.
    pub(super) fn copy(&mut self, file: &BundleFile, to: &mut dyn Write) -> Result<(), BundleError> {
        let path = &file.document.path;
        let altered = |detail| BundleError::Altered { path: path.clone(), detail };
        let mut part = self.archive.by_name(path).map_err(|_| altered("cannot be read"))?;
        match copy(&mut part, to, file.size_bytes) {
            Ok(found) if found == (file.sha256, file.size_bytes) => Ok(()),
            Ok(_) => Err(altered("has other bytes than the manifest says")),
            Err(CopyFault::TooLarge) => Err(altered("has more bytes than the manifest says")),
            Err(CopyFault::Read(_)) => Err(altered("is damaged")),
            Err(CopyFault::Write(source)) => Err(BundleError::File { file: path.clone(), source }),
        }
    }
}
