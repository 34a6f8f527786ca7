//! The records of one day, and the ways to find them: by id, LEI, domain and group, and by search.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use imbl::OrdMap;
use imbl::ordmap::DiffItem;

use super::elsewhere::{FoldedNames, Joined};
use super::kept_brand::{KeptBrand, KeptRegisters};
use super::published::PublishedIndex;
use super::search_index::{same_texts, text_of};
use super::shared::{Ids, SharedMap, Table};
use super::{Hit, SearchIndex};
use vasp_pki::receipt::CanonicalText;
use vasp_record::delegation::{DelegationStatus, PathPrefix};
use vasp_record::fact::{Attribute, PackedFacts, Snapshots};
use vasp_record::resolution::Parties;
use vasp_record::vasp::{Vasp, VaspDomain, VaspKind};
use vasp_rules::elsewhere::JudgedVasp;
use vasp_rules::linked_entity::EntityMark;
use vasp_rules::protocol::ProtocolId;
use vasp_words::host::Host;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::look_alike::{HostWarning, LookAlikes};
use vasp_words::time::{Date, UtcTime};

mod build;
mod marks;

/// Everything known about one VASP, and when it last changed.
#[derive(Clone, Debug)]
pub struct KnownVasp {
    /// Number in the store.
    pub number: i64,
    /// Its facts.
    pub facts: PackedFacts,
    /// Sequence of its last change.
    pub version: i64,
    /// When that change was recorded.
    pub updated_at: UtcTime,
    /// Its names, folded for comparison.
    pub(super) names: FoldedNames,
}

/// Two are equal if they are the same one, so that a comparison of generations need not look inside.
impl PartialEq for KnownVasp {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// Paths of a host that are delegated to a VASP.
#[derive(Clone, Debug)]
pub struct Delegation {
    /// The paths.
    pub prefix: PathPrefix,
    /// How far the delegation is confirmed.
    pub status: DelegationStatus,
    /// The VASP to which the paths are delegated.
    pub vasp: VaspId,
}

/// Several live records have one LEI, so it does not name a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Several records have the LEI {lei}: {}; use an id.", records.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
pub struct AmbiguousLei {
    /// The LEI.
    pub lei: Lei,
    /// The records that have it.
    pub records: Vec<VaspId>,
}

/// The cached text of a record's summary, and the usable protocols in it, which depend on the time.
type Summary = Box<(Vec<ProtocolId>, CanonicalText)>;

/// A record, with the cached text of its summary. Generations share it while nothing in its summary changes.
#[derive(Debug)]
struct Found {
    judged: Arc<JudgedVasp>,
    /// The next day on which its facts change it.
    changes_on: Option<Date>,
    written: OnceLock<Summary>,
    brand: KeptBrand,
    registers: KeptRegisters,
}

impl Found {
    /// Returns a record whose summary is not yet written.
    fn new(judged: Arc<JudgedVasp>, changes_on: Option<Date>) -> Arc<Self> {
        Arc::new(Self {
            judged,
            changes_on,
            written: OnceLock::new(),
            brand: KeptBrand::default(),
            registers: KeptRegisters::default(),
        })
    }
}

/// Two are equal if they are the same one, so that a comparison of generations need not look inside.
impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.judged, &other.judged)
    }
}

/// Which records were merged into which.
#[derive(Debug, Default)]
struct Merges {
    into: HashMap<VaspId, VaspId, RandomState>,
    absorbed: HashMap<VaspId, Vec<VaspId>>,
}

/// The VASPs of a generation by number.
pub(super) type Vasps = OrdMap<i64, Arc<KnownVasp>>;

/// What records are built from, beside their own facts.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub vasps: &'a Vasps,
    pub numbers: &'a Table<VaspId, i64>,
    pub snapshots: &'a Snapshots,
    pub joined: &'a Joined,
}

/// The records as of one day. A copy shares everything that it does not change.
#[derive(Clone, Debug)]
pub struct Records {
    day: Date,
    by_id: OrdMap<VaspId, Arc<Found>>,
    /// The same, because every answer asks for a few and a tree is slower.
    found: Table<VaspId, Arc<Found>>,
    by_lei: Table<Lei, Ids>,
    /// By what links may name them, beside the LEI.
    by_mark: Table<EntityMark, Ids>,
    by_domain: Table<String, Ids>,
    delegations: SharedMap<String, Vec<Delegation>>,
    look_alikes: LookAlikes,
    entities: Table<VaspId, Ids>,
    merges: Arc<Merges>,
    published: PublishedIndex,
    search: OnceLock<Arc<SearchIndex>>,
}

impl Records {
    /// Returns the day for which these records are valid.
    #[must_use]
    pub fn day(&self) -> Date {
        self.day
    }

    /// Returns a record. For a merged record, returns the record it was merged into.
    #[must_use]
    pub fn get(&self, id: VaspId) -> Option<&Arc<Vasp>> {
        self.judged(id).map(|judged| &judged.record)
    }

    /// Returns a record with what other lists say about it. For a merged record, returns the record it was merged into.
    #[must_use]
    pub fn judged(&self, id: VaspId) -> Option<&Arc<JudgedVasp>> {
        self.found.get(&self.canonical(id)).map(|found| &found.judged)
    }

    /// Returns the id under which a record is now found: its own, or that of the record it was merged into.
    #[must_use]
    pub fn canonical(&self, id: VaspId) -> VaspId {
        self.merges.canonical(id)
    }

    /// Returns the ids of the records that were merged into this one.
    #[must_use]
    pub fn absorbed_by(&self, id: VaspId) -> &[VaspId] {
        self.merges.absorbed.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Returns the next day on which its own facts change a record.
    #[must_use]
    pub fn next_change(&self, id: VaspId) -> Option<Date> {
        self.found.get(&self.canonical(id))?.changes_on
    }

    /// Returns the cache for a record's summary, because answers often show the same few records. It lives as long as these records, and
    /// so does all data in a summary.
    #[must_use]
    pub fn written(&self, id: VaspId) -> Option<&OnceLock<Summary>> {
        self.found.get(&id).map(|found| &found.written)
    }

    /// Returns the cache for the text about a group's brand.
    #[must_use]
    pub fn kept_brand(&self, id: VaspId) -> Option<&KeptBrand> {
        self.found.get(&id).map(|found| &found.brand)
    }

    /// Returns the cache for the registers that show no entity of a group's brand.
    #[must_use]
    pub fn kept_registers(&self, id: VaspId) -> Option<&KeptRegisters> {
        self.found.get(&id).map(|found| &found.registers)
    }

    /// Returns all records, ordered by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Vasp>> {
        self.by_id.values().map(|found| &found.judged.record)
    }

    /// Returns all records with what other lists say about them, ordered by id.
    pub fn iter_judged(&self) -> impl Iterator<Item = &JudgedVasp> {
        self.by_id.values().map(|found| found.judged.as_ref())
    }

    fn by_ids<'a>(&'a self, ids: Option<&'a Ids>) -> impl Iterator<Item = &'a Arc<Vasp>> {
        ids.into_iter().flatten().filter_map(|id| self.found.get(id)).map(|found| &found.judged.record)
    }

    /// Returns the records with an LEI.
    pub fn with_lei(&self, lei: Lei) -> impl Iterator<Item = &Arc<Vasp>> {
        self.by_ids(self.by_lei.get(&lei))
    }

    /// Returns the live records that an LEI names. If some of them have evidence for the LEI, only those are returned. So nobody can take
    /// over an LEI just by stating it.
    ///
    /// Source: docs/vetting.md: an LEI names the record that has evidence for it.
    #[must_use]
    pub fn named_by_lei(&self, lei: Lei) -> Vec<&Arc<Vasp>> {
        let live: Vec<&Arc<Vasp>> = self.with_lei(lei).filter(|record| record.status.is_live()).collect();
        let evidenced: Vec<&Arc<Vasp>> = live.iter().copied().filter(|record| record.is_evidenced("lei")).collect();
        if evidenced.is_empty() { live } else { evidenced }
    }

    /// Returns the record that an LEI names; `None` if there is none.
    ///
    /// # Errors
    /// `AmbiguousLei` if there are several.
    pub fn the_one_with_lei(&self, lei: Lei) -> Result<Option<&Arc<Vasp>>, AmbiguousLei> {
        match self.named_by_lei(lei).as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            several => Err(AmbiguousLei { lei, records: several.iter().map(|record| record.id).collect() }),
        }
    }

    /// Returns the ids under which relationships with a record can be stored: the record's own id first, then those of records merged
    /// into it; and the same for its group.
    #[must_use]
    pub fn ids_of_party(&self, vasp: VaspId) -> (Vec<VaspId>, Vec<VaspId>) {
        let own = self.canonical(vasp);
        let with_absorbed = |id: VaspId| [id].into_iter().chain(self.absorbed_by(id).iter().copied()).collect();
        let group = self.get(own).and_then(|record| record.group);
        (with_absorbed(own), group.map(|group| with_absorbed(self.canonical(group))).unwrap_or_default())
    }

    /// Returns the records that name a domain, each with its entry for the domain.
    pub fn with_domain<'a>(&'a self, domain: &Host) -> impl Iterator<Item = (&'a Arc<Vasp>, &'a VaspDomain)> + use<'a> {
        let wanted = domain.clone();
        let naming = self.by_ids(self.by_domain.get(domain.as_str()));
        naming.filter_map(move |record| Some((record, record.domains.iter().find(|d| d.domain == wanted.as_str())?)))
    }

    pub(super) fn published(&self) -> &PublishedIndex {
        &self.published
    }

    /// Returns the delegations of a host's paths.
    #[must_use]
    pub fn delegations(&self, host: &Host) -> &[Delegation] {
        self.delegations.get(host.as_str()).map_or(&[], Vec::as_slice)
    }

    /// Returns the warnings about a host that looks like another one.
    #[must_use]
    pub fn host_warnings(&self, host: &Host) -> Vec<HostWarning> {
        self.look_alikes.warnings(host)
    }

    /// Returns the entities of a group.
    pub fn entities_of(&self, group: VaspId) -> impl Iterator<Item = &Arc<Vasp>> {
        self.by_ids(self.entities.get(&group))
    }

    /// Returns the search index; makes it now if nobody needed it before. The records of a past day are seldom searched.
    #[must_use]
    pub fn search(&self) -> &SearchIndex {
        self.search.get_or_init(|| Arc::new(self.search_index()))
    }

    /// Returns the text of a record that matched a search, as the record has it; empty if these are not the records that were searched.
    #[must_use]
    pub fn matched_text(&self, hit: &Hit) -> Cow<'_, str> {
        let record = self.of_own_id(hit.vasp);
        record.and_then(|record| text_of(hit, record, self.group_name(record))).unwrap_or_default()
    }

    /// Prepares the search index: the one of the records before, with the texts of those records that differ.
    pub(super) fn prepare_search(&self, before: Option<&Self>) {
        let known = before.and_then(|before| Some((before, before.search.get()?)));
        self.search.get_or_init(|| match known {
            Some((before, index)) => index.with(&self.searched_anew(before), self),
            None => Arc::new(self.search_index()),
        });
    }

    fn search_index(&self) -> SearchIndex {
        SearchIndex::of_records(self)
    }

    /// Returns the ids of records that are found by other texts than in the records before. Records that both share are not looked at.
    fn searched_anew(&self, before: &Self) -> BTreeSet<VaspId> {
        let mut changed = BTreeSet::new();
        for difference in before.by_id.diff(&self.by_id) {
            let (id, was, is) = match difference {
                DiffItem::Add(id, is) => (*id, None, Some(is)),
                DiffItem::Remove(id, was) => (*id, Some(was), None),
                DiffItem::Update { old: (id, was), new: (_, is) } => (*id, Some(was), Some(is)),
            };
            let record = |found: &Arc<Found>| Arc::clone(&found.judged.record);
            let (was, is) = (was.map(record), is.map(record));
            let same = match (&was, &is) {
                (Some(was), Some(is)) => same_texts(before, was, self, is),
                _ => false,
            };
            if !same {
                changed.insert(id);
                changed.extend(self.entities.get(&id).into_iter().flatten());
                changed.extend(before.entities.get(&id).into_iter().flatten());
            }
        }
        changed
    }

    /// Returns the record with exactly this id.
    pub(super) fn of_own_id(&self, id: VaspId) -> Option<&Vasp> {
        self.found.get(&id).map(|found| found.judged.record.as_ref())
    }

    /// Returns the name of the group that a record belongs to.
    pub(super) fn group_name(&self, record: &Vasp) -> Option<&str> {
        let group = self.found.get(&record.group?)?;
        Some(group.judged.record.legal_name.as_str()).filter(|_| group.judged.record.kind == VaspKind::Group)
    }
}

impl Merges {
    /// Returns the merges that are valid on a day.
    fn on(day: Date, vasps: &Vasps) -> Self {
        let into = |known: &Arc<KnownVasp>| Some((known.facts.id(), known.merged_into(day)?));
        let mut merges = Self { into: vasps.values().filter_map(into).collect(), absorbed: HashMap::new() };
        for id in vasps.values().map(|known| known.facts.id()).filter(|id| merges.into.contains_key(id)) {
            merges.absorbed.entry(merges.canonical(id)).or_default().push(id);
        }
        merges
    }

    fn canonical(&self, id: VaspId) -> VaspId {
        let mut found = id;
        // Follows chains of merges. Merges form no circle; even if they did, the loop would end after as many steps as there are merges.
        for _ in 0..=self.into.len() {
            match self.into.get(&found) {
                Some(next) => found = *next,
                None => break,
            }
        }
        found
    }
}

impl KnownVasp {
    /// Returns the record into which this one was merged.
    fn merged_into(&self, day: Date) -> Option<VaspId> {
        if self.facts.says(Attribute::MergedInto) { self.facts.unpack().merged_into(day) } else { None }
    }
}

impl Parties for Records {
    fn party(&self, vasp: VaspId) -> VaspId {
        self.get(vasp).and_then(|record| record.group).unwrap_or_else(|| self.canonical(vasp))
    }

    fn canonical(&self, vasp: VaspId) -> VaspId {
        self.merges.canonical(vasp)
    }

    fn kind(&self, vasp: VaspId) -> VaspKind {
        self.get(vasp).map_or(VaspKind::Entity, |record| record.kind)
    }

    fn is_halted(&self, vasp: VaspId) -> bool {
        self.get(vasp).is_some_and(|record| record.status.is_halted())
    }
}
