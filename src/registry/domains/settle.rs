//! What follows from a check, in the caller's transaction: the domain's state, the facts of the record, the evidence and the case.
//! Only this module makes a domain proven or lost.

use serde_json::json;

use super::tell::{Telling, tell};
use super::{not_found, scope};
use crate::cases::{Trigger, open_or_join_by};
use crate::node::ServiceError;
use vasp_record::case::{Cause, TriggerKind};
use vasp_record::domain_look::DomainLook;
use vasp_record::domain_standing::{DomainState, Look, PROOF_AGE_MAX_SECS, Standing};
use vasp_record::vasp::DomainStatus;
use vasp_store::{DomainOwner, Evidence, MemberDomain, Transaction};
use vasp_words::ids::{EvidenceId, UserId};
use vasp_words::sql::Json;

/// Age in seconds at which a check that confirms a proof renews its evidence: a week. Daily renewal would fill the log without
/// changing anything. The evidence itself is valid for as long as a proof may last.
const RENEW_SECS: i64 = 7 * 86_400;

/// The result of a check.
pub(super) enum Settled {
    /// The domain after the check.
    Standing(Box<MemberDomain>),
    /// The check proves the domain, but another party owns it. Nothing was changed here; the caller has the owner's proof checked
    /// again.
    Taken {
        /// The other owner.
        owner: DomainOwner,
    },
}

/// Settles a check of a domain. `seen` is the domain as it was read before the check. `actor` is the user who asked for the check;
/// `None` if it was due.
///
/// # Errors
/// `ServiceError::NotFound` if the domain was withdrawn in the meantime, `Changed` if its challenge was replaced, `Store`.
pub(super) fn settle(
    transaction: &mut Transaction<'_>,
    seen: &MemberDomain,
    look: &DomainLook,
    actor: Option<UserId>,
) -> Result<Settled, ServiceError> {
    // An approval of the record publishes its domains. This lock keeps the approval and the check apart.
    transaction.lock_submission(seen.vasp)?;
    if look.verdict() == Look::Proves {
        transaction.lock_domain_proofs()?;
    }
    let row = transaction.lock_member_domain(seen.declared_by(), &seen.domain)?.ok_or_else(not_found)?;
    if row.state == DomainState::Withdrawn {
        return Err(not_found());
    }
    if row.token != seen.token {
        return Err(ServiceError::Changed(
            "The domain has a new challenge in the meantime; read the domain again and repeat the request.".to_owned(),
        ));
    }
    // A scheduled check takes no domain away: a proven domain stays proven, even if another party is now said to own it.
    let goes_on = actor.is_none() && row.state.counts();
    if look.verdict() == Look::Proves
        && !goes_on
        && let Some(owner) = transaction.conn().other_owner_of_domain(&row.domain, row.declared_by())?
    {
        return Ok(Settled::Taken { owner });
    }
    let (now, spread) = (transaction.now(), spread(transaction));
    let standing = row.standing().after(look.verdict(), now, spread);
    let mut after = MemberDomain {
        version: row.version + 1,
        updated_at: now,
        last_look_at: Some(now),
        last_look: Some(Json(look.clone())),
        ..with_standing(&row, standing)
    };
    if let Some(proof) = look.proof() {
        after.proven_by = Some(proof.method);
        after.dnssec = proof.dnssec;
    }
    follow(transaction, &row, &mut after, standing, look, actor)?;
    transaction.change_member_domain(&after)?;
    Ok(Settled::Standing(Box::new(after)))
}

fn spread(transaction: &mut Transaction<'_>) -> u16 {
    u16::try_from(transaction.conn_and_rng().1.next_u32() >> 16).unwrap_or(u16::MAX)
}

fn with_standing(row: &MemberDomain, standing: Standing) -> MemberDomain {
    MemberDomain {
        state: standing.state,
        proven_at: standing.proven_at,
        failing_since: standing.failing_since,
        next_look_at: standing.next_look_at,
        ..row.clone()
    }
}

/// Updates the evidence, the record and the cases to match the check.
fn follow(
    transaction: &mut Transaction<'_>,
    before: &MemberDomain,
    row: &mut MemberDomain,
    standing: Standing,
    look: &DomainLook,
    actor: Option<UserId>,
) -> Result<(), ServiceError> {
    let live = live_number(transaction, row)?;
    let old = evidence_of(transaction, row)?;
    let source = look.proof().map(|proof| proof.source(&before.challenge())).unwrap_or_default();
    let renewed = new_evidence(transaction, row, look, old.as_ref(), &source)?;
    if let Some(number) = live {
        let lost = standing.state == DomainState::Lost && before.state.counts();
        let (published, waiting): (Vec<_>, Vec<_>) =
            old.into_iter().filter(|evidence| evidence.seq_to.is_none()).partition(|evidence| evidence.seq_from.is_some());
        let values = if lost {
            (Some(DomainStatus::Lost), None)
        } else if standing.state.counts() {
            (Some(DomainStatus::Proven), Some(scope(row.covers_subdomains)))
        } else {
            return Ok(());
        };
        let end = published.into_iter().next().map(|evidence| evidence.id).filter(|_| lost || renewed.is_some());
        let waiting = waiting.into_iter().next().map(|evidence| evidence.id).filter(|_| !lost);
        let source = if source.is_empty() { before.challenge().txt_name() } else { source };
        tell(
            transaction,
            Telling {
                vasp: number,
                vasp_id: row.vasp,
                domain: &row.domain,
                values,
                source: &source,
                publish: renewed.or(waiting),
                end,
            },
        )?;
        let newly_proven = standing.state == DomainState::Proven && !before.state.counts();
        let kind = match (lost, newly_proven) {
            (true, _) => Some((TriggerKind::DomainLost, "A domain that was proven is no longer proven.")),
            (_, true) => Some((TriggerKind::KeyRotation, "The member proved a domain. The proof is valid immediately.")),
            _ => None,
        };
        if let Some((kind, summary)) = kind {
            let detail = json!({"summary": summary, "domain": row.domain, "covers_subdomains": row.covers_subdomains, "seen": seen_codes(look)});
            open_or_join_by(transaction, row.vasp, &Trigger { kind, detail, actor }, Cause::Itself)?;
        }
    }
    if renewed.is_some() {
        row.evidence = renewed;
    }
    Ok(())
}

/// Returns the code of each method, for a case.
fn seen_codes(look: &DomainLook) -> serde_json::Value {
    look.methods.iter().map(|method| json!({"method": method.method.as_str(), "code": method.code})).collect()
}

/// Returns the number of the record, if the record is the organisation's own and readers see it. Before its approval, nothing that a
/// member proves may show on a record. This matters most for a record that the member only asks to adopt.
pub(super) fn live_number(transaction: &mut Transaction<'_>, row: &MemberDomain) -> Result<Option<i64>, ServiceError> {
    let organisation = transaction.conn().organisation(row.organisation)?;
    let is_own = organisation.is_some_and(|organisation| organisation.vasp == Some(row.vasp));
    Ok(if is_own { transaction.conn().vasp_number(&row.vasp.to_string())? } else { None })
}

/// Returns the evidence for a domain.
pub(super) fn evidence_of(transaction: &mut Transaction<'_>, row: &MemberDomain) -> Result<Option<Evidence>, ServiceError> {
    let Some(id) = row.evidence else { return Ok(None) };
    Ok(transaction.conn().evidence_of(row.vasp)?.into_iter().find(|evidence| evidence.id == id))
}

/// Adds evidence if a check proves the domain and the present evidence is missing, old, ended or from another method.
fn new_evidence(
    transaction: &mut Transaction<'_>,
    row: &MemberDomain,
    look: &DomainLook,
    old: Option<&Evidence>,
    source: &str,
) -> Result<Option<EvidenceId>, ServiceError> {
    let Some(proof) = look.proof() else { return Ok(None) };
    let now = transaction.now();
    let fresh = |old: &Evidence| {
        let is_young = old.verified_at > now.plus_secs(-RENEW_SECS);
        is_young && old.seq_to.is_none() && old.method == proof.method.as_str()
    };
    if old.is_some_and(fresh) {
        return Ok(None);
    }
    let id = EvidenceId::new(now, transaction.conn_and_rng().1);
    transaction.add_evidence(&Evidence {
        id,
        vasp: row.vasp,
        attribute: format!("domains/{}", row.domain),
        value_digest: None,
        method: proof.method.as_str().to_owned(),
        source: source.to_owned(),
        reference: None,
        document: None,
        verifier: None,
        case_id: None,
        verified_at: now,
        expires_at: Some(now.plus_secs(PROOF_AGE_MAX_SECS)),
        expiry_noted: None,
        seq_from: None,
        seq_to: None,
    })?;
    Ok(Some(id))
}
