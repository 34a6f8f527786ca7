//! Reads screening hits and lists for operators.

use crate::directory::Generation;
use crate::service::proposals::{Proposal, last, last_one};
use crate::service::{Page, Registry, ServiceError};
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_rules::screening::{ListCoverage, Verdict};
use vasp_store::{Conn, ScreeningHitFilter, ScreeningHitRow, StoreError};
use vasp_words::closed_list::closed_list;
use vasp_words::ids::VaspId;
use vasp_words::time::{Date, UtcTime};

closed_list! {
    /// Where a hit stands.
    pub enum HitStatus as "ScreeningHitStatus" {
        /// Nobody decided yet, or not about the entry as it stands.
        Open = "open",
        /// Two people said that it is somebody else.
        FalsePositive = "false_positive",
        /// Two people said that it is whom the list means.
        TrueMatch = "true_match",
        /// No list says it any more, or the record changed.
        Gone = "gone",
    }
}

/// A hit with all that people need to decide it.
#[derive(Clone, Debug, PartialEq)]
pub struct HitRecord {
    /// The row.
    pub row: ScreeningHitRow,
    /// Where it stands.
    pub status: HitStatus,
    /// The entry's programmes.
    pub programs: Vec<String>,
    /// Id of the VASP's open case.
    pub case: Option<String>,
    /// When it was found first.
    pub found_at: UtcTime,
    /// When it changed last.
    pub changed_at: UtcTime,
    /// What waits for a second person, or what two people decided of the entry as it stands.
    pub proposal: Option<Proposal>,
    /// What of the hit is proposed, or was decided.
    pub verdict: Option<Verdict>,
}

impl HitRecord {
    /// Reads what belongs to a row.
    ///
    /// # Errors
    /// `ServiceError::Store`.
    pub(super) fn read(conn: &mut Conn, row: ScreeningHitRow) -> Result<Self, ServiceError> {
        let case = conn.open_case_of(&row.vasp)?.map(|case| case.id);
        let proposal = last_one(conn, ProposalKind::Screening, &row.id, None)?;
        Self::of(row, case, proposal)
    }

    fn of(row: ScreeningHitRow, case: Option<String>, proposal: Option<Proposal>) -> Result<Self, ServiceError> {
        let wrong = |column| StoreError::Inconsistent { table: "screening_hits", column, id: row.id.clone() };
        let time = |micros, column| UtcTime::from_micros(micros).map_err(|_| wrong(column));
        let status = row.status.parse().map_err(|_| wrong("status"))?;
        let is_decided = matches!(status, HitStatus::FalsePositive | HitStatus::TrueMatch);
        let proposal = proposal.filter(|last| last.is_pending() || is_decided && last.state == ProposalState::Approved);
        Ok(Self {
            status,
            verdict: proposal.as_ref().map(Proposal::content).transpose()?,
            proposal,
            programs: serde_json::from_str(&row.programs).map_err(|_| wrong("programs"))?,
            case,
            found_at: time(row.found_at, "found_at")?,
            changed_at: time(row.changed_at, "changed_at")?,
            row,
        })
    }
}

/// A screening list that is searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRecord {
    /// Its id.
    pub id: String,
    /// The list that policies name.
    pub family: String,
    /// Its own day.
    pub as_of: Date,
    /// How many days ago.
    pub age_days: i64,
    /// Where it came from.
    pub source: String,
    /// Whether it is held whole.
    pub coverage: ListCoverage,
    /// Entries on it.
    pub entries: usize,
    /// Names and aliases on it.
    pub names: usize,
    /// Addresses on it, as published.
    pub addresses: usize,
    /// Of these, how many name an account on a supported network.
    pub readable_addresses: usize,
}

/// Lists hits in the order in which they were found.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_hits(
    registry: &Registry,
    status: Option<HitStatus>,
    vasp: Option<VaspId>,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<HitRecord, String>, ServiceError> {
    let filter = ScreeningHitFilter { status: status.map(|status| status.to_string()), vasp: vasp.map(|id| id.to_string()) };
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let hits = registry.store().read(|conn| {
        let rows = conn.screening_hits(&filter, after.unwrap_or(""), most)?;
        let mut vasps: Vec<String> = rows.iter().map(|row| row.vasp.clone()).collect();
        vasps.dedup();
        let cases = conn.open_cases_of(&vasps)?;
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let mut proposals = last(conn, ProposalKind::Screening, &ids, None)?;
        let record = |row: ScreeningHitRow| {
            let (case, proposal) = (cases.get(&row.vasp).cloned(), proposals.remove(&row.id));
            HitRecord::of(row, case, proposal)
        };
        rows.into_iter().map(record).collect::<Result<Vec<_>, ServiceError>>()
    })?;
    Ok(Page::of(hits.into_iter(), limit, |hit| hit.row.id.clone()))
}

/// Returns one hit.
///
/// # Errors
/// `ServiceError::NotFound`, `Store`.
pub fn read_hit(registry: &Registry, id: &str) -> Result<HitRecord, ServiceError> {
    registry.store().read(|conn| {
        let row = conn.screening_hit(id)?.ok_or_else(|| ServiceError::NotFound(format!("There is no screening hit {id}.")))?;
        HitRecord::read(conn, row)
    })
}

/// Returns the lists that a generation searches, by id.
#[must_use]
pub fn list_lists(generation: &Generation, now: UtcTime) -> Vec<ListRecord> {
    let screen = generation.documents().screen.as_ref();
    let lists = screen.into_iter().flat_map(|screen| screen.value.lists());
    let record = |list: &vasp_rules::screening::SanctionsList| {
        let addresses = || list.entries.iter().flat_map(|entry| &entry.addresses);
        ListRecord {
            id: list.id.clone(),
            family: list.list().to_owned(),
            as_of: list.as_of,
            age_days: now.date().days_since(list.as_of),
            source: list.source.clone(),
            coverage: list.coverage,
            entries: list.entries.len(),
            names: list.entries.iter().map(|entry| entry.names().count() + entry.weak_aliases.len()).sum(),
            addresses: list.address_count(),
            readable_addresses: addresses().filter(|address| !address.accounts.is_empty()).count(),
        }
    };
    lists.map(record).collect()
}
