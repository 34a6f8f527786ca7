//! Lists up to when every source of the registry is known: for the start-up banner, the metrics, and callers. A source without an import is
//! not listed.
//!
//! Source: docs/prechecks.md, "How old a source may be".

use crate::directory::{DirectoryError, Documents, Generation, Screening, newest_readings, snapshots_of};
use serde::Serialize;
use utoipa::ToSchema;
use vasp_ingest::gleif_lei;
use vasp_record::register::Extent;
use vasp_record::timeline::Reading;
use vasp_rules::policy::AgeLimit;
use vasp_store::Conn;
use vasp_words::closed_list::closed_list;
use vasp_words::time::Date;

closed_list! {
    /// The kind of a source.
    pub enum HeldSourceKind {
        /// A register of an authority.
        Register = "register",
        /// A list of providers that an authority found to be non-compliant.
        NonCompliantList = "non_compliant_list",
        /// A screening list, or a part of one.
        ScreeningList = "screening_list",
        /// A list of FATF or of the EU.
        JurisdictionList = "jurisdiction_list",
        /// The rulebook.
        Rulebook = "rulebook",
        /// GLEIF's records.
        LeiRecords = "lei_records",
        /// Published rates of exchange.
        ReferenceRates = "reference_rates",
    }
}

/// A source, and up to which day it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Source)]
pub struct SourceAge {
    /// Id of the register or list.
    #[schema(example = "esma-casps")]
    pub(crate) id: String,
    pub(crate) kind: HeldSourceKind,
    /// The source's own date. The registry does not know what happened later.
    pub(crate) known_through: Date,
    /// How much of the register was read; null if it is no register. Only of a `whole` register does absence mean something.
    pub(crate) extent: Option<Extent>,
    /// Days since then, counted as the policy counts: UTC days, at least 0.
    pub(crate) age_days: i64,
    /// A source older than this gets a note; null if never.
    note_after_days: Option<i64>,
    /// A source older than this confirms nothing any more; null if there is no limit.
    pub(crate) limit_days: Option<i64>,
    /// The file or page that was read.
    read_from: String,
}

impl SourceAge {
    /// Returns its id and the day up to which it is known.
    #[must_use]
    pub fn known(&self) -> (&str, Date) {
        (&self.id, self.known_through)
    }

    /// Returns the kind of the source.
    #[must_use]
    pub fn kind(&self) -> HeldSourceKind {
        self.kind
    }

    /// Returns whether the source is so old that it confirms nothing any more.
    #[must_use]
    pub fn is_past_limit(&self) -> bool {
        self.limit_days.is_some_and(|limit| self.age_days > limit)
    }

    /// Returns whether the source is so old that answers note it, and not yet past its limit.
    #[must_use]
    pub fn is_noted(&self) -> bool {
        self.note_after_days.is_some_and(|days| self.age_days > days) && !self.is_past_limit()
    }

    /// Returns a line of text about the source.
    #[must_use]
    pub fn line(&self) -> String {
        let past = self.limit_days.filter(|limit| self.age_days > *limit);
        let past = past.map_or_else(String::new, |limit| format!(", older than its limit of {limit} days"));
        let held = self.extent.filter(|extent| !extent.is_whole());
        let held = held.map_or_else(String::new, |extent| format!(", held in {extent} rows: absence means nothing"));
        format!("{:<28} known up to {}, {} days ago{past}{held} ({})", self.id, self.known_through, self.age_days, self.read_from)
    }
}

/// Returns every source, by kind, with its age on `today` and the limits of the registry's policy.
#[must_use]
pub fn list_sources(generation: &Generation, today: Date) -> Vec<SourceAge> {
    ages(generation.documents(), generation.registers(), today)
}

/// Returns what [`list_sources`] does, from the database and without its records.
///
/// # Errors
/// `DirectoryError` if the database fails or a document cannot be read.
pub fn stored_sources(conn: &mut Conn, today: Date) -> Result<Vec<SourceAge>, DirectoryError> {
    let documents = Documents::load(conn, i64::MAX, Screening::Loaded)?;
    let snapshots = snapshots_of(conn, i64::MAX)?;
    Ok(ages(&documents, newest_readings(&snapshots), today))
}

fn ages<'a>(documents: &Documents, registers: impl Iterator<Item = (&'a str, &'a Reading)>, today: Date) -> Vec<SourceAge> {
    let limits = documents.policy.value.freshness();
    let days = |limit: AgeLimit| (Some(i64::from(limit.warn_after)), limit.unknown_after.map(i64::from));
    let source =
        |kind: HeldSourceKind, id: &str, known_through: Date, read_from: &str, limit: (Option<i64>, Option<i64>)| SourceAge {
            id: id.to_owned(),
            kind,
            known_through,
            extent: None,
            age_days: today.days_since(known_through).max(0),
            note_after_days: limit.0,
            limit_days: limit.1,
            read_from: read_from.to_owned(),
        };
    let registers = registers.map(|(register, read)| match register {
        gleif_lei::REGISTER => source(HeldSourceKind::LeiRecords, register, read.day, &read.source, (None, None)),
        _ => SourceAge {
            extent: Some(read.extent),
            ..source(HeldSourceKind::Register, register, read.day, &read.source, days(limits.register))
        },
    });
    let non_compliant = documents.non_compliant.iter().map(|list| {
        let list = list.value.version();
        source(HeldSourceKind::NonCompliantList, list.id, list.as_of, list.source, days(limits.register))
    });
    let screening = documents.screen.iter().flat_map(|screen| screen.value.lists());
    let screening = screening
        .map(|list| source(HeldSourceKind::ScreeningList, &list.id, list.as_of, &list.source, days(limits.screening_list)));
    let jurisdictions = documents.list_versions.iter().map(|list| {
        let limit = (None, Some(list.list.covers_days()));
        source(HeldSourceKind::JurisdictionList, &list.list.to_string(), list.known_through, &list.source, limit)
    });
    let book = &documents.rulebook;
    let rulebook = source(HeldSourceKind::Rulebook, "rulebook", book.value.known_through, &book.source, days(limits.rulebook));
    let rates = documents
        .reference_rates
        .iter()
        .map(|rates| source(HeldSourceKind::ReferenceRates, "reference-rates", rates.observed_on, &rates.source, (None, None)));
    let mut all: Vec<SourceAge> = registers.chain(non_compliant).chain(screening).chain(jurisdictions).collect();
    all.push(rulebook);
    all.extend(rates);
    all.sort_by(|one, other| (one.kind, &one.id).cmp(&(other.kind, &other.id)));
    all
}
