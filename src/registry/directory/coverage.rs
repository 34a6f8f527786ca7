//! How much the directory knows about each network. It shows how much a "not found" means. Counts are kept per audience, so that a
//! reader's coverage counts only the claims that the reader may see.

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
    /// Number of claims.
    pub claims: i64,
    /// Number of entities that own some of these claims.
    pub entities: usize,
    /// Number of groups that own some of these claims.
    pub groups: usize,
    /// When the newest of these claims was asserted.
    pub newest: Option<UtcTime>,
}

/// The coverage lines of a generation.
#[derive(Clone, Debug, Default)]
pub(super) struct CoverageLines(HashMap<(i32, Reader), Line, RandomState>);

/// A line, and its serialised text for the network itself.
#[derive(Clone, Debug)]
struct Line {
    line: CoverageLine,
    written: OnceLock<Arc<RawValue>>,
}

impl CoverageLines {
    /// Returns a network's line; if it has no claims of its own, its family's line.
    pub(super) fn get(&self, network: i32, family: Option<i32>, reader: Reader) -> Option<CoverageLine> {
        [Some(network), family].into_iter().flatten().find_map(|number| self.own(number, reader)).map(|found| found.line)
    }

    /// Returns the cache for the serialised text of a network's own line.
    pub(super) fn written(&self, network: i32, reader: Reader) -> Option<&OnceLock<Arc<RawValue>>> {
        self.own(network, reader).map(|found| &found.written)
    }

    /// An organisation that no claim on the network names has no line of its own; it sees what every gateway sees.
    fn own(&self, number: i32, reader: Reader) -> Option<&Line> {
        match (self.0.get(&(number, reader)), reader) {
            (None, Reader::Organisation(_)) => self.0.get(&(number, Reader::Gateway)),
            (line, _) => line,
        }
    }
}

/// The number of claims, and when the newest was asserted.
type Count = (i64, Option<UtcTime>);

/// Who may see claims: their visibility, and the organisations that they name.
pub(super) type Seers = (Visibility, Arc<[OrganisationId]>);

/// Counts per network, then per audience and owner.
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

    /// Returns the networks that have any claims; families appear with their own numbers.
    pub(super) fn networks(&self) -> Vec<i32> {
        self.counts.keys().copied().collect()
    }

    /// Returns the owners of claims on a network or its family that this reader may see: owner, number of claims, newest assertion.
    fn seen(&self, network: i32, family: Option<i32>, reader: Reader) -> impl Iterator<Item = (i64, i64, Option<UtcTime>)> {
        let owners = [Some(network), family].into_iter().flatten().filter_map(|number| self.counts.get(&number)).flatten();
        owners
            .filter(move |(((visibility, named), _), (count, _))| *count > 0 && may_see(reader, *visibility, named))
            .map(|((_, owner), (count, newest))| (*owner, *count, *newest))
    }

    /// Returns the readers who may see different claims from others on a network or its family.
    fn readers(&self, network: i32, family: Option<i32>) -> BTreeSet<Reader> {
        let counted = [Some(network), family].into_iter().flatten().filter_map(|number| self.counts.get(&number)).flatten();
        let named = counted.flat_map(|(((_, named), _), _)| named.iter().copied().map(Reader::Organisation));
        named.chain(Reader::ALL).collect()
    }

    /// Returns whether this reader may see any claim on the network itself.
    pub(super) fn any(&self, network: i32, reader: Reader) -> bool {
        self.seen(network, None, reader).next().is_some()
    }

    /// Returns the numbers of the VASPs that own claims on a network or its family which this reader may see.
    pub(super) fn owners(&self, network: i32, family: Option<i32>, reader: Reader) -> BTreeSet<i64> {
        self.seen(network, family, reader).map(|(owner, ..)| owner).collect()
    }

    /// Returns the coverage of every network and family with claims, for each reader. Prepared in advance, because counting owners takes
    /// too long for every answer.
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

    /// Returns the coverage of a network together with its family; `None` if this reader may see no claims there.
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
