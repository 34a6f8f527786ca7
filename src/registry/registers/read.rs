//! Reads the rows of registers that wait for their authority.

use std::fmt;
use std::str::FromStr;

use crate::node::{Page, Registry, ServiceError};
use vasp_store::{HeldFileRow, HeldRowRow};
use vasp_words::ids::{CaseId, ImportId};

/// A place in the list of held rows: the file, and the number of the row in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldPosition(ImportId, i32);

/// The text is not a place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a place in the list of held rows")]
pub struct HeldPositionError;

impl fmt::Display for HeldPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0, self.1)
    }
}

impl FromStr for HeldPosition {
    type Err = HeldPositionError;

    fn from_str(text: &str) -> Result<Self, HeldPositionError> {
        let (file, number) = text.split_once('-').ok_or(HeldPositionError)?;
        Ok(Self(file.parse().map_err(|_| HeldPositionError)?, number.parse().map_err(|_| HeldPositionError)?))
    }
}

/// A row with its file.
pub(super) type HeldRowOfFile = (HeldRowRow, HeldFileRow);

/// Lists rows that wait, or all that ever did, in the order in which they came; of one case or of all.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_held_rows(
    registry: &Registry,
    case: Option<CaseId>,
    waiting: bool,
    after: Option<HeldPosition>,
    limit: usize,
) -> Result<Page<(HeldRowRow, HeldFileRow), HeldPosition>, ServiceError> {
    let (file, number) = after.map_or((String::new(), 0), |HeldPosition(file, number)| (file.to_string(), number));
    let rows = registry.store().read(|conn| conn.held_rows(case, waiting, &file, number, Page::wanted(limit)))?;
    Ok(Page::of(rows.into_iter(), limit, |(row, _)| HeldPosition(row.file, row.number)))
}
