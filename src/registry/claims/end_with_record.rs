//! Decides which claims end together with their VASP's record. This runs in the transaction that carries out a revocation or a merge, with
//! its submission and case locked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::end_many::{EndsDecision, SELECTION_MAX, Which};
use crate::node::{Registry, ServiceError, invalid_value};
use vasp_store::{BatchRow, Transaction};
use vasp_words::ids::VaspId;

/// Which claims of a VASP end when its record is revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevokedClaims {
    /// All its claims when this is approved.
    All,
    /// None. Answers show them with the record's status, and they contradict no older claim.
    None,
    /// All claims of the batches with these numbers, 1 to 1,000. Claims of other batches that replaced them do not end.
    Batches(Vec<i64>),
}

impl RevokedClaims {
    /// Returns a sentence that says which claims end.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::All => " All its claims end.".to_owned(),
            Self::None => " Its claims that are in force stay.".to_owned(),
            Self::Batches(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
                format!(" Its claims of the batches {} end.", numbers.join(", "))
            }
        }
    }

    fn ends(&self, batch: &BatchRow) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Batches(numbers) => numbers.contains(&batch.number) || numbers.contains(&batch.part_of),
        }
    }

    /// Refuses batches that do not belong to the VASP.
    pub(crate) fn check(&self, transaction: &mut Transaction<'_>, registry: &Registry, vasp: VaspId) -> Result<(), ServiceError> {
        let Self::Batches(numbers) = self else { return Ok(()) };
        let invalid = |pointer, detail| Err(invalid_value(pointer, detail));
        if numbers.is_empty() || numbers.len() > SELECTION_MAX {
            return invalid("/claims".to_owned(), format!("name 1 to {SELECTION_MAX} batches, or `all`, or `none`"));
        }
        let own = said_by(transaction, registry, vasp).batches_of(transaction.conn(), vasp)?;
        match numbers.iter().position(|number| !own.contains(number)) {
            Some(place) => invalid(format!("/claims/batches/{place}"), "the VASP has no such batch".to_owned()),
            None => Ok(()),
        }
    }
}

fn said_by<'a>(transaction: &Transaction<'_>, registry: &'a Registry, vasp: VaspId) -> EndsDecision<'a> {
    EndsDecision::about(registry, vasp.to_string(), transaction.now())
}

/// Ends claims of a VASP with its record, and all its claims that wait for a reviewer.
pub(crate) fn end_with_record(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    vasp: VaspId,
    claims: &RevokedClaims,
) -> Result<(), ServiceError> {
    let said = said_by(transaction, registry, vasp);
    transaction.lock_claims()?;
    let mut found = said.found(transaction.conn(), Which::Vasp(vasp))?;
    found.batches.retain(|(batch, _)| claims.ends(batch));
    said.end(transaction, &found)
}
