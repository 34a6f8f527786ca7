//! Looks whether the registers of the customer's country show an entity of a brand. Only registers that are held whole count: those that were
//! imported as snapshots, by an authority for the whole country.

use std::collections::BTreeSet;

use crate::directory::Generation;
use vasp_record::authority::AuthorityEntry;
use vasp_record::licence::Licence;
use vasp_record::vasp::Vasp;
use vasp_rules::brand_links::Served;
use vasp_rules::elsewhere::JudgedVasp;
use vasp_rules::precheck::{Attribution, BrandWords, Counterparty, NoneRegistered};
use vasp_words::country::Country;
use vasp_words::time::Date;

/// Returns the registers that show no entity of the brand, if the counterparty is a brand and its customer's country has such registers. A
/// register says nothing about another day.
pub(crate) fn none_registered(
    generation: &Generation,
    attribution: &Attribution<'_>,
    country: Option<Country>,
    date: Date,
) -> Option<NoneRegistered> {
    let Counterparty::Party { named, entities } = &attribution.counterparty else { return None };
    let ([group], Some(country)) = (named.as_slice(), country.filter(|_| date == generation.day())) else { return None };
    let place = generation.records().kept_registers(group.record.id)?;
    let find = || none_of_brand(generation, group, entities, country);
    place.value((generation.sequence(), generation.day(), country), || Some(find()))?
}

/// Returns the registers of a country that show no entity of a brand. `entities` are those that are known of it.
pub(super) fn none_of_brand(
    generation: &Generation,
    group: &JudgedVasp,
    entities: &[&JudgedVasp],
    country: Country,
) -> Option<NoneRegistered> {
    let is_known_there = entities.iter().any(|entity| is_there(&entity.record, country));
    if is_known_there { None } else { search(generation, group, country) }
}

fn is_there(entity: &Vasp, country: Country) -> bool {
    entity.country == Some(country) || Served::by_registers(entity).includes(country)
}

fn is_for(licence: &Licence, country: Country) -> bool {
    licence.authority.country == country || licence.territories.contains(&country)
}

fn search(generation: &Generation, group: &JudgedVasp, country: Country) -> Option<NoneRegistered> {
    let words = BrandWords::of(group)?;
    let table = &generation.documents().authorities.value.table;
    let shows_all = |licence: &Licence| table.entry(&licence.authority.id).is_some_and(AuthorityEntry::shows_all);
    let whole = generation.registers().map(|(_, read)| read).filter(|read| read.extent.is_whole());
    let newest: Vec<(Date, &str)> = whole.map(|read| (read.day, read.source.as_ref())).collect();
    let mut held: BTreeSet<(Date, &str, &str)> = BTreeSet::new();
    for record in generation.records().iter() {
        let mut licences = record.licences.iter().filter(|licence| licence.listed && is_for(licence, country)).peekable();
        if licences.peek().is_some() && words.may_be(record) {
            return None;
        }
        for licence in licences.filter(|licence| licence.authority.country == country && shows_all(licence)) {
            let snapshot = newest.iter().find(|(day, source)| (Some(*day), *source) == (licence.last_seen, &*licence.source));
            held.extend(snapshot.map(|(day, source)| (*day, *source, licence.authority.id.as_str())));
        }
    }
    let (observed_on, source, _) = *held.first()?;
    let authorities: BTreeSet<String> = held.iter().map(|(.., authority)| (*authority).to_owned()).collect();
    Some(NoneRegistered { country, authorities: authorities.into_iter().collect(), observed_on, source: source.to_owned() })
}
