//! The due-diligence file of a VASP, as one caller may read it. Level A is computed from the directory. Level B is the member's own
//! answers, as far as it gave access. Each time a caller reads another member's answers, both sides' audit chains get an event. Level C
//! is the caller's own relationship, shown only to people who may read relationships.

use std::sync::Arc;

use serde_json::json;

use crate::acts::{Identity, event};
use crate::directory::{Generation, StandingAnswers};
use crate::node::{Holds, Registry, ServiceError, ValidUntil, find_vasp};
use crate::precheck::{Asking, OwnSide, PrecheckQuestion, precheck};
use crate::questionnaires::{Signature, answered_version, open_submission, opened, standing_answers};
use crate::relationships;
use crate::relationships::KeptRelationship;
use rand_core::RngCore;
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_record::role::{Role, Scope};
use vasp_record::vasp::Vasp;
use vasp_record::vasp_name::VaspName;
use vasp_rules::level_a::{ComputedLine, MeasuredEndpoint, NonCompliance, lines as level_a_lines};
use vasp_rules::ownership::{Owners, OwnershipChain};
use vasp_rules::questionnaire::access::Extent;
use vasp_rules::questionnaire::answers::Answer;
use vasp_rules::questionnaire::standing::{AnsweredLine, ItemStanding, ItemState, LineStatus, Verdict, asks_more, items, lines};
use vasp_rules::questionnaire::{AnswerKind, Item, Track};
use vasp_store::{StoreError, SubmittedAnswers};
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::time::{Date, UtcTime};

/// A sequence after everything that was ever written.
const NOW: i64 = i64::MAX - 1;

/// The due-diligence file, as one caller may read it.
#[derive(Clone, Debug)]
pub struct DueDiligenceFile {
    /// The directory generation that answered.
    pub generation: Arc<Generation>,
    /// The record.
    pub record: Arc<Vasp>,
    /// Level A.
    pub level_a: Vec<ComputedLine>,
    /// The summary of the current answers. `None` if there are none, and for callers without credentials.
    pub summary: Option<AnswersSummary>,
    /// Level B, as far as the caller may read it. `None` if it may not.
    pub level_b: Option<SharedAnswers>,
    /// Level C. `None` if the caller's organisation has no relationship with the VASP, or if the caller may not read it.
    pub relationship: Option<KeptRelationship>,
    /// How complete the file is for each duty.
    pub tracks: Vec<TrackFile>,
    /// Until when the answer may be used.
    pub valid_until: ValidUntil,
}

/// What every caller with credentials may know about the answers: that they exist, their date, and for which duty they are complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswersSummary {
    /// The questionnaire, `id@version`.
    pub questionnaire: String,
    /// The day on which they were submitted.
    pub submitted_on: Date,
    /// For each duty, the first day on which the answers are no longer complete. `None` if they are not complete now.
    pub tracks: Vec<(Track, Option<Date>)>,
}

/// One answer that the caller may read.
#[derive(Clone, Debug)]
pub struct SharedAnswer {
    /// The item of the questionnaire.
    pub item: Item,
    /// The state of the item.
    pub state: ItemState,
    /// What the answer means for the VASP. `None` if there is no answer.
    pub verdict: Option<Verdict>,
    /// The answer. `None` if there is none.
    pub answer: Option<Answer>,
    /// The first day on which the answer is no longer valid.
    pub valid_until: Option<Date>,
}

/// The answers, as far as the caller may read them.
#[derive(Clone, Debug)]
pub struct SharedAnswers {
    /// Which part may be read.
    pub extent: Extent,
    /// When the access expires. `None` if the caller's organisation gave the answers itself.
    pub expires_at: Option<UtcTime>,
    /// Id of the submission.
    pub submission: String,
    /// SHA-256 of the document that was signed.
    pub document_sha256: String,
    /// The signature.
    pub signature: Signature,
    /// What the answers establish, line by line. A line is not established if some of its items are withheld.
    pub lines: Vec<AnsweredLine>,
    /// The answers.
    pub answers: Vec<SharedAnswer>,
    /// The owners. `None` if they may not be read, or if there are none.
    pub ownership: Option<(OwnershipChain, Owners)>,
}

/// How complete the file is for one duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackFile {
    /// The duty.
    pub track: Track,
    /// Requirements and items that are missing, or that the caller may not read.
    pub missing: Vec<String>,
    /// The first day on which something valid expires.
    pub expires_on: Option<Date>,
}

/// Returns the due-diligence file of a VASP.
pub fn read_due_diligence(
    registry: &Registry,
    identity: Option<&Identity>,
    vasp: VaspName,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<DueDiligenceFile, ServiceError> {
    let generation = registry.pin(now);
    let record = find_vasp(generation.records(), vasp)?;
    let standing = identity.and_then(|_| standing_answers(registry, &generation, record.id));
    let summary = standing.as_deref().map(|answers| summary(registry, &generation, answers)).transpose()?;
    let level_b = match (identity, standing) {
        (Some(identity), Some(answers)) => read_answers(registry, &generation, identity, &answers, now, rng)?,
        _ => None,
    };
    // If the audit chains have no event for this reading, the checks must not use the answers either.
    let asking = Asking::of(identity, now);
    let asking = if level_b.is_some() { asking } else { asking.without_answers() };
    let level_a = level_a(registry, &generation, identity, &asking, &record, now)?;
    let relationship = own_relationship(registry, &generation, identity, record.id, now)?;
    let tracks = Track::ALL.into_iter().map(|track| track_file(&generation, track, &level_a, level_b.as_ref())).collect();
    let ends = level_a.iter().filter_map(ComputedLine::valid_until);
    let access = level_b.iter().filter_map(|shared| shared.expires_at);
    let valid_until = registry.valid_until(Holds::before(now, ends.chain(access)));
    Ok(DueDiligenceFile { generation, record, level_a, summary, level_b, relationship, tracks, valid_until })
}

/// Returns what the caller's organisation decided about the VASP, or about its group.
fn own_relationship(
    registry: &Registry,
    generation: &Arc<Generation>,
    identity: Option<&Identity>,
    vasp: VaspId,
    now: UtcTime,
) -> Result<Option<KeptRelationship>, ServiceError> {
    let may = |asker: &&Identity| asker.may(Scope::Compliance) && asker.has_any(&[Role::Compliance, Role::SeniorManagement]);
    let Some(asker) = identity.filter(may) else { return Ok(None) };
    let kept = relationships::of(registry, generation, asker.organisation, vasp, now)?;
    let is_known = kept.kept.is_some() || kept.travel_rule.by.is_some() || kept.correspondent.by.is_some();
    Ok(is_known.then_some(kept))
}

/// Returns the lines of level A: the checks of a pre-check with this VASP as counterparty and without a transfer, and what the probes
/// measured.
fn level_a(
    registry: &Registry,
    generation: &Arc<Generation>,
    identity: Option<&Identity>,
    asking: &Asking,
    record: &Vasp,
    now: UtcTime,
) -> Result<Vec<ComputedLine>, ServiceError> {
    let records = generation.records();
    let own_country = identity.and_then(|asker| records.get(asker.vasp?)?.country);
    // An asker without a country of its own asks from the counterparty's country. If both are unknown, the first country of the
    // rulebook is used, and no rule of the asker's side matters.
    let fallback = || generation.documents().rulebook.value.jurisdictions().find_map(|entry| entry.id.country());
    let jurisdiction = match own_country {
        Some(_) => None,
        None => record.country.or_else(fallback).map(|country| country.to_string()),
    };
    let question = PrecheckQuestion::about(record.id, OwnSide { vasp: None, jurisdiction }, now.date());
    let pointer = |member: &str| format!("/{member}");
    let answer = precheck(registry, generation, &question, asking, now, &pointer)?;
    let health = registry.directory().health();
    let usable = record.endpoints.iter().filter(|endpoint| generation.standing(endpoint, record, now).reason().is_none());
    let endpoints: Vec<MeasuredEndpoint> = usable
        .map(|endpoint| {
            let seen = health.of(endpoint.id, now);
            let protocol = endpoint.protocol.clone();
            MeasuredEndpoint { id: endpoint.id, protocol, state: seen.state, sampled_at: seen.sampled_at }
        })
        .collect();
    let list = generation.documents().non_compliant.as_ref();
    let non_compliance = NonCompliance {
        found: records.judged(record.id).and_then(|judged| judged.elsewhere.non_compliant.as_deref()),
        source: list.map_or("", |list| list.source.as_str()),
        as_of: list.map(|list| list.observed_on.start()),
    };
    Ok(level_a_lines(&answer.outcome.checks, non_compliance, &endpoints))
}

fn summary(registry: &Registry, generation: &Generation, answers: &StandingAnswers) -> Result<AnswersSummary, ServiceError> {
    let (facts, version) = (opened(registry, answers)?, answered_version(answers));
    let questionnaire = &generation.documents().questionnaire.value;
    let still = |track: Track| !asks_more(questionnaire, track, version);
    Ok(AnswersSummary {
        questionnaire: answers.questionnaire.clone(),
        submitted_on: answers.submitted_at.date(),
        tracks: facts.tracks.iter().map(|fact| (fact.track, fact.complete_until.filter(|_| still(fact.track)))).collect(),
    })
}

/// Returns whether the credentials may read answers at all: those of people who decide about counterparties, and a member's for its own
/// answers.
fn may_read(identity: &Identity, owner: OrganisationId) -> bool {
    let decides = identity.may(Scope::Compliance) && identity.has_any(&[Role::Compliance]);
    decides || identity.organisation == owner && identity.may(Scope::Member)
}

/// Reads what the caller may read, from the database. So access that another node withdrew has no effect here any more.
fn read_answers(
    registry: &Registry,
    generation: &Generation,
    identity: &Identity,
    known: &StandingAnswers,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Option<SharedAnswers>, ServiceError> {
    if !may_read(identity, known.organisation) {
        return Ok(None);
    }
    let key = registry.existing_data_key(known.organisation)?;
    let owner = known.organisation;
    let (row, extent, expires_at) = if identity.organisation == known.organisation {
        let row = registry.store().read::<_, StoreError>(|conn| conn.standing_answers(owner, NOW))?;
        (row, Extent::whole(), None)
    } else if known.readable_by(identity.organisation, now).is_none() {
        // Access that another node gave within the last second is known here a second later.
        return Ok(None);
    } else {
        let asker = identity.organisation;
        let found = registry.store().write::<_, ServiceError>(now, rng, |transaction| {
            let access = transaction.conn().answers_access_at(owner, NOW)?;
            let access = access.into_iter().find(|access| access.grantee == asker && now < access.expires_at);
            let (Some(access), Some(row)) = (access, transaction.conn().standing_answers(owner, NOW)?) else { return Ok(None) };
            let details = json!({"vasp": row.vasp, "submission": row.id, "access": access.id, "reader": asker});
            let read = event(identity, "questionnaire.read", Some(row.id.to_string()), AuditOutcome::Done, details);
            transaction.audit(AuditEvent { organisation: Some(owner.to_string()), ..read.clone() });
            transaction.audit(read);
            Ok(Some((row, access)))
        })?;
        let Some((row, access)) = found.value else { return Ok(None) };
        let extent = Extent { sections: access.sections.map(|sections| sections.0), ownership: access.ownership };
        (Some(row), extent, Some(access.expires_at))
    };
    row.map(|row| shared(generation, &row, &key, extent, expires_at, now.date())).transpose()
}

/// Returns whether an item may be read. Its section must be shared, and the chain of owners needs its own access too.
fn is_readable(extent: &Extent, item: &Item) -> bool {
    extent.covers(&item.section) && (item.answer != AnswerKind::Ownership || extent.covers_ownership())
}

fn shared(
    generation: &Generation,
    row: &SubmittedAnswers,
    key: &vasp_pki::DataKey,
    extent: Extent,
    expires_at: Option<UtcTime>,
    today: Date,
) -> Result<SharedAnswers, ServiceError> {
    let signed = open_submission(row, key)?;
    let document = signed.document;
    let questionnaire = &generation.documents().questionnaire.value;
    let all = items(questionnaire, &document.answers, document.ownership.as_ref(), today);
    let (readable, withheld): (Vec<ItemStanding<'_>>, Vec<ItemStanding<'_>>) =
        all.into_iter().partition(|standing| is_readable(&extent, standing.item));
    let mut lines = lines(&readable);
    for line in &mut lines {
        // A line whose items are withheld in part is not established by the other items.
        let hidden = withheld.iter().any(|standing| standing.item.requirements.contains(&line.requirement));
        if hidden && line.status == LineStatus::Established {
            line.status = LineStatus::NotEstablished;
        }
    }
    let answers = readable.into_iter().filter(|standing| standing.state != ItemState::NotAsked).map(|standing| SharedAnswer {
        answer: document.answers.get(&standing.item.id).cloned(),
        state: standing.state,
        verdict: standing.verdict,
        valid_until: standing.valid_until,
        item: standing.item.clone(),
    });
    let answers: Vec<SharedAnswer> = answers.collect();
    let chain = document.ownership.filter(|_| extent.covers_ownership());
    Ok(SharedAnswers {
        expires_at,
        submission: row.id.to_string(),
        document_sha256: row.document_sha256.to_string(),
        signature: signed.signature,
        lines,
        answers,
        ownership: chain.map(|chain| {
            let owners = chain.owners();
            (chain, owners)
        }),
        extent,
    })
}

/// Returns what is missing for one duty: open lines of level A, items without a valid answer, and requirements whose items may not all
/// be read.
fn track_file(generation: &Generation, track: Track, level_a: &[ComputedLine], level_b: Option<&SharedAnswers>) -> TrackFile {
    let of_track = || level_a.iter().filter(|line| line.counts_for(track));
    let open = of_track().filter(|line| line.status != LineStatus::Established).map(|line| line.requirement.to_string());
    let mut missing: Vec<String> = open.collect();
    let questionnaire = &generation.documents().questionnaire.value;
    let asked = questionnaire.items().filter(|item| item.track.covers(track));
    let extent = level_b.map(|shared| &shared.extent);
    let unreadable = asked.filter(|item| extent.is_none_or(|extent| !is_readable(extent, item)));
    missing.extend(unreadable.flat_map(|item| item.requirements.iter().map(ToString::to_string)));
    let answered = || level_b.iter().flat_map(|shared| &shared.answers).filter(|answer| answer.item.track.covers(track));
    let lacks = |answer: &&SharedAnswer| !answer.item.optional && answer.state < ItemState::Given;
    missing.extend(answered().filter(lacks).map(|answer| answer.item.id.to_string()));
    missing.sort();
    missing.dedup();
    // The line itself says that a list is old if it is known only up to a past day. That day is not a future expiry.
    let ends = of_track().filter_map(ComputedLine::valid_until).map(UtcTime::date).filter(|day| *day > generation.day());
    let until = answered().filter(|answer| answer.state == ItemState::Given && !answer.item.optional);
    TrackFile { track, missing, expires_on: ends.chain(until.filter_map(|answer| answer.valid_until)).min() }
}
