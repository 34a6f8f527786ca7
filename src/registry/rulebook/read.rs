//! Reads the rulebook and the lists of jurisdictions, for one date.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::directory::Generation;
use crate::node::{Holds, Page, Registry, ServiceError, ValidUntil, invalid, invalid_value};
use vasp_rules::lists::ListId;
use vasp_rules::rulebook::{ComparedMember, Jurisdiction, JurisdictionId, RuleVersion, Rulebook, compare_rules};
use vasp_words::country::Country;
use vasp_words::time::{Date, UtcTime};

/// An entry of the rulebook, for one date.
#[derive(Clone, Debug)]
pub struct JurisdictionAnswer {
    /// The directory that was asked; the rulebook is part of it.
    pub generation: Arc<Generation>,
    /// The entry.
    pub entry: Jurisdiction,
    /// The date.
    pub date: Date,
    /// Until when the answer may be used.
    pub valid_until: ValidUntil,
}

/// Most jurisdictions that are compared at once.
const MOST_COMPARED: usize = 20;

/// Rules of several jurisdictions side by side.
#[derive(Clone, Debug)]
pub struct ComparisonAnswer {
    /// The directory that was asked; the rulebook is part of it.
    pub generation: Arc<Generation>,
    /// The date.
    pub date: Date,
    /// One a jurisdiction, as asked.
    pub columns: Vec<ComparedColumn>,
    /// One a member.
    pub rows: Vec<ComparedMember>,
    /// Until when the answer may be used.
    pub valid_until: ValidUntil,
}

/// One jurisdiction of a comparison.
#[derive(Clone, Debug)]
pub struct ComparedColumn {
    /// Which.
    pub id: JurisdictionId,
    /// Its name; none where the rulebook has no entry.
    pub name: Option<String>,
    /// What holds there on the date; none: unknown.
    pub rule: Option<RuleVersion>,
}

/// Who is on a list on a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListAnswer {
    /// The list.
    pub list: ListId,
    /// The date.
    pub date: Date,
    /// The last day up to which the list's changes are known.
    pub known_through: Option<Date>,
    /// Who is on it.
    pub members: BTreeSet<Country>,
}

/// Returns one page of the rulebook's entries, by id.
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

/// Returns the entry that a text names, with the date asked for (without: today).
///
/// # Errors
/// `ServiceError::NotFound`, with what would be right.
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
        [] => "GET /v1/jurisdictions lists those that it has".to_owned(),
        regimes => format!("it has {}", regimes.join(", ")),
    };
    format!("The rulebook has no entry for {id}; {hint}.")
}

/// Compares what holds in several jurisdictions, named with commas between, on a date (without: today).
///
/// # Errors
/// `ServiceError::Invalid` for fewer than 2 or more than 20, one that stands twice, and a text that names none.
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
            return Err(wrong(format!("{id} stands twice; name each jurisdiction once")));
        }
        let name = rulebook.entry(&id).map(|entry| entry.name.clone());
        columns.push(ComparedColumn { rule: rulebook.version_on(&id, day).cloned(), id, name });
    }
    if !(2..=MOST_COMPARED).contains(&columns.len()) {
        return Err(wrong(format!("2 to {MOST_COMPARED} jurisdictions are compared, such as ids=DE,CH,SG")));
    }
    let rows = compare_rules(&columns.iter().map(|column| column.rule.as_ref()).collect::<Vec<_>>());
    let moves = columns.iter().filter(|_| date.is_none()).filter_map(|column| rulebook.entry(&column.id)?.next_change(day));
    let valid_until = registry.valid_until(Holds::before(now, moves.map(Date::start)));
    Ok(ComparisonAnswer { date: day, columns, rows, valid_until, generation })
}

/// Returns who is on a list on a date (without: today).
///
/// # Errors
/// `ServiceError::NotFound`, with the lists that there are.
pub fn read_list(registry: &Registry, text: &str, date: Option<Date>, now: UtcTime) -> Result<ListAnswer, ServiceError> {
    let list = text.parse::<ListId>().map_err(|error| ServiceError::NotFound(error.to_string()))?;
    let generation = registry.pin(now);
    let lists = &generation.documents().lists.value;
    let date = date.unwrap_or(now.date());
    Ok(ListAnswer { list, date, known_through: lists.known_through(list), members: lists.members_on(list, date) })
}

/// Reads a jurisdiction of a request.
///
/// # Errors
/// `ServiceError::Invalid` at `pointer`, with what would be right.
pub(crate) fn jurisdiction_at(rulebook: &Rulebook, text: &str, pointer: &str) -> Result<JurisdictionId, ServiceError> {
    rulebook.resolve_id(text).map_err(|error| {
        let (pointer, detail) = (pointer.to_owned(), error.to_string());
        invalid(pointer, "unknown_jurisdiction", detail)
    })
}
