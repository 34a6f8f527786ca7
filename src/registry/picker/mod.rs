//! The picker: which brands and legal entities a customer may mean by some letters, and what a form must ask. It reads the public directory
//! only: no claims, nothing private.

pub(crate) mod http;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::brands::{BrandInCountry, KnownBrand, brand_in_country, list_brands};
use crate::directory::Generation;
use vasp_record::search::SearchQuery;
use vasp_record::vasp::{Vasp, VaspKind};
use vasp_rules::obligations::ObligationsRequest;
use vasp_rules::precheck::CountryMatch;
use vasp_rules::protocol::ProtocolId;
use vasp_rules::rulebook::{FieldCode, OneOf};
use vasp_words::country::Country;
use vasp_words::time::UtcTime;

/// What is picked from.
pub(crate) struct Wish {
    /// What the customer typed.
    pub text: String,
    /// The same, as a search of the directory.
    pub query: SearchQuery,
    /// The customer's country.
    pub country: Option<Country>,
    /// The country of the side that asks, for its law.
    pub own_country: Option<Country>,
    /// The most picks.
    pub limit: usize,
}

/// Something that the customer may mean.
#[derive(Clone, Debug)]
pub(crate) struct Pick {
    /// The brand; `None` for an entity that was found by its own name.
    pub brand: Option<KnownBrand>,
    /// What is known about the brand's customers of the country; `None` without a brand or a country.
    pub in_country: Option<BrandInCountry>,
    /// The entity, if it is settled.
    pub entity: Option<Arc<Vasp>>,
    /// The protocols by which the entity can be reached.
    pub protocols: Vec<ProtocolId>,
    /// Codes of the fields that a law or one of these protocols requires.
    pub required: Vec<FieldCode>,
    /// Groups of fields, of each of which one alternative is required.
    pub one_of: Vec<OneOf>,
}

/// Returns what the customer may mean: brands first, those that begin with the text before the others, then entities.
pub(crate) fn pick(generation: &Generation, wish: &Wish, now: UtcTime) -> Vec<Pick> {
    let wanted = wish.text.trim().to_lowercase();
    let mut brands: Vec<(bool, KnownBrand)> =
        list_brands(generation).into_values().filter_map(|brand| hit(brand, &wanted)).collect();
    brands.sort_by(|(one, a), (other, b)| (!one, a.name.len(), &a.id).cmp(&(!other, b.name.len(), &b.id)));
    let mut picks: Vec<Pick> =
        brands.into_iter().take(wish.limit).map(|(_, brand)| of_brand(generation, wish, brand, now)).collect();
    let settled: BTreeSet<_> = picks.iter().filter_map(|pick| pick.entity.as_ref().map(|entity| entity.id)).collect();
    let records = generation.records();
    let is_entity = |record: &Arc<Vasp>| record.kind == VaspKind::Entity && record.status.is_live();
    let hits = records.search().find(&wish.query, |id| records.get(id).is_some_and(is_entity) && !settled.contains(&id));
    let entities = hits.iter().filter_map(|hit| records.get(hit.vasp)).take(wish.limit.saturating_sub(picks.len()));
    picks.extend(entities.map(|entity| filled(generation, wish, None, None, Some(Arc::clone(entity)), now)));
    picks
}

/// Returns a brand with whether a name of it begins with the text; `None` if no name has it.
fn hit(brand: KnownBrand, wanted: &str) -> Option<(bool, KnownBrand)> {
    let name = brand.name.to_lowercase();
    let begins = name.starts_with(wanted) || brand.keys.iter().any(|key| key.starts_with(wanted));
    (begins || name.contains(wanted)).then_some((begins, brand))
}

fn of_brand(generation: &Generation, wish: &Wish, brand: KnownBrand, now: UtcTime) -> Pick {
    let told = wish.country.map(|country| brand_in_country(generation, &brand, country));
    let matched = told.as_ref().filter(|told| told.result == CountryMatch::Match);
    let entity = matched.and_then(|told| CountryMatch::serving(&told.told).first().and_then(|one| one.vasp));
    let entity = entity.and_then(|id| generation.records().get(id)).cloned();
    filled(generation, wish, Some(brand), told, entity, now)
}

/// Adds protocols and fields.
fn filled(
    generation: &Generation,
    wish: &Wish,
    brand: Option<KnownBrand>,
    in_country: Option<BrandInCountry>,
    entity: Option<Arc<Vasp>>,
    now: UtcTime,
) -> Pick {
    let documents = generation.documents();
    let protocols = entity.as_ref().map(|entity| generation.usable_protocols(entity, now)).unwrap_or_default();
    let rulebook = &documents.rulebook.value;
    let jurisdiction = |country: Option<Country>| country.and_then(|country| rulebook.resolve_id(country.as_str()).ok());
    let own = jurisdiction(wish.own_country);
    let theirs = jurisdiction(entity.as_ref().and_then(|entity| entity.country).or(wish.country));
    let owed = own.or_else(|| theirs.clone()).zip(theirs);
    let owed = owed.map(|(own, theirs)| documents.owed(&ObligationsRequest::between(own, theirs, now.date())));
    let by_law = owed.iter().flat_map(|owed| owed.obligations.required_fields.iter().cloned());
    let known = protocols.iter().filter_map(|id| documents.protocols.value.get(id));
    let by_protocol = known.flat_map(|protocol| {
        let of_person = &protocol.required_of_person.natural_person;
        protocol.required_fields.incoming.iter().chain(of_person).cloned()
    });
    let required: BTreeSet<FieldCode> = by_law.chain(by_protocol).collect();
    let one_of = owed.iter().flat_map(|owed| owed.obligations.one_of.iter().map(|group| group.one_of.clone())).collect();
    Pick { brand, in_country, entity, protocols, required: required.into_iter().collect(), one_of }
}
