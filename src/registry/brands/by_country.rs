//! Which entity serves a brand's customers of one country: this one, one of these, none, or not known; and which registers would show it,
//! how they are held, and how to load them. A brand is known from a group, from a link or from its kind, so that those are found, too, of
//! which no address is known. The caller is `http::by_country`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use super::registered_there::none_of_brand;
use crate::directory::{Generation, Records};
use vasp_ingest::aliases::{self, Aliases};
use vasp_ingest::esma_casps;
use vasp_record::authority::{AuthorityEntry, Registration};
use vasp_record::fact::{Fact, FactValue, NoItem, Snapshots, VaspFacts};
use vasp_record::register::Extent;
use vasp_record::vasp::{Vasp, VaspKind};
use vasp_rules::brand_kinds::BrandKinds;
use vasp_rules::brand_links::BrandLink;
use vasp_rules::elsewhere::{Elsewhere, JudgedVasp};
use vasp_rules::precheck::{BrandAnswer, CountryMatch, NoneRegistered};
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::time::Date;

/// A brand that the registry knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownBrand {
    /// The first of its keys in address labels and links.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) keys: BTreeSet<String>,
    /// Its group; `None` if no address of it is known.
    pub(crate) group: Option<VaspId>,
}

/// What is known about a brand's customers of one country.
#[derive(Clone, Debug)]
pub(crate) struct BrandInCountry {
    pub(crate) country: Country,
    pub(crate) result: CountryMatch,
    /// The brand's entities, those that serve the country first.
    pub(crate) told: BrandAnswer,
    /// The registers that show none of its entities, held whole.
    pub(crate) none: Option<NoneRegistered>,
    /// Which entities served the country, and until when.
    pub(crate) ended: BTreeMap<String, Date>,
    /// The country's registers, those of licences first.
    pub(crate) registers: Vec<CountryRegister>,
}

/// A register of a country.
#[derive(Clone, Debug)]
pub(crate) struct CountryRegister {
    pub(crate) authority: AuthorityEntry,
    /// How it is held; `None` if no file of it was read.
    pub(crate) held: Option<HeldRegister>,
    /// The format in which it is imported.
    pub(crate) format: &'static str,
}

/// How a register is held.
#[derive(Clone, Debug)]
pub(crate) struct HeldRegister {
    pub(crate) extent: Extent,
    pub(crate) known_through: Date,
    pub(crate) source: Arc<str>,
    /// Whether it is within the policy's age limit.
    pub(crate) is_recent: bool,
}

impl CountryRegister {
    /// Returns whether all its rows are known now.
    pub(crate) fn is_whole(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.extent.is_whole() && held.is_recent)
    }

    /// Returns whether absence from it means something now.
    pub(crate) fn absence_counts(&self) -> bool {
        self.is_whole() && self.authority.shows_all()
    }
}

/// Returns all brands by their ids.
pub(crate) fn list_brands(generation: &Generation) -> BTreeMap<String, KnownBrand> {
    let mut brands: Vec<KnownBrand> = vec![];
    let mut by_key: BTreeMap<String, usize> = BTreeMap::new();
    let groups = generation.records().iter().filter(|record| record.kind == VaspKind::Group && record.status.is_live());
    for group in groups {
        let keys = group.identifiers.iter().filter(|one| one.scheme == "entity_key").map(|one| one.value.clone());
        enter(&mut brands, &mut by_key, keys.collect(), &group.legal_name, Some(group.id));
    }
    for link in generation.documents().brand_links.all() {
        enter(&mut brands, &mut by_key, keys_of(link), &link.brand, None);
    }
    for key in BrandKinds::embedded().keys().map(resolved) {
        enter(&mut brands, &mut by_key, [key.clone()].into(), &key, None);
    }
    brands.into_iter().map(|brand| (brand.id.clone(), brand)).collect()
}

/// Adds keys to the brand that has one of them, or adds a brand.
fn enter(
    brands: &mut Vec<KnownBrand>,
    by_key: &mut BTreeMap<String, usize>,
    keys: BTreeSet<String>,
    name: &str,
    group: Option<VaspId>,
) {
    let known = keys.iter().find_map(|key| by_key.get(key)).copied();
    let place = known.unwrap_or(brands.len());
    by_key.extend(keys.iter().map(|key| (key.clone(), place)));
    match brands.get_mut(place) {
        Some(brand) => brand.keys.extend(keys),
        None => {
            let id = keys.first().cloned().or_else(|| group.map(|group| group.to_string())).unwrap_or_default();
            brands.push(KnownBrand { id, name: name.to_owned(), keys, group });
        }
    }
}

/// Returns the keys of a link's brand; made of its name if no labels of it are known.
fn keys_of(link: &BrandLink) -> BTreeSet<String> {
    let word = |text: &str| {
        text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|one| !one.is_empty()).collect::<Vec<_>>().join("-")
    };
    if link.keys.is_empty() { [word(&link.brand)].into() } else { link.keys.iter().cloned().collect() }
}

fn resolved(key: &str) -> String {
    // A test reads the compiled-in table, so one that cannot be read is never released.
    static TABLE: LazyLock<Option<Aliases>> = LazyLock::new(|| aliases::embedded().ok());
    TABLE.as_ref().map_or(key, |table| table.resolve(key)).to_owned()
}

/// Finds a brand by one of its keys, or by the id of its group.
pub(crate) fn find_brand(generation: &Generation, name: &str) -> Option<KnownBrand> {
    let mut all = list_brands(generation);
    let group: Option<VaspId> = name.parse().ok();
    let key = resolved(name);
    all.remove(name).or_else(|| {
        let is_it = |brand: &KnownBrand| brand.keys.contains(&key) || group.is_some() && brand.group == group;
        all.into_values().find(is_it)
    })
}

/// Answers which entity serves a brand's customers of a country today.
pub(crate) fn brand_in_country(generation: &Generation, brand: &KnownBrand, country: Country) -> BrandInCountry {
    let (records, day) = (generation.records(), generation.day());
    let group = judged_group(generation, brand);
    let linked = group.elsewhere.links.iter().flat_map(|link| records.of_link(link));
    let wanted: BTreeSet<VaspId> = records.entities_of(group.record.id).chain(linked).map(|record| record.id).collect();
    let entities: Vec<&JudgedVasp> = wanted.iter().filter_map(|id| records.judged(*id)).map(Arc::as_ref).collect();
    let keys = brand.keys.iter().map(String::as_str);
    let told = BrandAnswer::open(&group, &entities, BrandKinds::embedded().all_of(keys), Some(country), day);
    let limit = generation.documents().policy.value.freshness().register;
    let is_recent = |on: Date| !limit.is_passed(day.days_since(on).max(0));
    let none = none_of_brand(generation, &group, &entities, country).filter(|none| is_recent(none.observed_on));
    let result = CountryMatch::of(&told, none.is_some());
    let mut ended = BTreeMap::new();
    for link in &group.elsewhere.links {
        if let Some(end) = link.ended_serving(country, day) {
            let known = ended.entry(link.entity.legal_name.clone()).or_insert(end);
            *known = end.max(*known);
        }
    }
    BrandInCountry { country, result, told, none, ended, registers: registers_of(generation, country, &is_recent) }
}

/// Returns the group of a brand with its links; made of its keys if it has no record.
fn judged_group(generation: &Generation, brand: &KnownBrand) -> Arc<JudgedVasp> {
    let known = |records: &Records| brand.group.and_then(|group| records.judged(group)).cloned();
    known(generation.records()).unwrap_or_else(|| {
        let index = &generation.documents().brand_links;
        let by_key = index.of_keys(brand.keys.iter().map(String::as_str));
        let unkeyed = index
            .all()
            .iter()
            .filter(|link| link.keys.is_empty() && brand.keys.contains(keys_of(link).first().map_or("", String::as_str)));
        let links = by_key.into_iter().chain(unkeyed.cloned()).collect();
        let record = Arc::new(nameless(brand, generation.day()));
        Arc::new(JudgedVasp { record, elsewhere: Elsewhere { links, ..Elsewhere::default() } })
    })
}

/// Returns the record of a group that has nothing but its names.
fn nameless(brand: &KnownBrand, day: Date) -> Vasp {
    let fact =
        |said| Fact { licence: None, origin: "brand-links".into(), said, from: None, to: None, source: "brand-links".into() };
    let other = brand.keys.iter().map(|key| FactValue::OtherName(key.clone(), "label".to_owned()));
    let facts = other.chain([FactValue::LegalName(NoItem, brand.name.clone())]).map(fact).collect();
    // No record has this id: those of records have a random part.
    let id = VaspId::first_at(day.start());
    VaspFacts { id, kind: VaspKind::Group, licences: vec![], facts, evidence: vec![] }.record_on(day, &Snapshots::new())
}

/// Returns the registers of a country in which a firm that serves its customers could be, those of licences for the whole country first.
fn registers_of(generation: &Generation, country: Country, is_recent: &dyn Fn(Date) -> bool) -> Vec<CountryRegister> {
    let table = &generation.documents().authorities.value.table;
    let held: BTreeMap<&str, _> = generation.registers().collect();
    let register = |entry: &AuthorityEntry| {
        let is_of_esma = entry.regime == "MiCA" && country.is_eea();
        let (name, format) = match entry.authority.id.as_str() {
            _ if is_of_esma => (esma_casps::REGISTER, esma_casps::REGISTER),
            id @ "US-FINCEN" => (id, "fincen-msb"),
            id @ "HK-SFC" => (id, "sfc-vatp"),
            id => (id, "register-csv"),
        };
        let held = held.get(name).map(|read| HeldRegister {
            extent: read.extent,
            known_through: read.day,
            source: Arc::clone(&read.source),
            is_recent: is_recent(read.day),
        });
        CountryRegister { authority: entry.clone(), held, format }
    };
    let could_show = |entry: &&AuthorityEntry| {
        entry.authority.country == country && matches!(entry.registration, Registration::Licence | Registration::Registration)
    };
    let mut all: Vec<CountryRegister> = table.entries().filter(could_show).map(register).collect();
    all.sort_by_key(|one| {
        let entry = &one.authority;
        (!entry.grants_licences(), !entry.is_national(), entry.authority.id.clone())
    });
    all
}
