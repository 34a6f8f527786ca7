//! The entity that a brand's link or a member's list names, and how its record is found: by its number in a register, by its LEI, or by its
//! name and country.
//!
//! Source: docs/brands.md, "Links"; docs/routes.md, "Your provider's list".

use serde::{Deserialize, Serialize};

use super::lei_evidence::{Folded, fold, remembered_fold};
use vasp_record::vasp::{Vasp, VaspKind};
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;

/// The number of an entity in an authority's register.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterNumber {
    /// Id of the authority, such as `US-FINCEN`.
    pub authority: String,
    /// The number, as the register shows it.
    pub number: String,
}

impl RegisterNumber {
    /// Reads an authority's id and a number with a blank between them.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (authority, number) = text.trim().split_once(' ')?;
        let (authority, number) = (authority.to_owned(), number.trim().to_owned());
        (authority.contains('-') && !number.is_empty()).then_some(Self { authority, number })
    }
}

/// The entity of a link, as the source names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkedEntity {
    /// Its record; `None` if the source names it in words only.
    #[serde(default)]
    pub vasp: Option<VaspId>,
    /// Its registered name.
    pub legal_name: String,
    /// Its LEI; `None` if not known.
    pub lei: Option<Lei>,
    /// Its country of incorporation; `None` if not known.
    pub country: Option<Country>,
    /// Its number in a register; `None` if the source gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<RegisterNumber>,
}

impl LinkedEntity {
    /// Returns the marks by which a record is this entity: number and LEI, or, without an LEI, name and country.
    #[must_use]
    pub fn marks(&self) -> Vec<EntityMark> {
        self.marks_by(fold)
    }

    /// Returns the same marks. The name is remembered: this is for the entities of the operator's links, which pre-checks ask for.
    #[must_use]
    pub fn known_marks(&self) -> Vec<EntityMark> {
        self.marks_by(|name| remembered_fold(name).map(|folded| folded.as_ref().to_owned()))
    }

    fn marks_by(&self, fold: fn(&str) -> Folded) -> Vec<EntityMark> {
        let name = || self.country.and_then(|country| Some(EntityMark::Name(fold(&self.legal_name)?, country)));
        let named = self.lei.map(EntityMark::Lei).or_else(name);
        self.number.clone().map(EntityMark::Number).into_iter().chain(named).collect()
    }

    /// Tells whether one of the entity's marks ([`Self::marks`]) is a mark of the record ([`EntityMark::of`]). It compares names last,
    /// because names take longest.
    pub(crate) fn is(&self, record: &Vasp) -> bool {
        let is_number = |authority: &str, number: Option<&String>| {
            self.number.as_ref().is_some_and(|own| own.authority == authority && number == Some(&own.number))
        };
        let is_numbered = record.licences.iter().any(|one| is_number(&one.authority.id, one.number.as_ref()))
            || record.entries.iter().any(|one| is_number(&one.authority, one.number.as_ref()));
        let is_named = || {
            let is_there = self.country.is_some() && self.country == EntityMark::country_of_name(record);
            is_there && remembered_fold(&self.legal_name).is_some_and(|own| remembered_fold(&record.legal_name) == Some(own))
        };
        is_numbered || self.lei.map_or_else(is_named, |lei| record.lei == Some(lei))
    }
}

/// What a link and a record have in common if they are about one entity.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EntityMark {
    /// The LEI.
    Lei(Lei),
    /// The number in a register.
    Number(RegisterNumber),
    /// The name without its legal form, and the country of incorporation.
    Name(String, Country),
}

impl EntityMark {
    /// Returns the marks of a record. One that only registers without licences show, such as `FinCEN`'s, is never known by its name: a firm
    /// enters itself there under any name.
    #[must_use]
    pub fn of(record: &Vasp) -> Vec<Self> {
        let number = |authority: &str, number: &Option<String>| {
            let number = number.clone()?;
            Some(Self::Number(RegisterNumber { authority: authority.to_owned(), number }))
        };
        let licences = record.licences.iter().filter_map(|one| number(&one.authority.id, &one.number));
        let entries = record.entries.iter().filter_map(|one| number(&one.authority, &one.number));
        let name = Self::country_of_name(record).and_then(|country| Some(Self::Name(fold(&record.legal_name)?, country)));
        record.lei.map(Self::Lei).into_iter().chain(licences).chain(entries).chain(name).collect()
    }

    /// Returns the country in which a record is known by its name; `None` if it is not.
    fn country_of_name(record: &Vasp) -> Option<Country> {
        let is_named_by_itself = record.licences.is_empty() && !record.entries.is_empty();
        record.country.filter(|_| !is_named_by_itself && record.kind == VaspKind::Entity)
    }
}
