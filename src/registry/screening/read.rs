//! Reads screening hits, with both sides whole: for an organisation with its own decisions, for operators with the registry's. The lists are
//! for operators.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::compare::matches_of;
use super::decide::{HitContent, entry_of, missing};
use super::own::{decisions_of, subject};
use super::view::{RegistryDecisionView, ScreeningHitView};
use crate::acts::Identity;
use crate::directory::Generation;
use crate::node::{Page, Registry, ServiceError};
use crate::proposals::last;
use vasp_pki::DataKey;
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_record::role::OrganisationKind;
use vasp_record::screening_decision::HitStatus;
use vasp_record::vasp::Vasp;
use vasp_rules::screening::{ListCoverage, OwnDecision, SanctionsList, ScreeningDecision, Verdict};
use vasp_store::{Conn, ScreeningHit};
use vasp_words::ids::{CaseId, ScreeningHitId, VaspId};
use vasp_words::time::{Date, UtcTime};

/// How many rows are read at once.
const ROWS: i64 = 500;

/// Selects hits.
#[derive(Clone, Debug, Default)]
pub struct HitFilter {
    /// Only hits with this status for the reader.
    pub status: Option<HitStatus>,
    /// Only hits about this VASP or its group.
    pub vasp: Option<VaspId>,
}

/// The reader of hits.
struct Reader {
    generation: Arc<Generation>,
    /// The own decisions and key; `None` for operators, who read the registry's.
    own: Option<(Vec<OwnDecision>, Option<DataKey>)>,
}

impl Reader {
    fn of(registry: &Registry, identity: &Identity, now: UtcTime) -> Result<Self, ServiceError> {
        let organisation = identity.organisation;
        let own = if identity.kind == OrganisationKind::Operator {
            None
        } else {
            let state = registry.directory().private(organisation)?;
            let decisions = decisions_of(registry, &state, Some(organisation))?.to_vec();
            Some((decisions, registry.own_data_key(organisation)?))
        };
        Ok(Self { generation: registry.pin(now), own })
    }

    /// Returns the status of a hit for the reader.
    fn status(&self, hit: &ScreeningHit, vasp: Option<&Vasp>) -> HitStatus {
        let Some((decisions, _)) = self.own.as_ref().filter(|_| hit.status != HitStatus::Gone) else { return hit.status };
        let mut of_it =
            decisions.iter().filter(|one| one.vasp == hit.vasp && one.pair.list == hit.list && one.pair.uid == hit.uid);
        let current = of_it.rfind(|one| vasp.is_some_and(|vasp| one.counts_for(vasp))).map(|one| &one.decision);
        match current {
            Some(one) if one.verdict == Verdict::TrueMatch => HitStatus::TrueMatch,
            Some(one) if self.is_cleared(hit, one) => HitStatus::FalsePositive,
            _ => HitStatus::Open,
        }
    }

    /// Tells whether a decision clears everything that matches.
    fn is_cleared(&self, hit: &ScreeningHit, decision: &ScreeningDecision) -> bool {
        let forms = (hit.entry_sha256.as_str(), decision.record_sha256.as_str());
        let all = matches_of(self.generation.records(), hit);
        !all.is_empty() && all.iter().all(|found| decision.clears(forms, &found.matched.text()))
    }

    /// Joins what belongs to some hits.
    fn complete(&self, conn: &mut Conn, rows: Vec<ScreeningHit>) -> Result<Vec<ScreeningHitView>, ServiceError> {
        let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
        let mut registrys = last(conn, ProposalKind::Screening, &ids, None)?;
        let (mut own, mut cases) = (HashMap::new(), HashMap::new());
        match &self.own {
            None => {
                let mut vasps: Vec<VaspId> = rows.iter().map(|row| row.vasp).collect();
                vasps.dedup();
                cases = conn.open_cases_of(&vasps)?;
            }
            Some((_, Some(key))) => {
                let subjects: Vec<String> = rows.iter().map(|row| subject(key, row.id)).collect();
                let mut found = last(conn, ProposalKind::OwnScreening, &subjects, Some(key))?;
                own = rows.iter().zip(&subjects).filter_map(|(row, subject)| Some((row.id, found.remove(subject)?))).collect();
            }
            Some((_, None)) => {}
        }
        let record = |row: ScreeningHit| {
            let vasp = self.generation.records().get(row.vasp).map(AsRef::as_ref);
            let status = self.status(&row, vasp);
            let of_registry = registrys.remove(&row.id.to_string());
            let registry = of_registry.as_ref().filter(|one| is_decided(row.status) && one.state == ProposalState::Approved);
            let registry = registry.map(|one| {
                let HitContent { decision, difference, .. } = one.content()?;
                let decided_at = one.decided_at.unwrap_or(row.changed_at);
                Ok::<_, ServiceError>(RegistryDecisionView { decision, decided_at, difference })
            });
            let proposal = if self.own.is_none() { of_registry.clone() } else { own.remove(&row.id) };
            let proposal = proposal.filter(|one| one.is_pending() || is_decided(status) && one.state == ProposalState::Approved);
            let (case, entry) = (cases.get(&row.vasp).map(CaseId::to_string), entry_of(&self.generation, &row));
            let matches = matches_of(self.generation.records(), &row);
            let mut view = ScreeningHitView::of(row, status, vasp, entry, &matches);
            (view.case, view.proposal, view.registry_decision) = (case, proposal.map(Into::into), registry.transpose()?);
            Ok(view)
        };
        rows.into_iter().map(record).collect()
    }
}

fn is_decided(status: HitStatus) -> bool {
    matches!(status, HitStatus::FalsePositive | HitStatus::TrueMatch)
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
///
/// # Errors
/// `ServiceError::Store`, `Key`, `Directory`.
pub(crate) fn list_hits(
    registry: &Registry,
    identity: &Identity,
    filter: &HitFilter,
    after: Option<&str>,
    limit: usize,
    now: UtcTime,
) -> Result<Page<ScreeningHitView, String>, ServiceError> {
    let reader = Reader::of(registry, identity, now)?;
    let records = reader.generation.records();
    let vasps = filter.vasp.map(|vasp| {
        let (own, group) = records.ids_of_party(vasp);
        [own, group].concat()
    });
    let (most, mut after) = (limit.saturating_add(1), after.unwrap_or("").to_owned());
    let hits = registry.store().read(|conn| {
        let mut found: Vec<ScreeningHit> = vec![];
        // The own status is not in the rows, so pages of rows are read until enough of them have it.
        loop {
            let rows = conn.screening_hits(vasps.as_deref(), &after, ROWS)?;
            let is_last = rows.len() < usize::try_from(ROWS).unwrap_or(usize::MAX);
            let Some(last) = rows.last().map(|row| row.id.to_string()) else { break };
            after = last;
            let is_wanted = |row: &ScreeningHit| {
                filter.status.is_none_or(|wanted| reader.status(row, records.get(row.vasp).map(AsRef::as_ref)) == wanted)
            };
            found.extend(rows.into_iter().filter(is_wanted));
            if is_last || found.len() >= most {
                break;
            }
        }
        found.truncate(most);
        reader.complete(conn, found)
    })?;
    Ok(Page::of(hits.into_iter(), limit, |hit| hit.id.clone()))
}

/// Returns one hit.
///
/// # Errors
/// `ServiceError::NotFound`, `Store`, `Key`, `Directory`.
pub(crate) fn read_hit(
    registry: &Registry,
    identity: &Identity,
    id: ScreeningHitId,
    now: UtcTime,
) -> Result<ScreeningHitView, ServiceError> {
    let reader = Reader::of(registry, identity, now)?;
    registry.store().read(|conn| {
        let row = conn.screening_hit(id)?.ok_or_else(|| missing(id))?;
        reader.complete(conn, vec![row])?.pop().ok_or_else(|| missing(id))
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
