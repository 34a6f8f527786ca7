//! Fills an empty directory with the compiled-in files (`seed/`): reference documents, the register, labels, links, and the screening list.
//! Every step is a normal import. The policy comes last and marks the seed as complete.

use std::borrow::Cow;
use std::io::Cursor;

use rand_core::RngCore;

use super::{ImportFormat, ImportJob, import_file_from};
use crate::brands::{AcceptStrong, find_brand_links};
use crate::imported::{ImportReport, ImportedBy, newest_day};
use crate::node::ImportError;
use vasp_ingest::source;
use vasp_pki::MasterKeys;
use vasp_rules::policy::Policy;
use vasp_store::{Store, StoreError, WriteMode};
use vasp_words::time::UtcTime;

/// One file of the seed.
#[derive(Clone, Copy)]
struct SeedFile {
    format: ImportFormat,
    name: &'static str,
    bytes: &'static [u8],
}

macro_rules! seed_files {
    ($($format:ident $name:literal),* $(,)?) => {
        [$(SeedFile {
            format: ImportFormat::$format,
            name: $name,
            bytes: include_bytes!(concat!("../../../seed/", $name)),
        }),*]
    };
}

const FILES: [SeedFile; 14] = seed_files![
    Rulebook "rulebook.json",
    Lists "lists.json",
    ReferenceRates "eurofxref-hist.csv",
    SanctionsJson "sanctions.json",
    SanctionsJson "sanctions_eu.json",
    SanctionsJson "eu_transaction_bans.json",
    RegisterJson "registers/esma-casps-2026-07-29.json",
    RegisterCsv "registers/jp-fsa-2026-05-31.csv",
    NonCompliantJson "non_compliant.json",
    ClaimsCsv "claims.csv",
    ClaimsCsv "claims-bitmex.csv.gz",
    GroupLinks "group_links.csv",
    BrandLinks "brands/links.csv",
    Policy "policy.json",
];

/// The policy that comes with the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeedPolicy {
    /// The one that is compiled in.
    Shipped,
    /// The same without age limits.
    ForDemonstrations,
}

impl SeedPolicy {
    fn policy(self, file: SeedFile) -> Result<Cow<'static, [u8]>, ImportError> {
        let refused = |reason: String| ImportError::Document { file: file.name.to_owned(), reason };
        match self {
            Self::Shipped => Ok(file.bytes.into()),
            Self::ForDemonstrations => {
                let text = std::str::from_utf8(file.bytes).map_err(|error| refused(error.to_string()))?;
                let policy = Policy::from_json(text).map_err(|error| refused(error.to_string()))?;
                Ok(serde_json::to_vec(&policy.for_demonstrations()).map_err(|error| refused(error.to_string()))?.into())
            }
        }
    }
}

/// Returns whether the seed was loaded completely.
pub fn is_seeded(store: &Store) -> Result<bool, StoreError> {
    store.read(|conn| Ok(conn.document_at("policy", i64::MAX)?.is_some()))
}

/// Imports every file of the seed. Rows that an earlier run loaded are not added again; they are marked as seen again. `step` gets the name
/// of each file and its number of rows.
///
/// # Errors
/// `ImportError` of the refused file; the files before it stay imported.
pub fn load_seed(
    (store, keys): (&Store, &MasterKeys),
    with: SeedPolicy,
    step: &mut dyn FnMut(&str, u64),
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Vec<ImportReport>, ImportError> {
    let mut reports = Vec::with_capacity(FILES.len());
    for file in FILES {
        let observed_on = (file.format == ImportFormat::Policy).then(newest_day);
        step(file.name, 0);
        let job = ImportJob {
            store,
            keys,
            format: file.format,
            observed_on,
            mode: WriteMode::Keep,
            accept_shrink: false,
            progress: &mut |rows| step(file.name, rows),
        };
        let bytes = if file.format == ImportFormat::Policy { with.policy(file)? } else { file.bytes.into() };
        let input = source::from_reader(Cursor::new(bytes), file.name, source::LIMIT_BYTES)?;
        if file.format == ImportFormat::Policy {
            // Before the policy, which marks the seed as complete.
            find_brand_links(store, AcceptStrong::Yes, WriteMode::Keep, now, rng)?;
        }
        reports.push(import_file_from(job, input, (ImportedBy::Seed, None), &|| now, rng)?);
    }
    Ok(reports)
}
