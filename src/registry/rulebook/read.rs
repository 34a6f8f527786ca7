//! Reads the rulebook and the lists of jurisdictions as of a date.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::directory::Generation;
use crate::node::{Holds, Page, Registry, ServiceError, ValidUntil, invalid, invalid_value};
use vasp_rules::lists::ListId;
use vasp_rules::rulebook::{ComparedMember, Jurisdiction, JurisdictionId, RuleVersion, Rulebook, compare_rules};
use vasp_words::country::Country;
use vasp_words::time::{Date, UtcTime};

/// An entry of the rulebook on a date.
#[derive(Clone, Debug)]
pub struct JurisdictionAnswer {
    /// The directory generation that answered. The rulebook is part of it.
    pub generation: Arc<Generation>,
    /// The entry.
    pub entry: Jurisdiction,
    /// The date.
    pub date: Date,
    /// Until when the answer may be used.
    pub valid_until: ValidUntil,
}

/// Largest number of jurisdictions in one comparison.
const MOST_COMPARED: usize = 20;

/// A comparison of the rules of several jurisdictions.
#[derive(Clone, Debug)]
pub struct ComparisonAnswer {
    /// The directory generation that answered. The rulebook is part of it.
    pub generation: Arc<Generation>,
    /// The date.
    pub date: Date,
    /// One column for each jurisdiction, in the order of the question.
    pub columns: Vec<ComparedColumn>,
    /// One row for each member of the rules.
    pub rows: Vec<ComparedMember>,
    /// Until when the answer may be used.
    pub valid_until: ValidUntil,
}

/// One jurisdiction of a comparison.
#[derive(Clone, Debug)]
pub struct ComparedColumn {
    /// The id of the jurisdiction.
    pub id: JurisdictionId,
    /// Its name. `None` if the rulebook has no entry.
    pub name: Option<String>,
    /// The rule that is valid there on the date. `None` if it is unknown.
    pub rule: Option<RuleVersion>,
}

/// The members of a list on a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListAnswer {
    /// The list.
    pub list: ListId,
    /// The date.
    pub date: Date,
    /// The last day up to which changes of the list are known. `None` if that day is unknown.
    pub known_through: Option<Date>,
    /// The countries on the list.
    pub members: BTreeSet<Country>,
}

/// Returns one page of the rulebook's entries, sorted by id.
#[must_use]
pub fn list_jurisdictions(
    registry: &Registry,
    after: Option<&JurisdictionId>,
    limit: usize,
    now: UtcTime,
) -> (Arc<Generation>, Page<Jurisdiction, JurisdictionId>) {
    let generation = registry.pin(now);
    let entries = generation.documents().rulebook.value.jurisdictions();
    let entries = entries.filter(|entry| after.is_none_or(|last| entry.id > *last)).cloned();
    let page = Page::of(entries, limit, |entry| entry.id.clone());
    (generation, page)
}

/// Returns the entry that a text names, on the given date or today.
///
/// # Errors
/// `ServiceError::NotFound` if there is no such entry. The message says what would be correct.
pub fn read_jurisdiction(
    registry: &Registry,
    text: &str,
    date: Option<Date>,
    now: UtcTime,
) -> Result<JurisdictionAnswer, ServiceError> {
    let generation = registry.pin(now);
    let rulebook = &generation.documents().rulebook.value;
    let id = rulebook.resolve_id(text).map_err(|error| ServiceError::NotFound(error.to_string()))?;
    let entry = rulebook.entry(&id).cloned().ok_or_else(|| ServiceError::NotFound(no_entry(rulebook, &id)))?;
    let moves = date.is_none().then(|| entry.next_change(now.date())).flatten();
    let valid_until = registry.valid_until(Holds::before(now, moves.map(Date::start)));
    Ok(JurisdictionAnswer { entry, date: date.unwrap_or(now.date()), valid_until, generation })
}

fn no_entry(rulebook: &Rulebook, id: &JurisdictionId) -> String {
    let regimes = id.country().into_iter().flat_map(|country| rulebook.entries_for_country(country));
    let regimes: Vec<&str> = regimes.map(|entry| entry.id.as_str()).collect();
    let hint = match regimes.as_slice() {
        [] => "GET /v1/jurisdictions lists the entries".to_owned(),
        regimes => format!("it has {}", regimes.join(", ")),
    };
    format!("The rulebook has no entry for {id}; {hint}.")
}

/// Compares the rules of several jurisdictions on the given date or today. `ids` is separated by commas.
///
/// # Errors
/// `ServiceError::Invalid` if there are fewer than 2 or more than 20, if one appears twice, or if a text names no jurisdiction.
pub fn compare_jurisdictions(
    registry: &Registry,
    ids: &str,
    date: Option<Date>,
    now: UtcTime,
) -> Result<ComparisonAnswer, ServiceError> {
    let generation = registry.pin(now);
    let rulebook = &generation.documents().rulebook.value;
    let wrong = |detail: String| invalid_value("?ids", detail);
    let day = date.unwrap_or(now.date());
    let mut columns = Vec::<ComparedColumn>::new();
    for text in ids.split(',').map(str::trim).take(MOST_COMPARED + 1) {
        let id = jurisdiction_at(rulebook, text, "?ids")?;
        if columns.iter().any(|column| column.id == id) {
            return Err(wrong(format!("{id} is listed twice; name each jurisdiction once")));
        }
        let name = rulebook.entry(&id).map(|entry| entry.name.clone());
        columns.push(ComparedColumn { rule: rulebook.version_on(&id, day).cloned(), id, name });
    }
    if !(2..=MOST_COMPARED).contains(&columns.len()) {
        return Err(wrong(format!("name 2 to {MOST_COMPARED} jurisdictions to compare, for example ids=DE,CH,SG")));
    }
    let rows = compare_rules(&columns.iter().map(|column| column.rule.as_ref()).collect::<Vec<_>>());
    let moves = columns.iter().filter(|_| date.is_none()).filter_map(|column| rulebook.entry(&column.id)?.next_change(day));
    let valid_until = registry.valid_until(Holds::before(now, moves.map(Date::start)));
    Ok(ComparisonAnswer { date: day, columns, rows, valid_until, generation })
}

/// Returns the members of a list on the given date or today.
///
/// # Errors
/// `ServiceError::NotFound` if there is no such list. The message names the existing lists.
pub fn read_list(registry: &Registry, text: &str, date: Option<Date>, now: UtcTime) -> Result<ListAnswer, ServiceError> {
    let list = text.parse::<ListId>().map_err(|error| ServiceError::NotFound(error.to_string()))?;
    let generation = registry.pin(now);
    let lists = &generation.documents().lists.value;
    let date = date.unwrap_or(now.date());
    Ok(ListAnswer { list, date, known_through: lists.known_through(list), members: lists.members_on(list, date) })
}

/// Reads the jurisdiction in a request.
///
/// # Errors
/// `ServiceError::Invalid` at `pointer`. The message says what would be correct.
pub(crate) fn jurisdiction_at(rulebook: &Rulebook, text: &str, pointer: &str) -> Result<JurisdictionId, ServiceError> {
    rulebook.resolve_id(text).map_err(|error| {
        let (pointer, detail) = (pointer.to_owned(), error.to_string());
        invalid(pointer, "unknown_jurisdiction", detail)
    })
}
