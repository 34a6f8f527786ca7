//! Imports the files of a bundle, in the order of its manifest, by the importers of `import`. Each file is copied out of the bundle and checked
//! once more on the way, so that what is imported is what was signed.

use std::fs::File;
use std::path::{Path, PathBuf};

use rand_core::RngCore;
use tempfile::TempDir;

use super::{Bundle, BundleError, BundleFile, read_pinned};
use crate::imported::ImportReport;
use crate::imports::{ImportJob, import_file_by, import_together};
use vasp_ingest::source;
use vasp_pki::MasterKeys;
use vasp_store::{Store, WriteMode};
use vasp_words::time::UtcTime;

/// What an import of a bundle needs.
#[derive(Clone, Copy)]
pub struct BundleGround<'a> {
    /// The database to import into.
    pub store: &'a Store,
    /// Keys for what the import seals.
    pub keys: &'a MasterKeys,
    /// Whether to store the imports, or only rehearse them.
    pub mode: WriteMode,
    /// Whether to accept a register or list that shrank much.
    pub accept_shrink: bool,
}

/// Imports, or rehearses, every file of a bundle.
///
/// # Errors
/// `BundleError` of the first file that is refused, or `Unfinished` once another process began a newer bundle; in mode `Keep` the files
/// before it stay imported.
pub fn import_bundle(
    ground: BundleGround<'_>,
    bundle: &mut Bundle,
    clock: &dyn Fn() -> UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Vec<ImportReport>, BundleError> {
    let manifest = bundle.manifest().clone();
    let import = |group: &Vec<&BundleFile>| {
        if ground.mode == WriteMode::Keep {
            read_pinned(ground.store)?.map_or(Ok(()), |pinned| pinned.admit(bundle.key(), &manifest))?;
        }
        import_group(ground, bundle, group, clock, &mut *rng)
    };
    manifest.groups().iter().map(import).collect()
}

/// Imports files that are imported together, mostly one.
fn import_group(
    ground: BundleGround<'_>,
    bundle: &mut Bundle,
    group: &[&BundleFile],
    clock: &dyn Fn() -> UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ImportReport, BundleError> {
    let path = || group.iter().map(|file| file.document.path.as_str()).collect::<Vec<_>>().join(", ");
    let no_place = |source| BundleError::File { file: "the folder for temporary files".to_owned(), source };
    let folder = TempDir::new().map_err(no_place)?;
    let copies = group.iter().enumerate().map(|(place, file)| copied(bundle, file, &folder.path().join(place.to_string())));
    let copies = copies.collect::<Result<Vec<_>, _>>()?;
    let open = |copy: &PathBuf| source::open(&copy.to_string_lossy());
    let inputs = copies.iter().map(open).collect::<Result<Vec<_>, _>>();
    let mut inputs = inputs.map_err(|source| BundleError::Open { path: path(), source })?;
    let day = group.iter().map(|file| file.document.as_of).max();
    let Some(format) = group.first().map(|file| file.document.import) else { return Ok(ImportReport::default()) };
    let BundleGround { store, keys, mode, accept_shrink } = ground;
    let job = ImportJob { store, keys, format, observed_on: day, mode, accept_shrink, progress: &mut |_| () };
    let result = match (format.takes_files_together(), inputs.pop()) {
        (false, Some(input)) => import_file_by(job, input, clock, rng),
        (_, last) => {
            inputs.extend(last);
            import_together(job, inputs, clock(), rng)
        }
    };
    result.map_err(|source| BundleError::Import { path: path(), source })
}

/// Copies a file into a new folder under the last part of its path, from which some formats read the day.
fn copied(bundle: &mut Bundle, file: &BundleFile, folder: &Path) -> Result<PathBuf, BundleError> {
    let path = folder.join(file.document.name());
    let failed = |source| BundleError::File { file: path.display().to_string(), source };
    let mut copy = std::fs::create_dir(folder).and_then(|()| File::create_new(&path)).map_err(failed)?;
    bundle.copy(file, &mut copy)?;
    Ok(path)
}
