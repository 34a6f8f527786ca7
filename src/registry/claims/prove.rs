//! Proves a claim: an address's key answers its challenge. The proven claim is in its own batch and replaces the attested claim.

use serde_json::json;

use super::challenge::{Examined, account_of, named, refuse_over};
use super::change::locked;
use super::claimant::{Claimant, Speaker};
use super::dispute::{Opponents, open_against};
use super::read::{BatchNotes, MemberClaim, member_claim, read_member_claim};
use super::standings::{Standings, stored};
use super::write::{Replaced, Statement, Voice, WrittenBatch};
use crate::acts::{Act, Deed, Reply};
use crate::node::{ServiceError, invalid};
use vasp_addresses::address::Account;
use vasp_addresses::proof::{Proof, VERIFIER_VERSION};
use vasp_record::attestation::{EndReason, expiry};
use vasp_record::claim::Strength;
use vasp_store::{StoreError, Transaction};
use vasp_words::host::Host;

/// Turns a claim into a proven one if the answer to its challenge is correct. It is then valid for at least `lifetime_secs`.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep`; `Invalid` with the reason why the answer is refused; and those of [`Act::run`].
pub fn prove_claim(
    act: Act<'_, MemberClaim>,
    id: &str,
    proof: &Proof,
    registry_name: Option<&Host>,
    lifetime_secs: i64,
) -> Result<Reply, ServiceError> {
    let (registry, identity, now) = (act.registry, act.identity, act.now);
    let ids = registry.directory().claim_ids();
    read_member_claim(registry, identity, id, now)?;
    let name = named(registry_name)?;
    let claimant = Claimant::of(registry, identity, now)?;
    let seal_key = registry.seed_key(now, act.rng)?;
    let examined = Examined::of(proof, now);
    act.run("claim.prove", |transaction, identity| {
        claimant.lock(transaction)?;
        let (row, claim) = locked(transaction, ids, identity, id, &|_| true)?;
        refuse_over(&claim)?;
        let (challenge, verified) = examined.accept(transaction, identity, name, claimant.vasp, "")?;
        if challenge.claim != row.claim.number {
            let detail = format!("This challenge was made for another claim; request a challenge for {id}.");
            return Err(invalid("/challenge", "unknown_challenge", detail));
        }
        let renewed = expiry(None, lifetime_secs, now).ok();
        let statement = Statement {
            network: row.claim.network,
            account_key: row.claim.account_key.clone(),
            controller: stored(&verified.controller),
            memo: row.claim.memo.clone(),
            role: claim.standing.role,
            since: claim.said_since(now),
            expires_at: claim.standing.expires_at.max(renewed).unwrap_or(now),
            replaces: Some(Replaced::of(&row)),
        };
        let voice = Voice {
            strength: Strength::Proven,
            verified_at: Some(now),
            replaces_because: EndReason::Proven,
            shown: verified.shown.iter().map(stored).collect(),
            ..Voice::attesting(&claimant, Speaker::from(identity), &claim.standing.seen, &seal_key, registry)
        };
        let written = write_and_dispute(transaction, &voice, &claim, statement)?;
        let after = written.last.ok_or_else(|| StoreError::missing("claims"))?;
        let notes = BatchNotes::naming(written.batch.number, &claim.standing.seen);
        let after = member_claim(ids, &after, &notes, now)?;
        let notes: Vec<&str> = verified.notes.iter().map(|note| note.as_str()).collect();
        let details = json!({
            "batch": written.batch.number, "replaces": claim.id, "scheme": verified.scheme.as_str(), "notes": notes,
            "verifier_version": VERIFIER_VERSION,
        });
        let subject = after.id.clone();
        Ok(Deed::new(after, subject, details))
    })
}

/// Writes the claim that replaces another. If it contradicts others and no open dispute moved with it, this opens a dispute.
fn write_and_dispute(
    transaction: &mut Transaction<'_>,
    voice: &Voice<'_>,
    claim: &MemberClaim,
    statement: Statement,
) -> Result<WrittenBatch, ServiceError> {
    let account = Account { memo: claim.memo.clone(), ..account_of(claim)? };
    let now = transaction.now();
    let standings = Standings::read(transaction.conn(), voice.claimant, voice.speaker, now, std::iter::once(&account))?;
    let written = voice.write(transaction, &[statement])?;
    let contested = standings.contested(&account)?;
    open_against(transaction, &voice.disputing(), &[Opponents { place: &account, claim: written.first, contested: &contested }])?;
    Ok(written)
}
