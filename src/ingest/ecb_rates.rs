//! The ECB's euro foreign exchange reference rates, CSV as published (`eurofxref-hist.csv`). Each row is a day and each column a currency.
//! A cell is the value of one euro in that currency, or `N/A` if no rate was published. The caller is `vasp_registry::imports`.
//!
//! Source: European Central Bank, "Euro foreign exchange reference rates"; columns as published in 2026. Columns of currencies that are no
//! longer in ISO 4217 (CYP, SIT …) are left out: no current amount uses them.

use std::collections::BTreeMap;

use super::IngestError;
use super::table::unreadable;
use vasp_record::register::{Reason, RejectedRow, RowReport, cut};
use vasp_words::money::{Amount, Currency};
use vasp_words::reference_rates::ReferenceRates;
use vasp_words::time::Date;

/// Short name of the publisher.
pub const ID: &str = "ECB";

/// The publisher and the title of the publication.
const SOURCE: &str = "European Central Bank, euro foreign exchange reference rates";

/// The text in a cell if the ECB published no rate.
const NO_RATE: &str = "N/A";

type DayRates = BTreeMap<Currency, Amount>;

/// Reads one published file and returns its rates and a report of its rows. The rows may be in either order of date.
///
/// # Errors
/// `ColumnsMissing`, `ColumnRepeated` and `Table` if the file is not such a table.
pub fn parse(bytes: &[u8], file: &str) -> Result<(ReferenceRates, RowReport), IngestError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    reader.read_byte_record(&mut record).map_err(|error| unreadable(file, error))?;
    let columns = columns(&record, file)?;
    let width = record.len();
    let (mut days, mut rows) = (BTreeMap::<Date, DayRates>::new(), RowReport::default());
    while reader.read_byte_record(&mut record).map_err(|error| unreadable(file, error))? {
        rows.read += 1;
        let line = record.position().map_or(0, csv::Position::line);
        match day(&record, &columns, width) {
            Ok((day, rates)) => match days.get(&day) {
                None => drop(days.insert(day, rates)),
                Some(known) if *known == rates => rows.repeated += 1,
                Some(_) => rows.rejected.push(rejected(file, line, Wrong("Date".into(), Reason::DateInvalid, day.to_string()))),
            },
            Err(wrong) => rows.rejected.push(rejected(file, line, wrong)),
        }
    }
    let euro = |error: String| IngestError::Table { file: file.to_owned(), line: 1, detail: error };
    let base = "EUR".parse().map_err(|_| euro("`EUR` is not a known currency code".to_owned()))?;
    let rates = ReferenceRates::new(ID, SOURCE, base, days).map_err(|error| euro(error.to_string()))?;
    Ok((rates, rows))
}

/// Returns the columns of known currencies, with their positions.
fn columns(heading: &csv::ByteRecord, file: &str) -> Result<Vec<(usize, Currency)>, IngestError> {
    let names = || heading.iter().map(|cell| String::from_utf8_lossy(cell.trim_ascii()).into_owned()).enumerate();
    if names().next().is_none_or(|(_, first)| first.trim_start_matches('\u{feff}') != "Date") {
        return Err(IngestError::ColumnsMissing { file: file.to_owned(), columns: vec!["Date"] });
    }
    let mut columns = Vec::<(usize, Currency)>::new();
    for (place, name) in names().skip(1).filter(|(_, name)| !name.is_empty()) {
        if name.len() != 3 || !name.bytes().all(|byte| byte.is_ascii_uppercase()) {
            let detail = format!("`{}` is not a column of this format: columns are currencies with three letters", cut(&name));
            return Err(IngestError::Table { file: file.to_owned(), line: 1, detail });
        }
        let Ok(currency) = name.parse::<Currency>() else { continue };
        if currency.as_str() == "EUR" || columns.iter().any(|(_, known)| *known == currency) {
            return Err(IngestError::ColumnRepeated { file: file.to_owned(), column: name });
        }
        columns.push((place, currency));
    }
    Ok(columns)
}

struct Wrong(String, Reason, String);

fn rejected(file: &str, line: u64, Wrong(column, reason, text): Wrong) -> RejectedRow {
    let column = (!column.is_empty()).then_some(column);
    RejectedRow { file: file.to_owned(), line, column, reason, text: cut(&text) }
}

/// Reads one row. As published, every row and the heading end with a comma.
fn day(record: &csv::ByteRecord, columns: &[(usize, Currency)], width: usize) -> Result<(Date, DayRates), Wrong> {
    if record.len() != width {
        let text = format!("the line has {} columns, the heading has {width}", record.len());
        return Err(Wrong(String::new(), Reason::ColumnCount, text));
    }
    let cell = |place: usize| String::from_utf8_lossy(record.get(place).unwrap_or_default().trim_ascii()).into_owned();
    let date = cell(0).parse().map_err(|_| Wrong("Date".to_owned(), Reason::DateInvalid, cell(0)))?;
    let mut rates = DayRates::new();
    for (place, currency) in columns {
        let text = cell(*place);
        if text == NO_RATE || text.is_empty() {
            continue;
        }
        let rate = text.parse::<Amount>().ok().filter(|rate| !rate.is_zero());
        let rate = rate.ok_or_else(|| Wrong(currency.to_string(), Reason::Unrecognised, text))?;
        rates.insert(*currency, rate);
    }
    Ok((date, rates))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILE: &[u8] = include_bytes!("../../tests/fixtures/ecb/eurofxref-hist.csv");

    fn rate(rates: &ReferenceRates, date: &str, currency: &str) -> Option<String> {
        let day = rates.on(date.parse().unwrap())?;
        day.per_base.get(&currency.parse().unwrap()).map(ToString::to_string)
    }

    /// Source: the fixture's rows.
    #[test]
    fn a_published_file_is_read_day_by_day() {
        let (rates, rows) = parse(FILE, "eurofxref-hist.csv").unwrap();

        assert_eq!((rows.read, rows.repeated, rows.rejected.len()), (7, 0, 0));
        assert_eq!((rates.id.as_str(), rates.newest()), ("ECB", "2025-01-02".parse().ok()));
        assert_eq!(rate(&rates, "2024-12-31", "USD").as_deref(), Some("1.0389"));
        // Nothing is published on a Sunday, so Friday's rate applies.
        assert_eq!(rate(&rates, "2024-12-29", "CHF").as_deref(), Some("0.9401"));
        assert_eq!(rate(&rates, "2024-12-31", "RUB"), None);
    }

    #[test]
    fn wrong_rows_are_named_and_repeated_ones_counted() {
        let text = "Date,USD,CYP,JPY,\n2024-12-31,1.0389,N/A,163.06,\n2024-12-31,1.0389,N/A,163.06,\n2024-12-31,1.1,N/A,163.06,\n\
                    31/12/2024,1,N/A,1,\n2024-12-30,-1,N/A,1,\n2024-12-29,0,N/A,1,\n2024-12-28,1,N/A\n";
        let (rates, rows) = parse(text.as_bytes(), "r.csv").unwrap();
        let found: Vec<_> = rows.rejected.iter().map(|row| (row.line, row.column.as_deref(), row.reason)).collect();

        assert_eq!((rates.count(), rows.read, rows.repeated), (1, 7, 1));
        assert_eq!(
            found,
            [
                (4, Some("Date"), Reason::DateInvalid),
                (5, Some("Date"), Reason::DateInvalid),
                (6, Some("USD"), Reason::Unrecognised),
                (7, Some("USD"), Reason::Unrecognised),
                (8, None, Reason::ColumnCount),
            ]
        );
    }

    #[test]
    fn another_file_is_refused_whole() {
        for (text, why) in [
            ("", "no column `Date`"),
            ("currency,rate\nUSD,1\n", "no column `Date`"),
            ("Date,USD,USD\n", "the column `USD` twice"),
            ("Date,USD,EUR\n", "the column `EUR` twice"),
            ("Date,dollar\n", "`dollar` is not a column of this format"),
            ("Date,USD\n", "`days` is empty"),
        ] {
            let error = parse(text.as_bytes(), "r.csv").unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut text = b"Date,USD,JPY,\n2024-12-31,1.0389,163.06,\n".to_vec();
            text.extend(bytes);
            let (rates, rows) = parse(&text, "r.csv").unwrap();

            let lines = |count: usize| u64::try_from(count).unwrap();
            prop_assert_eq!(lines(rates.count()) + rows.repeated + lines(rows.rejected.len()), rows.read);
        }
    }
}
