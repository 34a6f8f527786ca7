//! A register as a table that anybody can type, CSV: one row a firm, one table an authority. It is used as a whole or not at all, and every wrong
//! row is named with what would be right. Registers that are a page or a PDF come in this way. The caller is `vasp_registry::imports`.

use std::collections::{BTreeMap, BTreeSet};

use super::IngestError;
use super::esma_casps::day_at_most;
use super::esma_cells::{hosts, tidy};
use super::register_rows::{ReadRow, RegisterRows, Taken, Wrong};
use super::table::Table;
use vasp_record::authority::{Authorities, AuthorityEntry, Registration};
use vasp_record::licence::{Activity, PublishedStanding};
use vasp_record::register::{
    Extent, Flag, HeldRow, Reason, RegisterEntity, RegisterLicence, RegisterService, RegisterSnapshot, RejectedRow, WhyHeld,
};
use vasp_words::name::NameKey;
use vasp_words::time::Date;
use vasp_words::written_name::turns_direction;

/// Columns that are for people and are not read.
const FOR_PEOPLE: [&str; 2] = ["brand", "note"];

/// The columns. The first four are needed; those after them may be left out. Any other column is refused.
pub(super) const COLUMNS: [&str; 14] = [
    "authority",
    "name",
    "source",
    "seen_on",
    "number",
    "lei",
    "country",
    "activities",
    "from",
    "to",
    "website",
    "trades_as",
    "address",
    "extent",
];

/// The register of a table whose authority is not known.
pub(super) const TYPED: &str = "register-csv";

/// Cells of one row, in the order of `COLUMNS`.
pub(super) type Cells = [String; COLUMNS.len()];

/// Reads a table. Its day is the earliest `seen_on`, unless an earlier one is given.
///
/// # Errors
/// `ColumnUnknown`; `Rows` with every wrong row; `Table` if `from` and `to` seem to be exchanged; and the errors of a file that is not such a
/// table.
pub fn parse(
    bytes: &[u8],
    file: &str,
    observed_on: Option<Date>,
    authorities: &Authorities,
) -> Result<RegisterSnapshot, IngestError> {
    let mut table = Table::open_with(bytes, file, COLUMNS, 4)?;
    table.assert_all_read(&FOR_PEOPLE)?;
    let mut typed = TypedTable::new(file, authorities);
    let (shows_beginnings, mut begin, mut only_end) = (!table.absent().any(|column| column == "from"), 0_usize, 0_usize);
    while let Some(row) = table.next_row()? {
        match row {
            Ok(row) => {
                let cells: Cells = row.cells.each_ref().map(|cell| tidy(cell));
                let [.., from, to, _, _, _, _] = &cells;
                begin += usize::from(!from.is_empty());
                only_end += usize::from(from.is_empty() && !to.is_empty());
                typed.add(row.line, cells);
            }
            Err(rejected) => typed.reject(rejected),
        }
    }
    if shows_beginnings && only_end > begin {
        let detail = "more rows have an end (`to`) and no beginning than have a beginning (`from`): are they exchanged? If the register shows \
                      no beginnings, leave `from` out";
        return Err(IngestError::Table { file: file.to_owned(), line: 1, detail: detail.to_owned() });
    }
    // A table of nothing but wrong rows also has no day, which is not what is wrong with it.
    match typed.rows.rejected() {
        [] => typed.finish(observed_on),
        wrong => Err(IngestError::Rows { file: file.to_owned(), rows: wrong.to_vec() }),
    }
}

/// A typed table while it is being read.
pub(super) struct TypedTable<'a> {
    file: &'a str,
    authorities: &'a Authorities,
    rows: RegisterRows<'a>,
    seen: BTreeSet<Cells>,
    /// The first row: its line, and its authority as written.
    first: Option<(u64, String)>,
    /// The line and number of each firm.
    numbers: BTreeMap<NameKey, (u64, String)>,
    days: BTreeSet<Date>,
    pages: BTreeSet<String>,
    /// How much of the register the table says that it has; `None` before its first row.
    extent: Option<Extent>,
}

impl<'a> TypedTable<'a> {
    pub(super) fn new(file: &'a str, authorities: &'a Authorities) -> Self {
        let (rows, seen, days) = (RegisterRows::new(file), BTreeSet::new(), BTreeSet::new());
        Self { file, authorities, rows, seen, first: None, numbers: BTreeMap::new(), days, pages: BTreeSet::new(), extent: None }
    }

    pub(super) fn reject(&mut self, row: RejectedRow) {
        self.rows.reject(row);
    }

    /// Takes one row, unless the table has it already.
    pub(super) fn add(&mut self, line: u64, cells: Cells) {
        if self.seen.contains(&cells) {
            return self.rows.repeat();
        }
        let read = self.read(line, &cells);
        if self.rows.add(line, read) {
            self.seen.insert(cells);
        }
    }

    /// Makes the snapshot. Its register is the authority's.
    pub(super) fn finish(self, given: Option<Date>) -> Result<RegisterSnapshot, IngestError> {
        let observed_on = day_at_most(self.file, given, self.days.first().copied(), "column `seen_on`")?;
        let authority = self.first.as_ref().and_then(|(_, written)| self.authorities.find(written, None).ok());
        let register = authority.map_or(TYPED, |known| &known.authority.id);
        let pages: Vec<&str> = self.pages.iter().map(String::as_str).collect();
        let source = match pages.len() {
            1 | 2 => format!("{}, typed from {}", self.file, pages.join(" and ")),
            _ => self.file.to_owned(),
        };
        Ok(RegisterSnapshot { source, extent: self.extent.unwrap_or(Extent::Typed), ..self.rows.finish(register, observed_on) })
    }

    fn read(&mut self, line: u64, cells: &Cells) -> Result<ReadRow, Wrong> {
        let [authority, name, page, seen_on, number, ..] = cells;
        let name_key = NameKey::of(name).ok_or_else(|| missing("name", "write the firm's legal name"))?;
        if let Some(sign) = name.chars().find(|sign| turns_direction(*sign)) {
            let text =
                format!("it has U+{:04X}, which changes the direction of text: write the name without it", u32::from(sign));
            return Err(("name", Reason::InvalidCharacter, text));
        }
        let known = self.one_authority(line, authority)?;
        if page.is_empty() {
            return Err(missing("source", "write where you read it: an address, or the publication and its day"));
        }
        let seen_on = day("seen_on", seen_on)?.ok_or_else(|| missing("seen_on", "write the day on which you read the page"))?;
        let same = self.numbers.entry(name_key.clone()).or_insert_with(|| (line, number.clone()));
        if same.1 != *number {
            let text =
                format!("`{number}`: line {} gives this firm the number `{}`; an authority's licence has one", same.0, same.1);
            return Err(("number", Reason::Contradicts, text));
        }
        self.one_extent(cells.last().map_or("", String::as_str))?;
        self.days.insert(seen_on);
        self.pages.insert(page.clone());
        let row = entity(line, cells, name_key, known.ok());
        match (row, known) {
            (Ok(row), Ok(_)) => Ok(ReadRow::Taken(row.into())),
            (Err(wrong), _) => Err(wrong),
            (Ok(_), Err(why)) => {
                let cells = COLUMNS.iter().map(|column| (*column).to_owned()).zip(cells.iter().cloned()).collect();
                Ok(ReadRow::Held(HeldRow { line, authority: authority.clone(), state: None, why, cells }))
            }
        }
    }

    /// Returns the authority of a row, which must be that of the first row.
    fn one_authority(&mut self, line: u64, written: &str) -> Result<Result<&'a AuthorityEntry, WhyHeld>, Wrong> {
        if NameKey::of(written).is_none() {
            return Err(missing("authority", "write the id of the authority, such as GB-FCA, or its name"));
        }
        let known = self.authorities.find(written, None);
        if known == Err(WhyHeld::AuthorityAmbiguous) {
            let text = format!("several authorities are called `{written}`; write the id, such as GB-FCA");
            return Err(("authority", Reason::Unrecognised, text));
        }
        let (first, before) = self.first.get_or_insert_with(|| (line, written.to_owned()));
        let id = |known: Result<&AuthorityEntry, WhyHeld>, written: &str| {
            known.map_or(written.to_owned(), |one| one.authority.id.clone())
        };
        if id(known, written) != id(self.authorities.find(before, None), before) {
            let text =
                format!("`{written}` is another authority than `{before}` on line {first}; write a table for each authority");
            return Err(("authority", Reason::Contradicts, text));
        }
        Ok(known)
    }
}

impl TypedTable<'_> {
    /// Reads how much of the register the table has, which all rows say alike. A table that does not say it has rows that a person typed:
    /// absence from it means nothing.
    fn one_extent(&mut self, written: &str) -> Result<(), Wrong> {
        let known = "is not known; write whole if the table has all rows of the register, part if it has some, typed if you typed \
                     them from other texts";
        let extent = optional("extent", Reason::Unrecognised, written, known)?.unwrap_or(Extent::Typed);
        match *self.extent.get_or_insert(extent) {
            first if first == extent => Ok(()),
            first => {
                Err(("extent", Reason::Contradicts, format!("`{extent}`: rows above say `{first}`; a table has one extent")))
            }
        }
    }
}

pub(super) fn missing(column: &'static str, right: &str) -> Wrong {
    (column, Reason::Missing, right.to_owned())
}

/// Reads a cell that may be empty.
pub(super) fn optional<T: std::str::FromStr>(
    column: &'static str,
    reason: Reason,
    text: &str,
    right: &str,
) -> Result<Option<T>, Wrong> {
    let read = (!text.is_empty()).then(|| text.parse());
    read.transpose().map_err(|_| (column, reason, format!("`{text}` {right}")))
}

pub(super) fn day(column: &'static str, text: &str) -> Result<Option<Date>, Wrong> {
    optional(column, Reason::DateInvalid, text, "is not a day; write it as 2026-02-28 (year-month-day)")
}

/// Days and services of a licence.
struct Terms {
    valid_from: Option<Date>,
    valid_to: Option<Date>,
    services: BTreeSet<RegisterService>,
}

fn terms(activities: &str, from: &str, to: &str) -> Result<Terms, Wrong> {
    let (valid_from, valid_to) = (day("from", from)?, day("to", to)?);
    if valid_from.zip(valid_to).is_some_and(|(from, to)| to < from) {
        let text = format!("`{to}` is before `{from}`; write the first day on which the licence is no longer valid");
        return Err(("to", Reason::DateInvalid, text));
    }
    let services = activities.split(['|', ';']).map(str::trim).filter(|one| !one.is_empty());
    let services = services.map(|one| Ok(RegisterService { activity: activity(one)?, valid_from, valid_to }));
    Ok(Terms { valid_from, valid_to, services: services.collect::<Result<_, Wrong>>()? })
}

/// Reads the firm in a row, with its licence if the authority's registration is one.
fn entity(line: u64, cells: &Cells, name_key: NameKey, known: Option<&AuthorityEntry>) -> Result<Taken, Wrong> {
    let [_, name, _, _, number, lei, country, activities, from, to, website, trades_as, address, _] = cells;
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    let lei = optional(
        "lei",
        Reason::LeiInvalid,
        lei,
        "is not an LEI: 20 letters and digits with check digits; leave it empty if none is shown",
    )?;
    let country = optional(
        "country",
        Reason::CountryUnknown,
        country,
        "is not a country; write its two letters, such as GB, or leave it empty",
    )?;
    let Terms { valid_from, valid_to, services } = terms(activities, from, to)?;
    let (domains, _) = hosts(website);
    if domains.is_empty() && !website.is_empty() {
        let text = format!("`{website}` names no website; write it as https://example.com, or leave it empty");
        return Err(("website", Reason::Unrecognised, text));
    }
    let notes: Vec<_> = services.is_empty().then(|| (Flag::ServicesMissing, String::new())).into_iter().collect();
    let licence = known.filter(|known| known.registration == Registration::Licence).map(|known| RegisterLicence {
        authority: known.authority.id.clone(),
        regime: known.regime.clone(),
        number: some(number),
        services,
        territories: [known.authority.country].into(),
        valid_from,
        valid_to,
        last_update: None,
        standing: PublishedStanding::Granted,
    });
    let is_entry = known.is_some() && licence.is_none();
    let entity = RegisterEntity {
        lei,
        authority: known.map_or_else(String::new, |known| known.authority.id.clone()),
        name_key,
        flags: notes.iter().map(|(flag, _)| *flag).collect(),
        legal_name: name.clone(),
        commercial_names: trades_as.split('|').map(tidy).filter(|other| !other.is_empty() && other != name).collect(),
        country,
        registered_address: some(address),
        website: some(website),
        domains: domains.iter().map(ToString::to_string).collect(),
        licences: licence.into_iter().collect(),
        entry_number: some(number).filter(|_| is_entry),
        lines: vec![line],
    };
    Ok(Taken { line, entity, notes })
}

/// Reads an activity: a code, a letter of MiCA, or a point of FATF's definition such as `fatf:iv`.
fn activity(text: &str) -> Result<Activity, Wrong> {
    let mut letters = text.chars();
    let letter = letters.next().filter(|_| letters.next().is_none()).and_then(Activity::from_mica_letter);
    letter.map_or_else(|| Activity::from_input(text), Ok).map_err(|_| {
        let known: Vec<String> = ('a'..='j').filter_map(Activity::from_mica_letter).map(|one| one.to_string()).collect();
        let text = text.chars().take(40).collect::<String>();
        ("activities", Reason::ServiceUnknown, format!("`{text}` is not known; write {}, or other:words", known.join(", ")))
    })
}

#[cfg(test)]
mod tests;
