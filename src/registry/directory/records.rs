//! The records of one day, and the ways to find them: by id, LEI, domain and group, and by search.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use serde_json::value::RawValue;

use super::SearchIndex;
use super::search_index::same_texts;
use super::elsewhere::{FoldedNames, Joined};
use super::published::PublishedIndex;
use super::shared::{Ids, SharedMap, put, take};
use vasp_record::delegation::{DelegationStatus, PathPrefix};
use vasp_record::fact::{Snapshots, VaspFacts};
use vasp_record::resolution::Parties;
use vasp_record::vasp::{DomainStatus, Vasp, VaspDomain, VaspKind};
use vasp_rules::elsewhere::{Elsewhere, JudgedVasp};
use vasp_rules::protocol::ProtocolId;
use vasp_words::host::Host;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::look_alike::{HostWarning, LookAlikes};
use vasp_words::time::{Date, UtcTime};

/// Everything known about one VASP, and when it last changed.
#[derive(Clone, Debug)]
pub struct KnownVasp {
    /// Number in the store.
    pub number: i64,
    /// Its facts.
    pub facts: VaspFacts,
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

/// The cached text of a record's summary, `None` if it could not be serialised; and the usable protocols in it, which depend on the time.
type Summary = (Vec<ProtocolId>, Option<Arc<RawValue>>);

/// A record, with the cached text of its summary. Generations share it while nothing in its summary changes.
#[derive(Debug)]
struct Found {
    judged: Arc<JudgedVasp>,
    written: OnceLock<Summary>,
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
    pub numbers: &'a SharedMap<VaspId, i64>,
    pub snapshots: &'a Snapshots,
    pub joined: &'a Joined,
}

/// The records as of one day. A copy shares everything that it does not change.
#[derive(Clone, Debug)]
pub struct Records {
    day: Date,
    by_id: OrdMap<VaspId, Arc<Found>>,
    /// The same, because every answer asks for a few and a tree is slower.
    found: SharedMap<VaspId, Arc<Found>>,
    by_lei: SharedMap<Lei, Ids>,
    by_domain: SharedMap<String, Ids>,
    delegations: SharedMap<String, Vec<Delegation>>,
    look_alikes: LookAlikes,
    entities: SharedMap<VaspId, Ids>,
    merges: Arc<Merges>,
    published: PublishedIndex,
    search: OnceLock<Arc<SearchIndex>>,
}

impl Records {
    /// Builds the records of a day. Records that equal those in `same` are shared with it.
    #[must_use]
    pub(super) fn of(ground: Ground<'_>, same: Option<&Self>, day: Date) -> Self {
        let into = |known: &Arc<KnownVasp>| Some((known.facts.id, known.facts.merged_into(day)?));
        let mut merges = Merges { into: ground.vasps.values().filter_map(into).collect(), absorbed: HashMap::new() };
        for known in ground.vasps.values().filter(|known| merges.into.contains_key(&known.facts.id)) {
            merges.absorbed.entry(merges.canonical(known.facts.id)).or_default().push(known.facts.id);
        }
        let mut records = Self {
            day,
            by_id: OrdMap::new(),
            found: SharedMap::default(),
            by_lei: SharedMap::default(),
            by_domain: SharedMap::default(),
            delegations: SharedMap::default(),
            look_alikes: LookAlikes::default(),
            entities: SharedMap::default(),
            merges: Arc::new(merges),
            published: PublishedIndex::default(),
            search: OnceLock::new(),
        };
        let own = ground.vasps.values().filter(|known| !records.merges.into.contains_key(&known.facts.id));
        let built = own.map(|known| (known.facts.id, records.judge(known, ground))).collect();
        ground.vasps.values().for_each(|known| records.delegate(known));
        records.enter(built, same);
        records
    }

    /// Builds the next records, in which only the VASPs with the numbers `changed` have other facts than `before`. Returns `None` if
    /// records were merged or separated: then everything is built again.
    pub(super) fn next(&self, before: &Vasps, ground: Ground<'_>, changed: &[i64]) -> Option<Self> {
        let of_both = |number: &i64| [before.get(number), ground.vasps.get(number)];
        let merged = |known: Option<&Arc<KnownVasp>>| known.and_then(|known| known.facts.merged_into(self.day));
        if changed.iter().map(of_both).any(|[was, is]| merged(was) != merged(is)) {
            return None;
        }
        let mut next = self.clone();
        next.search = OnceLock::new();
        let known = changed.iter().flat_map(of_both).flatten();
        let mut affected: BTreeSet<VaspId> = known.map(|known| self.canonical(known.facts.id)).collect();
        // Entities show their group's id and name, and inherit what lists say about the group.
        let entities: Vec<VaspId> = affected.iter().filter_map(|id| self.entities.get(id)).flatten().copied().collect();
        affected.extend(entities);
        for number in changed {
            if let Some(known) = before.get(number) {
                next.undelegate(known);
            }
            if let Some(known) = ground.vasps.get(number) {
                next.delegate(known);
            }
        }
        let mut groups = BTreeSet::new();
        for id in &affected {
            groups.extend(self.get(*id).and_then(|record| record.group));
            next.leave(*id);
        }
        let present = affected.iter().filter_map(|id| ground.vasps.get(ground.numbers.get(id)?));
        let built: BTreeMap<VaspId, JudgedVasp> = present.map(|known| (known.facts.id, next.judge(known, ground))).collect();
        groups.extend(built.values().filter_map(|judged| judged.record.group));
        next.enter(built, Some(self));
        for group in groups.difference(&affected) {
            next.forget_summary(*group);
        }
        Some(next)
    }

    /// Builds one record, without what it inherits from its group.
    fn judge(&self, known: &KnownVasp, ground: Ground<'_>) -> JudgedVasp {
        let absorbed = self.absorbed_by(known.facts.id).iter().filter_map(|id| ground.vasps.get(ground.numbers.get(id)?));
        let merged: Vec<&VaspFacts> = absorbed.map(|other| &other.facts).collect();
        let mut record = known.record_on(&merged, self.day, ground.snapshots);
        let elsewhere = ground.joined.complete(&mut record, (&known.facts, &merged), &known.names, self.day);
        record.group = record.group.map(|group| self.canonical(group));
        JudgedVasp { record: Arc::new(record), elsewhere }
    }

    /// Adds records, and gives entities what other lists say about their group. Records that equal those in `same` are shared with it.
    fn enter(&mut self, mut built: BTreeMap<VaspId, JudgedVasp>, same: Option<&Self>) {
        let wanted: BTreeSet<VaspId> = built.values().filter_map(|judged| judged.record.group).collect();
        let group = |id: &VaspId| built.get(id).or_else(|| self.found.get(id).map(|found| found.judged.as_ref()));
        let listed = wanted.iter().filter_map(group).filter(|group| is_listed(&group.elsewhere));
        let listed: BTreeMap<VaspId, Elsewhere> = listed.map(|group| (group.record.id, group.elsewhere.clone())).collect();
        for judged in built.values_mut() {
            if let Some(group) = judged.record.group.and_then(|group| listed.get(&group)) {
                Joined::inherit(&mut judged.elsewhere, group);
            }
        }
        for (id, judged) in built {
            let known = same.and_then(|same| same.found.get(&id)).filter(|found| *found.judged == judged);
            let found = match known {
                // A group's summary shows its entities, so it is written again.
                Some(found) if judged.record.kind == VaspKind::Group => {
                    Arc::new(Found { judged: Arc::clone(&found.judged), written: OnceLock::new() })
                }
                Some(found) => Arc::clone(found),
                None => Arc::new(Found { judged: Arc::new(judged), written: OnceLock::new() }),
            };
            self.index(&found.judged.record);
            self.by_id.insert(id, Arc::clone(&found));
            self.found.insert(id, found);
        }
    }

    fn index(&mut self, record: &Vasp) {
        let id = record.id;
        if let Some(lei) = record.lei {
            put(&mut self.by_lei, lei, id);
        }
        for domain in &record.domains {
            put(&mut self.by_domain, domain.domain.clone(), id);
        }
        proven(record).for_each(|host| self.look_alikes.add(&host));
        self.published.add(record);
        if let Some(group) = record.group {
            put(&mut self.entities, group, id);
        }
    }

    /// Removes a record, if it is there.
    fn leave(&mut self, id: VaspId) {
        let Some(found) = self.found.remove(&id) else { return };
        self.by_id.remove(&id);
        let record = &found.judged.record;
        if let Some(lei) = record.lei {
            take(&mut self.by_lei, &lei, id);
        }
        for domain in &record.domains {
            take(&mut self.by_domain, &domain.domain, id);
        }
        proven(record).for_each(|host| self.look_alikes.remove(&host));
        self.published.remove(record);
        if let Some(group) = record.group {
            take(&mut self.entities, &group, id);
        }
    }

    /// Adds the paths that others delegated to a VASP; none if it was merged into another.
    fn delegate(&mut self, known: &KnownVasp) {
        if self.merges.into.contains_key(&known.facts.id) {
            return;
        }
        for (path, status) in known.facts.delegations_on(self.day) {
            let delegation = Delegation { prefix: path.prefix().clone(), status, vasp: known.facts.id };
            let of_host = self.delegations.entry(path.host().to_owned()).or_default();
            let place = of_host.partition_point(|other| other.vasp <= delegation.vasp);
            of_host.insert(place, delegation);
        }
    }

    fn undelegate(&mut self, known: &KnownVasp) {
        for (path, _) in known.facts.delegations_on(self.day) {
            if let Some(of_host) = self.delegations.get_mut(path.host()) {
                of_host.retain(|other| other.vasp != known.facts.id);
            }
        }
    }

    /// Has the summary of a group written again, because one of its entities changed.
    fn forget_summary(&mut self, id: VaspId) {
        if let Some(found) = self.found.get(&id) {
            let found = Arc::new(Found { judged: Arc::clone(&found.judged), written: OnceLock::new() });
            self.by_id.insert(id, Arc::clone(&found));
            self.found.insert(id, found);
        }
    }

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

    /// Returns the cache for a record's summary, because answers often show the same few records. It lives as long as these records, and
    /// so does all data in a summary.
    #[must_use]
    pub fn written(&self, id: VaspId) -> Option<&OnceLock<Summary>> {
        self.found.get(&id).map(|found| &found.written)
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
                (Some(was), Some(is)) => same_texts((before, was), (self, is)),
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

/// Returns whether other lists say something about a group that its entities inherit.
fn is_listed(elsewhere: &Elsewhere) -> bool {
    elsewhere.non_compliant.as_ref().is_some_and(|found| !found.is_empty())
        || elsewhere.screening.as_ref().is_some_and(|found| !found.is_empty())
        || elsewhere.brand.is_some()
}

/// Returns the domains that a record has proven.
fn proven(record: &Vasp) -> impl Iterator<Item = Host> {
    let proven = record.domains.iter().filter(|domain| domain.status == DomainStatus::Proven);
    proven.filter_map(|domain| domain.domain.parse().ok())
}

impl KnownVasp {
    /// Returns the record of a day, including the facts of records that were merged into it.
    pub(super) fn record_on(&self, merged: &[&VaspFacts], day: Date, snapshots: &Snapshots) -> Vasp {
        match merged {
            [] => self.facts.record_on(day, snapshots),
            others => self.facts.with_merged(others.iter().copied()).record_on(day, snapshots),
        }
    }
}

impl Parties for Records {
    fn party(&self, vasp: VaspId) -> VaspId {
        self.get(vasp).and_then(|record| record.group).unwrap_or_else(|| self.canonical(vasp))
    }

    fn kind(&self, vasp: VaspId) -> VaspKind {
        self.get(vasp).map_or(VaspKind::Entity, |record| record.kind)
    }

    fn is_halted(&self, vasp: VaspId) -> bool {
        self.get(vasp).is_some_and(|record| record.status.is_halted())
    }
}
