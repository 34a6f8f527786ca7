//! Turns what two people approved into facts of the origin `registry`. Facts that differ end, and the new ones begin. Readers can
//! still read the earlier facts as of an earlier time.

use std::collections::{BTreeMap, BTreeSet};

use crate::brands::POLICY;
use crate::ledger::known::{Known, KnownVasp};
use crate::ledger::{VaspChanges, status_of};
use crate::node::ServiceError;
use vasp_record::fact::{ActivityDates, Attribute, Fact, FactValue, MEMBER, NoItem, REGISTRY};
use vasp_record::submission::{Submission, SubmittedLicence};
use vasp_record::timeline::Timeline;
use vasp_record::vasp::{DomainStatus, VaspKind, VaspStatus};
use vasp_store::{Conn, FactRow, StoreError};
use vasp_words::ids::{EvidenceId, LicenceId, VaspId};
use vasp_words::time::Date;

/// The facts of a VASP that are valid in this transaction.
pub(crate) struct Current {
    /// Its number.
    pub number: i64,
    /// Entity or group.
    pub kind: VaspKind,
    known: KnownVasp,
    rows: Vec<FactRow>,
}

impl Current {
    /// Reads the facts of a VASP; `None` if it has not entered the directory yet.
    pub(crate) fn read(conn: &mut Conn, vasp: VaspId) -> Result<Option<Self>, ServiceError> {
        let Some(number) = conn.vasp_number(&vasp.to_string())? else { return Ok(None) };
        let (anchors, licences) = (conn.vasp_anchors(Some(&[number]))?, conn.licence_anchors(Some(&[number]))?);
        // The highest possible sequence selects what is valid in this transaction.
        let rows = conn.facts_of(&[number], i64::MAX - 1)?;
        let kind = anchors.first().map(|anchor| anchor.kind);
        let known = Known::of(anchors, licences, rows.clone()).vasps().next().cloned();
        let missing = StoreError::impossible("vasps", "a VASP without an anchor");
        let (known, kind) = known.zip(kind).ok_or(missing)?;
        Ok(Some(Self { number, kind, known, rows }))
    }

    /// Returns the status of the record.
    pub(crate) fn status(&self) -> VaspStatus {
        status_of(&self.rows)
    }

    /// Returns the numbers of its facts, of every origin.
    pub(crate) fn numbers(&self) -> Vec<i64> {
        self.rows.iter().map(|row| row.number).collect()
    }

    /// Returns the numbers of the facts that the VASP cannot change at once by its own acts.
    pub(crate) fn numbers_of_others(&self) -> Vec<i64> {
        self.rows.iter().filter(|row| *row.fact.origin != *MEMBER).map(|row| row.number).collect()
    }

    /// Returns the facts about the VASP itself (not about its licences), of every origin.
    pub(crate) fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.rows.iter().map(|row| &row.fact).filter(|fact| fact.licence.is_none())
    }

    /// Returns the licence by an authority under a regime.
    pub(crate) fn licence(&self, authority: &str, regime: &str) -> Option<LicenceId> {
        self.known.licence(authority, regime)
    }
}

/// Changes to the facts of a VASP, before they are written.
pub(crate) struct Rewrite<'a> {
    current: Option<&'a Current>,
    changes: VaspChanges,
    today: Date,
}

impl<'a> Rewrite<'a> {
    /// Starts with the current facts; `None` if the VASP has none yet.
    pub(crate) fn new(current: Option<&'a Current>, today: Date) -> Self {
        Self { current, changes: VaspChanges::new(REGISTRY, REGISTRY, today), today }
    }

    /// Sets the status of the VASP for all days, because yesterday's transfers are affected as well. `None` removes the status that the
    /// registry decided; then the public registers decide it.
    pub(crate) fn status(&mut self, status: Option<VaspStatus>) {
        let said = status.map(|status| FactValue::Status(NoItem, status));
        self.for_all_days(Attribute::Status, said);
    }

    /// Records for all days that the record was merged into another.
    pub(crate) fn merged_into(&mut self, other: VaspId) {
        self.for_all_days(Attribute::MergedInto, Some(FactValue::MergedInto(NoItem, other)));
    }

    /// Sets the group of the entity for all days, because nobody knows when it joined. `None` removes the group that the registry
    /// decided. Either ends what policy accepted.
    pub(crate) fn group(&mut self, group: Option<VaspId>) {
        let accepted = self.current.map(|c| c.known.told(POLICY, None, Attribute::Group)).unwrap_or_default();
        accepted.values().for_each(|rows| self.changes.replace(None, rows, |_| Timeline::default()));
        self.for_all_days(Attribute::Group, group.map(|group| FactValue::Group(NoItem, group)));
    }

    fn for_all_days(&mut self, attribute: Attribute, said: Option<FactValue>) {
        let mut told = self.current.map(|c| c.known.told(REGISTRY, None, attribute)).unwrap_or_default();
        let rows = told.remove("").unwrap_or_default();
        self.changes.replace(None, &rows, |_| Timeline::default().assign(None, None, said.as_ref()));
    }

    /// Sets the facts to the content of a submission.
    pub(crate) fn submission(&mut self, said: &Submission) {
        self.say(None, Attribute::LegalName, [FactValue::LegalName(NoItem, said.legal_name.clone())]);
        self.say(None, Attribute::Country, said.country.map(|country| FactValue::Country(NoItem, country)));
        self.say(None, Attribute::Lei, said.lei.map(|lei| FactValue::Lei(NoItem, lei)));
        self.say(None, Attribute::Website, said.website.clone().map(|page| FactValue::Website(NoItem, page)));
        let address = said.registered_address.clone().map(|address| FactValue::RegisteredAddress(NoItem, address));
        self.say(None, Attribute::RegisteredAddress, address);
        let names = said.other_names.iter().map(|other| FactValue::OtherName(other.name.clone(), other.name_type.clone()));
        self.say(None, Attribute::OtherName, names);
        let identifiers = said.identifiers.iter().map(|known| FactValue::Identifier(known.scheme.clone(), known.value.clone()));
        self.say(None, Attribute::Identifier, identifiers);
        let activities = said.activities.iter().map(|activity| FactValue::Activity(activity.clone(), String::new()));
        self.say(None, Attribute::Activity, activities);
        let contacts = said.contacts.iter().zip(1..);
        let contacts = contacts.map(|(contact, place)| FactValue::Contact(format!("{place:02}"), Box::new(contact.clone())));
        self.say(None, Attribute::Contact, contacts);
        // The website's hosts are named as domains, but they are not proven.
        let hosts = said.website.as_deref().into_iter().flat_map(vasp_words::host::Host::all_of_website_cell);
        let named = hosts.map(|host| FactValue::Domain(host.without_www().to_string(), DomainStatus::Unproven));
        self.say(None, Attribute::Domain, named);
        for (id, licence) in &said.licences {
            self.licence(*id, licence);
        }
    }

    fn licence(&mut self, id: LicenceId, said: &SubmittedLicence) {
        let licence = Some(id);
        self.say(licence, Attribute::LicenceNumber, said.number.clone().map(|number| FactValue::LicenceNumber(NoItem, number)));
        self.say(licence, Attribute::LicenceStart, said.valid_from.map(|day| FactValue::LicenceStart(NoItem, day)));
        self.say(licence, Attribute::LicenceEnd, said.valid_to.map(|day| FactValue::LicenceEnd(NoItem, day)));
        let open = ActivityDates { from: None, to: None };
        let activities = said.activities.iter().map(|activity| FactValue::LicenceActivity(activity.clone(), open));
        self.say(licence, Attribute::LicenceActivity, activities);
        let territories = said.territories.iter().map(|country| FactValue::LicenceTerritory(*country, String::new()));
        self.say(licence, Attribute::LicenceTerritory, territories);
    }

    /// Sets an attribute to these values from today, and to no other values. A value that is set for the first time has no known
    /// start day.
    fn say(&mut self, licence: Option<LicenceId>, attribute: Attribute, said: impl IntoIterator<Item = FactValue>) {
        let today = self.today;
        let mut told = self.current.map(|c| c.known.told(REGISTRY, licence, attribute)).unwrap_or_default();
        let mut said: BTreeMap<String, FactValue> = said.into_iter().map(|said| (said.item(), said)).collect();
        let items: BTreeSet<String> = told.keys().chain(said.keys()).cloned().collect();
        for item in items {
            let (rows, value) = (told.remove(&item).unwrap_or_default(), said.remove(&item));
            self.changes.replace(licence, &rows, |before| match value.as_ref() {
                value if before.value_on(today) == value => before.clone(),
                value if before.pieces().is_empty() => before.assign(None, None, value),
                value => before.assign(Some(today), None, value),
            });
        }
    }

    /// Returns the changes for the log, with the evidence that begins to count and the evidence that ends.
    pub(crate) fn finish(mut self, counts: Vec<EvidenceId>, ended: Vec<EvidenceId>) -> VaspChanges {
        self.changes.evidence(counts, ended);
        self.changes
    }
}
