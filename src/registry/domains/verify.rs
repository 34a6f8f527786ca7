//! Checks a domain now, at the request of its member. The check comes first and holds no lock; its results are written in one
//! transaction. A failed check is stored too. The answer then says what each method and resolver saw.

use std::collections::BTreeSet;

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use serde_json::{Value, json};

use super::look::look;
use super::settle::{Settled, settle};
use super::{conflict, details, not_found, own_row};
use crate::acts::{Act, Deed, Identity, Reply};
use crate::cases::{Trigger, open_or_join};
use crate::node::{Fault, ProblemCode, Refusal, Registry, ServiceError};
use vasp_record::case::TriggerKind;
use vasp_record::domain_look::{DomainLook, MethodLook};
use vasp_record::domain_standing::{DomainState, Look};
use vasp_store::{DeclaredBy, DomainOwner, MemberDomain, Transaction};
use vasp_words::host::Host;
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// Seconds that a member must wait between two checks, because a check asks other people's servers.
const BETWEEN_LOOKS_SECS: i64 = 10;

/// Checks a domain and returns its new state.
///
/// # Errors
/// `ServiceError::Refused` with what was seen, if neither method proves the domain; `Conflict` if the challenge has expired or the
/// domain was lost, if it was checked just now, if too many checks are running, or if another record has proven it; `NotFound`,
/// `Store`.
pub fn verify_domain(mut act: Act<'_, MemberDomain>, domain: &Host) -> Result<Reply, ServiceError> {
    if let Some(kept) = act.kept()? {
        return Ok(kept);
    }
    let row = take_look(&mut act, domain)?;
    let outbound = act.registry.outbound()?;
    let busy = || conflict("too_many_looks", "The registry is checking many domains at the moment; try again in a few seconds.");
    let seen = {
        let _slot = outbound.slot().ok_or_else(busy)?;
        look(outbound, &row)
    };
    let (registry, identity, now) = (act.registry, act.identity, act.now);
    if seen.verdict() != Look::Proves {
        keep_failed_look(&mut act, &row, &seen)?;
        registry.let_others_know();
        return Err(not_proven(domain, &seen));
    }
    let actor = Some(identity.user);
    let (mut seed, mut owner) = ([0; 32], None);
    act.rng.fill_bytes(&mut seed);
    let done = act.run("domain.verify", |transaction, _| match settle(transaction, &row, &seen, actor)? {
        Settled::Standing(after) => {
            let mut details = details(row.vasp, domain);
            if let (Some(proof), Some(members)) = (seen.proof(), details.as_object_mut()) {
                members.insert("method".to_owned(), json!(proof.method));
                members.insert("dnssec".to_owned(), json!(proof.dnssec));
            }
            Ok(Deed::new(*after, domain, details))
        }
        Settled::Taken { owner: found } => {
            owner = Some(found);
            Err(taken())
        }
    });
    if let Some(owner) = owner {
        dispute(registry, identity, &row, &owner, now, &mut ChaCha20Rng::from_seed(seed))?;
    }
    done
}

/// Reads the domain and reserves the check, so that nobody can make the registry ask other servers without a pause.
fn take_look(act: &mut Act<'_, MemberDomain>, domain: &Host) -> Result<MemberDomain, ServiceError> {
    let (identity, now) = (act.identity, act.now);
    let taken = act.registry.store().write(now, act.rng, |transaction| {
        let row = own_row(transaction.conn(), identity, domain)?.ok_or_else(not_found)?;
        match row.state {
            DomainState::Withdrawn => return Err(not_found()),
            DomainState::Lost => {
                return Err(conflict("lost", "The domain is no longer proven; POST it again to get a new challenge."));
            }
            DomainState::Pending if row.expires_at <= now => {
                return Err(conflict("challenge_expired", "The challenge has expired; POST the domain again to get a new one."));
            }
            _ => {}
        }
        let since = now.plus_secs(-BETWEEN_LOOKS_SECS);
        if !transaction.take_asked_look(&row, since, now)? {
            let detail = format!("The domain was checked less than {BETWEEN_LOOKS_SECS} seconds ago; try again later.");
            return Err(conflict("looked_just_now", detail));
        }
        Ok(row)
    })?;
    Ok(taken.value)
}

/// Stores a failed check: what was seen, and the start of the grace period.
fn keep_failed_look(act: &mut Act<'_, MemberDomain>, row: &MemberDomain, seen: &DomainLook) -> Result<(), ServiceError> {
    let actor = Some(act.identity.user);
    act.registry.store().write(act.now, act.rng, |transaction| settle(transaction, row, seen, actor).map(drop))?;
    Ok(())
}

fn not_proven(domain: &Host, seen: &DomainLook) -> ServiceError {
    let fault = |method: &MethodLook| {
        let said: Vec<_> = method.resolvers.iter().map(|said| format!("{}: {}", said.resolver, said.answer)).collect();
        let said = if said.is_empty() { String::new() } else { format!(" ({})", said.join("; ")) };
        Fault { pointer: format!("/{}", method.method.as_str()), code: "not_proven", detail: format!("{}{said}", method.detail) }
    };
    let faults = seen.methods.iter().map(fault).collect();
    {
        let detail = format!("Neither method proves {domain} yet; `errors` shows what each method found.");
        Refusal::new(ProblemCode::Conflict, detail).with_faults(faults).into()
    }
}

fn taken() -> ServiceError {
    let detail = "You met the challenge, but another record has already proven this domain. The registry's operators were \
                  informed, and the registry is checking the other proof again. You need not do anything.";
    conflict("domain_taken", detail)
}

/// Opens a case about the record that owns the domain, and schedules an immediate check of its proof.
fn dispute(
    registry: &Registry,
    identity: &Identity,
    row: &MemberDomain,
    owner: &DomainOwner,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<(), ServiceError> {
    registry.store().write(now, rng, |transaction| {
        let summary = "Another organisation met a challenge for a domain that this record has proven.";
        let detail = json!({"summary": summary, "domain": row.domain, "organisation": row.organisation, "vasp": row.vasp});
        for vasp in BTreeSet::from([owner.holder, owner.record]) {
            transaction.lock_submission(vasp)?;
        }
        let theirs = owner
            .organisation
            .map(|organisation| transaction.lock_member_domain(DeclaredBy { organisation, vasp: owner.holder }, &row.domain));
        if let Some(theirs) = theirs.transpose()?.flatten() {
            let next_look_at = theirs.next_look_at.map(|_| now);
            transaction.change_member_domain(&MemberDomain { version: theirs.version + 1, next_look_at, ..theirs })?;
        }
        if is_told(transaction, owner.record, &detail)? {
            return Ok(());
        }
        open_or_join(transaction, owner.record, &Trigger { kind: TriggerKind::Dispute, detail, actor: Some(identity.user) })
            .map(drop)
    })?;
    registry.let_others_know();
    Ok(())
}

/// Returns whether the open case has this trigger already, so that repeated requests add nothing to it.
fn is_told(transaction: &mut Transaction<'_>, owner: VaspId, detail: &Value) -> Result<bool, ServiceError> {
    let Some(case) = transaction.conn().open_case_of(owner)? else { return Ok(false) };
    let triggers = transaction.conn().case_triggers(&[case.id])?;
    Ok(triggers.iter().any(|trigger| *trigger.detail == *detail))
}
