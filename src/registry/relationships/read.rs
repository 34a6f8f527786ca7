//! Reads the decisions of the caller's organisation about counterparties: from memory, opened with its key; the history from the rows.

use std::sync::Arc;

use super::Ground;
use super::file::counterparty;
use crate::acts::Identity;
use crate::directory::{Generation, open_sealed};
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

/// The maximum number of versions in one history.
const VERSIONS: i64 = 500;

/// The state of one track, as shown to the organisation that owns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackState {
    /// The status on the day.
    pub status: DueDiligenceStatus,
    /// The relationship that decides the status; `None` if there is none.
    pub by: Option<Relationship>,
    /// The group for which it was decided; `None` if it was decided for this record.
    pub inherited_from: Option<VaspId>,
    /// The record for which it was decided, if that record was merged into this one.
    pub merged_from: Option<VaspId>,
    /// The parts that are missing from the file.
    pub missing: Vec<Needed>,
}

/// What an organisation stores about one counterparty.
#[derive(Clone, Debug)]
pub struct KeptRelationship {
    /// The counterparty's record; `None` if the directory no longer has it.
    pub vasp: Option<Arc<Vasp>>,
    /// Id of the counterparty's record.
    pub vasp_id: VaspId,
    /// The organisation's own file; `None` if it has none.
    pub kept: Option<Relationship>,
    /// The proposal that waits for a second person; `None` if none waits.
    pub proposal: Option<Proposal>,
    /// The track of FATF R.16.
    pub travel_rule: TrackState,
    /// The track of FATF R.13.
    pub correspondent: TrackState,
    /// The number of failed exchanges in the policy's period.
    pub failures: usize,
    /// Versions, newest first; empty unless a single relationship is read.
    pub history: Vec<Relationship>,
}

/// Selects relationships.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelationshipFilter {
    /// The track to which the filters apply; `None` for either.
    pub track: Option<Track>,
    /// The status today.
    pub status: Option<DueDiligenceStatus>,
    /// Only those with a review due before this day.
    pub review_due_before: Option<Date>,
}

impl KeptRelationship {
    /// Collects what the organisation sees of a counterparty.
    pub(super) fn of(all: &Relationships, ground: &Ground<'_>, vasp: VaspId, now: UtcTime) -> Result<Self, ServiceError> {
        let records = ground.records();
        let (ids, group) = records.ids_of_party(vasp);
        let all = &ground.judge(now.date())?.marked(&all.of_party(&ids, &group))?;
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
        Ok(Self {
            vasp: records.get(vasp).cloned(),
            vasp_id: records.canonical(vasp),
            travel_rule: state(Track::TravelRule),
            correspondent: state(Track::Correspondent),
            kept,
            proposal: None,
            failures,
            history: vec![],
        })
    }

    /// Returns the state of a track.
    #[must_use]
    pub fn track(&self, track: Track) -> &TrackState {
        match track {
            Track::TravelRule => &self.travel_rule,
            Track::Correspondent => &self.correspondent,
        }
    }

    /// Returns the version of the organisation's own file, 0 if it has none.
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

/// Adds the proposals that wait for a second person.
pub(super) fn add_proposals(conn: &mut Conn, key: &DataKey, shown: &mut [KeptRelationship]) -> Result<(), ServiceError> {
    let id = |one: &KeptRelationship| one.kept.as_ref().map(|kept| kept.id.to_string());
    let ids: Vec<String> = shown.iter().filter_map(id).collect();
    let mut proposals = last(conn, ProposalKind::Relationship, &ids, Some(key))?;
    for one in shown {
        one.proposal = id(one).and_then(|id| proposals.remove(&id)).filter(Proposal::is_pending);
    }
    Ok(())
}

/// Returns what an organisation stores about a counterparty, without the proposal. Only for answers to that organisation.
pub fn of(
    registry: &Registry,
    generation: &Arc<Generation>,
    organisation: OrganisationId,
    vasp: VaspId,
    now: UtcTime,
) -> Result<KeptRelationship, ServiceError> {
    let ground = Ground::of(registry, Arc::clone(generation), organisation)?;
    opened(registry, organisation, |all| KeptRelationship::of(all, &ground, vasp, now))?
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

/// Returns the counterparty of a relationship.
pub(super) fn vasp_of(registry: &Registry, organisation: OrganisationId, id: RelationshipId) -> Result<VaspId, ServiceError> {
    let missing = || ServiceError::NotFound("There is no such relationship.".to_owned());
    opened(registry, organisation, |all| all.iter().find(|one| one.id == id).map(|one| one.vasp))?.ok_or_else(missing)
}

/// Returns what the caller's organisation stores about a counterparty, with its versions.
///
/// # Errors
/// `ServiceError::NotFound`, `AmbiguousLei` for a counterparty that the directory does not have; `IllegalStep` for the caller's own VASP;
/// and those of [`of`].
pub fn read(registry: &Registry, identity: &Identity, name: VaspName, now: UtcTime) -> Result<KeptRelationship, ServiceError> {
    let generation = registry.pin(now);
    let vasp = counterparty(generation.records(), identity, name)?.id;
    let mut found = of(registry, &generation, identity.organisation, vasp, now)?;
    let ids: Vec<RelationshipId> = opened(registry, identity.organisation, |all| {
        generation.records().ids_of_party(vasp).0.iter().filter_map(|id| all.get(*id)).map(|kept| kept.id).collect()
    })?;
    if let (false, Some(key)) = (ids.is_empty(), registry.own_data_key(identity.organisation)?) {
        let rows = registry.store().read::<_, ServiceError>(|conn| {
            add_proposals(conn, &key, std::slice::from_mut(&mut found))?;
            Ok(conn.relationship_versions(identity.organisation, &ids, VERSIONS)?)
        })?;
        found.history = rows.iter().map(|row| open_sealed(&key, row)).collect::<Result<_, _>>()?;
    }
    Ok(found)
}

/// Lists what the caller's organisation stores about counterparties, in order of id.
pub fn list(
    registry: &Registry,
    identity: &Identity,
    filter: &RelationshipFilter,
    after: &str,
    limit: usize,
    now: UtcTime,
) -> Result<Page<KeptRelationship, String>, ServiceError> {
    let ground = Ground::of(registry, registry.pin(now), identity.organisation)?;
    let mut found = opened(registry, identity.organisation, |all| {
        let mut kept: Vec<&Relationship> = all.iter().filter(|one| one.id.to_string().as_str() > after).collect();
        kept.sort_by_key(|one| one.id);
        let shown = kept
            .into_iter()
            .map(|one| Ok(KeptRelationship { kept: Some(one.clone()), ..KeptRelationship::of(all, &ground, one.vasp, now)? }));
        let passes = |one: &Result<KeptRelationship, ServiceError>| one.as_ref().map_or(true, |one| one.passes(filter));
        shown.filter(passes).take(limit.saturating_add(1)).collect::<Result<Vec<_>, ServiceError>>()
    })??;
    found.dedup_by_key(|one| one.kept.as_ref().map(|kept| kept.id));
    if let Some(key) = registry.own_data_key(identity.organisation)? {
        registry.store().read(|conn| add_proposals(conn, &key, &mut found))?;
    }
    let id = |one: &KeptRelationship| one.kept.as_ref().map(|kept| kept.id.to_string()).unwrap_or_default();
    Ok(Page::of(found.into_iter(), limit, id))
}
