//! Finds the record that a caller names by id or LEI.

use std::sync::Arc;

use super::ServiceError;
use crate::directory::{AmbiguousLei, Records};
use crate::node::{ProblemCode, Refusal};
use vasp_record::vasp::Vasp;
use vasp_record::vasp_name::VaspName;

/// Returns the record with this id or LEI. An LEI names only a live record, as [`Records::named_by_lei`] says.
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
    records.the_one_with_lei(lei)?.map(Arc::clone).ok_or_else(missing)
}

/// Returns the refusal for an organisation that has no VASP.
pub fn no_vasp() -> ServiceError {
    let detail = "Your organisation has no VASP here; create its record with POST /v1/vasps, or adopt one with POST \
                  /v1/vasps/{vasp}/adopt. A draft is at /v1/vasps/mine/draft until it is verified.";
    Refusal::new(ProblemCode::NoVasp, detail.to_owned()).into()
}

impl From<AmbiguousLei> for ServiceError {
    fn from(error: AmbiguousLei) -> Self {
        Refusal::new(ProblemCode::AmbiguousLei, error.to_string()).into()
    }
}
