//! Finds the record that a caller names by id or LEI.

use std::sync::Arc;

use super::ServiceError;
use crate::directory::Records;
use crate::node::{ProblemCode, Refusal};
use vasp_record::vasp::Vasp;
use vasp_record::vasp_name::VaspName;
use vasp_words::lei::Lei;

/// Returns the record with this id or LEI. An LEI names only a live record, as [`named_by_lei`] says.
///
/// # Errors
/// `ServiceError::NotFound`; problem `ambiguous_lei` if several live records have the LEI.
pub fn find_vasp(records: &Records, name: VaspName) -> Result<Arc<Vasp>, ServiceError> {
    let lei = match name {
        VaspName::Id(id) => {
            let found = records.get(id).cloned();
            return found.ok_or_else(|| ServiceError::NotFound(format!("The directory has no VASP with the id {id}.")));
        }
        VaspName::Lei(lei) => lei,
    };
    let missing = || ServiceError::NotFound(format!("The directory has no VASP with the LEI {lei}."));
    the_one_with_lei(records, lei)?.map(Arc::clone).ok_or_else(missing)
}

/// Returns the live records that an LEI names. If some of them have evidence for the LEI, only those are returned. So nobody can take over
/// an LEI just by stating it.
///
/// Source: wire contract, "Gateway": one without evidence does not count beside one with it.
pub fn named_by_lei(records: &Records, lei: Lei) -> Vec<&Arc<Vasp>> {
    let live: Vec<&Arc<Vasp>> = records.with_lei(lei).filter(|record| record.status.is_live()).collect();
    let evidenced: Vec<&Arc<Vasp>> = live.iter().copied().filter(|record| record.is_evidenced("lei")).collect();
    if evidenced.is_empty() { live } else { evidenced }
}

/// Returns the record that an LEI names, or `None` if there is none.
///
/// # Errors
/// Problem `ambiguous_lei` if there are several.
pub(crate) fn the_one_with_lei(records: &Records, lei: Lei) -> Result<Option<&Arc<Vasp>>, ServiceError> {
    match named_by_lei(records, lei).as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        several => {
            let ids: Vec<String> = several.iter().map(|record| record.id.to_string()).collect();
            {
                let detail = format!("Several records have the LEI {lei}: {}; use an id.", ids.join(", "));
                Err(Refusal::new(ProblemCode::AmbiguousLei, detail).into())
            }
        }
    }
}
