//! How much the directory knows about each network. It shows how much a "not found" means. Counts are kept per audience, so that a
//! reader's coverage counts only the claims that the reader may see. A written claim changes only the lines of its own network, or of the
//! networks of its family; all others are shared with the generation before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use imbl::OrdMap;

use super::shared::SharedMap;
use vasp_addresses::network::{NetworkNumber, NetworkTable};
use vasp_pki::receipt::CanonicalText;
use vasp_record::claim::{Reader, Visibility, may_see};
use vasp_record::vasp::VaspKind;
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// Coverage of one network for one reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoverageLine {
    /// Number of claims.
    pub claims: i64,
    /// Those of them that the address's own key proved.
    pub proven: i64,
    /// Number of entities that own some of these claims.
    pub entities: usize,
    /// Number of groups that own some of these claims.
    pub groups: usize,
    /// When the newest of these claims was asserted.
    pub newest: Option<UtcTime>,
}

/// The number of claims, how many of them are proven, and when the newest was asserted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub claims: i64,
    pub proven: i64,
    pub newest: Option<UtcTime>,
}

/// Who may see claims: their visibility, and the organisations that they name.
pub(super) type Seers = (Visibility, Arc<[OrganisationId]>);

/// A change of a count: claims of one owner on one network for one audience.
pub(super) struct Added {
    pub network: i32,
    pub seers: Seers,
    pub owner: i64,
    pub kind: VaspKind,
    /// What was added; negative if claims ended.
    pub count: Count,
}

/// The claims on a network and its family that a reader may see whom no claim names.
#[derive(Clone, Debug, Default)]
struct Tally {
    count: Count,
    /// Number of counts of each owner.
    owners: SharedMap<i64, u32>,
    entities: usize,
    groups: usize,
}

/// A line of a reader, and its serialised text for the network itself. A line for a named organisation is made when it is first asked for.
#[derive(Debug, Default)]
struct Line {
    line: OnceLock<Option<CoverageLine>>,
    written: OnceLock<CanonicalText>,
}

/// Counts per network, then per audience and owner; and the lines that follow from them.
#[derive(Clone, Debug, Default)]
pub(super) struct Coverage {
    counts: BTreeMap<i32, OrdMap<(Seers, i64), Count>>,
    tallies: BTreeMap<(i32, Reader), Tally>,
    lines: SharedMap<(i32, Reader), Arc<Line>>,
    /// Networks whose lines are to be made anew.
    touched: BTreeSet<i32>,
}

fn family_of(network: i32) -> Option<i32> {
    Some(NetworkTable::embedded().by_number(NetworkNumber(network))?.family?.number().0)
}

impl Tally {
    fn line(&self) -> Option<CoverageLine> {
        let Self { count: Count { claims, proven, newest }, entities, groups, .. } = *self;
        (claims > 0).then_some(CoverageLine { claims, proven, entities, groups, newest })
    }

    fn members(&mut self, kind: VaspKind) -> &mut usize {
        match kind {
            VaspKind::Entity => &mut self.entities,
            VaspKind::Group => &mut self.groups,
        }
    }

    fn add_owner(&mut self, owner: i64, kind: VaspKind) {
        let counts = self.owners.get(&owner).copied().unwrap_or(0);
        if counts == 0 {
            *self.members(kind) += 1;
        }
        self.owners.insert(owner, counts.saturating_add(1));
    }

    fn remove_owner(&mut self, owner: i64, kind: VaspKind) {
        match self.owners.get(&owner).copied() {
            Some(2..) => {
                self.owners.entry(owner).and_modify(|counts| *counts -= 1);
            }
            Some(_) => {
                self.owners.remove(&owner);
                let members = self.members(kind);
                *members = members.saturating_sub(1);
            }
            None => {}
        }
    }
}

impl Coverage {
    /// Adds a count. [`Coverage::settle`] must follow.
    pub(super) fn add(&mut self, added: Added) {
        let Added { network, seers, owner, kind, count: Count { claims, proven, newest } } = added;
        self.begin(network);
        let visibility = seers.0;
        let named = Arc::clone(&seers.1);
        let counts = self.counts.entry(network).or_default();
        let count = counts.entry((seers, owner)).or_default();
        let before = *count;
        *count = Count { claims: before.claims + claims, proven: before.proven + proven, newest: before.newest.max(newest) };
        let after = *count;
        for target in self.targets(network) {
            self.touched.insert(target);
            for reader in Reader::ALL.into_iter().filter(|reader| may_see(*reader, visibility, &named)) {
                let tally = self.tallies.entry((target, reader)).or_default();
                tally.count.claims += after.claims.max(0) - before.claims.max(0);
                tally.count.proven += after.proven.max(0) - before.proven.max(0);
                match (before.claims > 0, after.claims > 0) {
                    (false, true) => tally.add_owner(owner, kind),
                    (true, false) => tally.remove_owner(owner, kind),
                    _ => {}
                }
                if after.claims > 0 {
                    tally.count.newest = tally.count.newest.max(after.newest);
                }
            }
            if before.claims > 0 && after.claims <= 0 {
                self.find_newest(target);
            }
        }
    }

    /// Prepares the totals of a network that had no claims: they begin as those of its family.
    fn begin(&mut self, network: i32) {
        if self.counts.contains_key(&network) {
            return;
        }
        self.counts.insert(network, OrdMap::new());
        let Some(family) = family_of(network) else { return };
        for reader in Reader::ALL {
            if let Some(tally) = self.tallies.get(&(family, reader)).cloned() {
                self.tallies.insert((network, reader), tally);
            }
        }
    }

    /// Returns the networks in whose lines the claims on a network count: itself; for a family, its networks that have claims of their own.
    fn targets(&self, network: i32) -> Vec<i32> {
        let own = self.counts.keys().copied();
        own.filter(|number| *number == network || family_of(*number) == Some(network)).collect()
    }

    /// Looks for the newest assertion again, because the last claim of some owner ended.
    fn find_newest(&mut self, network: i32) {
        for reader in Reader::ALL {
            let newest = self.seen(network, family_of(network), reader).filter_map(|(_, count)| count.newest).max();
            if let Some(tally) = self.tallies.get_mut(&(network, reader)) {
                tally.count.newest = newest;
            }
        }
    }

    /// Makes the lines of the networks whose counts changed.
    pub(super) fn settle(&mut self) {
        for network in std::mem::take(&mut self.touched) {
            for reader in Reader::ALL {
                let line = self.tallies.get(&(network, reader)).and_then(Tally::line);
                self.lines.insert((network, reader), Arc::new(Line { line: OnceLock::from(line), written: OnceLock::new() }));
            }
            let named: BTreeSet<OrganisationId> =
                self.naming(network).flat_map(|((_, named), ..)| named.iter().copied()).collect();
            for organisation in named {
                self.lines.insert((network, Reader::Organisation(organisation)), Arc::default());
            }
        }
    }

    /// Returns the counts of claims on a network and its family that only named organisations may see.
    fn naming(&self, network: i32) -> impl Iterator<Item = (&Seers, i64, &Count)> {
        let first: (Seers, i64) = ((Visibility::Gateways, Arc::default()), i64::MIN);
        let of_both = [Some(network), family_of(network)].into_iter().flatten().filter_map(|number| self.counts.get(&number));
        of_both.flat_map(move |counts| counts.range(..first.clone())).map(|((seers, owner), count)| (seers, *owner, count))
    }

    /// Returns a network's line. If it has no claims of its own, returns its family's line.
    pub(super) fn line(
        &self,
        network: i32,
        family: Option<i32>,
        reader: Reader,
        kind: impl Fn(i64) -> VaspKind,
    ) -> Option<CoverageLine> {
        [Some(network), family].into_iter().flatten().find_map(|number| {
            let line = self.own(number, reader)?;
            *line.line.get_or_init(|| self.line_of_named(number, reader, &kind))
        })
    }

    /// Returns the cache for the serialised text of a network's own line.
    pub(super) fn written(&self, network: i32, reader: Reader) -> Option<&OnceLock<CanonicalText>> {
        self.own(network, reader).map(|found| &found.written)
    }

    /// An organisation that no claim on the network names has no line of its own; it sees what every gateway sees.
    fn own(&self, number: i32, reader: Reader) -> Option<&Line> {
        match (self.lines.get(&(number, reader)), reader) {
            (None, Reader::Organisation(_)) => self.lines.get(&(number, Reader::Gateway)).map(AsRef::as_ref),
            (line, _) => line.map(AsRef::as_ref),
        }
    }

    /// Returns what every gateway sees, and the claims that name the reader.
    fn line_of_named(&self, network: i32, reader: Reader, kind: impl Fn(i64) -> VaspKind) -> Option<CoverageLine> {
        let mut all = self.tallies.get(&(network, Reader::Gateway)).cloned().unwrap_or_default();
        let seen = self
            .naming(network)
            .filter(|((visibility, named), _, count)| count.claims > 0 && may_see(reader, *visibility, named));
        for (_, owner, count) in seen {
            all.count.claims += count.claims;
            all.count.proven += count.proven;
            all.count.newest = all.count.newest.max(count.newest);
            all.add_owner(owner, kind(owner));
        }
        all.line()
    }

    /// Returns the owners of claims on a network or its family that this reader may see, with their counts.
    fn seen(&self, network: i32, family: Option<i32>, reader: Reader) -> impl Iterator<Item = (i64, Count)> {
        let owners = [Some(network), family].into_iter().flatten().filter_map(|number| self.counts.get(&number)).flatten();
        owners
            .filter(move |(((visibility, named), _), count)| count.claims > 0 && may_see(reader, *visibility, named))
            .map(|((_, owner), count)| (*owner, *count))
    }

    /// Returns whether this reader may see any claim on the network itself.
    pub(super) fn any(&self, network: i32, reader: Reader) -> bool {
        self.seen(network, None, reader).next().is_some()
    }

    /// Returns the numbers of the VASPs that own claims on a network or its family which this reader may see.
    pub(super) fn owners(&self, network: i32, family: Option<i32>, reader: Reader) -> BTreeSet<i64> {
        self.seen(network, family, reader).map(|(owner, ..)| owner).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A group's number ends in 0.
    fn kind(owner: i64) -> VaspKind {
        if owner % 10 == 0 { VaspKind::Group } else { VaspKind::Entity }
    }

    fn organisation(n: usize) -> OrganisationId {
        format!("org_01k2z8q4p8w0q6m4v3c1b5n7x{n}").parse().unwrap()
    }

    /// Counts everything that a reader may see, owner by owner.
    fn counted(coverage: &Coverage, network: i32, reader: Reader) -> Option<CoverageLine> {
        let seen: Vec<_> = coverage.seen(network, family_of(network), reader).collect();
        let of =
            |wanted| seen.iter().map(|(owner, ..)| *owner).filter(|owner| kind(*owner) == wanted).collect::<BTreeSet<_>>().len();
        let claims = seen.iter().map(|(_, count)| count.claims).sum();
        let proven = seen.iter().map(|(_, count)| count.proven).sum();
        let newest = seen.iter().filter_map(|(_, count)| count.newest).max();
        (claims > 0).then(|| CoverageLine { claims, proven, entities: of(VaspKind::Entity), groups: of(VaspKind::Group), newest })
    }

    proptest! {
        #[test]
        fn lines_that_were_kept_up_to_date_are_those_of_a_count_of_everything(
            steps in proptest::collection::vec((0_usize..4, 0_u8..4, 1_i64..12, -2_i64..4, 0_i64..100, any::<bool>()), 1..60),
        ) {
            let family = vasp_addresses::network::Family::ALL[0].number().0;
            let own = NetworkTable::embedded().iter().filter(|network| family_of(network.number.0) == Some(family));
            let own: Vec<i32> = own.map(|network| network.number.0).take(2).collect();
            let other = NetworkTable::embedded().iter().find(|network| network.family.is_none()).unwrap().number.0;
            let networks = [family, own[0], own[1], other];
            let mut coverage = Coverage::default();
            let mut held: BTreeMap<(i32, Seers, i64), i64> = BTreeMap::new();
            for (network, audience, owner, claims, at, settles) in steps {
                let seers: Seers = match audience {
                    0 => (Visibility::Public, Arc::default()),
                    1 => (Visibility::Gateways, Arc::default()),
                    n => (Visibility::Named, (2..=usize::from(n)).map(organisation).collect()),
                };
                let sum = held.entry((networks[network], seers.clone(), owner)).or_default();
                // Claims end only if they are there.
                let claims = claims.max(-*sum);
                *sum += claims;
                let newest = UtcTime::from_micros(at * 1_000_000).ok();
                // The claims of owners whose number is even are proven.
                let proven = if owner % 2 == 0 { claims } else { 0 };
                let count = Count { claims, proven, newest };
                coverage.add(Added { network: networks[network], seers, owner, kind: kind(owner), count });
                if settles {
                    coverage.settle();
                }
            }
            coverage.settle();
            let readers = [Reader::Public, Reader::Gateway, Reader::Organisation(organisation(2)), Reader::Organisation(organisation(3)), Reader::Organisation(organisation(9))];
            for number in networks {
                for reader in readers {
                    let line = coverage.line(number, family_of(number), reader, kind);
                    prop_assert_eq!(line, counted(&coverage, number, reader), "{} {:?}", number, reader);
                }
            }
        }
    }
}
