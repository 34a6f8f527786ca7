//! Builds the records of a day: all of them, or those that a change affects.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use imbl::OrdMap;

use super::{Delegation, Found, Ground, KnownVasp, Merges, Records, Vasps};
use crate::directory::elsewhere::Joined;
use crate::directory::in_parts::in_parts;
use crate::directory::published::PublishedIndex;
use crate::directory::shared::{SharedMap, put, take};
use vasp_record::fact::VaspFacts;
use vasp_record::vasp::{DomainStatus, Evidence, Vasp, VaspKind};
use vasp_rules::elsewhere::{Elsewhere, JudgedVasp};
use vasp_words::host::Host;
use vasp_words::ids::VaspId;
use vasp_words::look_alike::LookAlikes;
use vasp_words::time::Date;

impl Records {
    /// Builds the records of a day. Records that equal those in `same` are shared with it.
    #[must_use]
    pub(in crate::directory) fn of(ground: Ground<'_>, same: Option<&Self>, day: Date) -> Self {
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
        let built = records.judge_all(&own.collect::<Vec<_>>(), ground);
        ground.vasps.values().for_each(|known| records.delegate(known));
        records.enter(built, same);
        records
    }

    /// Builds the next records, in which only the VASPs with the numbers `changed` have other facts than `before`. Returns `None` if
    /// records were merged or separated: then everything is built again.
    pub(in crate::directory) fn next(&self, before: &Vasps, ground: Ground<'_>, changed: &[i64]) -> Option<Self> {
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
        let built = next.judge_all(&present.collect::<Vec<_>>(), ground);
        groups.extend(built.values().filter_map(|judged| judged.record.group));
        next.enter(built, Some(self));
        for group in groups.difference(&affected) {
            next.forget_summary(*group);
        }
        Some(next)
    }

    /// Builds records, without what they inherit from their groups. Several threads build many of them.
    fn judge_all(&self, known: &[&Arc<KnownVasp>], ground: Ground<'_>) -> BTreeMap<VaspId, JudgedVasp> {
        let judge = |part: &[&Arc<KnownVasp>]| -> Vec<_> {
            let mut shared = HashSet::new();
            part.iter().map(|known| (known.facts.id, self.judge(known, ground, &mut shared))).collect()
        };
        in_parts(known, judge).into_iter().flatten().collect()
    }

    /// Builds one record, without what it inherits from its group. Its evidence is that of `shared` if it is equal.
    fn judge(&self, known: &KnownVasp, ground: Ground<'_>, shared: &mut HashSet<Arc<[Evidence]>>) -> JudgedVasp {
        let absorbed = self.absorbed_by(known.facts.id).iter().filter_map(|id| ground.vasps.get(ground.numbers.get(id)?));
        let merged: Vec<&VaspFacts> = absorbed.map(|other| &other.facts).collect();
        let mut record = known.record_on(&merged, self.day, ground.snapshots);
        let elsewhere = ground.joined.complete(&mut record, (&known.facts, &merged), &known.names, self.day);
        record.group = record.group.map(|group| self.canonical(group));
        match shared.get(&record.evidence) {
            Some(same) => record.evidence = Arc::clone(same),
            None => drop(shared.insert(Arc::clone(&record.evidence))),
        }
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
