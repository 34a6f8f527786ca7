//! The columns of the golden copy's CSV, and the record of one row. Columns that are not listed here are ignored. Columns after the first
//! `NEEDED` may be missing.

use super::Wrong;
use super::published::{Published, PublishedName};
use vasp_record::lei_record::LeiRecord;
use vasp_words::lei::Lei;

/// The column of the LEI.
pub(super) const LEI: &str = "LEI";

/// How many of the columns a file must have.
pub(super) const NEEDED: usize = 8;

/// The maximum number of names of each kind, and of successors, in a row.
const NAMES_OF_A_KIND: usize = 5;

/// The columns that are read.
///
/// Source: GLEIF, golden copy `lei2` CSV; the numbered columns as far as the files have them.
pub(super) const NAMES: [&str; 39] = [
    LEI,
    "Entity.LegalName",
    "Entity.LegalAddress.Country",
    "Entity.LegalJurisdiction",
    "Entity.EntityStatus",
    "Registration.LastUpdateDate",
    "Registration.RegistrationStatus",
    "Registration.NextRenewalDate",
    "Entity.EntityCategory",
    "Entity.OtherEntityNames.OtherEntityName.1",
    "Entity.OtherEntityNames.OtherEntityName.1.type",
    "Entity.OtherEntityNames.OtherEntityName.2",
    "Entity.OtherEntityNames.OtherEntityName.2.type",
    "Entity.OtherEntityNames.OtherEntityName.3",
    "Entity.OtherEntityNames.OtherEntityName.3.type",
    "Entity.OtherEntityNames.OtherEntityName.4",
    "Entity.OtherEntityNames.OtherEntityName.4.type",
    "Entity.OtherEntityNames.OtherEntityName.5",
    "Entity.OtherEntityNames.OtherEntityName.5.type",
    "Entity.TransliteratedOtherEntityNames.TransliteratedOtherEntityName.1",
    "Entity.TransliteratedOtherEntityNames.TransliteratedOtherEntityName.1.type",
    "Entity.TransliteratedOtherEntityNames.TransliteratedOtherEntityName.2",
    "Entity.TransliteratedOtherEntityNames.TransliteratedOtherEntityName.2.type",
    "Entity.TransliteratedOtherEntityNames.TransliteratedOtherEntityName.3",
    "Entity.TransliteratedOtherEntityNames.TransliteratedOtherEntityName.3.type",
    "Entity.TransliteratedOtherEntityNames.TransliteratedOtherEntityName.4",
    "Entity.TransliteratedOtherEntityNames.TransliteratedOtherEntityName.4.type",
    "Entity.TransliteratedOtherEntityNames.TransliteratedOtherEntityName.5",
    "Entity.TransliteratedOtherEntityNames.TransliteratedOtherEntityName.5.type",
    "Entity.SuccessorEntity.1.SuccessorLEI",
    "Entity.SuccessorEntity.1.SuccessorEntityName",
    "Entity.SuccessorEntity.2.SuccessorLEI",
    "Entity.SuccessorEntity.2.SuccessorEntityName",
    "Entity.SuccessorEntity.3.SuccessorLEI",
    "Entity.SuccessorEntity.3.SuccessorEntityName",
    "Entity.SuccessorEntity.4.SuccessorLEI",
    "Entity.SuccessorEntity.4.SuccessorEntityName",
    "Entity.SuccessorEntity.5.SuccessorLEI",
    "Entity.SuccessorEntity.5.SuccessorEntityName",
];

/// Makes the record of a row.
///
/// # Errors
/// The column that cannot be read, with reason and text.
pub(super) fn record(lei: Lei, cells: &[String; NAMES.len()]) -> Result<LeiRecord, Wrong> {
    let cell = |at: usize| cells.get(at).map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).map(str::to_owned);
    // After the first nine columns there are two lists of names with their types, and one list of successors.
    let pairs = cells.get(9..).unwrap_or_default().chunks(2);
    let mut pairs = pairs.map(|pair| [pair.first(), pair.get(1)].map(|cell| cell.map_or("", |cell| cell.trim())));
    let names = pairs.by_ref().take(2 * NAMES_OF_A_KIND).filter(|[name, _]| !name.is_empty());
    let other_names = names.map(|[name, kind]| PublishedName { name: name.to_owned(), kind: Some(kind.to_owned()) }).collect();
    let successors = pairs.map(|pair| pair.map(|cell| Some(cell.to_owned()).filter(|cell| !cell.is_empty()))).collect();
    Published {
        legal_name: cell(1),
        country: cell(2),
        jurisdiction: cell(3),
        entity_status: cell(4),
        updated_at: cell(5),
        registration_status: cell(6),
        next_renewal: cell(7),
        category: cell(8),
        other_names,
        successors,
    }
    .record(lei)
}
