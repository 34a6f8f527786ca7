//! What the lists say of the VASPs on record, as the directory sees both: who may be whom, and who claims a listed address. No
//! rules of matching, no rows.

use crate::contradictions::is_dealt_with;
use crate::directory::{Directory, Generation, Records};
use crate::node::ServiceError;
use vasp_addresses::network::{Family, NetworkTable};
use vasp_rules::screening::{Hit, Matched, ScreeningIndex};
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// A VASP and an entry of a list that may mean it, or lists an address that it claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Whom.
    pub vasp: VaspId,
    /// Its name.
    pub legal_name: String,
    /// What was found.
    pub hit: Hit,
}

/// Returns every entry that may mean a VASP that is dealt with, from a likeness of `possible` on. What means a group is a matter of
/// the group, not of its entities.
#[must_use]
pub fn parties(records: &Records, possible: u8) -> Vec<Found> {
    let dealt_with = records.iter_judged().filter(|judged| is_dealt_with(judged.record.status));
    let all = dealt_with.flat_map(|judged| {
        let vasp = &judged.record;
        let of_group = vasp.group.and_then(|group| records.judged(group)).and_then(|group| group.elsewhere.screening.as_ref());
        let inherited = move |hit: &&Hit| of_group.is_some_and(|known| known.iter().any(|other| other == *hit));
        let own = judged.elsewhere.screening.iter().flatten().filter(move |hit| !inherited(hit) && hit.score >= possible);
        own.map(|hit| Found { vasp: vasp.id, legal_name: vasp.legal_name.clone(), hit: hit.clone() })
    });
    let mut found: Vec<Found> = vec![];
    for one in all {
        // People work on one hit a pair: on what they have not cleared, where there is any.
        let known =
            found.iter_mut().rev().take_while(|other| other.vasp == one.vasp).find(|other| other.hit.key() == one.hit.key());
        match known {
            None => found.push(one),
            Some(known) if known.hit.decision.is_cleared() && !one.hit.decision.is_cleared() => *known = one,
            Some(_) => {}
        }
    }
    found
}

/// Returns who claims, or is said to own, an address that a list holds: one index look-up a listed account.
///
/// # Errors
/// `ServiceError::Directory` where the store had to be asked and failed.
pub fn claimed_addresses(
    directory: &Directory,
    generation: &Generation,
    index: &ScreeningIndex,
    now: UtcTime,
) -> Result<Vec<Found>, ServiceError> {
    let table = NetworkTable::embedded();
    let mut found: Vec<Found> = vec![];
    // The first of an entry's accounts speaks for it: the order of a hash map would let another one speak every time.
    let mut accounts: Vec<(&str, &str)> = index.accounts().collect();
    accounts.sort_unstable();
    for (network, address) in accounts {
        let account = match Family::from_text(network) {
            // One key serves every network of the family: any of them finds all claims.
            Some(family) => {
                let any = table.iter().find(|network| network.family == Some(family));
                table.parse_on_family(family, address).ok().zip(any).map(|(account, any)| (any.number, account.key))
            }
            None => {
                let on = table.resolve_name(network);
                on.and_then(|on| table.parse_on(on, address).ok().map(|account| (on.number, account.key)))
            }
        };
        let Some((number, key)) = account else { continue };
        for (_, claim) in directory.claims_at(number, &key, generation).map_err(ServiceError::Directory)? {
            if claim.expires_at.is_some_and(|end| end <= now) {
                continue;
            }
            let Some(vasp) = generation.records().get(claim.vasp).filter(|vasp| is_dealt_with(vasp.status)) else { continue };
            for hit in index.account(network, address, now.date()) {
                let known = found.iter().any(|other| other.vasp == vasp.id && other.hit.key() == hit.key());
                if !known && matches!(hit.matched, Matched::Address(_)) {
                    found.push(Found { vasp: vasp.id, legal_name: vasp.legal_name.clone(), hit });
                }
            }
        }
    }
    found.sort_by_key(|one| (one.vasp, one.hit.key()));
    Ok(found)
}
