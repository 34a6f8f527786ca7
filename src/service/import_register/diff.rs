//! What is known of the VASPs of a register, as rows: what a snapshot, or a decision about a record, is compared with.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::service::contradictions::Asked;
use crate::service::ledger::{FactKey, KnownRow};
use vasp_record::fact::{Attribute, MEMBER, REGISTRY};
use vasp_record::timeline::{Listing, Timeline};
use vasp_record::vasp::VaspStatus;
use vasp_store::{FactRow, LicenceRow, StoreError, VaspRow};
use vasp_words::ids::{LicenceId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::name::NameKey;
use vasp_words::time::Date;

/// A known VASP with its current rows.
#[derive(Clone, Debug)]
pub(in crate::service) struct KnownVasp {
    pub number: i64,
    pub id: VaspId,
    licences: Vec<LicenceRow>,
    rows: BTreeMap<(String, FactKey), Vec<KnownRow>>,
}

impl KnownVasp {
    /// Returns the rows of one timeline, as `origin` tells it.
    pub(in crate::service) fn rows(
        &self,
        origin: &str,
        licence: Option<LicenceId>,
        attribute: Attribute,
        item: &str,
    ) -> Vec<KnownRow> {
        self.rows.get(&(origin.to_owned(), FactKey::new(licence, attribute, item))).cloned().unwrap_or_default()
    }

    /// Returns what the registry approved of an attribute (of the VASP or a licence, and its item), or the member changed since.
    pub(super) fn approved(&self, (licence, attribute, item): Asked<'_>, day: Date) -> Option<String> {
        [REGISTRY, MEMBER].into_iter().find_map(|origin| {
            let rows = self.rows(origin, licence, attribute, item);
            rows.into_iter().find(|row| row.piece.covers(day)).map(|row| row.piece.value)
        })
    }

    /// Returns where the registry put the record; none for one that is only listed.
    pub(super) fn approved_status(&self, day: Date) -> Option<VaspStatus> {
        VaspStatus::from_text(&self.approved((None, Attribute::Status, ""), day)?)
    }

    /// Returns the record that this one turned out to be.
    fn merged_into(&self, day: Date) -> Option<VaspId> {
        self.approved((None, Attribute::MergedInto, ""), day)?.parse().ok()
    }

    /// Returns the items of an attribute, as `origin` tells them.
    pub(in crate::service) fn items(&self, origin: &str, licence: Option<LicenceId>, attribute: Attribute) -> BTreeSet<String> {
        let of_interest = |key: &FactKey| key.licence == licence && key.attribute == attribute;
        self.rows.keys().filter(|(o, key)| o == origin && of_interest(key)).map(|(_, key)| key.item.clone()).collect()
    }

    /// Returns the listing in a register, of the VASP itself or of one licence.
    pub(in crate::service) fn listing(&self, register: &str, licence: Option<LicenceId>) -> Listing {
        let rows = self.rows(register, licence, Attribute::Listing, "");
        Listing::new(Timeline::new(rows.into_iter().map(|row| row.piece).collect()))
    }

    /// Returns the licence by an authority under a regime.
    pub(in crate::service) fn licence(&self, authority: &str, regime: &str) -> Option<LicenceId> {
        self.licences.iter().find(|l| l.authority == authority && l.regime == regime).map(|l| l.id)
    }

    /// Returns the licences that a register has shown.
    pub(in crate::service) fn licences_of(&self, register: &str) -> Vec<LicenceId> {
        self.licences.iter().map(|l| l.id).filter(|id| self.listing(register, Some(*id)).first().is_some()).collect()
    }

    fn values(&self, attribute: Attribute) -> impl Iterator<Item = (&str, &str)> {
        self.rows
            .iter()
            .filter(move |((_, key), _)| key.attribute == attribute)
            .flat_map(|((_, key), rows)| rows.iter().map(|row| (key.item.as_str(), row.piece.value.as_str())))
    }
}

/// Everything known, with the ways to find it.
#[derive(Clone, Debug, Default)]
pub(in crate::service) struct Known {
    vasps: Vec<KnownVasp>,
    by_lei: HashMap<String, usize>,
    by_name: HashMap<(String, String), usize>,
}

impl Known {
    /// Puts rows together.
    ///
    /// # Errors
    /// `StoreError::Inconsistent` for a stored value that the program cannot have written.
    pub(in crate::service) fn of(
        anchors: Vec<VaspRow>,
        licences: Vec<LicenceRow>,
        facts: Vec<FactRow>,
    ) -> Result<Self, StoreError> {
        let mut index = HashMap::new();
        let mut known = Self::default();
        for anchor in anchors {
            index.insert(anchor.number, known.vasps.len());
            let (licences, rows) = (Vec::new(), BTreeMap::new());
            known.vasps.push(KnownVasp { number: anchor.number, id: anchor.id, licences, rows });
        }
        let at = |number: i64| index.get(&number).copied();
        for licence in licences {
            if let Some(vasp) = at(licence.vasp).and_then(|i| known.vasps.get_mut(i)) {
                vasp.licences.push(licence);
            }
        }
        for row in facts {
            if let Some(vasp) = at(row.vasp).and_then(|i| known.vasps.get_mut(i)) {
                let origin = row.origin.clone();
                let (key, known_row) = KnownRow::read(row)?;
                vasp.rows.entry((origin, key)).or_default().push(known_row);
            }
        }
        known.index();
        Ok(known)
    }

    fn index(&mut self) {
        for (place, vasp) in self.vasps.iter().enumerate() {
            for (_, lei) in vasp.values(Attribute::Lei) {
                self.by_lei.entry(lei.to_owned()).or_insert(place);
            }
            for (authority, name) in vasp.values(Attribute::RegisterName) {
                self.by_name.entry((authority.to_owned(), name.to_owned())).or_insert(place);
            }
        }
    }

    pub(in crate::service) fn vasps(&self) -> impl Iterator<Item = &KnownVasp> {
        self.vasps.iter()
    }

    /// Returns the record as which a VASP is known today: itself, or the one that it was merged into in the end.
    pub(super) fn survivor<'a>(&'a self, vasp: &'a KnownVasp, today: Date) -> &'a KnownVasp {
        let next = |from: &&'a KnownVasp| {
            let into = from.merged_into(today)?;
            self.vasps.iter().find(|other| other.id == into)
        };
        std::iter::successors(Some(vasp), next).take(self.vasps.len()).last().unwrap_or(vasp)
    }

    /// Finds the record with an LEI.
    pub(in crate::service) fn with_lei(&self, lei: Lei) -> Option<&KnownVasp> {
        self.by_lei.get(lei.as_str()).and_then(|place| self.vasps.get(*place))
    }

    /// Finds the record of an entity: by LEI; else by authority and name, unless both have an LEI and they differ.
    pub(in crate::service) fn find(&self, lei: Option<Lei>, authority: &str, name: &NameKey) -> Option<&KnownVasp> {
        if let Some(vasp) = lei.and_then(|lei| self.with_lei(lei)) {
            return Some(vasp);
        }
        let place = self.by_name.get(&(authority.to_owned(), name.to_string()))?;
        self.vasps.get(*place).filter(|vasp| lei.is_none() || vasp.values(Attribute::Lei).next().is_none())
    }
}
