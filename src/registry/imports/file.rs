//! Imports a file of a named format: reads it with the right importer, then passes it to the right use case. The callers are the command
//! line, and `seed` for the compiled-in files.

use std::sync::{Arc, OnceLock};

use rand_core::RngCore;
use serde::Serialize;

use super::screening_list::reported;
use super::{
    DocumentKind, ImportFormat, Moment, RegisterOptions, import_document, import_group_links, import_lei_records,
    import_register, import_screening_list,
};
use crate::authorities::import_authorities;
use crate::brands::search_after_import;
use crate::claims::{ClaimOptions, import_claims};
use crate::directory::{DirectoryError, known_authorities};
use crate::imported::{ImportReport, ImportedBy, ReadFile, check_readable, latest_day, note_import};
use crate::node::ImportError;
use crate::vasps::similar_names::similar_names;
use vasp_addresses::network::NetworkTable;
use vasp_ingest::aliases::Aliases;
use vasp_ingest::esma_ncasp::NcaspFile;
use vasp_ingest::source::Source;
use vasp_ingest::{
    IngestError, brand_links, claims_csv, ecb_rates, esma_casps, esma_ncasp, group_links, lists_csv, master_register,
    register_csv, register_json, register_sheets,
};
use vasp_pki::MasterKeys;
use vasp_record::authority::Authorities;
use vasp_record::register::RowReport;
use vasp_store::{Store, WriteMode};
use vasp_words::time::{Date, UtcTime};

/// What to import, where, and how.
pub struct ImportJob<'a> {
    /// The database to import into.
    pub store: &'a Store,
    /// Keys for what the import seals.
    pub keys: &'a MasterKeys,
    /// Format of the file.
    pub format: ImportFormat,
    /// Day of the facts in the file, if the file has no date.
    pub observed_on: Option<Date>,
    /// Whether to store the import, or only rehearse it.
    pub mode: WriteMode,
    /// Whether to accept a register's snapshot or screening list that drops many entities or has many unreadable rows.
    pub accept_shrink: bool,
    /// Called from time to time with the number of rows read.
    pub progress: &'a mut dyn FnMut(u64),
}

/// The source from which a file was fetched.
#[derive(Clone, Copy, Debug)]
pub struct FetchedFrom<'a> {
    /// Id of the source.
    pub id: &'a str,
    /// SHA-256 of the file; of several, of their digests.
    pub digest: &'a [u8],
    /// The day up to which the source is known: an older file is refused. `None` if it was never fetched.
    pub not_before: Option<Date>,
}

/// Imports files that make one version of one list.
///
/// # Errors
/// `ImportError`; nothing is written on an error.
pub fn import_together(
    job: ImportJob<'_>,
    inputs: Vec<Source>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ImportReport, ImportError> {
    import_together_from(job, inputs, (ImportedBy::CommandLine, None), now, rng)
}

/// Imports files as [`import_together`] does; `by` says what imports them, and from which source they were fetched.
///
/// # Errors
/// Those of [`import_together`].
pub fn import_together_from(
    job: ImportJob<'_>,
    inputs: Vec<Source>,
    (by, source): (ImportedBy, Option<FetchedFrom<'_>>),
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ImportReport, ImportError> {
    let ImportJob { store, format, observed_on, mode, accept_shrink, .. } = job;
    let files: Vec<&str> = inputs.iter().map(|input| input.file.as_str()).collect();
    let (file, not_before) = (files.join(", "), source.and_then(|source| source.not_before));
    let (source, digest) = source.map(|source| (source.id.to_owned(), source.digest.to_vec())).unzip();
    let read = ReadFile { format: format.to_string(), file, digest, by, source };
    let options = RegisterOptions { mode, accept_shrink, not_before };
    let result = import_screening_list(store, format, inputs, observed_on, options, now, rng);
    noted(store, mode, read, result, now, rng)
}

/// Writes what became of a file to the journal, unless it was only rehearsed.
pub(super) fn noted(
    store: &Store,
    mode: WriteMode,
    read: ReadFile,
    result: Result<ImportReport, ImportError>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ImportReport, ImportError> {
    if mode == WriteMode::Keep {
        note_import(store, read, result.as_ref(), now, rng);
    }
    result
}

/// Imports a file.
///
/// # Errors
/// `ImportError`; nothing is written on an error.
pub fn import_file(job: ImportJob<'_>, input: Source, now: UtcTime, rng: &mut dyn RngCore) -> Result<ImportReport, ImportError> {
    import_file_by(job, input, &|| now, rng)
}

/// Imports a file that may take long. `clock` gives the time of its end for what it records at the end.
///
/// # Errors
/// `ImportError`; nothing is written, or nothing that has an effect.
pub fn import_file_by(
    job: ImportJob<'_>,
    input: Source,
    clock: &dyn Fn() -> UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ImportReport, ImportError> {
    import_file_from(job, input, (ImportedBy::CommandLine, None), clock, rng)
}

/// Imports a file as [`import_file_by`] does; `by` says what imports it, and from which source it was fetched.
///
/// # Errors
/// Those of [`import_file_by`].
pub fn import_file_from(
    job: ImportJob<'_>,
    input: Source,
    (by, source): (ImportedBy, Option<FetchedFrom<'_>>),
    clock: &dyn Fn() -> UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ImportReport, ImportError> {
    let (store, mode, format) = (job.store, job.mode, job.format);
    let digest = input.digest()?.map(|digest| digest.to_vec());
    let read = ReadFile {
        format: format.to_string(),
        file: input.file.clone(),
        digest,
        by,
        source: source.map(|one| one.id.to_owned()),
    };
    let mut result = read_file(job, input, source, clock, rng);
    if let Ok(report) = &mut result {
        // The seed searches once, after its last file. A file that changed nothing cannot lead to another firm.
        let is_due = mode == WriteMode::Keep && by != ImportedBy::Seed && report.log_changes > 0;
        report.brands = (is_due && format.may_link_brands()).then(|| search_after_import(store, &report.file, clock(), rng));
    }
    noted(store, mode, read, result, clock(), rng)
}

fn read_file(
    job: ImportJob<'_>,
    input: Source,
    source: Option<FetchedFrom<'_>>,
    clock: &dyn Fn() -> UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ImportReport, ImportError> {
    let now = clock();
    let ImportJob { store, keys, format, observed_on, mode, accept_shrink, progress } = job;
    let options = RegisterOptions { mode, accept_shrink, not_before: source.and_then(|source| source.not_before) };
    let whole = |kind, input, rng| document(store, kind, format, input, observed_on, options, Moment { now, rng });
    let input = input.at_most(format.limit_bytes());
    match format {
        ImportFormat::EsmaCasps
        | ImportFormat::RegisterCsv
        | ImportFormat::FincenMsb
        | ImportFormat::SfcVatp
        | ImportFormat::RegisterJson => register(store, (format, source), input, observed_on, options, Moment { now, rng }),
        ImportFormat::ClaimsCsv => labels(store, keys, input, mode, progress, (clock, rng)),
        ImportFormat::GroupLinks => links(store, input, mode, Moment { now, rng }),
        ImportFormat::GleifLei => import_lei_records(store, input, observed_on, options, progress, now, rng),
        ImportFormat::EsmaNcasp => non_compliant(store, input, observed_on, options, Moment { now, rng }),
        ImportFormat::MasterRegister | ImportFormat::BrandLinks | ImportFormat::ReferenceRates => {
            table(store, format, input, observed_on, options, Moment { now, rng })
        }
        ImportFormat::OfacSdn
        | ImportFormat::OfacDigitalCurrency
        | ImportFormat::OfacAddressesJson
        | ImportFormat::SanctionsAddresses
        | ImportFormat::UnConsolidated
        | ImportFormat::UkSanctions
        | ImportFormat::EuConsolidated
        | ImportFormat::Seco
        | ImportFormat::CaAutonomous
        | ImportFormat::AuDfat
        | ImportFormat::JpMeti
        | ImportFormat::EuSanctions
        | ImportFormat::IlNbctf => import_screening_list(store, format, vec![input], observed_on, options, now, rng),
        ImportFormat::NonCompliantJson => whole(DocumentKind::NonCompliant, input, rng),
        ImportFormat::SanctionsJson => whole(DocumentKind::Screening, input, rng),
        ImportFormat::Authorities => import_authorities(store, input, mode, now, rng),
        ImportFormat::Rulebook => whole(DocumentKind::Rulebook, input, rng),
        ImportFormat::Lists => whole(DocumentKind::Lists, input, rng),
        ImportFormat::ListsCsv => typed_lists(store, input, observed_on, options, Moment { now, rng }),
        ImportFormat::Policy => whole(DocumentKind::Policy, input, rng),
        ImportFormat::PlatformHosts => whole(DocumentKind::PlatformHosts, input, rng),
        ImportFormat::Protocols => whole(DocumentKind::Protocols, input, rng),
        ImportFormat::Questionnaire => whole(DocumentKind::Questionnaire, input, rng),
        ImportFormat::VaspList => Err(unnamed(input.file)),
    }
}

fn unnamed(file: String) -> ImportError {
    ImportError::Document { file, reason: "name its protocol: --protocol gtr, for example".to_owned() }
}

/// Imports a table that is kept as one document.
fn table(
    store: &Store,
    format: ImportFormat,
    input: Source,
    observed_on: Option<Date>,
    options: RegisterOptions,
    moment: Moment<'_>,
) -> Result<ImportReport, ImportError> {
    let file = input.file.clone();
    let bytes = input.into_bytes()?;
    match format {
        ImportFormat::BrandLinks => {
            let (list, rows) = brand_links::parse(&bytes, &file, aliases()?)?;
            list_of_rows(store, DocumentKind::BrandLinks, format, (&list, rows), &file, options, moment)
        }
        ImportFormat::ReferenceRates => {
            let (rates, rows) = ecb_rates::parse(&bytes, &file)?;
            list_of_rows(store, DocumentKind::ReferenceRates, format, (&rates, rows), &file, options, moment)
        }
        _ => {
            let (list, rows) = master_register::parse(&bytes, &file, observed_on)?;
            list_of_rows(store, DocumentKind::MasterRegister, format, (&list, rows), &file, options, moment)
        }
    }
}

fn register(
    store: &Store,
    (format, source): (ImportFormat, Option<FetchedFrom<'_>>),
    input: Source,
    observed_on: Option<Date>,
    options: RegisterOptions,
    Moment { now, rng }: Moment<'_>,
) -> Result<ImportReport, ImportError> {
    let file = input.file.clone();
    let bytes = input.into_bytes()?;
    let known = authorities_of(store, &file)?;
    let snapshot = match format {
        ImportFormat::EsmaCasps => esma_casps::parse(&bytes, &file, observed_on, &known)?,
        ImportFormat::RegisterCsv => register_csv::parse(&bytes, &file, observed_on, &known)?,
        ImportFormat::FincenMsb => register_sheets::fincen_msb(&bytes, &file, observed_on, &known)?,
        ImportFormat::SfcVatp => register_sheets::sfc_vatp(&bytes, &file, observed_on, &known)?,
        _ => register_json::parse(&bytes, &file, &known)?,
    };
    // A source of typed tables has the id of the authority whose register it is.
    if let Some(source) = source.filter(|_| format == ImportFormat::RegisterCsv)
        && !snapshot.register.eq_ignore_ascii_case(source.id)
    {
        let reason = format!("its `authority` makes it the register {}, not {}", snapshot.register, source.id);
        return Err(ImportError::Document { file, reason });
    }
    import_register(store, &snapshot, &bytes, options, now, rng)
}

fn links(store: &Store, input: Source, mode: WriteMode, Moment { now, rng }: Moment<'_>) -> Result<ImportReport, ImportError> {
    let file = input.file.clone();
    let (mut links, rows) = group_links::parse(&input.into_bytes()?, &file, latest_day(now))?;
    let aliases = aliases()?;
    for link in &mut links {
        link.group_key = aliases.resolve(&link.group_key).to_owned();
    }
    import_group_links(store, &file, &links, rows, mode, now, rng)
}

fn typed_lists(
    store: &Store,
    input: Source,
    observed_on: Option<Date>,
    options: RegisterOptions,
    moment: Moment<'_>,
) -> Result<ImportReport, ImportError> {
    let file = input.file.clone();
    let text = lists_csv::parse(&input.into_bytes()?, &file, observed_on)?;
    let report = import_document(store, DocumentKind::Lists, &text, &file, observed_on, options, moment)?;
    Ok(ImportReport { format: ImportFormat::ListsCsv.to_string(), ..report })
}

fn labels(
    store: &Store,
    keys: &MasterKeys,
    input: Source,
    mode: WriteMode,
    progress: &mut dyn FnMut(u64),
    (clock, rng): (&dyn Fn() -> UtcTime, &mut dyn RngCore),
) -> Result<ImportReport, ImportError> {
    let (file, digest, reads_ahead) = (input.file.clone(), input.digest()?, !input.may_stall());
    let rows = claims_csv::open(input, &file, NetworkTable::embedded(), aliases()?, latest_day(clock()))?;
    import_claims(store, keys, rows, ClaimOptions { file: &file, digest, reads_ahead, mode, progress }, clock, rng)
}

fn non_compliant(
    store: &Store,
    input: Source,
    observed_on: Option<Date>,
    options: RegisterOptions,
    moment: Moment<'_>,
) -> Result<ImportReport, ImportError> {
    let file = input.file.clone();
    let NcaspFile { list, lines, mut rows } = esma_ncasp::parse(&input.into_bytes()?, &file, observed_on)?;
    rows.flagged.extend(similar_names(store, &list, &lines)?);
    list_of_rows(store, DocumentKind::NonCompliant, ImportFormat::EsmaNcasp, (&list, rows), &file, options, moment)
}

/// Stores a list made from a file's rows as a document, and reports the rows.
pub(crate) fn list_of_rows(
    store: &Store,
    kind: DocumentKind,
    format: ImportFormat,
    (list, rows): (&impl Serialize, RowReport),
    file: &str,
    options: RegisterOptions,
    moment: Moment<'_>,
) -> Result<ImportReport, ImportError> {
    let text = serde_json::to_string(list).map_err(|source| IngestError::Json { file: file.to_owned(), source })?;
    text_of_rows(store, kind, format, (&text, rows), file, options, moment)
}

/// Stores the JSON of such a list.
pub(crate) fn text_of_rows(
    store: &Store,
    kind: DocumentKind,
    format: ImportFormat,
    (text, rows): (&str, RowReport),
    file: &str,
    options: RegisterOptions,
    moment: Moment<'_>,
) -> Result<ImportReport, ImportError> {
    check_readable(&rows, file, options)?;
    let report = import_document(store, kind, text, file, None, options, moment)?;
    let used = rows.read.saturating_sub(rows.repeated + u64::try_from(rows.rejected.len()).unwrap_or(0));
    let (taken, unchanged) = if report.log_changes > 0 { (used, 0) } else { (0, used) };
    Ok(ImportReport {
        format: format.to_string(),
        read: rows.read,
        repeated: rows.repeated,
        rejected: rows.rejected,
        flagged: rows.flagged,
        taken,
        unchanged,
        ..report
    })
}

fn document(
    store: &Store,
    kind: DocumentKind,
    format: ImportFormat,
    input: Source,
    observed_on: Option<Date>,
    options: RegisterOptions,
    moment: Moment<'_>,
) -> Result<ImportReport, ImportError> {
    let file = input.file.clone();
    let text = String::from_utf8(input.into_bytes()?)
        .map_err(|e| ImportError::Document { file: file.clone(), reason: format!("not UTF-8: {e}") })?;
    let report = import_document(store, kind, &text, &file, observed_on, options, moment)?;
    let report = ImportReport { format: format.to_string(), ..report };
    Ok(if kind == DocumentKind::Screening { reported(&text, report) } else { report })
}

/// Returns the authorities that the registry knows now.
fn authorities_of(store: &Store, file: &str) -> Result<Arc<Authorities>, ImportError> {
    store.read(known_authorities).map_err(|error| match error {
        DirectoryError::Store(error) => ImportError::Store(error),
        other => ImportError::Document { file: file.to_owned(), reason: other.to_string() },
    })
}

fn aliases() -> Result<&'static Aliases, ImportError> {
    static TABLE: OnceLock<Aliases> = OnceLock::new();
    if let Some(table) = TABLE.get() {
        return Ok(table);
    }
    let table = vasp_ingest::aliases::embedded()?;
    Ok(TABLE.get_or_init(|| table))
}
