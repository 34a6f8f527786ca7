//! Builds the records of a day: all of them, or those that a change affects.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, OnceLock};

use imbl::OrdMap;

use super::{Delegation, Found, Ground, KnownVasp, Merges, Records, Vasps};
use crate::directory::elsewhere::Joined;
use crate::directory::published::PublishedIndex;
use crate::directory::shared::{SharedMap, Table, put, take};
use vasp_record::fact::{Attribute, VaspFacts};
use vasp_record::vasp::{DomainStatus, Evidence, Vasp, VaspKind};
use vasp_rules::elsewhere::{Elsewhere, JudgedVasp};
use vasp_rules::linked_entity::EntityMark;
use vasp_words::host::Host;
use vasp_words::ids::VaspId;
use vasp_words::in_parts::in_parts;
use vasp_words::look_alike::LookAlikes;
use vasp_words::time::Date;

/// A record that was just built.
struct Built {
    judged: JudgedVasp,
    /// The next day on which its facts change it.
    changes_on: Option<Date>,
}

/// Number of records from which several threads judge: each of them is screened.
const MANY: usize = 200;

impl Records {
    /// Builds all records of a day. Shares with the records `before` what is equal.
    #[must_use]
    pub(in crate::directory) fn of(ground: Ground<'_>, before: Option<&Self>, day: Date) -> Self {
        let mut records = Self {
            merges: Arc::new(Merges::on(day, ground.vasps)),
            delegations: SharedMap::default(),
            search: OnceLock::new(),
            ..before.map_or_else(|| Self::none(day), |before| Self { day, ..before.clone() })
        };
        let own = ground.vasps.values().filter(|known| !records.merges.into.contains_key(&known.facts.id()));
        let built = records.judge_all(&own.collect::<Vec<_>>(), ground);
        ground.vasps.values().for_each(|known| records.delegate(known));
        let gone: Vec<VaspId> = records.by_id.keys().copied().filter(|id| !built.contains_key(id)).collect();
        gone.into_iter().for_each(|id| records.leave(id));
        records.enter(built);
        records
    }

    fn none(day: Date) -> Self {
        Self {
            day,
            by_id: OrdMap::new(),
            found: Table::default(),
            by_lei: Table::default(),
            by_mark: Table::default(),
            by_domain: Table::default(),
            delegations: SharedMap::default(),
            look_alikes: LookAlikes::default(),
            entities: Table::default(),
            merges: Arc::default(),
            published: PublishedIndex::default(),
            search: OnceLock::new(),
        }
    }

    /// Builds the next records, in which only the VASPs with the numbers `changed` have other facts than `before`. Returns `None` if
    /// records were merged or separated: then everything is built again.
    pub(in crate::directory) fn next(&self, before: &Vasps, ground: Ground<'_>, changed: &[i64]) -> Option<Self> {
        let of_both = |number: &i64| [before.get(number), ground.vasps.get(number)];
        let merged = |known: Option<&Arc<KnownVasp>>| known.and_then(|known| known.merged_into(self.day));
        if changed.iter().map(of_both).any(|[was, is]| merged(was) != merged(is)) {
            return None;
        }
        let mut next = self.clone();
        next.search = OnceLock::new();
        let known = changed.iter().flat_map(of_both).flatten();
        let mut affected: BTreeSet<VaspId> = known.map(|known| self.canonical(known.facts.id())).collect();
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
        let present = affected.iter().filter_map(|id| ground.vasps.get(ground.numbers.get(id)?));
        let built = next.judge_all(&present.collect::<Vec<_>>(), ground);
        for id in &affected {
            groups.extend(self.get(*id).and_then(|record| record.group));
            if !built.contains_key(id) {
                next.leave(*id);
            }
        }
        groups.extend(built.values().filter_map(|built| built.judged.record.group));
        next.enter(built);
        for group in groups.difference(&affected) {
            next.forget_summary(*group);
        }
        Some(next)
    }

    /// Builds records, without what they inherit from their groups. Several threads build many of them.
    fn judge_all(&self, known: &[&Arc<KnownVasp>], ground: Ground<'_>) -> BTreeMap<VaspId, Built> {
        let judge = |part: &[&Arc<KnownVasp>]| -> Vec<_> {
            let mut shared = HashSet::new();
            part.iter().map(|known| (known.facts.id(), self.judge(known, ground, &mut shared))).collect()
        };
        in_parts(known, MANY, judge).into_iter().flatten().collect()
    }

    /// Builds one record, without what it inherits from its group. Its evidence is that of `shared` if it is equal.
    fn judge(&self, known: &KnownVasp, ground: Ground<'_>, shared: &mut HashSet<Arc<[Evidence]>>) -> Built {
        let absorbed = self.absorbed_by(known.facts.id()).iter().filter_map(|id| ground.vasps.get(ground.numbers.get(id)?));
        let merged: Vec<VaspFacts> = absorbed.map(|other| other.facts.unpack()).collect();
        let facts = known.facts.unpack();
        let mut record = facts.record_with(&merged, self.day, ground.snapshots);
        let elsewhere = ground.joined.complete(&mut record, &facts, &merged, &known.names, self.day);
        record.group = record.group.map(|group| self.canonical(group));
        match shared.get(&record.evidence) {
            Some(same) => record.evidence = Arc::clone(same),
            None => drop(shared.insert(Arc::clone(&record.evidence))),
        }
        let changes_on = merged.iter().chain([&facts]).filter_map(|facts| facts.next_change(self.day)).min();
        Built { judged: JudgedVasp { record: Arc::new(record), elsewhere }, changes_on }
    }

    /// Adds records or replaces them, and gives entities what other lists say about their group. Keeps what is equal.
    fn enter(&mut self, mut built: BTreeMap<VaspId, Built>) {
        let wanted: BTreeSet<VaspId> = built.values().filter_map(|built| built.judged.record.group).collect();
        let group = |id: &VaspId| match built.get(id) {
            Some(built) => Some(&built.judged),
            None => self.found.get(id).map(|found| found.judged.as_ref()),
        };
        let listed = wanted.iter().filter_map(group).filter(|group| is_listed(&group.elsewhere));
        let listed: BTreeMap<VaspId, Elsewhere> = listed.map(|group| (group.record.id, group.elsewhere.clone())).collect();
        for Built { judged, .. } in built.values_mut() {
            if let Some(group) = judged.record.group.and_then(|group| listed.get(&group)) {
                Joined::inherit(&mut judged.elsewhere, group);
            }
        }
        for (id, Built { judged, changes_on }) in built {
            let known = self.found.get(&id).map(|found| (Arc::clone(&found.judged), found.changes_on));
            let same = known.as_ref().filter(|(known, _)| **known == judged);
            match same {
                // A group's summary shows its entities, so it is written again.
                Some((_, day)) if *day == changes_on && judged.record.kind != VaspKind::Group => {}
                Some((known, _)) => self.keep(Found::new(Arc::clone(known), changes_on)),
                None => {
                    let was = known.as_ref().map(|(known, _)| known.record.as_ref());
                    self.index_anew(was, &judged.record);
                    self.keep(Found::new(Arc::new(judged), changes_on));
                }
            }
        }
    }

    fn keep(&mut self, found: Arc<Found>) {
        let id = found.judged.record.id;
        self.by_id.insert(id, Arc::clone(&found));
        self.found.insert(id, found);
    }

    /// Changes by what a record is found.
    fn index_anew(&mut self, was: Option<&Vasp>, is: &Vasp) {
        if was.is_some_and(|was| keys(was) == keys(is)) {
            return;
        }
        if let Some(was) = was {
            self.remove_from_index(was);
        }
        self.index(is);
    }

    fn index(&mut self, record: &Vasp) {
        let id = record.id;
        if let Some(lei) = record.lei {
            put(&mut self.by_lei, lei, id);
        }
        for mark in EntityMark::of(record).into_iter().filter(|mark| !matches!(mark, EntityMark::Lei(_))) {
            put(&mut self.by_mark, mark, id);
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
        self.remove_from_index(&found.judged.record);
    }

    fn remove_from_index(&mut self, record: &Vasp) {
        let id = record.id;
        if let Some(lei) = record.lei {
            take(&mut self.by_lei, &lei, id);
        }
        for mark in EntityMark::of(record).iter().filter(|mark| !matches!(mark, EntityMark::Lei(_))) {
            take(&mut self.by_mark, mark, id);
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
        if self.merges.into.contains_key(&known.facts.id()) || !known.facts.says(Attribute::Delegation) {
            return;
        }
        for (path, status) in known.facts.unpack().delegations_on(self.day) {
            let delegation = Delegation { prefix: path.prefix().clone(), status, vasp: known.facts.id() };
            let of_host = self.delegations.entry(path.host().to_owned()).or_default();
            let place = of_host.partition_point(|other| other.vasp <= delegation.vasp);
            of_host.insert(place, delegation);
        }
    }

    fn undelegate(&mut self, known: &KnownVasp) {
        if !known.facts.says(Attribute::Delegation) {
            return;
        }
        for (path, _) in known.facts.unpack().delegations_on(self.day) {
            if let Some(of_host) = self.delegations.get_mut(path.host()) {
                of_host.retain(|other| other.vasp != known.facts.id());
            }
        }
    }

    /// Has the summary of a group written again, because one of its entities changed.
    fn forget_summary(&mut self, id: VaspId) {
        let Some(found) = self.found.get(&id) else { return };
        let found = Found::new(Arc::clone(&found.judged), found.changes_on);
        self.keep(found);
    }
}

/// Returns everything by which a record is found, except by search.
fn keys(record: &Vasp) -> impl PartialEq + use<'_> {
    let published = (&record.certificates, &record.identifiers, &record.endpoints);
    (EntityMark::of(record), &record.domains, record.group, published)
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
