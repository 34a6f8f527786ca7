//! Reads the table of authorities.

use std::sync::Arc;

use crate::directory::Generation;
use crate::node::{Page, Registry};
use vasp_record::authority::AuthorityEntry;
use vasp_words::country::Country;
use vasp_words::time::UtcTime;

/// Selects authorities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorityFilter {
    /// Only authorities of this country.
    pub country: Option<Country>,
    /// Only authorities of this jurisdiction of the rulebook.
    pub jurisdiction: Option<String>,
}

/// Returns one page of the authorities, by id; and the directory that was asked, of which the table is a part.
#[must_use]
pub fn list_authorities(
    registry: &Registry,
    filter: &AuthorityFilter,
    (after, limit): (Option<&str>, usize),
    now: UtcTime,
) -> (Arc<Generation>, Page<AuthorityEntry, String>) {
    let generation = registry.pin(now);
    let known = generation.documents().authorities.value.table.entries().filter(|entry| {
        after.is_none_or(|last| *entry.authority.id > *last)
            && filter.country.is_none_or(|country| entry.authority.country == country)
            && filter.jurisdiction.as_ref().is_none_or(|id| entry.jurisdiction.as_ref() == Some(id))
    });
    let page = Page::of(known.cloned(), limit, |entry| entry.authority.id.clone());
    (generation, page)
}
