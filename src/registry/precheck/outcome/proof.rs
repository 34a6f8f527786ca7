//! Checks what a caller states about conditions: that the pre-check has them, and that what is shown for them is what it claims to be.

use super::kept::KeptOutcome;
use super::{ConditionStatement, NewOutcome};
use crate::acts::Identity;
use crate::directory::Generation;
use crate::node::{ServiceError, invalid, invalid_value};
use vasp_addresses::network::NetworkTable;
use vasp_addresses::proof::{AnyProof, Asker};
use vasp_pki::DataKey;
use vasp_rules::policy::MetBy;
use vasp_store::Conn;
use vasp_words::error_chain::error_chain;
use vasp_words::time::UtcTime;

/// Refuses statements about conditions that the verdict does not have, and proofs that prove nothing.
///
/// # Errors
/// `ServiceError::Invalid` names the member; `Store`.
pub(super) fn check(
    conn: &mut Conn,
    kept: &KeptOutcome,
    who: &Identity,
    new: &NewOutcome,
    key: &DataKey,
    generation: &Generation,
    now: UtcTime,
) -> Result<(), ServiceError> {
    for (place, said) in new.conditions.iter().enumerate() {
        check_known(kept, who, new, place, said)?;
        let Some(other) = said.proof.as_ref().and_then(|proof| proof.precheck) else { continue };
        let shows = match KeptOutcome::read(conn, kept.organisation, other, key) {
            Err(ServiceError::NotFound(_)) => false,
            other => kept.is_shown_by(&other?, generation),
        };
        if !shows {
            let detail = "name another pre-check of your organisation about the same counterparty or address, whose answer is not `reject`";
            return Err(invalid_value(format!("/conditions/{place}/proof/precheck"), detail));
        }
    }
    for (place, proof) in &new.signatures {
        let judged = check_signature(kept, proof, generation, now);
        judged.map_err(|why| invalid(format!("/conditions/{place}/proof/signature"), "not_proven", why))?;
    }
    Ok(())
}

fn check_known(
    kept: &KeptOutcome,
    who: &Identity,
    new: &NewOutcome,
    place: usize,
    said: &ConditionStatement,
) -> Result<(), ServiceError> {
    let at = |member: &str| format!("/conditions/{place}/{member}");
    let Some(condition) = kept.judged.conditions.iter().find(|condition| condition.said.id == said.id) else {
        let known: Vec<&str> = kept.judged.conditions.iter().map(|condition| condition.said.id.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(invalid_value(at("id"), format!("the verdict has no such condition; it has {known}")));
    };
    if new.conditions.iter().take(place).any(|earlier| earlier.id == said.id) {
        return Err(invalid_value(at("id"), "the same condition is named twice"));
    }
    // The registry sees no more of such a condition than its proof, and the words of a program show nothing.
    let is_text = said.proof.as_ref().is_some_and(|proof| proof.text.is_some());
    if said.met && is_text && condition.met_by == MetBy::Outside && !who.is_signed_in() {
        let detail = "only a signed-in person meets this condition by words alone; send document_sha256, signature or precheck";
        return Err(invalid(at("proof/text"), "not_allowed", detail));
    }
    let needed = [("by", said.by.is_none(), "who met it"), ("proof", said.proof.is_none(), "what shows it")];
    match needed.into_iter().find(|(_, is_missing, _)| said.met && *is_missing) {
        Some((member, _, what)) => Err(invalid(at(member), "missing_member", format!("of a condition that is met, say {what}"))),
        None => Ok(()),
    }
}

/// Checks that the key of the other side's address signed a recent text that is meant for the asker, as for the proofs of a pre-check.
fn check_signature(kept: &KeptOutcome, proof: &AnyProof, generation: &Generation, now: UtcTime) -> Result<(), String> {
    let address = kept.judged.other_address().ok_or("the pre-check named no address that could have signed")?;
    let own = kept.own.and_then(|own| generation.records().get(own));
    let own = own.ok_or("the pre-check was made for no VASP that the signed text could name")?;
    let names = [own.id.to_string(), own.legal_name.clone()].into_iter().chain(own.lei.map(|lei| lei.to_string()));
    let verified = proof.verify(NetworkTable::embedded(), now).map_err(|error| error_chain(&error))?;
    if verified.account.canonical != address {
        return Err("it belongs to another address".to_owned());
    }
    let asker = Asker { registry: None, vasp: names.collect() };
    asker.check(&verified.message, &verified.account, now).map_err(|unbound| unbound.to_string())
}
