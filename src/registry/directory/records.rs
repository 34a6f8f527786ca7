//! The records of one day, and the ways to find them: by id, LEI, domain and group, and by search.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use serde_json::value::RawValue;

use super::SearchIndex;
use super::elsewhere::{FoldedNames, Joined};
use super::published::PublishedIndex;
use vasp_record::delegation::{DelegationStatus, PathPrefix};
use vasp_record::fact::{Snapshots, VaspFacts};
use vasp_record::resolution::Parties;
use vasp_record::vasp::{DomainStatus, Vasp, VaspDomain, VaspKind};
use vasp_rules::elsewhere::JudgedVasp;
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

/// The cached text of a record's summary, `None` if it could not be serialised; and the usable protocols in it, which depend on the time.
type Summary = (Vec<ProtocolId>, Option<Arc<RawValue>>);

/// A record in a hash map by id, because every answer asks for a few and a tree would be slower.
#[derive(Clone, Debug)]
struct Found {
    judged: Arc<JudgedVasp>,
    written: OnceLock<Summary>,
}

/// The records as of one day.
#[derive(Clone, Debug)]
pub struct Records {
    day: Date,
    by_id: BTreeMap<VaspId, Arc<JudgedVasp>>,
    by_lei: HashMap<Lei, Vec<VaspId>>,
    by_domain: HashMap<String, Vec<VaspId>>,
    delegations: HashMap<String, Vec<Delegation>>,
    look_alikes: LookAlikes,
    entities: HashMap<VaspId, Vec<VaspId>>,
    merged: HashMap<VaspId, VaspId, RandomState>,
    absorbed: HashMap<VaspId, Vec<VaspId>>,
    published: PublishedIndex,
    search: OnceLock<Arc<SearchIndex>>,
    found: HashMap<VaspId, Found, RandomState>,
}

impl Records {
    /// Builds the records of a day. Records that equal those in `same` are shared with it.
    #[must_use]
    pub fn of<'a>(
        vasps: impl Iterator<Item = &'a KnownVasp>,
        snapshots: &Snapshots,
        (joined, same): (&Joined, Option<&Self>),
        day: Date,
    ) -> Self {
        let mut records = Self {
            day,
            by_id: BTreeMap::new(),
            by_lei: HashMap::new(),
            by_domain: HashMap::new(),
            delegations: HashMap::new(),
            look_alikes: LookAlikes::default(),
            entities: HashMap::new(),
            merged: HashMap::default(),
            absorbed: HashMap::new(),
            published: PublishedIndex::default(),
            search: OnceLock::new(),
            found: HashMap::default(),
        };
        let vasps: Vec<&KnownVasp> = vasps.collect();
        records.merged = vasps.iter().filter_map(|known| Some((known.facts.id, known.facts.merged_into(day)?))).collect();
        let mut absorbed: HashMap<VaspId, Vec<&KnownVasp>> = HashMap::new();
        for known in vasps.iter().filter(|known| records.merged.contains_key(&known.facts.id)) {
            absorbed.entry(records.canonical(known.facts.id)).or_default().push(known);
        }
        for known in vasps {
            if records.merged.contains_key(&known.facts.id) {
                continue;
            }
            let merged: Vec<&VaspFacts> = absorbed.get(&known.facts.id).into_iter().flatten().map(|other| &other.facts).collect();
            let mut record = known.record_on(&merged, day, snapshots);
            let elsewhere = joined.complete(&mut record, (&known.facts, &merged), &known.names, day);
            record.group = record.group.map(|group| records.canonical(group));
            for (path, status) in known.facts.delegations_on(day) {
                let delegation = Delegation { prefix: path.prefix().clone(), status, vasp: record.id };
                records.delegations.entry(path.host().to_owned()).or_default().push(delegation);
            }
            let judged = JudgedVasp { record: Arc::new(record), elsewhere };
            let shared = same.and_then(|same| same.by_id.get(&judged.record.id)).filter(|same| ***same == judged);
            records.add(shared.cloned().unwrap_or_else(|| Arc::new(judged)));
        }
        records.inherit_from_groups();
        let found =
            |(id, judged): (&VaspId, &Arc<JudgedVasp>)| (*id, Found { judged: Arc::clone(judged), written: OnceLock::new() });
        records.found = records.by_id.iter().map(found).collect();
        let ids = |others: Vec<&KnownVasp>| others.iter().map(|other| other.facts.id).collect();
        records.absorbed = absorbed.into_iter().map(|(into, others)| (into, ids(others))).collect();
        for found in records.by_lei.values_mut().chain(records.entities.values_mut()).chain(records.by_domain.values_mut()) {
            found.sort();
        }
        records
    }

    /// Gives entities what other lists say about their group.
    fn inherit_from_groups(&mut self) {
        let listed = self.by_id.values().filter(|vasp| {
            vasp.elsewhere.non_compliant.as_ref().is_some_and(|found| !found.is_empty())
                || vasp.elsewhere.screening.as_ref().is_some_and(|found| !found.is_empty())
                || vasp.elsewhere.brand.is_some()
        });
        let groups: Vec<Arc<JudgedVasp>> = listed.filter(|vasp| self.entities.contains_key(&vasp.record.id)).cloned().collect();
        for group in groups {
            for id in self.entities.get(&group.record.id).into_iter().flatten() {
                if let Some(entity) = self.by_id.get_mut(id) {
                    Joined::inherit(&mut Arc::make_mut(entity).elsewhere, &group.elsewhere);
                }
            }
        }
    }

    fn add(&mut self, judged: Arc<JudgedVasp>) {
        let record = Arc::clone(&judged.record);
        let id = record.id;
        if let Some(lei) = record.lei {
            self.by_lei.entry(lei).or_default().push(id);
        }
        for domain in &record.domains {
            self.by_domain.entry(domain.domain.clone()).or_default().push(id);
            if domain.status == DomainStatus::Proven
                && let Ok(host) = domain.domain.parse()
            {
                self.look_alikes.add(&host);
            }
        }
        self.published.add(&record);
        if let Some(group) = record.group {
            self.entities.entry(group).or_default().push(id);
        }
        self.by_id.insert(id, judged);
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
        let mut found = id;
        // Follows chains of merges. Merges form no circle; even if they did, the loop would end after as many steps as there are merges.
        for _ in 0..=self.merged.len() {
            match self.merged.get(&found) {
                Some(next) => found = *next,
                None => break,
            }
        }
        found
    }

    /// Returns the ids of the records that were merged into this one.
    #[must_use]
    pub fn absorbed_by(&self, id: VaspId) -> &[VaspId] {
        self.absorbed.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Returns the cache for a record's summary, because answers often show the same few records. It lives as long as these records, and
    /// so does all data in a summary.
    #[must_use]
    pub fn written(&self, id: VaspId) -> Option<&OnceLock<Summary>> {
        self.found.get(&id).map(|found| &found.written)
    }

    /// Returns all records, ordered by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Vasp>> + Clone {
        self.by_id.values().map(|judged| &judged.record)
    }

    /// Returns all records with what other lists say about them, ordered by id.
    pub fn iter_judged(&self) -> impl Iterator<Item = &JudgedVasp> + Clone {
        self.by_id.values().map(AsRef::as_ref)
    }

    fn by_ids<'a>(&'a self, ids: Option<&'a Vec<VaspId>>) -> impl Iterator<Item = &'a Arc<Vasp>> {
        ids.into_iter().flatten().filter_map(|id| self.by_id.get(id)).map(|judged| &judged.record)
    }

    /// Returns the records with an LEI.
    pub fn with_lei(&self, lei: Lei) -> impl Iterator<Item = &Arc<Vasp>> {
        self.by_ids(self.by_lei.get(&lei))
    }

    /// Returns the live records that an LEI names. If some of them have evidence for the LEI, only those are returned. So nobody can take
    /// over an LEI just by stating it.
    ///
    /// Source: wire contract, "Gateway": one without evidence does not count beside one with it.
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

    /// Prepares the search index; takes over the index of the records before if all search texts are the same.
    pub(super) fn prepare_search(&self, before: Option<&Self>) {
        let known = before.and_then(|before| before.search.get());
        let known = known.filter(|index| index.is_of(self.iter().map(AsRef::as_ref)));
        self.search.get_or_init(|| known.map_or_else(|| Arc::new(self.search_index()), Arc::clone));
    }

    fn search_index(&self) -> SearchIndex {
        SearchIndex::of(self.iter().map(AsRef::as_ref))
    }
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
