//! Names instead of ids: people of the reader's own organisation, and firms of the directory, on every page alike. A page looks people up
//! once, if its reader may list them; an id that nobody may read stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use super::sheet::{Cell, Part, Sheet};
use super::shown::text;
use super::visit::Desk;

/// The most firms that one page looks up.
const FIRMS_MAX: usize = 60;

/// Returns the ids in a cell, also those within a sentence.
fn ids(cell: &Cell) -> impl Iterator<Item = &str> {
    let is_id = |word: &&str| ["usr_", "vasp_"].iter().any(|kind| word.strip_prefix(kind).is_some_and(|rest| rest.len() == 26));
    cell.text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').filter(is_id)
}

/// Returns the cells of a page, but for those that are to show an id.
fn cells(sheet: &mut Sheet) -> impl Iterator<Item = &mut Cell> {
    let tables = sheet.all_mut().filter_map(|part| if let Part::Table(table) = part { Some(table) } else { None });
    let rows = tables.flat_map(|table| &mut table.rows);
    rows.filter(|row| row.cells.first().is_none_or(|first| first.text != "Id")).flat_map(|row| &mut row.cells)
}

impl Desk {
    /// Puts names in the place of the ids of a page, and keeps the ids as titles.
    pub(super) async fn name(&self, sheet: &mut Sheet) {
        let wanted: BTreeSet<String> = cells(sheet).flat_map(|cell| ids(cell)).map(str::to_owned).collect();
        let mut names = BTreeMap::new();
        if wanted.iter().any(|id| id.starts_with("usr_")) && self.may("list_users") {
            let people = self.read_all("/v1/users?limit=1000").await.unwrap_or_default();
            names.extend(people.iter().map(|person| (text(person, "/id"), text(person, "/name"))));
        }
        for id in wanted.iter().filter(|id| id.starts_with("vasp_")).take(FIRMS_MAX) {
            let mut firm = self.read_if_any(&format!("/v1/vasps/{id}")).await.unwrap_or_default();
            if firm.is_null() && self.may("get_draft") {
                // A record that is not verified yet.
                firm = self.read_if_any(&format!("/v1/vasps/{id}/draft")).await.unwrap_or_default();
            }
            names.insert(id.clone(), text(&firm, "/legal_name"));
        }
        names.retain(|_, name| !name.is_empty());
        for cell in cells(sheet) {
            let known = ids(cell).filter_map(|id| names.get(id).map(|name| (id, name)));
            let named = known.fold(cell.text.clone(), |text, (id, name)| text.replace(id, name));
            if named != cell.text {
                cell.title = std::mem::replace(&mut cell.text, named);
                cell.is_code = false;
            }
        }
    }
}
