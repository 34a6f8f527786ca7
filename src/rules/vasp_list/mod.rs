//! Lists of the VASPs that a protocol reaches, as a provider hands them out to its customers: their rows, and which record each row is about.
//! A row that is about no record is kept: the next look may find it. This module is pure; `vasp_ingest::vasp_list` reads the files.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::linked_entity::{EntityMark, LinkedEntity, RegisterNumber};
use crate::protocol::{ProtocolId, Protocols};
use serde::{Deserialize, Serialize};
use vasp_record::endpoint::Location;
use vasp_record::vasp::{Vasp, VaspKind};
use vasp_words::closed_list::closed_list;
use vasp_words::country::Country;
use vasp_words::lei::Lei;
use vasp_words::name::NameKey;
use vasp_words::rule_names::FieldCode;
use vasp_words::time::Date;

closed_list! {
    /// By what a row was found to be about a record, strongest first.
    pub enum ListedBy {
        /// By the LEI.
        Lei = "lei",
        /// By the number in a register.
        RegisterNumber = "register_number",
        /// By legal name and country, which only one record has.
        NameAndCountry = "name_and_country",
    }

    /// Why a row is about no record.
    pub enum Unmatched as "VaspListUnmatched" {
        /// The row says itself that the VASP cannot be reached yet.
        NotReachable = "not_reachable",
        /// The row has neither an LEI, nor a register's number, nor a legal name with a country.
        NoIdentity = "no_identity",
        /// No record has the LEI.
        LeiUnknown = "lei_unknown",
        /// No record has the number.
        NumberUnknown = "number_unknown",
        /// No record has this name in this country.
        NameUnknown = "name_unknown",
        /// Several records fit.
        Several = "several",
    }
}

/// One VASP of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedVasp {
    /// The row in the file, counted from 1.
    pub row: u64,
    /// Where the protocol reaches it: its identifier in the network, or its URL, or host and port.
    pub location: Location,
    /// The name that the list shows; empty if it shows none.
    pub name: String,
    /// The legal name; `None` if not given.
    pub legal_name: Option<String>,
    /// The LEI; `None` if not given.
    pub lei: Option<Lei>,
    /// The number in a register; `None` if not given.
    pub number: Option<RegisterNumber>,
    /// The country of incorporation; `None` if not given.
    pub country: Option<Country>,
    /// The network over which it is reached, as the list writes it; `None` if the list does not say it.
    pub alliance: Option<String>,
    /// What it requires itself.
    pub required_fields: Vec<FieldCode>,
    /// Whether it can be reached by the list's own words.
    pub is_reachable: bool,
}

/// A provider's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaspList {
    /// The protocol.
    pub protocol: ProtocolId,
    /// The day on which the provider handed it out.
    pub as_of: Date,
    /// The file.
    pub source: String,
    /// Its rows, in its own order.
    pub rows: Vec<ListedVasp>,
}

impl VaspList {
    /// Reads a stored list.
    ///
    /// # Errors
    /// A text that says what is wrong with it.
    pub fn from_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}

impl ListedVasp {
    /// Returns the entity that the row names. A name that is not the legal one names nobody.
    fn entity(&self) -> LinkedEntity {
        let legal_name = self.legal_name.clone().unwrap_or_default();
        LinkedEntity { vasp: None, legal_name, lei: self.lei, country: self.country, number: self.number.clone() }
    }

    /// Finds the record that the row is about. `with` returns the live records that have a mark.
    ///
    /// # Errors
    /// Why it is about none. A name alone never decides between two records.
    pub fn find<'a>(&self, with: &dyn Fn(&EntityMark) -> Vec<&'a Vasp>) -> Result<(&'a Vasp, ListedBy), Unmatched> {
        if !self.is_reachable {
            return Err(Unmatched::NotReachable);
        }
        let marks = self.entity().marks();
        let mut found: Vec<(&Vasp, ListedBy)> = vec![];
        for mark in &marks {
            let by = ListedBy::of(mark);
            let entities = with(mark).into_iter().filter(|record| record.kind == VaspKind::Entity);
            found.extend(entities.map(|record| (record, by)));
        }
        found.sort_by_key(|(record, by)| (record.id, *by));
        found.dedup_by_key(|(record, _)| record.id);
        let is_other = |record: &Vasp| self.lei.is_some() && record.lei.is_some() && record.lei != self.lei;
        match (found.as_slice(), marks.first()) {
            // The number is one firm's, the LEI another's.
            ([(record, _)], _) if is_other(record) => Err(Unmatched::Several),
            ([one], _) => Ok(*one),
            ([], None) => Err(Unmatched::NoIdentity),
            ([], Some(EntityMark::Lei(_))) => Err(Unmatched::LeiUnknown),
            ([], Some(EntityMark::Number(_))) => Err(Unmatched::NumberUnknown),
            ([], Some(EntityMark::Name(..))) => Err(Unmatched::NameUnknown),
            _ => Err(Unmatched::Several),
        }
    }
}

impl ListedBy {
    fn of(mark: &EntityMark) -> Self {
        match mark {
            EntityMark::Lei(_) => Self::Lei,
            EntityMark::Number(_) => Self::RegisterNumber,
            EntityMark::Name(..) => Self::NameAndCountry,
        }
    }
}

impl Unmatched {
    /// Says what would be right.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::NotReachable => "The provider says that it is not reachable yet; load the list again when it is.",
            Self::NoIdentity => {
                "Give its LEI, its number as `AUTHORITY NUMBER`, or legal name and country; a brand names no firm."
            }
            Self::LeiUnknown => "Import the register that shows this firm, or correct the LEI.",
            Self::NumberUnknown => "Import the register that has this number, or give the LEI.",
            Self::NameUnknown => "Import the register that licenses this firm, or give its LEI.",
            Self::Several => "Give its LEI: name, number and LEI lead to several firms.",
        }
    }
}

/// A list, ready for matching.
#[derive(Clone, Debug, Default)]
pub struct VaspListIndex {
    lists: Vec<VaspList>,
    by_mark: HashMap<EntityMark, Vec<(usize, usize)>>,
}

impl VaspListIndex {
    /// Indexes lists.
    #[must_use]
    pub fn of(lists: Vec<VaspList>) -> Self {
        let mut by_mark: HashMap<EntityMark, Vec<(usize, usize)>> = HashMap::new();
        for (number, list) in lists.iter().enumerate() {
            for (place, row) in list.rows.iter().enumerate() {
                for mark in row.entity().marks() {
                    by_mark.entry(mark).or_default().push((number, place));
                }
            }
        }
        Self { lists, by_mark }
    }

    /// Returns the lists.
    #[must_use]
    pub fn lists(&self) -> &[VaspList] {
        &self.lists
    }

    /// Returns the rows about a record, in the order of the lists.
    pub fn of_vasp<'a>(
        &'a self,
        vasp: &Vasp,
        with: &dyn Fn(&EntityMark) -> Vec<&'a Vasp>,
    ) -> Vec<(&'a VaspList, &'a ListedVasp, ListedBy)> {
        let marks = EntityMark::of(vasp);
        let mut places: Vec<(usize, usize)> = marks.iter().filter_map(|mark| self.by_mark.get(mark)).flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        let about = |(number, place): (usize, usize)| {
            let list = self.lists.get(number)?;
            let row = list.rows.get(place)?;
            let (found, by) = row.find(with).ok()?;
            (found.id == vasp.id).then_some((list, row, by))
        };
        places.into_iter().filter_map(about).collect()
    }
}

/// Over which network a listed VASP is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// Over the list's own protocol.
    Itself,
    /// Over the bridge to another protocol.
    Bridge(ProtocolId),
    /// Over a network that the registry does not know.
    Unknown(String),
}

impl Over {
    /// Reads how a list writes the network.
    #[must_use]
    pub fn read(alliance: Option<&str>, own: &ProtocolId, protocols: &Protocols) -> Self {
        let Some(written) = alliance.filter(|text| !text.trim().is_empty()) else { return Self::Itself };
        let key = spelling(written);
        let is_it = |text: &str| spelling(text) == key;
        let known = protocols.iter().find(|protocol| {
            is_it(protocol.id.as_str()) || is_it(&protocol.name) || protocol.other_names.iter().any(|name| is_it(name))
        });
        match known {
            Some(protocol) if protocol.id == *own => Self::Itself,
            Some(protocol) => Self::Bridge(protocol.id.clone()),
            None => Self::Unknown(written.to_owned()),
        }
    }
}

/// Returns the letters and digits of a name, in lower case.
fn spelling(text: &str) -> String {
    NameKey::of(text).map(|key| key.as_str().replace(' ', "")).unwrap_or_default()
}
