//! Turns what two people approved into facts of the origin `registry`: versions that differ end, the new ones begin. What readers
//! saw before stays readable as of before.

use std::collections::{BTreeMap, BTreeSet};

use super::super::ServiceError;
use super::super::import_register::diff::{Known, KnownVasp};
use super::super::ledger::{FactKey, VaspChanges, status_of};
use vasp_record::fact::{Attribute, REGISTRY, activity_dates};
use vasp_record::submission::{Submission, SubmittedLicence};
use vasp_record::timeline::Timeline;
use vasp_record::vasp::{VaspKind, VaspStatus};
use vasp_store::{Conn, FactRow, StoreError};
use vasp_words::ids::{EvidenceId, LicenceId, VaspId};
use vasp_words::time::Date;

/// The facts of a VASP as they stand in this transaction.
pub(super) struct Current {
    /// Its number.
    pub number: i64,
    /// Entity or group.
    pub kind: VaspKind,
    known: KnownVasp,
    rows: Vec<FactRow>,
}

impl Current {
    /// Reads the facts of a VASP; none where it did not enter the directory yet.
    ///
    /// # Errors
    /// `ServiceError::Store`.
    pub(super) fn read(conn: &mut Conn, vasp: VaspId) -> Result<Option<Self>, ServiceError> {
        let Some(number) = conn.vasp_number(&vasp.to_string())? else { return Ok(None) };
        let (anchors, licences) = (conn.vasp_anchors(Some(&[number]))?, conn.licence_anchors(Some(&[number]))?);
        // The last sequence there can be: what is current in this transaction.
        let rows = conn.facts_of(&[number], i64::MAX - 1)?;
        let kind = anchors.first().map(|anchor| anchor.kind);
        let known = Known::of(anchors, licences, rows.clone())?.vasps().next().cloned();
        let missing = StoreError::impossible("vasps", "a VASP without an anchor");
        let (known, kind) = known.zip(kind).ok_or(missing)?;
        Ok(Some(Self { number, kind, known, rows }))
    }

    /// Returns where the record stands.
    pub(super) fn status(&self) -> VaspStatus {
        status_of(&self.rows)
    }

    /// Returns the numbers of its facts, of whatever origin.
    pub(super) fn numbers(&self) -> Vec<i64> {
        self.rows.iter().map(|row| row.number).collect()
    }

    /// Returns the licence by an authority under a regime.
    pub(super) fn licence(&self, authority: &str, regime: &str) -> Option<LicenceId> {
        self.known.licence(authority, regime)
    }
}

/// Facts on their way.
pub(super) struct Rewrite<'a> {
    current: Option<&'a Current>,
    changes: VaspChanges,
    today: Date,
}

impl<'a> Rewrite<'a> {
    /// Begins with what there is.
    pub(super) fn new(current: Option<&'a Current>, today: Date) -> Self {
        Self { current, changes: VaspChanges::new(REGISTRY, REGISTRY, today), today }
    }

    /// Says where the record stands, for all days: a transfer of yesterday is not to be dealt with either. None leaves it to
    /// the registers.
    pub(super) fn status(&mut self, status: Option<VaspStatus>) {
        self.replace(None, Attribute::Status, "", |_| Timeline::default().assign(None, None, status.map(VaspStatus::as_str)));
    }

    /// Says that the record turned out to be another, for all days.
    pub(super) fn merged_into(&mut self, other: VaspId) {
        let id = other.to_string();
        self.replace(None, Attribute::MergedInto, "", |_| Timeline::default().assign(None, None, Some(&id)));
    }

    /// Says what a submission says.
    pub(super) fn submission(&mut self, said: &Submission) {
        let country = said.country.map(|country| country.to_string());
        let lei = said.lei.map(|lei| lei.to_string());
        self.value(None, Attribute::LegalName, Some(&said.legal_name));
        self.value(None, Attribute::Country, country.as_deref());
        self.value(None, Attribute::Lei, lei.as_deref());
        self.value(None, Attribute::Website, said.website.as_deref());
        self.value(None, Attribute::RegisteredAddress, said.registered_address.as_deref());
        let names = said.other_names.iter().map(|other| (other.name.clone(), other.name_type.clone()));
        self.items(None, Attribute::OtherName, names.collect());
        let identifiers = said.identifiers.iter().map(|known| (known.scheme.clone(), known.value.clone()));
        self.items(None, Attribute::Identifier, identifiers.collect());
        let activities = said.activities.iter().map(|activity| (activity.to_string(), String::new()));
        self.items(None, Attribute::Activity, activities.collect());
        let contacts = said
            .contacts
            .iter()
            .zip(1..)
            .filter_map(|(contact, place)| Some((format!("{place:02}"), serde_json::to_string(contact).ok()?)));
        self.items(None, Attribute::Contact, contacts.collect());
        // The host of the website is named, not proven.
        let host = said.website.as_deref().and_then(vasp_words::host::Host::from_website_cell);
        let named = host.map(|host| (host.without_www().to_string(), "unproven".to_owned()));
        self.items(None, Attribute::Domain, named.into_iter().collect());
        for (id, licence) in &said.licences {
            self.licence(*id, licence);
        }
    }

    fn licence(&mut self, id: LicenceId, said: &SubmittedLicence) {
        let licence = Some(id);
        let date = |date: Option<Date>| date.map(|date| date.to_string());
        self.value(licence, Attribute::LicenceNumber, said.number.as_deref());
        self.value(licence, Attribute::LicenceStart, date(said.valid_from).as_deref());
        self.value(licence, Attribute::LicenceEnd, date(said.valid_to).as_deref());
        let activities = said.activities.iter().map(|activity| (activity.to_string(), activity_dates(None, None)));
        self.items(licence, Attribute::LicenceActivity, activities.collect());
        let territories = said.territories.iter().map(|country| (country.to_string(), String::new()));
        self.items(licence, Attribute::LicenceTerritory, territories.collect());
    }

    /// Has an attribute say `value` from today on; a first value is since unknown.
    fn value(&mut self, licence: Option<LicenceId>, attribute: Attribute, value: Option<&str>) {
        self.item(licence, attribute, "", value);
    }

    /// Has an attribute have these items from today on, and no others.
    fn items(&mut self, licence: Option<LicenceId>, attribute: Attribute, items: BTreeMap<String, String>) {
        let known = self.current.map(|c| c.known.items(REGISTRY, licence, attribute)).unwrap_or_default();
        let all: BTreeSet<String> = known.into_iter().chain(items.keys().cloned()).collect();
        for item in all {
            self.item(licence, attribute, &item, items.get(&item).map(String::as_str));
        }
    }

    fn item(&mut self, licence: Option<LicenceId>, attribute: Attribute, item: &str, value: Option<&str>) {
        let today = self.today;
        self.replace(licence, attribute, item, |before| {
            if before.value_on(today) == value {
                before.clone()
            } else if before.pieces().is_empty() {
                before.assign(None, None, value)
            } else {
                before.assign(Some(today), None, value)
            }
        });
    }

    fn replace(
        &mut self,
        licence: Option<LicenceId>,
        attribute: Attribute,
        item: &str,
        change: impl FnOnce(&Timeline) -> Timeline,
    ) {
        let rows = self.current.map(|c| c.known.rows(REGISTRY, licence, attribute, item)).unwrap_or_default();
        let before = Timeline::new(rows.iter().map(|row| row.piece.clone()).collect());
        let after = change(&before);
        self.changes.replace(&FactKey::new(licence, attribute, item), &rows, &before, &after);
    }

    /// Returns what was worked out, for the log with the evidence that begins to count and that ends.
    pub(super) fn finish(mut self, (counts, ended): (Vec<EvidenceId>, Vec<EvidenceId>)) -> VaspChanges {
        self.changes.evidence(counts, ended);
        self.changes
    }
}
