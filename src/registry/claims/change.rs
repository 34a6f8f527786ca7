//! Changes to a member's claims. A claim is never altered: it ends, and another one begins in its own batch. The new claim has its own id
//! and names the claim that it replaced. A withdrawal takes effect at once, whatever the state of the member's record.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::allowance::not_written;
use super::attest::seen;
use super::challenge::account_of;
use super::claimant::{Claimant, Speaker};
use super::ended::leave_end;
use super::plan::{Plan, restores};
use super::read::{BatchNotes, ClaimState, MemberClaim, member_claim, own_claim};
use super::standings::Standings;
use super::write::{Replaced, Statement, Voice};
use crate::acts::{Act, Deed, Identity, Reply};
use crate::node::{Fault, ServiceError, invalid};
use vasp_addresses::address::Account;
use vasp_log::change::{Audience, ClaimsEnded, NewChange, Payload};
use vasp_pki::ClaimIdKey;
use vasp_record::allowance::ClaimTerms;
use vasp_record::attestation::{EndReason, Seen, expiry};
use vasp_record::claim::{AddressRole, Strength, Visibility};
use vasp_store::{ClaimEnd, Edit, Transaction, WholeMemberClaim};
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// A change of a claim. Fields that you leave out stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClaimChangeBody)]
pub struct ClaimChange {
    #[serde(default)]
    role: Option<AddressRole>,
    #[serde(default)]
    visibility: Option<Visibility>,
    /// Ids of the organisations that may see the claim. Only for `named`.
    #[serde(default)]
    named: Option<Vec<OrganisationId>>,
    /// When the claim expires. A later time renews the claim.
    #[serde(default)]
    expires_at: Option<UtcTime>,
}

/// Reads a claim of the caller's VASP again, under the lock of claims, and checks its version.
pub(super) fn locked(
    transaction: &mut Transaction<'_>,
    ids: &ClaimIdKey,
    identity: &Identity,
    id: &str,
    is_known: &dyn Fn(&str) -> bool,
) -> Result<(WholeMemberClaim, MemberClaim), ServiceError> {
    transaction.lock_claims()?;
    let now = transaction.now();
    let row = own_claim(transaction.conn(), ids, identity, id)?;
    let notes = BatchNotes::of(transaction.conn(), &[row.batch.number])?;
    let claim = member_claim(ids, &row, &notes, now)?;
    if !is_known(&claim.version()) {
        return Err(ServiceError::Changed(format!(
            "The claim {id} has changed and is now {}; read it again.",
            claim.state.as_str()
        )));
    }
    Ok((row, claim))
}

/// Refuses a claim that has ended.
pub(super) fn refuse_ended(claim: &MemberClaim) -> Result<(), ServiceError> {
    let now = match (claim.state, &claim.replaced_by) {
        (ClaimState::Live | ClaimState::PendingReview | ClaimState::Expired, _) => return Ok(()),
        (_, Some(by)) => format!("The claim {} replaced it.", by),
        (state, None) => format!("It is {}; make a new claim.", state.as_str()),
    };
    Err(ServiceError::IllegalStep(format!("The claim {} is no longer in force. {now}", claim.id)))
}

/// Refuses an expired claim that cannot be renewed. A proof is about its day, so a statement cannot extend it. A claim that expired while
/// it waited was never in force.
pub(super) fn refuse_over_for_good(claim: &MemberClaim) -> Result<(), ServiceError> {
    let said = match (claim.state, claim.standing.strength) {
        (ClaimState::Expired, Strength::Proven) => "was proven and has expired. Sign with its key again.",
        (ClaimState::Expired, _) if claim.waits => "expired while it waited for a reviewer. Claim the address again.",
        _ => return Ok(()),
    };
    Err(ServiceError::IllegalStep(format!("The claim {} {said}", claim.id)))
}

/// Ends a claim and begins another with the change.
pub fn change_claim(
    act: Act<'_, MemberClaim>,
    id: &str,
    change: &ClaimChange,
    is_known: &dyn Fn(&str) -> bool,
    terms: &ClaimTerms,
) -> Result<Reply, ServiceError> {
    let (registry, identity, now) = (act.registry, act.identity, act.now);
    let ids = registry.directory().claim_ids();
    // A caller that may not know of the claim gets that answer before any other check.
    super::read::read_member_claim(registry, identity, id, now)?;
    if *change == ClaimChange::default() {
        let detail = "send at least one of role, visibility and expires_at".to_owned();
        return Err(invalid("", "nothing_to_change", detail));
    }
    let claimant = Claimant::of(registry, identity, now)?;
    let seal_key = registry.seed_key(now, act.rng)?;
    act.run("claim.change", |transaction, identity| {
        claimant.lock(transaction)?;
        let (row, claim) = locked(transaction, ids, identity, id, is_known)?;
        refuse_ended(&claim)?;
        refuse_over_for_good(&claim)?;
        let seen = seen_after(change, &claim, identity.organisation)?;
        let expires_at = end_after(change, &claim, now)?;
        let statement = Statement {
            network: row.claim.network,
            account_key: row.claim.account_key.clone(),
            controller: (row.claim.class, row.claim.controller.clone()),
            memo: row.claim.memo.clone(),
            role: change.role.unwrap_or(claim.standing.role),
            since: if row.waits.is_some() { claim.asserted_at.unwrap_or(now) } else { claim.said_since(now) },
            expires_at,
            replaces: Some(Replaced::of(&row)),
        };
        let voice = Voice {
            strength: claim.standing.strength,
            verified_at: claim.verified_at,
            shown: transaction.conn().other_controllers(&[row.claim.number])?,
            ..Voice::attesting(&claimant, Speaker::from(identity), &seen, &seal_key, registry)
        };
        let after = match (row.waits, claim.state) {
            (Some(_), _) => {
                let waiting = voice.speaking().wait(transaction, &[(statement, row.waits == Some(true))], None)?;
                transaction.conn().member_claim(identity.organisation, waiting.first)?
            }
            (None, ClaimState::Expired) => say_again(transaction, &voice, &claim, statement, terms)?,
            (None, _) => voice.write(transaction, &[statement])?.last,
        };
        let after = after.ok_or_else(not_written)?;
        let after = member_claim(ids, &after, &BatchNotes::naming(after.batch.number, &seen), now)?;
        let (subject, details) = (after.id.clone(), json!({"batch": after.batch, "replaces": claim.id}));
        Ok(Deed::new(after, subject, details))
    })
}

/// Renews an expired claim: meanwhile, others may have claimed the address.
fn say_again(
    transaction: &mut Transaction<'_>,
    voice: &Voice<'_>,
    claim: &MemberClaim,
    statement: Statement,
    terms: &ClaimTerms,
) -> Result<Option<WholeMemberClaim>, ServiceError> {
    let account = Account { memo: claim.memo.clone(), ..account_of(claim)? };
    let now = transaction.now();
    let standings = Standings::read(transaction.conn(), voice.claimant, voice.speaker, now, std::iter::once(&account))?;
    let place = (statement.network, statement.account_key.clone(), statement.memo.clone());
    if standings.says_elsewhere(&place, statement.replaces.map_or(0, |replaced| replaced.number))? {
        let detail = format!("The VASP already has another claim on the account of {}; change that claim.", claim.id);
        return Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "claimed_already", detail }));
    }
    let contested = standings.contested(&account)?;
    let is_restored = restores(claim.standing.expires_at, &contested, now);
    let since = if is_restored { statement.since } else { now };
    let is_older = contested.iter().all(|one| one.asserted_at.is_some_and(|at| at > since.micros()));
    let restored = (is_restored && is_older).then_some(0).into_iter().collect();
    let statements = vec![Statement { since, ..statement }];
    let mut plan = Plan { statements, contested: vec![contested], restored, ..Plan::default() };
    plan.hold_back(transaction, &standings, terms, voice.speaker)?;
    let spoken = voice.say(transaction, &plan)?;
    match spoken.written {
        Some(written) => Ok(written.last),
        None => Ok(transaction.conn().member_claim(voice.speaker.organisation, spoken.waiting.first)?),
    }
}

fn end_after(change: &ClaimChange, claim: &MemberClaim, now: UtcTime) -> Result<UtcTime, ServiceError> {
    expiry(change.expires_at.or(claim.standing.expires_at), 0, now).map_err(|error| {
        let detail = format!("The end of the claim is not valid: {error}.");
        invalid("/expires_at", error.code(), detail)
    })
}

fn seen_after(change: &ClaimChange, claim: &MemberClaim, own: OrganisationId) -> Result<Seen, ServiceError> {
    match (change.visibility, &change.named) {
        (Some(visibility), named) => seen(visibility, named.as_deref().unwrap_or(&[]), own),
        (None, Some(named)) => seen(claim.standing.seen.visibility, named, own),
        (None, None) => Ok(claim.standing.seen.clone()),
    }
}

/// Withdraws a claim with immediate effect.
pub fn withdraw_claim(act: Act<'_, MemberClaim>, id: &str, is_known: &dyn Fn(&str) -> bool) -> Result<Reply, ServiceError> {
    let (registry, now) = (act.registry, act.now);
    let ids = registry.directory().claim_ids();
    let seal_key = registry.seed_key(now, act.rng)?;
    let generation = registry.pin(now);
    act.run("claim.withdraw", |transaction, identity| {
        let (mut row, claim) = locked(transaction, ids, identity, id, is_known)?;
        refuse_ended(&claim)?;
        let notes = BatchNotes::of(transaction.conn(), &[row.batch.number])?;
        match generation.vasp_of(row.claim.vasp).filter(|_| row.waits.is_none()) {
            Some(vasp) => {
                let generation = Arc::clone(&generation);
                let claimant = Claimant { vasp, number: row.claim.vasp, generation, left_group: false };
                let seen = notes.seen(&row.batch);
                leave_end(transaction, (registry, &seal_key), &claimant, (&row, &seen), (EndReason::Withdrawn, false))?;
            }
            None => end_claim(transaction, &row, &claim.id, EndReason::Withdrawn)?,
        }
        row.member.ended_because = Some(EndReason::Withdrawn);
        row.member.ended_at = Some(now);
        let after = member_claim(ids, &row, &notes, now)?;
        Ok(Deed::new(after, &claim.id, json!({"batch": claim.batch})))
    })
}

fn end_claim(
    transaction: &mut Transaction<'_>,
    row: &WholeMemberClaim,
    id: &str,
    because: EndReason,
) -> Result<(), ServiceError> {
    let at = transaction.now();
    let end = ClaimEnd { number: row.claim.number, because, replaced_by: None, at };
    transaction.end_member_claims(&[end])?;
    if row.waits.is_some() {
        return Ok(());
    }
    transaction.close_disputes_of(&[row.claim.number], because.as_str(), at)?;
    record_end(transaction, Some(row.batch.visibility), row.claim.number, id, because);
    Ok(())
}

/// Records that a claim ended. If only some organisations could see the claim, only operators can read this change in the log.
pub(super) fn record_end(
    transaction: &mut Transaction<'_>,
    visibility: Option<Visibility>,
    number: i64,
    id: &str,
    because: EndReason,
) {
    let audience = visibility.map_or(Audience::Operator, Audience::from);
    let said = ClaimsEnded { claims: vec![id.to_owned()], reason: because };
    transaction.record(NewChange::of_claims(audience, Payload::ClaimsEnded(said)), vec![Edit::EndClaim(number)]);
}
