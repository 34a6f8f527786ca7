//! Reads what the caller's organisation decided about counterparties: from memory, opened with its key; the history from the rows.

use std::sync::Arc;

use super::file::counterparty;
use super::{Ground, ids_of};
use crate::acts::Identity;
use crate::directory::{Generation, open_relationship};
use crate::node::{Page, Registry, ServiceError};
use crate::proposals::{Proposal, last};
use vasp_pki::DataKey;
use vasp_record::proposal::ProposalKind;
use vasp_record::vasp::Vasp;
use vasp_record::vasp_name::VaspName;
use vasp_rules::due_diligence::DueDiligenceStatus;
use vasp_rules::relationship::{Needed, Relationship, Relationships, Track};
use vasp_store::Conn;
use vasp_words::ids::{OrganisationId, RelationshipId, VaspId};
use vasp_words::time::{Date, UtcTime};

/// Most versions of one history.
const VERSIONS: i64 = 500;

/// Where one track stands, as it is shown to the organisation whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackState {
    /// Where it stands on the day.
    pub status: DueDiligenceStatus,
    /// The relationship by which; none where there is none.
    pub by: Option<Relationship>,
    /// The group that it was decided for, where it was not for this record.
    pub inherited_from: Option<VaspId>,
    /// The record that it was decided for, where that was merged into this one.
    pub merged_from: Option<VaspId>,
    /// What is missing from the file.
    pub missing: Vec<Needed>,
}

/// What an organisation keeps about one counterparty.
#[derive(Clone, Debug)]
pub struct KeptRelationship {
    /// The counterparty's record; none where the directory has it no longer.
    pub vasp: Option<Arc<Vasp>>,
    /// Its id.
    pub vasp_id: VaspId,
    /// The organisation's own file; none where it keeps none.
    pub kept: Option<Relationship>,
    /// What waits for a second person.
    pub proposal: Option<Proposal>,
    /// FATF R.16.
    pub travel_rule: TrackState,
    /// FATF R.13.
    pub correspondent: TrackState,
    /// Failed exchanges of the policy's time.
    pub failures: usize,
    /// Versions, newest first; only where one relationship is read.
    pub history: Vec<Relationship>,
}

/// Which relationships.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelationshipFilter {
    /// On this track; without one, on either.
    pub track: Option<Track>,
    /// Standing so.
    pub status: Option<DueDiligenceStatus>,
    /// To be reviewed before this day.
    pub review_due_before: Option<Date>,
}

impl KeptRelationship {
    /// Puts together what is shown of a counterparty.
    pub(super) fn of(all: &Relationships, ground: &Ground<'_>, vasp: VaspId, now: UtcTime) -> Self {
        let records = ground.records();
        let (ids, group) = ids_of(records, vasp);
        let (standing, policy, day) = (all.standing(&ids, &group), ground.policy(), now.date());
        let kept = ids.iter().find_map(|id| all.get(*id)).cloned();
        let state = |track: Track| {
            let of = standing.track(track);
            let deciding = of.deciding(track, day);
            let missing = deciding.map(|one| one.relationship.missing(track, policy, day));
            TrackState {
                status: of.status_on(track, day),
                by: deciding.map(|one| one.relationship.clone()),
                inherited_from: deciding.and_then(|one| one.inherited_from),
                merged_from: deciding.and_then(|one| one.merged_from),
                missing: missing.unwrap_or_else(|| {
                    let asked = vasp_rules::relationship::missing_of(track, &Default::default(), policy);
                    [Needed::Decision].into_iter().chain(asked).collect()
                }),
            }
        };
        let failures = kept.as_ref().map_or(0, |kept| kept.failures(day, policy.repeated_failures.within_days));
        Self {
            vasp: records.get(vasp).cloned(),
            vasp_id: records.canonical(vasp),
            travel_rule: state(Track::TravelRule),
            correspondent: state(Track::Correspondent),
            kept,
            proposal: None,
            failures,
            history: vec![],
        }
    }

    /// Returns where a track stands.
    #[must_use]
    pub fn track(&self, track: Track) -> &TrackState {
        match track {
            Track::TravelRule => &self.travel_rule,
            Track::Correspondent => &self.correspondent,
        }
    }

    /// Returns the version of the organisation's own file, 0 where it keeps none.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.kept.as_ref().map_or(0, |kept| kept.version)
    }

    fn passes(&self, filter: &RelationshipFilter) -> bool {
        let tracks = Track::ALL.into_iter().filter(|track| filter.track.is_none_or(|wanted| wanted == *track));
        let mut states = tracks.map(|track| (track, self.track(track)));
        states.any(|(track, state)| {
            let due = state.by.as_ref().and_then(|by| by.track(track).review_due);
            filter.status.is_none_or(|wanted| wanted == state.status)
                && filter.review_due_before.is_none_or(|before| due.is_some_and(|due| due < before))
        })
    }
}

/// Adds what waits for a second person.
pub(super) fn add_proposals(conn: &mut Conn, key: &DataKey, shown: &mut [KeptRelationship]) -> Result<(), ServiceError> {
    let id = |one: &KeptRelationship| one.kept.as_ref().map(|kept| kept.id.to_string());
    let ids: Vec<String> = shown.iter().filter_map(id).collect();
    let mut proposals = last(conn, ProposalKind::Relationship, &ids, Some(key))?;
    for one in shown {
        one.proposal = id(one).and_then(|id| proposals.remove(&id)).filter(Proposal::is_pending);
    }
    Ok(())
}

/// Returns what an organisation keeps about a counterparty, but for what is proposed: for answers to that organisation only.
pub fn of(
    registry: &Registry,
    generation: &Generation,
    organisation: OrganisationId,
    vasp: VaspId,
    now: UtcTime,
) -> Result<KeptRelationship, ServiceError> {
    let ground = Ground::of(registry, generation, organisation)?;
    opened(registry, organisation, |all| KeptRelationship::of(all, &ground, vasp, now))
}

fn opened<T>(
    registry: &Registry,
    organisation: OrganisationId,
    with: impl FnOnce(&Relationships) -> T,
) -> Result<T, ServiceError> {
    let state = registry.directory().private(organisation)?;
    if state.relationships.is_empty() {
        return Ok(with(&Relationships::default()));
    }
    let key = registry.own_data_key(organisation)?;
    let key = key.ok_or_else(|| ServiceError::Unreadable { what: "relationship", reason: "there is no data key".to_owned() })?;
    Ok(with(state.relationships.open(&key)?))
}

/// Returns what the caller's organisation keeps about a counterparty, with its versions.
///
/// # Errors
/// `ServiceError::NotFound`, `AmbiguousLei` for a counterparty that the directory does not have; `IllegalStep` for one's own; as [`of`].
pub fn read(registry: &Registry, identity: &Identity, name: VaspName, now: UtcTime) -> Result<KeptRelationship, ServiceError> {
    let generation = registry.pin(now);
    let vasp = counterparty(generation.records(), identity, name)?.id;
    let mut found = of(registry, &generation, identity.organisation, vasp, now)?;
    let ids: Vec<RelationshipId> = opened(registry, identity.organisation, |all| {
        ids_of(generation.records(), vasp).0.iter().filter_map(|id| all.get(*id)).map(|kept| kept.id).collect()
    })?;
    if let (false, Some(key)) = (ids.is_empty(), registry.own_data_key(identity.organisation)?) {
        let rows = registry.store().read::<_, ServiceError>(|conn| {
            add_proposals(conn, &key, std::slice::from_mut(&mut found))?;
            Ok(conn.relationship_versions(identity.organisation, &ids, VERSIONS)?)
        })?;
        found.history = rows.iter().map(|row| open_relationship(&key, row)).collect::<Result<_, _>>()?;
    }
    Ok(found)
}

/// Lists what the caller's organisation keeps about counterparties, in order of id.
pub fn list(
    registry: &Registry,
    identity: &Identity,
    filter: &RelationshipFilter,
    (after, limit): (&str, usize),
    now: UtcTime,
) -> Result<Page<KeptRelationship, String>, ServiceError> {
    let generation = registry.pin(now);
    let ground = Ground::of(registry, &generation, identity.organisation)?;
    let mut found = opened(registry, identity.organisation, |all| {
        let mut kept: Vec<&Relationship> = all.iter().filter(|one| one.id.to_string().as_str() > after).collect();
        kept.sort_by_key(|one| one.id);
        let shown = kept
            .into_iter()
            .map(|one| KeptRelationship { kept: Some(one.clone()), ..KeptRelationship::of(all, &ground, one.vasp, now) });
        shown.filter(|one| one.passes(filter)).take(limit.saturating_add(1)).collect::<Vec<_>>()
    })?;
    found.dedup_by_key(|one| one.kept.as_ref().map(|kept| kept.id));
    if let Some(key) = registry.own_data_key(identity.organisation)? {
        registry.store().read(|conn| add_proposals(conn, &key, &mut found))?;
    }
    let id = |one: &KeptRelationship| one.kept.as_ref().map(|kept| kept.id.to_string()).unwrap_or_default();
    Ok(Page::of(found.into_iter(), limit, id))
}
