//! The due-diligence file of a VASP as one caller may read it: level A computed from the directory, level B as far as the member
//! gave access. Every reading of another's answers leaves a line in both sides' audit chains. Level C is the caller's own: shown to
//! whoever may read relationships.

use std::sync::Arc;

use serde_json::json;

use crate::acts::{Identity, event};
use crate::answers::{Signature, answered_version, open_submission, opened, standing_answers};
use crate::directory::{Generation, StandingAnswers};
use crate::node::{Holds, Registry, ServiceError, ValidUntil, find_vasp};
use crate::precheck::{Asking, OwnSide, PrecheckQuestion, precheck};
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

/// Sequence of everything that was ever written.
const NOW: i64 = i64::MAX - 1;

/// The file, as one caller may read it.
#[derive(Clone, Debug)]
pub struct DueDiligenceFile {
    /// The directory that was asked.
    pub generation: Arc<Generation>,
    /// The record.
    pub record: Arc<Vasp>,
    /// Level A.
    pub level_a: Vec<ComputedLine>,
    /// That answers stand; none where they do not, and for callers without credentials.
    pub summary: Option<AnswersSummary>,
    /// Level B, as far as the caller may read it.
    pub level_b: Option<SharedAnswers>,
    /// Level C; none where the caller's organisation keeps nothing, or the caller may not read it.
    pub relationship: Option<KeptRelationship>,
    /// Both duties.
    pub tracks: Vec<TrackFile>,
    /// Until when the answer may be used.
    pub valid_until: ValidUntil,
}

/// What everybody with credentials may know of answers: that they stand, of when, and for which duty they are complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswersSummary {
    /// The questionnaire, `id@version`.
    pub questionnaire: String,
    /// Day on which they were handed in.
    pub submitted_on: Date,
    /// For each duty, whether they are complete, and until when.
    pub tracks: Vec<(Track, Option<Date>)>,
}

/// One answer that is shown.
#[derive(Clone, Debug)]
pub struct SharedAnswer {
    /// The item.
    pub item: Item,
    /// Where it stands.
    pub state: ItemState,
    /// What it says.
    pub verdict: Option<Verdict>,
    /// The answer.
    pub answer: Option<Answer>,
    /// First day on which it no longer counts.
    pub valid_until: Option<Date>,
}

/// Answers as far as they may be read.
#[derive(Clone, Debug)]
pub struct SharedAnswers {
    /// What may be read.
    pub extent: Extent,
    /// Until when; none for one's own.
    pub expires_at: Option<UtcTime>,
    /// Id of the submission.
    pub submission: String,
    /// SHA-256 of the document that was signed.
    pub document_sha256: String,
    /// How it was signed.
    pub signature: Signature,
    /// What the answers come to, line by line; of those withheld in part, not what was withheld.
    pub lines: Vec<AnsweredLine>,
    /// The answers.
    pub answers: Vec<SharedAnswer>,
    /// The owners, where they may be read.
    pub ownership: Option<(OwnershipChain, Owners)>,
}

/// How far the file is complete for one duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackFile {
    /// Which.
    pub track: Track,
    /// Lines and items that are missing, or not to be read.
    pub missing: Vec<String>,
    /// First day on which something that counts ends.
    pub expires_on: Option<Date>,
}

/// Returns the file.
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
    // Without a line that they were read, nothing is made of answers either.
    let asking = Asking::of(identity, now);
    let asking = if level_b.is_some() { asking } else { asking.without_answers() };
    let level_a = level_a(registry, &generation, (identity, &asking), &record, now)?;
    let relationship = own_relationship(registry, &generation, identity, record.id, now)?;
    let tracks = Track::ALL.into_iter().map(|track| track_file(&generation, track, &level_a, level_b.as_ref())).collect();
    let ends = level_a.iter().filter_map(ComputedLine::valid_until);
    let access = level_b.iter().filter_map(|shared| shared.expires_at);
    let valid_until = registry.valid_until(Holds::before(now, ends.chain(access)));
    Ok(DueDiligenceFile { generation, record, level_a, summary, level_b, relationship, tracks, valid_until })
}

/// What the caller's organisation decided about the VASP, or about its group.
fn own_relationship(
    registry: &Registry,
    generation: &Generation,
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

/// The checks of a pre-check with this VASP as counterparty, without a transfer, and what the probes measured.
fn level_a(
    registry: &Registry,
    generation: &Arc<Generation>,
    (identity, asking): (Option<&Identity>, &Asking),
    record: &Vasp,
    now: UtcTime,
) -> Result<Vec<ComputedLine>, ServiceError> {
    let records = generation.records();
    let own_country = identity.and_then(|asker| records.get(asker.vasp?)?.country);
    // Whoever asks without a country of its own asks from the counterparty's; with neither, no rule of the own side is looked at.
    let fallback = || generation.documents().rulebook.value.jurisdictions().find_map(|entry| entry.id.country());
    let jurisdiction = match own_country {
        Some(_) => None,
        None => record.country.or_else(fallback).map(|country| country.to_string()),
    };
    let question = PrecheckQuestion::about(record.id, OwnSide { vasp: None, jurisdiction }, now.date());
    let pointer = |member: &str| format!("/{member}");
    let answer = precheck(registry, generation, &question, asking, (now, &pointer))?;
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

/// Whether a credential may read answers at all: those who decide about counterparties, and a member its own.
fn may_read(identity: &Identity, owner: OrganisationId) -> bool {
    let decides = identity.may(Scope::Compliance) && identity.has_any(&[Role::Compliance]);
    decides || identity.organisation == owner && identity.may(Scope::Member)
}

/// Reads what the caller may, as the database has it at this moment: access that was taken back on another node is over here too.
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
        // Given on another node within the last second, it is read a second later.
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
    row.map(|row| shared(generation, &row, &key, (extent, expires_at), now.date())).transpose()
}

/// Whether an item may be read: its section is given, and for the chain of owners that as well.
fn is_readable(extent: &Extent, item: &Item) -> bool {
    extent.covers(&item.section) && (item.answer != AnswerKind::Ownership || extent.covers_ownership())
}

fn shared(
    generation: &Generation,
    row: &SubmittedAnswers,
    key: &vasp_pki::DataKey,
    (extent, expires_at): (Extent, Option<UtcTime>),
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
        // What is withheld in part is not established by the rest.
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

/// What is missing for one duty: lines of level A that are open, items without an answer that counts, lines whose items may not all
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
    // A list that was known through a day gone by is old, which the line says; it ends nothing any more.
    let ends = of_track().filter_map(ComputedLine::valid_until).map(UtcTime::date).filter(|day| *day > generation.day());
    let until = answered().filter(|answer| answer.state == ItemState::Given && !answer.item.optional);
    TrackFile { track, missing, expires_on: ends.chain(until.filter_map(|answer| answer.valid_until)).min() }
}
