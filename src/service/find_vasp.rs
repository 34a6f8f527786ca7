//! Finds the record that a caller names by id or LEI.

use std::sync::Arc;

use super::ServiceError;
use super::resolve::is_live;
use crate::directory::Records;
use vasp_record::vasp::Vasp;
use vasp_record::vasp_name::VaspName;

/// Returns the record of this name. An LEI names a live record only.
///
/// # Errors
/// `ServiceError::NotFound`, `ServiceError::AmbiguousLei` where several live records have the LEI.
pub fn find_vasp(records: &Records, name: VaspName) -> Result<Arc<Vasp>, ServiceError> {
    let lei = match name {
        VaspName::Id(id) => {
            let found = records.get(id).cloned();
            return found.ok_or_else(|| ServiceError::NotFound(format!("The directory has no VASP with the id {id}.")));
        }
        VaspName::Lei(lei) => lei,
    };
    let mut live = records.with_lei(lei).filter(|record| is_live(record));
    let first = live.next().ok_or_else(|| ServiceError::NotFound(format!("The directory has no VASP with the LEI {lei}.")))?;
    let others: Vec<String> = live.map(|record| record.id.to_string()).collect();
    if others.is_empty() {
        return Ok(Arc::clone(first));
    }
    let detail = format!("The LEI {lei} stands on several records, {} and {}; use an id.", first.id, others.join(", "));
    Err(ServiceError::AmbiguousLei(detail))
}
