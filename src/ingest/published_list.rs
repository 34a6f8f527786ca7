//! Common code for importers of whole published screening lists. Entries are collected by the list's own number over many rows. The list's
//! own marks say whether it is complete. Dates are read in the forms that publishers use. This module knows no format; its callers are the
//! importers.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use encoding_rs::WINDOWS_1252;

use super::IngestError;
use super::ofac_digital_currency::add_new;
use vasp_record::register::{Flag, FlaggedRow, Reason, RejectedRow, RowReport, cut};
use vasp_rules::screening::{ListCoverage, SanctionedAddress, SanctionsEntry, SanctionsList};
use vasp_words::host::Host;
use vasp_words::time::{Date, UtcTime};

/// A published list of more entries than this has every kind of detail of its format. If one is missing, its element was renamed. Ours: the
/// shortest of these lists, the UN's, has some 1,000.
pub(super) const ENTRIES_WITH_ALL_DETAILS: usize = 100;

/// A published list while its file is being read.
pub(super) struct Collected<'a> {
    file: &'a str,
    entries: BTreeMap<String, (SanctionsEntry, u64)>,
    /// The report of the rows.
    pub(super) rows: RowReport,
    /// What is missing from the complete list, in words; empty if the list's own marks say that it is complete.
    pub(super) lacks: Vec<String>,
}

impl<'a> Collected<'a> {
    pub(super) fn new(file: &'a str) -> Self {
        Self { file, entries: BTreeMap::new(), rows: RowReport::default(), lacks: vec![] }
    }

    /// Adds the content of one row or record to an entry.
    pub(super) fn add(&mut self, line: u64, entry: SanctionsEntry) {
        if entry.uid.is_empty() {
            return self.reject(line, "number", Reason::Missing, &entry.name);
        }
        match self.entries.entry(entry.uid.clone()) {
            Entry::Vacant(free) => drop(free.insert((entry, line))),
            Entry::Occupied(known) => merge(&mut known.into_mut().0, entry),
        }
    }

    pub(super) fn reject(&mut self, line: u64, column: &str, reason: Reason, text: &str) {
        let (file, column) = (self.file.to_owned(), Some(column.to_owned()));
        self.rows.rejected.push(RejectedRow { file, line, column, reason, text: cut(text) });
    }

    pub(super) fn flag(&mut self, line: u64, flag: Flag, text: &str) {
        self.rows.flagged.push(FlaggedRow { file: self.file.to_owned(), line, flag, text: cut(text) });
    }

    /// Reads the day from which a listing is valid. An unreadable day is flagged, and the listing is kept.
    pub(super) fn since(&mut self, line: u64, text: &str) -> Option<Date> {
        let day = date(text);
        if day.is_none() && !text.is_empty() {
            self.flag(line, Flag::DateUnreadable, text);
        }
        day
    }

    /// Reads the hosts of websites.
    pub(super) fn hosts(&mut self, line: u64, text: &str) -> Vec<Host> {
        let mut hosts = vec![];
        for word in text.split(|c: char| matches!(c, ';' | ',' | '|') || c.is_whitespace()).filter(|word| word.contains('.')) {
            match Host::from_website_cell(word) {
                Some(host) => hosts.push(host.without_www()),
                None => self.flag(line, Flag::WebsiteUnreadable, word),
            }
        }
        hosts
    }

    /// Makes a list whose file does not state its day. Without another day, that of its newest listing counts: it is not older.
    ///
    /// # Errors
    /// `NoDate`; `Table` if a listing is after its day, or if the list is empty.
    pub(super) fn finish_dated(
        self,
        id: &str,
        day: Option<Date>,
        newest: Option<Date>,
    ) -> Result<(SanctionsList, RowReport), IngestError> {
        if let Some((day, newest)) = day.zip(newest).filter(|(day, newest)| newest > day) {
            let detail = format!("it has a listing of {newest}, which is after {day}, its day");
            return Err(IngestError::Table { file: self.file.to_owned(), line: 1, detail });
        }
        let file = self.file.to_owned();
        self.finish(id, day.or(newest).ok_or(IngestError::NoDate { file })?, None)
    }

    /// Makes the list; it is complete if nothing is missing and every row was read.
    ///
    /// # Errors
    /// `Table` if the given day is not the file's own day, or if the list is empty.
    pub(super) fn finish(self, id: &str, as_of: Date, given: Option<Date>) -> Result<(SanctionsList, RowReport), IngestError> {
        let Self { file, entries, mut rows, mut lacks } = self;
        let wrong = |detail: String| Err(IngestError::Table { file: file.to_owned(), line: 1, detail });
        if let Some(given) = given.filter(|given| *given != as_of) {
            return wrong(format!("the file gives its own day, {as_of}, and not {given}: leave --observed-on out"));
        }
        let mut named = Vec::with_capacity(entries.len());
        for (mut entry, line) in entries.into_values() {
            if entry.name.is_empty() {
                let names = if entry.aliases.is_empty() { &mut entry.weak_aliases } else { &mut entry.aliases };
                entry.name = if names.is_empty() { String::new() } else { names.remove(0) };
            }
            if entry.name.is_empty() {
                let (file, column) = (file.to_owned(), Some("name".to_owned()));
                rows.rejected.push(RejectedRow { file, line, column, reason: Reason::Missing, text: cut(&entry.uid) });
                continue;
            }
            // Screening does not wait for such a day (`SanctionsList::counts`).
            if let Some(since) = entry.since.filter(|since| *since > as_of) {
                let (file, flag) = (file.to_owned(), Flag::DateUnreadable);
                rows.flagged.push(FlaggedRow { file, line, flag, text: since.to_string() });
            }
            named.push(entry);
        }
        if named.is_empty() {
            return wrong("nobody is on the list: an empty list would clear everybody".to_owned());
        }
        rows.rejected.sort_by_key(|row| row.line);
        if !rows.rejected.is_empty() {
            lacks.push(format!("{} of {} rows could not be read", rows.rejected.len(), rows.read));
        }
        let coverage = if lacks.is_empty() { ListCoverage::Complete } else { ListCoverage::Partial };
        let source = std::iter::once(file.to_owned()).chain(lacks).collect::<Vec<_>>().join("; ");
        Ok((SanctionsList { id: id.to_owned(), part_of: None, as_of, source, coverage, entries: named }, rows))
    }
}

/// Adds the content of another row of the same listing.
pub(super) fn merge(known: &mut SanctionsEntry, more: SanctionsEntry) {
    if known.name.is_empty() {
        known.name = more.name;
        known.aliases.retain(|alias| *alias != known.name);
    } else if known.name != more.name {
        add_new(&mut known.aliases, std::iter::once(more.name));
    }
    let name = &known.name;
    add_new(&mut known.aliases, more.aliases.into_iter().filter(|alias| alias != name));
    add_new(&mut known.weak_aliases, more.weak_aliases.into_iter());
    add_new(&mut known.programs, more.programs.into_iter());
    add_new(&mut known.born, more.born.into_iter());
    add_new(&mut known.countries, more.countries.into_iter());
    add_new(&mut known.numbers, more.numbers.into_iter());
    extend(&mut known.leis, more.leis);
    extend(&mut known.hosts, more.hosts);
    extend(&mut known.addresses, more.addresses);
    known.since = known.since.min(more.since);
}

fn extend<T: PartialEq>(known: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if !known.contains(&one) {
            known.push(one);
        }
    }
}

/// Joins the parts of a name with single spaces.
pub(super) fn joined<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    parts.into_iter().flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// Legal forms that stand alone between commas where a list of aliases is split. They name nobody.
const LEGAL_FORMS: [&str; 14] =
    ["ltd", "llc", "inc", "co", "jsc", "pjsc", "ojsc", "fsue", "ao", "ooo", "\u{430}\u{43e}", "ооо", "оао", "пао"];

/// Adds an alias of a list that does not say how strong it is. A single word of up to four letters is weak: many others have it.
pub(super) fn add_alias(entry: &mut SanctionsEntry, text: &str) {
    let name = joined([text.trim_matches(['.', '"', '-', ' '])]);
    if LEGAL_FORMS.contains(&name.trim_end_matches('.').to_lowercase().as_str()) {
        return;
    }
    let is_weak = name.chars().count() <= 4 && name.is_ascii();
    let names = if is_weak { &mut entry.weak_aliases } else { &mut entry.aliases };
    add_new(names, std::iter::once(name));
}

/// Reads a day that a spreadsheet wrote as a number: days since 30 December 1899.
pub(super) fn sheet_day(cell: &str) -> Option<Date> {
    let number: i64 = cell.parse().ok().filter(|number| (10_000..100_000).contains(number))?;
    // Day 25,569 is 1 January 1970.
    Some(UtcTime::EPOCH.plus_secs((number - 25_569) * 86_400).date())
}

/// So many UTF-8 characters beyond ASCII for each wrong byte show that the text is UTF-8 with damage. With fewer it is in another encoding.
const UTF_8_FOR_ONE_WRONG: usize = 4;

/// Returns the text of bytes in UTF-8 or Windows-1252, which older files and spreadsheets use.
///
/// # Errors
/// `Table` with the line of the first wrong byte if the text is plainly in UTF-8: read in the other encoding, all its other scripts would be
/// garbled.
pub(super) fn windows_1252<'b>(bytes: &'b [u8], file: &str) -> Result<Cow<'b, str>, IngestError> {
    let Err(error) = std::str::from_utf8(bytes) else { return Ok(String::from_utf8_lossy(bytes)) };
    let (mut right, mut wrong) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        right = right.saturating_add(chunk.valid().chars().filter(|letter| !letter.is_ascii()).count());
        wrong = wrong.saturating_add(usize::from(!chunk.invalid().is_empty()));
    }
    if right < wrong.saturating_mul(UTF_8_FOR_ONE_WRONG) {
        return Ok(WINDOWS_1252.decode_without_bom_handling(bytes).0);
    }
    let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1);
    let (line, detail) =
        (u64::try_from(line).unwrap_or(u64::MAX), "a byte is wrong: the rest of the file is in UTF-8; load it again");
    Err(IngestError::Table { file: file.to_owned(), line, detail: detail.to_owned() })
}

/// Adds the network addresses in the text of remarks, where publishers write them.
pub(super) fn add_addresses(entry: &mut SanctionsEntry, text: &str) {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')'));
    for word in words.filter(|word| word.len() >= 26 && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b':')) {
        let address = SanctionedAddress::published("", word);
        if !address.meaning().accounts.is_empty() && !entry.addresses.contains(&address) {
            entry.addresses.push(address);
        }
    }
}

/// Reads a date in the forms that publishers use: `2026-02-13`, with or without a time or zone, `13/02/2026`, `13-Feb-2026`, `13.2.2026`,
/// `13 February 2026`.
pub(super) fn date(text: &str) -> Option<Date> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    if let Some((day, rest)) = text.split_at_checked(10).and_then(|(day, rest)| Some((day.parse().ok()?, rest))) {
        let is_zone = rest.len() == 6 && rest.starts_with(['+', '-']) && rest.ends_with(|c: char| c.is_ascii_digit());
        return (rest.is_empty() || rest == "Z" || rest.starts_with('T') || is_zone).then_some(day);
    }
    let parts: Vec<&str> = text.split(['.', ' ', '/', '-']).filter(|part| !part.is_empty()).collect();
    let [day, month, year] = parts.as_slice() else { return None };
    if year.len() != 4 {
        return None;
    }
    let word = month.get(..3).unwrap_or_default();
    let named = || MONTHS.iter().zip(1..).find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, number)| number);
    Date::new(year.parse().ok()?, month.parse().ok().or_else(named)?, day.parse().ok()?)
}

/// Returns a file with a text inserted at a position, and the file cut off at that position.
#[cfg(test)]
pub(super) fn broken(file: &str, at: usize, text: &str) -> [String; 2] {
    let at = (0..=at).rev().find(|at| file.is_char_boundary(*at)).unwrap_or_default();
    let (start, end) = file.split_at(at);
    [format!("{start}{text}{end}"), start.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_are_read_as_publishers_write_them() {
        for text in [
            "2026-02-13",
            "2026-02-13T00:00:09.554Z",
            "2026-02-13-04:00",
            "13/02/2026",
            "13-Feb-2026",
            "13.2.2026",
            "13 February 2026",
        ] {
            assert_eq!(date(text).map(|day| day.to_string()).as_deref(), Some("2026-02-13"), "{text}");
        }
        for text in
            ["", "00/00/1980", "dd/mm/1945", "31/02/2026", "1945", "2026-02", "2026-02-131", "13 Smarch 2026", "28-Nov-26"]
        {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn rows_of_one_number_are_one_entry_and_a_name_is_never_lost() {
        let row = |uid: &str, name: &str, aliases: &[&str]| SanctionsEntry {
            uid: uid.to_owned(),
            name: name.to_owned(),
            aliases: aliases.iter().map(|one| (*one).to_owned()).collect(),
            ..SanctionsEntry::default()
        };
        let mut list = Collected::new("x.csv");
        for (line, entry) in
            [(2, row("1", "", &["B"])), (3, row("1", "A", &[])), (4, row("2", "", &["C"])), (5, row("3", "", &[]))]
        {
            list.rows.read += 1;
            list.add(line, entry);
        }
        list.add(6, row("", "D", &[]));

        let day = "2026-01-01".parse().unwrap();
        let (list, rows) = list.finish("X", day, Some(day)).unwrap();

        let said: Vec<(&str, Vec<String>)> = list.entries.iter().map(|one| (one.name.as_str(), one.aliases.clone())).collect();
        assert_eq!(said, [("A", vec!["B".to_owned()]), ("C", vec![])]);
        assert_eq!(rows.rejected.iter().map(|row| row.line).collect::<Vec<_>>(), [5, 6]);
        assert_eq!((list.coverage, list.source.as_str()), (ListCoverage::Partial, "x.csv; 2 of 4 rows could not be read"));
    }

    /// A wrong date must not make a listing begin later without a word: 2062 for 2026, or 1 December for 12 January.
    #[test]
    fn a_listing_that_begins_after_its_list_is_flagged() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let mut list = Collected::new("x.csv");
        for (uid, since) in [("1", "2026-01-01"), ("2", "2062-01-01"), ("3", "2026-01-02")] {
            let (uid, name) = (uid.to_owned(), uid.to_owned());
            list.add(2, SanctionsEntry { uid, name, since: Some(day(since)), ..SanctionsEntry::default() });
        }

        let (list, rows) = list.finish("X", day("2026-01-01"), None).unwrap();

        assert_eq!(
            rows.flagged.iter().map(|row| (row.flag, row.text.as_str())).collect::<Vec<_>>(),
            [(Flag::DateUnreadable, "2062-01-01"), (Flag::DateUnreadable, "2026-01-02")]
        );
        assert!(list.entries.iter().all(|entry| list.counts(entry, day("2026-01-01"))));
    }

    #[test]
    fn another_day_than_the_files_own_and_an_empty_list_are_refused() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let said = |given| Collected::new("x").finish("X", day("2026-01-01"), given).unwrap_err().to_string();

        assert!(said(Some(day("2026-01-02"))).contains("the file gives its own day, 2026-01-01, and not 2026-01-02"));
        assert!(said(None).contains("nobody is on the list"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_a_date_without_panic(text in "\\PC*") {
            let _ = date(&text);
        }
    }
}
