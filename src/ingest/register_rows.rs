//! Collects the rows of a register while its file is being read, and joins the rows of one entity. This module knows no format; its callers
//! are the importers of registers.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use vasp_record::register::{
    Extent, Flag, FlaggedRow, HeldRow, Reason, RegisterEntity, RegisterLicence, RegisterSnapshot, RejectedRow, RowReport, cut,
};
use vasp_words::lei::Lei;
use vasp_words::name::NameKey;
use vasp_words::time::Date;

/// One row: the entity with one licence, and any irregularities of the row.
pub(super) struct Taken {
    pub(super) line: u64,
    pub(super) entity: RegisterEntity,
    pub(super) notes: Vec<(Flag, String)>,
}

/// A row that could be read.
pub(super) enum ReadRow {
    /// Its entity is known.
    Taken(Box<Taken>),
    /// Its authority cannot be named yet.
    Held(HeldRow),
}

/// What makes a row unreadable: column, reason and text.
pub(super) type Wrong = (&'static str, Reason, String);

/// The rows of one file.
pub(super) struct RegisterRows<'a> {
    file: &'a str,
    report: RowReport,
    taken: Vec<Taken>,
    held: Vec<HeldRow>,
    /// Whether the row just read shows an entity that the snapshot does not.
    is_unread: bool,
}

impl<'a> RegisterRows<'a> {
    pub(super) fn new(file: &'a str) -> Self {
        Self { file, report: RowReport::default(), taken: vec![], held: vec![], is_unread: false }
    }

    /// Counts a row that an earlier one repeats.
    pub(super) fn repeat(&mut self) {
        self.is_unread = false;
        self.report.read += 1;
        self.report.repeated += 1;
    }

    /// Counts a row that cannot be read.
    pub(super) fn reject(&mut self, row: RejectedRow) {
        self.is_unread = true;
        self.report.read += 1;
        self.report.rejected.push(row);
    }

    /// The rows that could not be read so far.
    pub(super) fn rejected(&self) -> &[RejectedRow] {
        &self.report.rejected
    }

    /// Takes, holds or rejects a row. Returns whether it could be read.
    pub(super) fn add(&mut self, line: u64, row: Result<ReadRow, Wrong>) -> bool {
        match row {
            Ok(ReadRow::Taken(row)) => {
                self.is_unread = false;
                self.taken.push(*row);
            }
            Ok(ReadRow::Held(row)) => {
                self.is_unread = true;
                self.held.push(row);
            }
            Err((column, reason, text)) => {
                let (file, column) = (self.file.to_owned(), Some(column.to_owned()));
                self.reject(RejectedRow { file, line, column, reason, text: cut(&text) });
                return false;
            }
        }
        self.report.read += 1;
        true
    }

    /// Notes the cells of the row just read, if it was not taken: the register does show the entity that they name.
    pub(super) fn unread<'c>(&mut self, cells: impl Iterator<Item = &'c str>) {
        if self.is_unread {
            cells.for_each(|cell| self.report.unread.add(cell));
        }
    }

    /// Joins the rows of each entity.
    pub(super) fn finish(self, register: &str, observed_on: Date) -> RegisterSnapshot {
        let Self { file, report: mut rows, taken, held, .. } = self;
        let entities = join(taken, &mut rows, file);
        let (register, source) = (register.to_owned(), file.to_owned());
        RegisterSnapshot { register, observed_on, extent: Extent::Whole, source, entities, held, rows }
    }
}

/// The key by which rows belong to the same entity: the LEI, otherwise the authority and the name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Lei(Lei),
    Name(String, NameKey),
}

/// Merges the rows of each entity. A row without a usable LEI is merged with another row of the same authority and name. This happens only
/// if exactly one LEI is known for that authority and name.
fn join(taken: Vec<Taken>, rows: &mut RowReport, file: &str) -> Vec<RegisterEntity> {
    let mut named: BTreeMap<(String, NameKey), BTreeSet<Lei>> = BTreeMap::new();
    for entity in taken.iter().map(|row| &row.entity) {
        named.entry((entity.authority.clone(), entity.name_key.clone())).or_default().extend(entity.lei);
    }
    let mut entities: BTreeMap<Key, RegisterEntity> = BTreeMap::new();
    for Taken { line, entity, mut notes } in taken {
        let name = (entity.authority.clone(), entity.name_key.clone());
        let only = named.get(&name).filter(|leis| leis.len() == 1).and_then(|leis| leis.first().copied());
        let key = entity.lei.or(only).map_or(Key::Name(name.0, name.1), Key::Lei);
        match entities.entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert(entity);
            }
            Entry::Occupied(mut known) => {
                notes.extend(merge(known.get_mut(), entity).map(|text| (Flag::RowsDisagree, text)));
            }
        }
        let flagged = |(flag, text): (Flag, String)| FlaggedRow { file: file.to_owned(), line, flag, text: cut(&text) };
        rows.flagged.extend(notes.into_iter().map(flagged));
    }
    entities.into_values().collect()
}

/// Adds a later row of the same entity; returns how it differs from the first row, if it does.
fn merge(known: &mut RegisterEntity, other: RegisterEntity) -> Option<String> {
    let differs = [
        (known.legal_name != other.legal_name, &other.legal_name),
        (known.registered_address != other.registered_address, other.registered_address.as_ref().unwrap_or(&other.legal_name)),
    ];
    let ends = known.licences.iter().find_map(|own| other.licences.iter().find_map(|licence| other_end(own, licence)));
    let disagrees = differs.into_iter().find(|(differ, _)| *differ).map(|(_, text)| text.clone()).or(ends);
    known.flags.extend(other.flags.into_iter().chain(disagrees.as_ref().map(|_| Flag::RowsDisagree)));
    known.lei = known.lei.or(other.lei);
    known.country = known.country.or(other.country);
    known.website = known.website.take().or(other.website);
    known.entry_number = known.entry_number.take().or(other.entry_number);
    known.domains.extend(other.domains);
    known.lines.extend(other.lines);
    for name in other.commercial_names {
        if !known.commercial_names.contains(&name) {
            known.commercial_names.push(name);
        }
    }
    for licence in other.licences {
        match known.licences.iter_mut().find(|known| known.authority == licence.authority) {
            Some(known) => merge_licence(known, licence),
            None => known.licences.push(licence),
        }
    }
    disagrees
}

/// Returns in words which service of a licence ends on another day in another row; `None` if none does.
fn other_end(own: &RegisterLicence, other: &RegisterLicence) -> Option<String> {
    let day = |end: Option<Date>| end.map_or_else(|| "never".to_owned(), |day| day.to_string());
    let mut pairs = own.services.iter().flat_map(|one| other.services.iter().map(move |two| (one, two)));
    let (one, two) = pairs.find(|(one, two)| {
        own.authority == other.authority
            && one.activity == two.activity
            && one.valid_from == two.valid_from
            && one.valid_to != two.valid_to
    })?;
    Some(format!("{} ends {} in one row and {} in another", one.activity, day(one.valid_to), day(two.valid_to)))
}

fn merge_licence(known: &mut RegisterLicence, other: RegisterLicence) {
    known.services.extend(other.services);
    known.territories.extend(other.territories);
    known.valid_from = [known.valid_from, other.valid_from].into_iter().flatten().min();
    known.valid_to = known.valid_to.zip(other.valid_to).map(|(a, b)| a.max(b));
    known.last_update = known.last_update.max(other.last_update);
}
