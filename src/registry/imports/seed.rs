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
use vasp_words::lei::Lei;
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

const FILES: [SeedFile; 32] = seed_files![
    Rulebook "rulebook.json",
    Lists "lists.json",
    ReferenceRates "eurofxref-hist.csv",
    SanctionsJson "sanctions.json",
    SanctionsJson "sanctions_eu.json",
    SanctionsJson "eu_transaction_bans.json",
    RegisterJson "registers/esma-casps-2026-08-22.json",
    RegisterCsv "registers/ae-fsra-2026-08-07.csv",
    RegisterCsv "registers/ae-vara-2026-08-20.csv",
    RegisterCsv "registers/au-austrac-2026-08-18.csv",
    RegisterCsv "registers/ca-csa-2026-08-10.csv",
    RegisterCsv "registers/ca-fintrac-2026-08-19.csv",
    RegisterCsv "registers/gb-fca-2026-08-18.csv",
    RegisterCsv "registers/gi-gfsc-2026-07-31.csv",
    RegisterCsv "registers/hk-sfc-2026-08-21.csv",
    RegisterCsv "registers/id-ojk-2026-04-30.csv",
    RegisterCsv "registers/in-fiu-2026-09-14.csv",
    RegisterCsv "registers/jp-fsa-2026-08-21.csv",
    RegisterCsv "registers/kr-kofiu-2026-08-21.csv",
    RegisterCsv "registers/my-sc-2026-08-21.csv",
    RegisterCsv "registers/nz-dia-2026-08-09.csv",
    RegisterCsv "registers/ph-bsp-2026-09-25.csv",
    RegisterCsv "registers/sg-mas-2026-08-20.csv",
    RegisterCsv "registers/us-fincen-2026-07-27.csv",
    RegisterCsv "registers/us-nydfs-2026-08-22.csv",
    RegisterCsv "registers/vg-fsc-2026-08-10.csv",
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

/// Returns whether a register of the seed, or a link or label, names an LEI. What does not is not known once the seed is loaded.
#[must_use]
pub fn seed_names(lei: Lei) -> bool {
    let formats = [ImportFormat::RegisterJson, ImportFormat::RegisterCsv, ImportFormat::GroupLinks, ImportFormat::BrandLinks];
    let mut files = FILES.iter().filter(|file| formats.contains(&file.format));
    files.any(|file| std::str::from_utf8(file.bytes).is_ok_and(|text| text.contains(lei.as_str())))
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
