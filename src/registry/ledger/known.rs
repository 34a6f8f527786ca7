//! The stored rows about the VASPs of a register, with which a snapshot, or a decision about a record, is compared.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use vasp_record::fact::{Attribute, Fact, FactValue, MEMBER, REGISTRY};
use vasp_record::timeline::{Listing, Piece, Timeline};
use vasp_record::vasp::VaspStatus;
use vasp_store::{FactRow, LicenceRow, VaspRow};
use vasp_words::ids::{LicenceId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::name::NameKey;
use vasp_words::time::Date;

/// What an import looks up among the registry's approved values: an attribute of the VASP, or of one of its licences, and its item.
pub(crate) type Asked<'a> = (Option<LicenceId>, Attribute, &'a str);

/// A known VASP with its current rows.
#[derive(Clone, Debug)]
pub(crate) struct KnownVasp {
    pub number: i64,
    pub id: VaspId,
    licences: Vec<LicenceRow>,
    rows: Vec<FactRow>,
}

/// An attribute of a VASP or of one of its licences, from one origin: its current rows by item.
pub(crate) type Told<'a> = BTreeMap<String, Vec<&'a FactRow>>;

impl KnownVasp {
    fn rows(&self, origin: &str, licence: Option<LicenceId>, attribute: Attribute) -> impl Iterator<Item = &FactRow> {
        let of = move |fact: &Fact| fact.licence == licence && fact.said.attribute() == attribute && *fact.origin == *origin;
        self.rows.iter().filter(move |row| of(&row.fact))
    }

    /// Returns the current rows of an attribute from `origin`.
    pub(crate) fn told(&self, origin: &str, licence: Option<LicenceId>, attribute: Attribute) -> Told<'_> {
        let mut told = Told::new();
        self.rows(origin, licence, attribute).for_each(|row| told.entry(row.fact.said.item()).or_default().push(row));
        told
    }

    /// Returns the value that the registry approved for an attribute (of the VASP or a licence, and its item). If there is none, returns
    /// the value that the member set since.
    pub(crate) fn approved(&self, (licence, attribute, item): Asked<'_>, day: Date) -> Option<&FactValue> {
        [REGISTRY, MEMBER].into_iter().find_map(|origin| {
            let mut rows = self.rows(origin, licence, attribute).map(|row| &row.fact);
            rows.find(|fact| fact.covers(day) && fact.said.item() == item).map(|fact| &fact.said)
        })
    }

    /// Returns the status that the registry gave the record; `None` if the record is only listed.
    pub(crate) fn approved_status(&self, day: Date) -> Option<VaspStatus> {
        match self.approved((None, Attribute::Status, ""), day)? {
            FactValue::Status(_, status) => Some(*status),
            _ => None,
        }
    }

    /// Returns the record into which this one was merged; `None` if it was not merged.
    fn merged_into(&self, day: Date) -> Option<VaspId> {
        match self.approved((None, Attribute::MergedInto, ""), day)? {
            FactValue::MergedInto(_, other) => Some(*other),
            _ => None,
        }
    }

    /// Returns the listing in a register, of the VASP itself or of one licence.
    pub(crate) fn listing(&self, register: &str, licence: Option<LicenceId>) -> Listing {
        let pieces = self.rows(register, licence, Attribute::Listing).filter_map(|row| match row.fact {
            Fact { said: FactValue::Listing(_, value), from, to, .. } => Some(Piece { from, to, value }),
            _ => None,
        });
        Listing::new(Timeline::new(pieces.collect()))
    }

    /// Returns whether a register showed the VASP under one of these names.
    pub(crate) fn is_named_in(&self, register: &str, names: &BTreeSet<NameKey>) -> bool {
        let said = self.rows.iter().map(|row| &row.fact).filter(|fact| *fact.origin == *register).map(|fact| &fact.said);
        let mut shown = said.filter_map(|said| match said {
            FactValue::RegisterName(_, name) => NameKey::of(name),
            _ => None,
        });
        !names.is_empty() && shown.any(|name| names.contains(&name))
    }

    /// Returns the licence that an authority granted under a regime.
    pub(crate) fn licence(&self, authority: &str, regime: &str) -> Option<LicenceId> {
        self.licences.iter().find(|l| l.authority == authority && l.regime == regime).map(|l| l.id)
    }

    /// Returns the licences that a register has ever listed.
    pub(crate) fn licences_of(&self, register: &str) -> Vec<LicenceId> {
        self.licences.iter().map(|l| l.id).filter(|id| self.listing(register, Some(*id)).first().is_some()).collect()
    }
}

/// All known VASPs, with indexes to find them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    vasps: Vec<KnownVasp>,
    by_lei: HashMap<Lei, usize>,
    by_name: HashMap<(String, String), usize>,
}

impl Known {
    /// Builds the index from rows.
    pub(crate) fn of(anchors: Vec<VaspRow>, licences: Vec<LicenceRow>, facts: Vec<FactRow>) -> Self {
        let mut index = HashMap::new();
        let mut known = Self::default();
        for anchor in anchors {
            index.insert(anchor.number, known.vasps.len());
            known.vasps.push(KnownVasp { number: anchor.number, id: anchor.id, licences: vec![], rows: vec![] });
        }
        let at = |number: i64| index.get(&number).copied();
        for licence in licences {
            if let Some(vasp) = at(licence.vasp).and_then(|i| known.vasps.get_mut(i)) {
                vasp.licences.push(licence);
            }
        }
        for row in facts {
            if let Some(vasp) = at(row.vasp).and_then(|i| known.vasps.get_mut(i)) {
                vasp.rows.push(row);
            }
        }
        known.index();
        known
    }

    fn index(&mut self) {
        let mut by_statement = Vec::new();
        for (place, vasp) in self.vasps.iter().enumerate() {
            for row in &vasp.rows {
                match &row.fact.said {
                    FactValue::Lei(_, lei) if *row.fact.origin == *REGISTRY => by_statement.push((*lei, place)),
                    FactValue::Lei(_, lei) => drop(self.by_lei.entry(*lei).or_insert(place)),
                    FactValue::RegisterName(authority, name) => {
                        self.by_name.entry((authority.clone(), name.clone())).or_insert(place);
                    }
                    _ => {}
                }
            }
        }
        // LEIs from registers come first: an LEI that the registry itself stated must not take the place of one that a register lists.
        for (lei, place) in by_statement {
            self.by_lei.entry(lei).or_insert(place);
        }
    }

    pub(crate) fn vasps(&self) -> impl Iterator<Item = &KnownVasp> {
        self.vasps.iter()
    }

    /// Returns the record under which a VASP is known today: itself, or the last one in its chain of merges.
    pub(crate) fn survivor<'a>(&'a self, vasp: &'a KnownVasp, today: Date) -> &'a KnownVasp {
        let next = |from: &&'a KnownVasp| {
            let into = from.merged_into(today)?;
            self.vasps.iter().find(|other| other.id == into)
        };
        std::iter::successors(Some(vasp), next).take(self.vasps.len()).last().unwrap_or(vasp)
    }

    /// Finds the record with an LEI.
    pub(crate) fn with_lei(&self, lei: Lei) -> Option<&KnownVasp> {
        self.by_lei.get(&lei).and_then(|place| self.vasps.get(*place))
    }

    /// Finds the record of an entity: by LEI; else by authority and name, unless both have an LEI and the LEIs differ.
    pub(crate) fn find(&self, lei: Option<Lei>, authority: &str, name: &NameKey) -> Option<&KnownVasp> {
        if let Some(vasp) = lei.and_then(|lei| self.with_lei(lei)) {
            return Some(vasp);
        }
        let place = self.by_name.get(&(authority.to_owned(), name.to_string()))?;
        let has_lei = |vasp: &KnownVasp| vasp.rows.iter().any(|row| row.fact.said.attribute() == Attribute::Lei);
        self.vasps.get(*place).filter(|vasp| lei.is_none() || !has_lei(vasp))
    }
}
