//! How much the directory knows of each network: what a "no" is worth. Counted per who may see it, so that a reader's
//! coverage is computed after the filter.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use serde_json::value::RawValue;

use vasp_addresses::network::{NetworkNumber, NetworkTable};
use vasp_record::claim::{Reader, Visibility, may_see};
use vasp_record::vasp::VaspKind;
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// Coverage of one network for one reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoverageLine {
    /// Claims.
    pub claims: i64,
    /// Entities that own some of them.
    pub entities: usize,
    /// Groups that own some of them.
    pub groups: usize,
    /// The newest assertion.
    pub newest: Option<UtcTime>,
}

/// The lines of a generation.
#[derive(Clone, Debug, Default)]
pub(super) struct CoverageLines(HashMap<(i32, Reader), Line, RandomState>);

/// A line, and what a caller wrote of it for the network itself.
#[derive(Clone, Debug)]
struct Line {
    line: CoverageLine,
    written: OnceLock<Arc<RawValue>>,
}

impl CoverageLines {
    /// Returns a network's line; one without claims of its own has its family's.
    pub(super) fn get(&self, network: i32, family: Option<i32>, reader: Reader) -> Option<CoverageLine> {
        [Some(network), family].into_iter().flatten().find_map(|number| self.own(number, reader)).map(|found| found.line)
    }

    /// Returns the place beside a network's own line where its text is kept once it was written.
    pub(super) fn written(&self, network: i32, reader: Reader) -> Option<&OnceLock<Arc<RawValue>>> {
        self.own(network, reader).map(|found| &found.written)
    }

    /// An organisation that no claim there names has no line of its own and sees what every gateway sees.
    fn own(&self, number: i32, reader: Reader) -> Option<&Line> {
        match (self.0.get(&(number, reader)), reader) {
            (None, Reader::Organisation(_)) => self.0.get(&(number, Reader::Gateway)),
            (line, _) => line,
        }
    }
}

/// How many claims, and when the newest was asserted.
type Count = (i64, Option<UtcTime>);

/// Who may see claims: their visibility, and the organisations that they name.
pub(super) type Seers = (Visibility, Arc<[OrganisationId]>);

/// Counts per network, then per who may see them and owner.
#[derive(Clone, Debug, Default)]
pub(super) struct Coverage {
    counts: BTreeMap<i32, BTreeMap<(Seers, i64), Count>>,
}

impl Coverage {
    pub(super) fn add(&mut self, network: i32, seers: Seers, owner: i64, claims: i64, newest: Option<UtcTime>) {
        let count = self.counts.entry(network).or_default().entry((seers, owner)).or_insert((0, None));
        count.0 += claims;
        count.1 = count.1.max(newest);
    }

    /// Returns the networks that have any claims, families by their own numbers.
    pub(super) fn networks(&self) -> Vec<i32> {
        self.counts.keys().copied().collect()
    }

    /// Returns who owns claims on a network or on its family that this reader may see: owner, how many, the newest.
    fn seen(&self, network: i32, family: Option<i32>, reader: Reader) -> impl Iterator<Item = (i64, i64, Option<UtcTime>)> {
        let owners = [Some(network), family].into_iter().flatten().filter_map(|number| self.counts.get(&number)).flatten();
        owners
            .filter(move |(((visibility, named), _), (count, _))| *count > 0 && may_see(reader, *visibility, named))
            .map(|((_, owner), (count, newest))| (*owner, *count, *newest))
    }

    /// Returns the readers who may see something else than others on a network or on its family.
    fn readers(&self, network: i32, family: Option<i32>) -> BTreeSet<Reader> {
        let counted = [Some(network), family].into_iter().flatten().filter_map(|number| self.counts.get(&number)).flatten();
        let named = counted.flat_map(|(((_, named), _), _)| named.iter().copied().map(Reader::Organisation));
        named.chain(Reader::ALL).collect()
    }

    /// Tells whether this reader may see any claim on the network itself.
    pub(super) fn any(&self, network: i32, reader: Reader) -> bool {
        self.seen(network, None, reader).next().is_some()
    }

    /// Returns the numbers of the VASPs that own claims on a network or on its family, as far as this reader may see.
    pub(super) fn owners(&self, network: i32, family: Option<i32>, reader: Reader) -> BTreeSet<i64> {
        self.seen(network, family, reader).map(|(owner, ..)| owner).collect()
    }

    /// Returns the coverage of every network and family that has claims, for each reader: counting owners takes too long to
    /// be done for every answer.
    pub(super) fn lines(&self, kind: impl Fn(i64) -> VaspKind) -> CoverageLines {
        let family = |number: i32| NetworkTable::embedded().by_number(NetworkNumber(number))?.family;
        let mut lines = HashMap::default();
        for number in self.counts.keys().copied() {
            let family = family(number).map(|family| family.number().0);
            for reader in self.readers(number, family) {
                if let Some(line) = self.line(number, family, reader, &kind) {
                    lines.insert((number, reader), Line { line, written: OnceLock::new() });
                }
            }
        }
        CoverageLines(lines)
    }

    /// Returns the coverage of a network together with its family's, if anything that this reader may see is known there.
    fn line(&self, network: i32, family: Option<i32>, reader: Reader, kind: impl Fn(i64) -> VaspKind) -> Option<CoverageLine> {
        let (mut claims, mut newest) = (0, None);
        let (mut entities, mut groups) = (BTreeSet::new(), BTreeSet::new());
        for (owner, count, at) in self.seen(network, family, reader) {
            claims += count;
            newest = newest.max(at);
            match kind(owner) {
                VaspKind::Entity => entities.insert(owner),
                VaspKind::Group => groups.insert(owner),
            };
        }
        let (entities, groups) = (entities.len(), groups.len());
        (claims > 0).then_some(CoverageLine { claims, entities, groups, newest })
    }
}
