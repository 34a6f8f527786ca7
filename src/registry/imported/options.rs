//! How to import a file, and the checks that every kind of import makes of its day and its rows.

use super::latest_day;
use crate::node::ImportError;
use vasp_record::register::RowReport;
use vasp_store::WriteMode;
use vasp_words::time::{Date, UtcTime};

/// A file with a smaller percentage of readable rows is refused.
const READ_LIMIT_PERCENT: u64 = 95;

/// How to import a register's snapshot or a document.
#[derive(Clone, Copy, Debug)]
pub struct RegisterOptions {
    /// Whether to store the result, or only rehearse the import.
    pub mode: WriteMode,
    /// Whether to accept a snapshot or list that drops entities, stays or many rows, or has many unreadable rows.
    pub accept_shrink: bool,
    /// The earliest day that the facts may have: a source does not go back. `None` if any day is taken.
    pub not_before: Option<Date>,
}

/// The first year of which a file may be: no register or list of this trade is older, and an earlier day is a misread one, such as a year of
/// two digits.
const FIRST_YEAR: i16 = 1990;

/// Refuses a file with a later date than today, because it would seem fresh until that day comes, one of a day long before there was such a
/// file, and one that is older than one of the same source.
pub(crate) fn check_day(day: Date, file: &str, options: RegisterOptions, now: UtcTime) -> Result<(), ImportError> {
    if let Some(known) = options.not_before.filter(|known| day < *known) {
        let reason = format!(
            "its day is {day}, but the last file of this source was of {known}; if the source is right to go back, import the file by hand"
        );
        return Err(ImportError::Document { file: file.to_owned(), reason });
    }
    let today = latest_day(now);
    let reason = if day.year() < FIRST_YEAR {
        format!("its day is {day}, which is before {FIRST_YEAR}; write the year with four digits")
    } else if day > today {
        format!("its day is {day}, which is after today ({today}); correct the date, or import it on that day")
    } else {
        return Ok(());
    };
    Err(ImportError::Document { file: file.to_owned(), reason })
}

/// Refuses a file with too few readable rows.
pub(crate) fn check_readable(rows: &RowReport, file: &str, options: RegisterOptions) -> Result<(), ImportError> {
    let rejected = u64::try_from(rows.rejected.len()).unwrap_or(u64::MAX);
    let taken = rows.read.saturating_sub(rejected);
    if !options.accept_shrink && taken * 100 < rows.read * READ_LIMIT_PERCENT {
        let first = rows.rejected.first().map(|row| format!("line {}: {:?} `{}`", row.line, row.reason, row.text));
        return Err(ImportError::Unreadable {
            file: file.to_owned(),
            taken,
            read: rows.read,
            limit_percent: READ_LIMIT_PERCENT,
            first: first.unwrap_or_default(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If `28-Nov-26` in a list were read as the year 26, the list would never take effect.
    #[test]
    fn a_file_is_of_a_day_on_which_there_was_such_a_file() {
        let options = RegisterOptions { mode: WriteMode::Keep, accept_shrink: true, not_before: None };
        let checked = |day: &str| check_day(day.parse().unwrap(), "list.csv", options, "2026-11-29T10:00:00Z".parse().unwrap());

        assert!(checked("0026-11-28").unwrap_err().to_string().contains("before 1990; write the year with four digits"));
        assert!(checked("1989-12-31").is_err());
        assert!(checked("1990-01-01").is_ok());
        assert!(checked("2999-01-01").unwrap_err().to_string().contains("after today"));
    }
}
