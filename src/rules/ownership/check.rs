//! Refuses a chain that is impossible: shares of more than the whole, open ends, or parties that own nothing in the chain. Faults name
//! places, never names of people.

use std::collections::{BTreeMap, BTreeSet};

use super::super::questionnaire::answers::text_fault;
use super::owners::WHOLE_BASIS_POINTS;
use super::{Link, OwnershipChain, Party, PartyId, PartyKind, SELF};
use vasp_words::time::Date;

/// Maximum number of parties in a chain.
const PARTIES_MAX: usize = 200;
/// Maximum number of links in a chain.
const LINKS_MAX: usize = 500;
/// Longest name, in characters.
const NAME_MAX: usize = 300;
/// Maximum number of other names of a party.
const OTHER_NAMES_MAX: usize = 20;

/// A fault of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnershipFault {
    /// JSON Pointer below the chain, such as `/links/3/basis_points`.
    pub pointer: String,
    /// The kind of fault.
    pub code: &'static str,
    /// What is wrong and what would be right; it contains no names.
    pub detail: String,
}

#[derive(Default)]
struct Faults(Vec<OwnershipFault>);

impl Faults {
    fn add(&mut self, pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) {
        self.0.push(OwnershipFault { pointer: pointer.into(), code, detail: detail.into() });
    }
}

impl OwnershipChain {
    /// Checks the chain. An incomplete chain is accepted: [`OwnershipChain::owners`] reports shares that are not accounted for.
    ///
    /// # Errors
    /// Every fault that was found.
    pub fn check(&self, today: Date) -> Result<(), Vec<OwnershipFault>> {
        let mut faults = Faults::default();
        if self.as_of > today {
            faults.add("/as_of", "in_the_future", format!("the day of a chain must not be in the future; today is {today}"));
        }
        for (pointer, count, most) in [("/parties", self.parties.len(), PARTIES_MAX), ("/links", self.links.len(), LINKS_MAX)] {
            if count > most {
                faults.add(pointer, "too_many", format!("the list has {count} items, at most {most} are allowed"));
                return Err(faults.0);
            }
        }
        self.check_parties(&mut faults);
        self.check_links(&mut faults);
        // The next checks need links whose parties exist.
        if faults.0.is_empty() {
            self.check_shares(&mut faults);
            self.check_ends(&mut faults);
        }
        if faults.0.is_empty() { Ok(()) } else { Err(faults.0) }
    }

    fn check_parties(&self, faults: &mut Faults) {
        let mut seen: BTreeSet<&PartyId> = BTreeSet::new();
        for (index, party) in self.parties.iter().enumerate() {
            let at = |member: &str| format!("/parties/{index}/{member}");
            if party.id.is_self() {
                faults.add(at("id"), "reserved", format!("`{SELF}` is the VASP itself, which must not be listed as a party"));
            }
            if !seen.insert(&party.id) {
                faults.add(at("id"), "repeated", "another party has this id");
            }
            check_names(party, &at, faults);
            let is_person = party.kind == PartyKind::NaturalPerson;
            if is_person && party.ends.is_some() {
                faults.add(at("ends"), "needless", "leave this out: a chain always ends at a natural person");
            }
            if is_person && party.lei.is_some() {
                faults.add(at("lei"), "needless", "a natural person has no LEI");
            }
        }
    }

    fn check_links(&self, faults: &mut Faults) {
        let there: BTreeMap<&PartyId, &Party> = self.parties.iter().map(|party| (&party.id, party)).collect();
        let mut seen: BTreeSet<(&PartyId, &PartyId, Option<Date>)> = BTreeSet::new();
        for (index, link) in self.links.iter().enumerate() {
            let at = |member: &str| format!("/links/{index}/{member}");
            if !there.contains_key(&link.owner) {
                faults.add(at("owner"), "unknown_party", "there is no party with this id");
            }
            if !link.owned.is_self() && !there.contains_key(&link.owned) {
                faults.add(at("owned"), "unknown_party", format!("there is no party with this id; `{SELF}` is the VASP itself"));
            }
            if link.owner == link.owned {
                faults.add(at("owned"), "own_share", "leave out the shares that a party holds in itself");
            }
            if there.get(&link.owned).is_some_and(|party| party.kind == PartyKind::NaturalPerson) {
                faults.add(at("owned"), "person_owned", "nobody can own a natural person");
            }
            check_link(link, &at, faults);
            if !seen.insert((&link.owner, &link.owned, link.from)) {
                faults.add(
                    at("owner"),
                    "repeated",
                    "another link has the same owner, the same owned party and the same first day",
                );
            }
        }
    }

    /// Refuses shares of more than the whole. This also limits the shares in a cycle: an amount can come round, but cannot grow.
    fn check_shares(&self, faults: &mut Faults) {
        let mut sums: BTreeMap<&PartyId, u32> = BTreeMap::new();
        for link in self.live_links() {
            let sum = sums.entry(&link.owned).or_default();
            *sum = sum.saturating_add(link.basis_points.unwrap_or(0));
        }
        for (owned, sum) in sums.into_iter().filter(|(_, sum)| *sum > WHOLE_BASIS_POINTS) {
            let detail =
                format!("the shares in `{owned}` add up to {sum} hundredths of a percent, more than {WHOLE_BASIS_POINTS}");
            faults.add("/links", "more_than_whole", detail);
        }
    }

    /// Checks that every legal entity leads up to natural persons or a reason, and that every party is connected.
    fn check_ends(&self, faults: &mut Faults) {
        let mut leads: BTreeSet<&PartyId> = BTreeSet::new();
        let is_end = |party: &&Party| party.kind == PartyKind::NaturalPerson || party.ends.is_some();
        leads.extend(self.parties.iter().filter(is_end).map(|party| &party.id));
        let mut belongs: BTreeSet<&str> = BTreeSet::from([SELF]);
        // Each round adds at least one party, or nothing more is found.
        for _ in 0..=self.parties.len() {
            let down: Vec<&PartyId> =
                self.live_links().filter(|link| leads.contains(&link.owner)).map(|link| &link.owned).collect();
            leads.extend(down);
            let up: Vec<&str> =
                self.live_links().filter(|link| belongs.contains(link.owned.as_str())).map(|link| link.owner.as_str()).collect();
            belongs.extend(up);
        }
        for (index, party) in self.parties.iter().enumerate() {
            if !leads.contains(&party.id) {
                let detail = "this legal entity has no owner: name its owners up to natural persons, or in `ends` why the chain ends (listed_company, state, dispersed_ownership)";
                faults.add(format!("/parties/{index}/ends"), "open_end", detail);
            }
            let was_linked = self.links.iter().any(|link| link.owner == party.id);
            if !belongs.contains(party.id.as_str()) && !was_linked {
                faults.add(format!("/parties/{index}/id"), "unconnected", "no link has this party as owner");
            }
        }
        let leads_on =
            self.parties.is_empty() || self.live_links().any(|link| link.owned.is_self() && leads.contains(&link.owner));
        if !leads_on || self.parties.is_empty() {
            faults.add("/links", "open_end", "nobody owns or controls the VASP: at least one link must have `self` as `owned`");
        }
    }
}

fn check_names(party: &Party, at: &impl Fn(&str) -> String, faults: &mut Faults) {
    if let Some(detail) = text_fault(party.name.trim(), NAME_MAX) {
        faults.add(at("name"), "invalid_value", detail);
    }
    if party.other_names.len() > OTHER_NAMES_MAX {
        faults.add(at("other_names"), "too_many", format!("a party has at most {OTHER_NAMES_MAX} other names"));
    }
    for (place, name) in party.other_names.iter().take(OTHER_NAMES_MAX).enumerate() {
        if let Some(detail) = text_fault(name.trim(), NAME_MAX) {
            faults.add(at(&format!("other_names/{place}")), "invalid_value", detail);
        }
    }
}

fn check_link(link: &Link, at: &impl Fn(&str) -> String, faults: &mut Faults) {
    match (link.basis_points, link.control) {
        (None, None) => {
            faults.add(at("basis_points"), "missing", "a link needs a share (`basis_points`) or a kind of control (`control`)")
        }
        (Some(share), _) if !(1..=WHOLE_BASIS_POINTS).contains(&share) => {
            faults.add(
                at("basis_points"),
                "invalid_value",
                format!("a share is 1 to {WHOLE_BASIS_POINTS} hundredths of a percent"),
            );
        }
        _ => (),
    }
    if let (Some(from), Some(to)) = (link.from, link.to)
        && to <= from
    {
        faults.add(at("to"), "invalid_value", "the end must be after the beginning");
    }
}
