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

/// Refuses a file with a later date than today, because it would seem fresh until that day comes, and a file that is older than one of the
/// same source.
pub(crate) fn check_day(day: Date, file: &str, options: RegisterOptions, now: UtcTime) -> Result<(), ImportError> {
    if let Some(known) = options.not_before.filter(|known| day < *known) {
        let reason = format!(
            "its day is {day}, but the last file of this source was of {known}; if the source is right to go back, import the file by hand"
        );
        return Err(ImportError::Document { file: file.to_owned(), reason });
    }
    let today = latest_day(now);
    if day <= today {
        return Ok(());
    }
    let reason = format!("its day is {day}, which is after today ({today}); correct the date, or import it on that day");
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
