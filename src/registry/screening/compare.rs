//! Compares the directory's VASPs with the lists: which VASP an entry may mean, and which VASP claims a listed address. The rules of
//! matching and the stored hits are elsewhere.

use crate::contradictions::is_dealt_with;
use crate::directory::{Directory, Generation, Records};
use crate::node::ServiceError;
use vasp_addresses::class::ClassNumber;
use vasp_addresses::network::{Network, NetworkTable};
use vasp_rules::elsewhere::JudgedVasp;
use vasp_rules::screening::{Hit, ScreeningIndex};
use vasp_store::ScreeningHit;
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// A VASP and an entry of a list. The entry may mean the VASP, or it lists an address that the VASP claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Id of the VASP.
    pub vasp: VaspId,
    /// Its name.
    pub legal_name: String,
    /// What was found.
    pub hit: Hit,
}

/// Returns every entry that may mean a VASP, with a score of at least `possible`. VASPs that are revoked, rejected, withdrawn or
/// retired are left out. An entry that means a group is the group's hit, not a hit of its entities.
#[must_use]
pub fn parties(records: &Records, possible: u8) -> Vec<Found> {
    let dealt_with = records.iter_judged().filter(|judged| is_dealt_with(judged.record.status));
    let all = dealt_with.flat_map(|judged| {
        let vasp = &judged.record;
        let own = own_hits(records, judged).filter(move |hit| hit.score >= possible);
        own.map(|hit| Found { vasp: vasp.id, legal_name: vasp.legal_name.clone(), hit: hit.clone() })
    });
    let mut found: Vec<Found> = vec![];
    for one in all {
        // People work on one hit for each pair of VASP and entry. If there are several, it is one that they have not cleared.
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

/// Returns the hits of a record, without those that are its group's.
fn own_hits<'a>(records: &'a Records, judged: &'a JudgedVasp) -> impl Iterator<Item = &'a Hit> {
    let of_group =
        judged.record.group.and_then(|group| records.judged(group)).and_then(|group| group.elsewhere.screening.as_ref());
    let inherited = move |hit: &&Hit| of_group.is_some_and(|known| known.iter().any(|other| other == *hit));
    judged.elsewhere.screening.iter().flatten().filter(move |hit| !inherited(hit))
}

/// Returns everything of a VASP that matches the entry of a hit, best first.
pub(super) fn matches_of<'a>(records: &'a Records, row: &ScreeningHit) -> Vec<&'a Hit> {
    let hits = records.judged(row.vasp).into_iter().flat_map(|judged| own_hits(records, judged));
    hits.filter(|hit| hit.family == row.list && hit.uid == row.uid).collect()
}

/// Returns the VASPs that claim, or are said to own, an address of a list. This takes one index look-up for each listed controller.
///
/// # Errors
/// `ServiceError::Directory` if the store had to be read and that failed.
pub fn claimed_addresses(
    directory: &Directory,
    generation: &Generation,
    index: &ScreeningIndex,
    now: UtcTime,
) -> Result<Vec<Found>, ServiceError> {
    let mut found: Vec<Found> = vec![];
    // The first account of an entry represents it. Without sorting, the order of the hash map would choose a different one each time.
    let mut controllers: Vec<(ClassNumber, &[u8])> = index.controllers().collect();
    controllers.sort_unstable();
    for (class, bytes) in controllers {
        let mut claims = vec![];
        for class in classes_of_claims(class) {
            claims.extend(directory.claims_of(class, bytes, generation).map_err(ServiceError::Directory)?);
        }
        for (_, claim) in claims {
            if claim.expires_at.is_some_and(|end| end <= now) {
                continue;
            }
            let Some(vasp) = generation.records().get(claim.vasp).filter(|vasp| is_dealt_with(vasp.status)) else { continue };
            for hit in index.controlled_by(class, bytes, now.date()) {
                if !found.iter().any(|other| other.vasp == vasp.id && other.hit.key() == hit.key()) {
                    found.push(Found { vasp: vasp.id, legal_name: vasp.legal_name.clone(), hit });
                }
            }
        }
    }
    found.sort_by_key(|one| (one.vasp, one.hit.key()));
    Ok(found)
}

/// Returns the classes under which the index of claims has the controllers of a class of lists. A class for screening only, and a family,
/// have further claims under the ledgers of their networks.
fn classes_of_claims(class: ClassNumber) -> Vec<ClassNumber> {
    let table = NetworkTable::embedded();
    let is_for_screening = table.class(class).is_some_and(|class| class.screening_only);
    let is_of = |network: &Network| {
        let family = network.family.map(|family| ClassNumber::of_ledger(family.number()));
        family == Some(class) || is_for_screening && network.classes().any(|of| of.number == class)
    };
    let ledgers = table.iter().filter(|network| is_of(network)).map(|network| ClassNumber::of_ledger(network.ledger()));
    let mut classes: Vec<ClassNumber> = std::iter::once(class).chain(ledgers).collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}
