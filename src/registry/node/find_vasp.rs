//! Finds the record that a caller names by id or LEI.

use std::sync::Arc;

use super::{Registry, ServiceError};
use crate::directory::{AmbiguousLei, Records};
use crate::node::{ProblemCode, Refusal};
use vasp_record::vasp::Vasp;
use vasp_record::vasp_name::VaspName;
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::time::UtcTime;

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

/// Returns whether a name means the VASP of an organisation: its own, or the record that it keeps, which may still be a draft. An LEI means
/// the record that has it in the directory. A draft's LEI counts only if no live record has it, because a draft states what it likes.
///
/// # Errors
/// Problem `ambiguous_lei`; `ServiceError::Store`.
pub fn is_own_vasp(
    registry: &Registry,
    (organisation, own): (OrganisationId, Option<VaspId>),
    name: VaspName,
    now: UtcTime,
) -> Result<bool, ServiceError> {
    let generation = registry.pin(now);
    let named = match name {
        VaspName::Id(id) => Some(id),
        VaspName::Lei(lei) => generation.records().the_one_with_lei(lei)?.map(|record| record.id),
    };
    if named.is_some() && named == own {
        return Ok(true);
    }
    let kept = registry.store().read::<_, ServiceError>(|conn| Ok(conn.kept_record_of(organisation)?))?;
    Ok(kept.is_some_and(|kept| match (named, name) {
        (Some(id), _) => kept.vasp == id,
        (None, VaspName::Lei(lei)) => kept.said.lei == Some(lei),
        (None, VaspName::Id(_)) => false,
    }))
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
