//! What is known of the VASPs of a register, as rows: what a snapshot, or a decision about a record, is compared with.

use std::collections::{BTreeMap, HashMap};

use vasp_record::fact::{Attribute, Fact, FactValue, MEMBER, REGISTRY};
use vasp_record::timeline::{Listing, Piece, Timeline};
use vasp_record::vasp::VaspStatus;
use vasp_store::{FactRow, LicenceRow, VaspRow};
use vasp_words::ids::{LicenceId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::name::NameKey;
use vasp_words::time::Date;

/// Of what an import asks what the registry itself approved: an attribute of the VASP, or of one of its licences, and its item.
pub(crate) type Asked<'a> = (Option<LicenceId>, Attribute, &'a str);

/// A known VASP with its current rows.
#[derive(Clone, Debug)]
pub(crate) struct KnownVasp {
    pub number: i64,
    pub id: VaspId,
    licences: Vec<LicenceRow>,
    rows: Vec<FactRow>,
}

/// An attribute of a VASP or of one of its licences, as one origin tells it: its current rows by item.
pub(crate) type Told<'a> = BTreeMap<String, Vec<&'a FactRow>>;

impl KnownVasp {
    fn rows(&self, origin: &str, licence: Option<LicenceId>, attribute: Attribute) -> impl Iterator<Item = &FactRow> {
        let of = move |fact: &Fact| fact.licence == licence && fact.said.attribute() == attribute && fact.origin == origin;
        self.rows.iter().filter(move |row| of(&row.fact))
    }

    /// Returns what `origin` tells of an attribute.
    pub(crate) fn told(&self, origin: &str, licence: Option<LicenceId>, attribute: Attribute) -> Told<'_> {
        let mut told = Told::new();
        self.rows(origin, licence, attribute).for_each(|row| told.entry(row.fact.said.item()).or_default().push(row));
        told
    }

    /// Returns what the registry approved of an attribute (of the VASP or a licence, and its item), or the member changed since.
    pub(crate) fn approved(&self, (licence, attribute, item): Asked<'_>, day: Date) -> Option<&FactValue> {
        [REGISTRY, MEMBER].into_iter().find_map(|origin| {
            let mut rows = self.rows(origin, licence, attribute).map(|row| &row.fact);
            rows.find(|fact| fact.covers(day) && fact.said.item() == item).map(|fact| &fact.said)
        })
    }

    /// Returns where the registry put the record; none for one that is only listed.
    pub(crate) fn approved_status(&self, day: Date) -> Option<VaspStatus> {
        match self.approved((None, Attribute::Status, ""), day)? {
            FactValue::Status(_, status) => Some(*status),
            _ => None,
        }
    }

    /// Returns the record that this one turned out to be.
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

    /// Returns the licence by an authority under a regime.
    pub(crate) fn licence(&self, authority: &str, regime: &str) -> Option<LicenceId> {
        self.licences.iter().find(|l| l.authority == authority && l.regime == regime).map(|l| l.id)
    }

    /// Returns the licences that a register has shown.
    pub(crate) fn licences_of(&self, register: &str) -> Vec<LicenceId> {
        self.licences.iter().map(|l| l.id).filter(|id| self.listing(register, Some(*id)).first().is_some()).collect()
    }
}

/// Everything known, with the ways to find it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    vasps: Vec<KnownVasp>,
    by_lei: HashMap<Lei, usize>,
    by_name: HashMap<(String, String), usize>,
}

impl Known {
    /// Puts rows together.
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
                    FactValue::Lei(_, lei) if row.fact.origin == REGISTRY => by_statement.push((*lei, place)),
                    FactValue::Lei(_, lei) => drop(self.by_lei.entry(*lei).or_insert(place)),
                    FactValue::RegisterName(authority, name) => {
                        self.by_name.entry((authority.clone(), name.clone())).or_insert(place);
                    }
                    _ => {}
                }
            }
        }
        // What a register showed comes first: a statement takes nothing that the register shows next.
        for (lei, place) in by_statement {
            self.by_lei.entry(lei).or_insert(place);
        }
    }

    pub(crate) fn vasps(&self) -> impl Iterator<Item = &KnownVasp> {
        self.vasps.iter()
    }

    /// Returns the record as which a VASP is known today: itself, or the one that it was merged into in the end.
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

    /// Finds the record of an entity: by LEI; else by authority and name, unless both have an LEI and they differ.
    pub(crate) fn find(&self, lei: Option<Lei>, authority: &str, name: &NameKey) -> Option<&KnownVasp> {
        if let Some(vasp) = lei.and_then(|lei| self.with_lei(lei)) {
            return Some(vasp);
        }
        let place = self.by_name.get(&(authority.to_owned(), name.to_string()))?;
        let has_lei = |vasp: &KnownVasp| vasp.rows.iter().any(|row| row.fact.said.attribute() == Attribute::Lei);
        self.vasps.get(*place).filter(|vasp| lei.is_none() || !has_lei(vasp))
    }
}
