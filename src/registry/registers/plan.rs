//! Computes what one snapshot changes, as a pure function of the snapshot and the known records. It matches entities, and computes
//! timelines and the difference. It writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::contradictions::{Contradictions, is_approved, is_dealt_with, said_otherwise};
use crate::ledger::VaspChanges;
use crate::ledger::known::{Known, KnownVasp};
use rand_core::RngCore;
use vasp_record::fact::{ActivityDates, Attribute, FactValue, NoItem};
use vasp_record::licence::{Activity, PublishedStanding};
use vasp_record::register::{RegisterEntity, RegisterLicence, RegisterSnapshot};
use vasp_record::timeline::{Listing, Seen};
use vasp_record::vasp::{DomainStatus, VaspStatus};
use vasp_store::{FactRow, LicenceRow};
use vasp_words::country::Country;
use vasp_words::ids::{LicenceId, VaspId};
use vasp_words::time::{Date, UtcTime};

/// What one snapshot changes of one VASP.
#[derive(Clone, Debug)]
pub(super) struct PlannedVasp {
    /// Number of a known VASP; `None` for a new one.
    pub number: Option<i64>,
    /// Its public id.
    pub id: VaspId,
    /// Licences to add; their VASP number is set when they are written.
    pub licences: Vec<LicenceRow>,
    /// Changed facts; empty if the snapshot only confirms.
    pub changes: VaspChanges,
    /// Lines of the file that show the VASP; empty if it is missing.
    pub lines: Vec<u64>,
    /// Id of the record after merges; `None` if nobody deals with that record any more.
    pub about: Option<VaspId>,
    /// How this contradicts that record, if the record is approved.
    pub against: Contradictions,
}

/// What a snapshot changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub vasps: Vec<PlannedVasp>,
    /// Number of entities that the previous snapshot showed.
    pub listed_before: usize,
    /// Number of those entities that this snapshot does not show.
    pub vanished: usize,
}

/// Makes ids for new objects, from the time and randomness of the import.
pub(super) struct Ids<'a> {
    pub now: UtcTime,
    pub rng: &'a mut dyn RngCore,
}

/// Which rows a snapshot has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    /// All rows of the register: an entity that is not in it is missing.
    All,
    /// Some rows of the register. It ends nothing that it does not name.
    Some,
    /// Rows of a file whose other rows were imported before: it adds to what they said.
    Addition,
}

impl Rows {
    /// Returns which rows a file has that is read for the first time.
    pub(super) fn of(snapshot: &RegisterSnapshot) -> Self {
        if snapshot.extent.is_whole() { Self::All } else { Self::Some }
    }
}

/// Computes the plan. `days` are the days of all whole snapshots of this register, in order, including this one if it is whole; `before` is the
/// day of the whole snapshot with which this one is compared.
pub(super) fn plan(
    snapshot: &RegisterSnapshot,
    rows: Rows,
    known: &Known,
    days: &[Date],
    before: Option<Date>,
    ids: &mut Ids<'_>,
) -> Plan {
    let named = &snapshot.rows.unread;
    let by_lei = named.leis.iter().filter_map(|lei| known.with_lei(*lei));
    let by_name = known.vasps().filter(|vasp| vasp.is_named_in(&snapshot.register, &named.names));
    let unread: BTreeSet<i64> = by_lei.chain(by_name).map(|vasp| vasp.number).collect();
    let planner = Planner { snapshot, rows, days, unread: &unread };
    let today = ids.now.date();
    let mut plan = Plan::default();
    let mut matched: BTreeMap<i64, usize> = BTreeMap::new();
    for (index, entity) in snapshot.entities.iter().enumerate() {
        let found = known.find(entity.lei, &entity.authority, &entity.name_key);
        // If two rows of one file match one record, the first row is that record, and the second becomes a new record.
        let found = found.filter(|vasp| matched.insert(vasp.number, index).is_none());
        plan.vasps.push(planner.shown(entity, found, ids).judged(known, found, today));
    }
    for vasp in known.vasps().filter(|_| rows == Rows::All) {
        let listing = vasp.listing(&snapshot.register, None);
        if listing.first().is_none() {
            continue;
        }
        let was_listed = before.is_some_and(|day| listing.shown_in(day));
        plan.listed_before += usize::from(was_listed);
        // A row that could not be read still shows its entity. Nothing new is known of it, and it is not missing.
        if !matched.contains_key(&vasp.number) && !unread.contains(&vasp.number) {
            plan.vanished += usize::from(was_listed);
            plan.vasps.push(planner.missing(vasp).judged(known, Some(vasp), today));
        }
    }
    plan
}

impl PlannedVasp {
    /// Adds which record this is about today, and what contradicts that record if it is approved.
    fn judged(self, known: &Known, vasp: Option<&KnownVasp>, today: Date) -> Self {
        let Some(record) = vasp.map(|vasp| known.survivor(vasp, today)) else {
            return Self { about: Some(self.id), ..self };
        };
        let status = record.approved_status(today).unwrap_or(VaspStatus::Listed);
        let about = Some(record.id).filter(|_| is_dealt_with(status));
        if !is_approved(status) {
            return Self { about, ..self };
        }
        let is_new = |licence| self.licences.iter().any(|added| added.id == licence);
        let against = said_otherwise(self.changes.told(), |asked| record.approved(asked, today).map(FactValue::text), is_new);
        Self { about, against, ..self }
    }
}

struct Planner<'a> {
    snapshot: &'a RegisterSnapshot,
    rows: Rows,
    days: &'a [Date],
    /// Numbers of known VASPs with a row that could not be read.
    unread: &'a BTreeSet<i64>,
}

impl Planner<'_> {
    fn day(&self) -> Date {
        self.snapshot.observed_on
    }

    /// Returns whether other rows of the file may show more of a VASP.
    fn is_partly_read(&self, vasp: Option<&KnownVasp>) -> bool {
        vasp.is_some_and(|vasp| self.rows == Rows::Addition || self.unread.contains(&vasp.number))
    }

    /// Returns the value of an attribute that other rows of the same file gave; `None` if this is not an addition to them.
    fn said_before<'v>(
        &self,
        vasp: Option<&'v KnownVasp>,
        licence: Option<LicenceId>,
        attribute: Attribute,
    ) -> Option<&'v FactValue> {
        let vasp = vasp.filter(|_| self.rows == Rows::Addition)?;
        let register = &self.snapshot.register;
        vasp.listing(register, licence).shown_in(self.day()).then_some(())?;
        let rows = vasp.told(register, licence, attribute).remove("")?;
        rows.into_iter().map(|row| &row.fact).find(|fact| fact.covers(self.day())).map(|fact| &fact.said)
    }

    /// Plans an entity that the snapshot shows.
    fn shown(&self, entity: &RegisterEntity, vasp: Option<&KnownVasp>, ids: &mut Ids<'_>) -> PlannedVasp {
        let register = &self.snapshot.register;
        let mut changes = VaspChanges::new(register, &self.snapshot.source, self.day());
        let listing = self.observe(vasp, None, self.shown_as(), &mut changes);
        for (attribute, shown) in own_attributes(entity) {
            // As when the rows of one file are joined: the first row that has the value counts.
            if self.said_before(vasp, None, attribute).is_some() {
                continue;
            }
            self.sample(vasp, None, attribute, shown, &listing, &mut changes);
        }
        if vasp.is_none() {
            changes.say(&FactValue::Status(NoItem, VaspStatus::Listed), &[]);
        }
        let mut added = Vec::new();
        let mut shown_licences = BTreeSet::new();
        for licence in &entity.licences {
            let id = vasp.and_then(|v| v.licence(&licence.authority, &licence.regime)).unwrap_or_else(|| {
                let id = LicenceId::new(ids.now, ids.rng);
                let (authority, regime) = (licence.authority.clone(), licence.regime.clone());
                added.push(LicenceRow { id, vasp: 0, authority, regime });
                id
            });
            shown_licences.insert(id);
            self.licence_shown(licence, vasp, id, &mut changes);
        }
        for id in vasp.map(|v| v.licences_of(register)).unwrap_or_default() {
            if !shown_licences.contains(&id) && self.rows == Rows::All && !self.is_partly_read(vasp) {
                self.observe(vasp, Some(id), Seen::Missing, &mut changes);
            }
        }
        PlannedVasp {
            number: vasp.map(|v| v.number),
            id: vasp.map_or_else(|| VaspId::new(ids.now, ids.rng), |v| v.id),
            licences: added,
            changes,
            lines: entity.lines.clone(),
            about: None,
            against: vec![],
        }
    }

    /// Plans a known entity that the snapshot does not show.
    fn missing(&self, vasp: &KnownVasp) -> PlannedVasp {
        let mut changes = VaspChanges::new(&self.snapshot.register, &self.snapshot.source, self.day());
        self.observe(Some(vasp), None, Seen::Missing, &mut changes);
        for id in vasp.licences_of(&self.snapshot.register) {
            self.observe(Some(vasp), Some(id), Seen::Missing, &mut changes);
        }
        let (number, id) = (Some(vasp.number), vasp.id);
        PlannedVasp { number, id, licences: vec![], changes, lines: vec![], about: None, against: vec![] }
    }

    /// Returns how the snapshot shows what is in it.
    fn shown_as(&self) -> Seen {
        if self.snapshot.extent.is_whole() { Seen::Shown } else { Seen::Named }
    }

    /// Records that the snapshot shows the VASP or licence, or does not. Returns the listing after that.
    fn observe(&self, vasp: Option<&KnownVasp>, licence: Option<LicenceId>, seen: Seen, changes: &mut VaspChanges) -> Listing {
        let register = &self.snapshot.register;
        let before = vasp.map(|v| v.listing(register, licence)).unwrap_or_default();
        let after = before.observe(self.day(), seen, self.days);
        let mut told = vasp.map(|v| v.told(register, licence, Attribute::Listing)).unwrap_or_default();
        let rows = told.remove("").unwrap_or_default();
        changes.replace(licence, &rows, |_| after.timeline().map(|shown| FactValue::Listing(NoItem, *shown)));
        after
    }

    /// Stores the values of one attribute in the snapshot, for the days when they are valid. Ends the items that the snapshot does not
    /// show.
    fn sample(
        &self,
        vasp: Option<&KnownVasp>,
        licence: Option<LicenceId>,
        attribute: Attribute,
        shown: impl IntoIterator<Item = FactValue>,
        listing: &Listing,
        changes: &mut VaspChanges,
    ) {
        let (from, to) = listing.stretch(self.day(), self.days);
        let told = vasp.map(|v| v.told(&self.snapshot.register, licence, attribute)).unwrap_or_default();
        let mut items: BTreeMap<String, (Vec<&FactRow>, Option<FactValue>)> =
            told.into_iter().map(|(item, rows)| (item, (rows, None))).collect();
        for said in shown {
            let item = said.item();
            items.entry(item).or_default().1 = Some(said);
        }
        for (rows, said) in items.into_values() {
            // An item that is not shown ends, unless a row that might have shown it could not be read.
            if said.is_none() && self.is_partly_read(vasp) {
                continue;
            }
            changes.replace(licence, &rows, |before| match is_statement_about_time(attribute) {
                // Published dates are valid for all days, as in the newest snapshot that shows the licence.
                true if to.is_some() => before.clone(),
                true => before.assign(None, None, said.as_ref()),
                false => before.assign(from, to, said.as_ref()),
            });
        }
    }

    fn licence_shown(&self, licence: &RegisterLicence, vasp: Option<&KnownVasp>, id: LicenceId, changes: &mut VaspChanges) {
        let listing = self.observe(vasp, Some(id), self.shown_as(), changes);
        let mut activities: BTreeMap<Activity, ActivityDates> = BTreeMap::new();
        for service in &licence.services {
            let dates = ActivityDates { from: service.valid_from, to: service.valid_to };
            let known = activities.entry(service.activity.clone()).or_insert(dates);
            // An activity in several rows is valid from the earliest start until the last end.
            known.from = [known.from, dates.from].into_iter().flatten().min();
            known.to = known.to.zip(dates.to).map(|(one, other)| one.max(other));
        }
        let (valid_from, valid_to) = self.joined_term(licence, vasp, id);
        let number = licence.number.clone().filter(|_| self.said_before(vasp, Some(id), Attribute::LicenceNumber).is_none());
        let standing = Some(licence.standing).filter(|standing| *standing != PublishedStanding::Granted);
        let territory = |country: &Country| FactValue::LicenceTerritory(*country, "yes".to_owned());
        for (attribute, shown) in [
            (Attribute::LicenceStart, valid_from.map(|day| FactValue::LicenceStart(NoItem, day)).into_iter().collect()),
            (Attribute::LicenceEnd, valid_to.map(|day| FactValue::LicenceEnd(NoItem, day)).into_iter().collect()),
            (Attribute::LicenceNumber, number.map(|number| FactValue::LicenceNumber(NoItem, number)).into_iter().collect()),
            (
                Attribute::LicenceActivity,
                activities.into_iter().map(|(code, dates)| FactValue::LicenceActivity(code, dates)).collect(),
            ),
            (Attribute::LicenceTerritory, licence.territories.iter().map(territory).collect()),
            (Attribute::LicenceStanding, standing.map(|said| FactValue::LicenceStanding(NoItem, said)).into_iter().collect()),
        ] {
            let shown: Vec<FactValue> = shown;
            self.sample(vasp, Some(id), attribute, shown, &listing, changes);
        }
    }
}

impl Planner<'_> {
    /// Returns the first day of a licence, and the first day on which it is no longer valid, by these and by other rows of the file: the
    /// earliest start, and the latest end if all have one.
    fn joined_term(&self, licence: &RegisterLicence, vasp: Option<&KnownVasp>, id: LicenceId) -> (Option<Date>, Option<Date>) {
        let is_known = self.rows == Rows::Addition
            && vasp.is_some_and(|vasp| vasp.listing(&self.snapshot.register, Some(id)).shown_in(self.day()));
        if !is_known {
            return (licence.valid_from, licence.valid_to);
        }
        let start = match self.said_before(vasp, Some(id), Attribute::LicenceStart) {
            Some(FactValue::LicenceStart(_, day)) => Some(*day),
            _ => None,
        };
        let end = match self.said_before(vasp, Some(id), Attribute::LicenceEnd) {
            Some(FactValue::LicenceEnd(_, day)) => Some(*day),
            _ => None,
        };
        ([start, licence.valid_from].into_iter().flatten().min(), end.zip(licence.valid_to).map(|(one, other)| one.max(other)))
    }
}

/// Returns whether the attribute is itself a statement about valid time. Such a statement also applies to days before its publication.
fn is_statement_about_time(attribute: Attribute) -> bool {
    matches!(attribute, Attribute::LicenceStart | Attribute::LicenceEnd)
}

/// Returns the entity's own attributes in a row.
fn own_attributes(entity: &RegisterEntity) -> [(Attribute, Vec<FactValue>); 9] {
    use FactValue as Said;
    fn one(said: Option<FactValue>) -> Vec<FactValue> {
        said.into_iter().collect()
    }
    let other_name = |name: &String| Said::OtherName(name.clone(), "commercial".to_owned());
    let domain = |host: &String| Said::Domain(host.clone(), DomainStatus::Unproven);
    let number = |number: &String| Said::Identifier(entity.authority.clone(), number.clone());
    [
        (Attribute::LegalName, vec![Said::LegalName(NoItem, entity.legal_name.clone())]),
        (Attribute::OtherName, entity.commercial_names.iter().map(other_name).collect()),
        (Attribute::Country, one(entity.country.map(|country| Said::Country(NoItem, country)))),
        (Attribute::Lei, one(entity.lei.map(|lei| Said::Lei(NoItem, lei)))),
        (Attribute::RegisteredAddress, one(entity.registered_address.clone().map(|text| Said::RegisteredAddress(NoItem, text)))),
        (Attribute::Website, one(entity.website.clone().map(|text| Said::Website(NoItem, text)))),
        (Attribute::Domain, entity.domains.iter().map(domain).collect()),
        (Attribute::Identifier, one(entity.entry_number.as_ref().map(number))),
        (Attribute::RegisterName, vec![Said::RegisterName(entity.authority.clone(), entity.name_key.to_string())]),
    ]
}

impl Plan {
    /// Returns how many VASPs the snapshot shows.
    pub(super) fn shown(&self) -> usize {
        self.vasps.iter().filter(|v| !v.lines.is_empty()).count()
    }
}
