//! What stays of a claim that ended: its last version, which has expired. It owns nothing. Younger claims of other parties that contradicted
//! it are held until somebody settles it, and its party gets its age back by claiming again.
//!
//! Source: docs/claims.md, "When a claim ends".

use std::collections::BTreeMap;
use std::sync::Arc;

use rand_core::RngCore;

use super::claimant::{Claimant, Speaker};
use super::read::BatchNotes;
use super::write::{Replaced, Statement, Voice};
use crate::alerts::{NewAlert, raise_against};
use crate::node::{Registry, ServiceError};
use vasp_pki::DataKey;
use vasp_record::alert::{AlertBody, Severity};
use vasp_record::attestation::{EndReason, Seen};
use vasp_record::claim::{AddressRole, ClaimNumber, Strength};
use vasp_record::resolution::{CONTESTED_END, ENDED, REMEMBERED_DAYS};
use vasp_store::{Conn, Transaction, WholeMemberClaim};
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::time::UtcTime;

/// Replaces a claim that counted by its last version. `because` is why the claim itself ends, and `was_contested` what is known already of
/// whether others contradicted it.
pub(super) fn leave_end(
    transaction: &mut Transaction<'_>,
    (registry, seal_key): (&Registry, &DataKey),
    claimant: &Claimant,
    (row, seen): (&WholeMemberClaim, &Seen),
    (because, was_contested): (EndReason, bool),
) -> Result<(), ServiceError> {
    let now = transaction.now();
    let time = |micros: Option<i64>| micros.and_then(|at| UtcTime::from_micros(at).ok());
    let (since, end) = (time(row.claim.asserted_at).unwrap_or(now), time(row.claim.expires_at).map_or(now, |at| at.min(now)));
    let is_contested = was_contested || is_contested(transaction.conn(), claimant, row, since, end)?;
    // Disputes that this claim opened are closed. Disputes that others opened against it stay, with its last version.
    for dispute in transaction.conn().disputes_of(&[row.claim.number])? {
        if dispute.claim == row.claim.number {
            transaction.close_dispute(dispute.id, because.as_str(), now)?;
        }
    }
    let statement = Statement {
        network: row.claim.network,
        account_key: row.claim.account_key.clone(),
        controller: (row.claim.class, row.claim.controller.clone()),
        memo: row.claim.memo.clone(),
        role: AddressRole::from_code(row.claim.role).unwrap_or(AddressRole::Unknown),
        since,
        expires_at: end,
        replaces: Some(Replaced::of(row)),
    };
    let speaker = Speaker { organisation: row.member.organisation, user: None };
    let voice = Voice {
        strength: row.batch.strength,
        verified_at: row.batch.verified_at,
        replaces_because: because,
        ended: Some(if is_contested { CONTESTED_END } else { ENDED }),
        shown: transaction.conn().other_controllers(&[row.claim.number])?,
        ..Voice::attesting(claimant, speaker, seen, seal_key, registry)
    };
    voice.write(transaction, &[statement]).map(drop)
}

/// Returns whether another party's younger claim without proof, in force or waiting, contradicted a claim when it ended.
fn is_contested(
    conn: &mut Conn,
    claimant: &Claimant,
    row: &WholeMemberClaim,
    since: UtcTime,
    end: UtcTime,
) -> Result<bool, ServiceError> {
    let memo = row.claim.memo.as_str();
    let mut controllers = conn.other_controllers(&[row.claim.number])?;
    controllers.push((row.claim.class, row.claim.controller.clone()));
    let mut others = vec![];
    for (class, controller) in &controllers {
        others.extend(conn.live_claims_of(*class, &[controller])?);
    }
    let batches: Vec<i64> = others.iter().map(|other| other.batch).collect();
    let proven = conn.claim_batches(&batches)?.into_iter().filter(|batch| batch.strength == Strength::Proven);
    let proven: Vec<i64> = proven.map(|batch| batch.number).collect();
    others.retain(|other| !proven.contains(&other.batch));
    for (class, controller) in &controllers {
        others.extend(conn.waiting_claims_on(*class, controller)?.into_iter().map(|waiting| waiting.claim));
    }
    let contradicts = |other: &vasp_store::ClaimRow| {
        let said = other.asserted_at.is_some_and(|at| since.micros() < at && at < end.micros());
        let counts = other.expires_at.is_none_or(|at| at > end.micros());
        let of_memo = other.memo.is_empty() || memo.is_empty() || other.memo == memo;
        said && counts && of_memo && claimant.is_other_party(other.vasp)
    };
    Ok(others.iter().any(contradicts))
}

/// Marks claims that ended while waiting claims contradicted them, so that answers tell it, and alerts their members. Each claim is
/// marked once.
pub(super) fn mark_contested(
    registry: &Registry,
    (waiting, numbers): (VaspId, &[i64]),
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<(), ServiceError> {
    let (seal_key, generation) = (registry.seed_key(now, rng)?, registry.pin(now));
    let ids = registry.directory().claim_ids();
    let written = registry.store().write::<_, ServiceError>(now, rng, |transaction| {
        transaction.lock_claims()?;
        let mut of_member: BTreeMap<(OrganisationId, VaspId), Vec<String>> = BTreeMap::new();
        for number in numbers {
            let Some(member) = transaction.conn().member_claim_of_any(*number)? else { continue };
            let Some(row) = transaction.conn().member_claim(member.organisation, *number)? else { continue };
            let Some(vasp) =
                generation.vasp_of(row.claim.vasp).filter(|_| row.claim.seq_to.is_none() && row.batch.method != CONTESTED_END)
            else {
                continue;
            };
            let claimant = Claimant { vasp, number: row.claim.vasp, generation: Arc::clone(&generation), left_group: false };
            let seen = BatchNotes::of(transaction.conn(), &[row.batch.number])?.seen(&row.batch);
            leave_end(transaction, (registry, &seal_key), &claimant, (&row, &seen), (EndReason::Replaced, true))?;
            of_member.entry((member.organisation, vasp)).or_default().push(ids.public_id(ClaimNumber(*number)));
        }
        for ((organisation, vasp), claims) in of_member {
            tell_awaited(transaction, registry, (organisation, vasp), waiting, claims)?;
        }
        Ok(())
    });
    written.map(drop)
}

/// Alerts a member, once a day, that another VASP's claims wait for addresses of its claims.
pub(super) fn tell_awaited(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    (organisation, vasp): (OrganisationId, VaspId),
    waiting: VaspId,
    claims: Vec<String>,
) -> Result<(), ServiceError> {
    let body = AlertBody::counting(claims.into_iter());
    let kind = "own.claim_awaited".to_owned();
    let new = NewAlert { kind, severity: Severity::Medium, vasp: Some(vasp), body, not_to: None };
    raise_against(transaction, registry, organisation, waiting, new, |body| {
        format!(
            "Claims of another VASP wait for {} of your addresses ({}). They change no answer, also when your claims end: claim again \
             within {REMEMBERED_DAYS} days, or prove your claims with the keys.",
            body.count,
            body.to.join(", ")
        )
    })
}
