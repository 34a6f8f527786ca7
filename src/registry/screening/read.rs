//! Reads screening hits and lists for operators.

use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::Generation;
use crate::node::{Page, Registry, ServiceError};
use crate::proposals::{Proposal, last, last_one};
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_record::screening_decision::HitStatus;
use vasp_rules::screening::{ListCoverage, SanctionsList, Verdict};
use vasp_store::{Conn, ScreeningHit, ScreeningHitFilter};
use vasp_words::ids::{CaseId, ScreeningHitId, VaspId};
use vasp_words::time::{Date, UtcTime};

/// A hit with everything that people need to decide about it.
#[derive(Clone, Debug, PartialEq)]
pub struct HitRecord {
    /// The hit.
    pub hit: ScreeningHit,
    /// The VASP's open case; `None` if there is none.
    pub case: Option<CaseId>,
    /// The proposal that waits for a second person, or that two people decided about the entry's present version; `None` if there is
    /// neither.
    pub proposal: Option<Proposal>,
    /// The verdict that is proposed or was decided; `None` if there is neither.
    pub verdict: Option<Verdict>,
}

impl HitRecord {
    /// Reads everything that belongs to a hit.
    pub(super) fn read(conn: &mut Conn, hit: ScreeningHit) -> Result<Self, ServiceError> {
        let case = conn.open_case_of(hit.vasp)?.map(|case| case.id);
        let proposal = last_one(conn, ProposalKind::Screening, &hit.id.to_string(), None)?;
        Self::of(hit, case, proposal)
    }

    fn of(hit: ScreeningHit, case: Option<CaseId>, proposal: Option<Proposal>) -> Result<Self, ServiceError> {
        let is_decided = matches!(hit.status, HitStatus::FalsePositive | HitStatus::TrueMatch);
        let proposal = proposal.filter(|last| last.is_pending() || is_decided && last.state == ProposalState::Approved);
        let verdict = proposal.as_ref().map(Proposal::content).transpose()?;
        Ok(Self { hit, case, proposal, verdict })
    }
}

/// A screening list that is searched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ScreeningList)]
pub struct ListRecord {
    id: String,
    /// The list as policies name it: this list, or the list that it is a part of.
    list: String,
    /// The list's own date.
    as_of: Date,
    age_days: i64,
    /// The file. For a partial list, also what is missing.
    source: String,
    coverage: ListCoverage,
    entries: usize,
    /// Number of names and aliases.
    names: usize,
    /// Number of addresses, as published.
    addresses: usize,
    /// How many of these addresses name an account on a supported network. The others are compared as text.
    readable_addresses: usize,
    /// The other addresses. The list is partial for questions about a network of their labels.
    unreadable_addresses: Vec<UnreadableAddress>,
}

/// A listed address that no network reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct UnreadableAddress {
    /// Number of its entry.
    uid: String,
    /// Name of its entry.
    name: String,
    /// The list's own label for its currency; empty if the list gives none.
    currency: String,
    /// The address as published.
    text: String,
}

/// Lists hits in the order in which they were found.
pub fn list_hits(
    registry: &Registry,
    filter: &ScreeningHitFilter,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<HitRecord, String>, ServiceError> {
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let hits = registry.store().read(|conn| {
        let rows = conn.screening_hits(filter, after.unwrap_or(""), most)?;
        let mut vasps: Vec<VaspId> = rows.iter().map(|row| row.vasp).collect();
        vasps.dedup();
        let cases = conn.open_cases_of(&vasps)?;
        let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
        let mut proposals = last(conn, ProposalKind::Screening, &ids, None)?;
        let record = |row: ScreeningHit| {
            let (case, proposal) = (cases.get(&row.vasp).copied(), proposals.remove(&row.id.to_string()));
            HitRecord::of(row, case, proposal)
        };
        rows.into_iter().map(record).collect::<Result<Vec<_>, ServiceError>>()
    })?;
    Ok(Page::of(hits.into_iter(), limit, |record| record.hit.id.to_string()))
}

/// Returns one hit.
pub fn read_hit(registry: &Registry, id: ScreeningHitId) -> Result<HitRecord, ServiceError> {
    registry.store().read(|conn| {
        let row = conn.screening_hit(id)?.ok_or_else(|| ServiceError::NotFound(format!("There is no screening hit {id}.")))?;
        HitRecord::read(conn, row)
    })
}

/// Returns the lists that a generation searches, by id.
#[must_use]
pub fn list_lists(generation: &Generation, now: UtcTime) -> Vec<ListRecord> {
    let Some(screen) = &generation.documents().screen else { return vec![] };
    let record = |(number, list): (usize, &SanctionsList)| {
        let unreadable = screen.value.without_account(number).map(|(entry, address)| UnreadableAddress {
            uid: entry.uid.clone(),
            name: entry.name.clone(),
            currency: address.currency.clone(),
            text: address.text.clone(),
        });
        let unreadable_addresses: Vec<UnreadableAddress> = unreadable.collect();
        ListRecord {
            id: list.id.clone(),
            list: list.list().to_owned(),
            as_of: list.as_of,
            age_days: now.date().days_since(list.as_of),
            source: list.source.clone(),
            coverage: list.coverage,
            entries: list.entries.len(),
            names: list.entries.iter().map(|entry| entry.names().count() + entry.weak_aliases.len()).sum(),
            addresses: list.address_count(),
            readable_addresses: list.address_count() - unreadable_addresses.len(),
            unreadable_addresses,
        }
    };
    screen.value.lists().iter().enumerate().map(record).collect()
}
