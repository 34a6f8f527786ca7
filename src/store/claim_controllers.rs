//! Claims on accounts with several controllers, found by each of them. `claims` holds the first one, or that of a proof; the table here
//! holds the others.
//! Few claims have any.

use super::backend::written_rows;
use super::edge::*;
use super::schema::{claim_batches, claim_classes, claim_controllers, claims, waiting_claims};
use super::{ClaimRow, Conn, NewClaim, StoreError, Transaction};
use vasp_record::claim::Strength;

/// A claim whose controllers another table of networks computes differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reclassified {
    /// Number of the claim.
    pub number: i64,
    /// The controllers of its account, each with its class; at least one.
    pub controllers: Vec<(i32, Vec<u8>)>,
}

/// A waiting claim: number, network and account key, and its class and controller.
pub type WaitingPlace = (i64, (i32, Vec<u8>), (i32, Vec<u8>));

fn on(error: diesel::result::Error) -> StoreError {
    StoreError::on("claim_controllers")(error)
}

impl Transaction<'_> {
    /// Stores the other controllers of claims that are added.
    pub(super) fn add_other_controllers(&mut self, claims: &[NewClaim]) -> Result<(), StoreError> {
        let mut rows = Vec::new();
        for NewClaim { row, others, .. } in claims {
            rows.extend(others.iter().map(|(class, controller)| {
                let controller = claim_controllers::controller.eq(controller);
                (claim_controllers::class.eq(*class), controller, claim_controllers::claim.eq(row.number))
            }));
        }
        for chunk in rows.chunks(1_000) {
            written_rows(self.conn(), "claim_controllers", diesel::insert_into(claim_controllers::table).values(chunk.to_vec()))?;
        }
        Ok(())
    }
}

impl Conn {
    /// Returns every version of the claims on accounts with one of these controllers of a class that are stored under another one. Each
    /// comes under the controller by which it was found, with the class under which it is stored.
    pub fn claims_by_others(&mut self, class: i32, controllers: &[&[u8]]) -> Result<Vec<(i32, ClaimRow)>, StoreError> {
        let mut rows = Vec::new();
        for chunk in controllers.chunks(500) {
            let found: Vec<(Vec<u8>, ClaimRow)> = claim_controllers::table
                .inner_join(claims::table.on(claims::number.eq(claim_controllers::claim)))
                .filter(claim_controllers::class.eq(class))
                .filter(claim_controllers::controller.eq_any(chunk))
                .order((claims::memo, claims::number))
                .select((claim_controllers::controller, ClaimRow::as_select()))
                .load(self)
                .map_err(on)?;
            rows.extend(found.into_iter().map(|(controller, row)| (row.class, ClaimRow { class, controller, ..row })));
        }
        Ok(rows)
    }

    /// Returns the numbers of all proven claims.
    pub fn proven_claims(&mut self) -> Result<Vec<i64>, StoreError> {
        let proven = claims::table.inner_join(claim_batches::table).filter(claim_batches::strength.eq(Strength::Proven));
        proven.select(claims::number).load(self).map_err(on)
    }

    /// Returns some claims under each of their controllers after the first, with the class under which they are stored.
    pub fn under_others(&mut self, numbers: &[i64]) -> Result<Vec<(i32, ClaimRow)>, StoreError> {
        let mut rows = Vec::new();
        for chunk in numbers.chunks(500) {
            let found: Vec<(i32, Vec<u8>, ClaimRow)> = claim_controllers::table
                .inner_join(claims::table.on(claims::number.eq(claim_controllers::claim)))
                .filter(claim_controllers::claim.eq_any(chunk))
                .select((claim_controllers::class, claim_controllers::controller, ClaimRow::as_select()))
                .load(self)
                .map_err(on)?;
            rows.extend(found.into_iter().map(|(class, controller, row)| (row.class, ClaimRow { class, controller, ..row })));
        }
        Ok(rows)
    }

    /// Returns the controllers of some claims after their first, each with its class.
    pub fn other_controllers(&mut self, numbers: &[i64]) -> Result<Vec<(i32, Vec<u8>)>, StoreError> {
        let mut found = Vec::new();
        for chunk in numbers.chunks(500) {
            let rows = claim_controllers::table.filter(claim_controllers::claim.eq_any(chunk));
            let rows = rows.select((claim_controllers::class, claim_controllers::controller));
            found.extend(rows.load::<(i32, Vec<u8>)>(self).map_err(on)?);
        }
        Ok(found)
    }

    /// Returns the digest of the table of networks by which controllers were computed; `None` if none was noted.
    pub fn claim_classes(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let digest = claim_classes::table.select(claim_classes::digest);
        digest.first(self).optional().map_err(StoreError::on("claim_classes"))
    }

    /// Returns the accounts of all waiting claims.
    pub fn waiting_places(&mut self) -> Result<Vec<WaitingPlace>, StoreError> {
        let account = (waiting_claims::network, waiting_claims::account_key);
        let rows =
            waiting_claims::table.select((waiting_claims::number, account, (waiting_claims::class, waiting_claims::controller)));
        rows.load(self).map_err(StoreError::on("waiting_claims"))
    }

    /// Changes the controllers of claims, and notes the digest of the table that computes them so.
    pub fn reclassify(&mut self, changed: &[Reclassified], digest: &[u8]) -> Result<(), StoreError> {
        for Reclassified { number, controllers } in changed {
            let Some(((class, controller), others)) = controllers.split_first() else { continue };
            let to = (claims::class.eq(class), claims::controller.eq(controller));
            let rows = diesel::update(claims::table.filter(claims::number.eq(number))).set(to).execute(self);
            rows.map_err(StoreError::on("claims"))?;
            let to = (waiting_claims::class.eq(class), waiting_claims::controller.eq(controller));
            let rows = diesel::update(waiting_claims::table.find(number)).set(to).execute(self);
            rows.map_err(StoreError::on("waiting_claims"))?;
            diesel::delete(claim_controllers::table.filter(claim_controllers::claim.eq(number))).execute(self).map_err(on)?;
            for (class, controller) in others {
                let claim = claim_controllers::claim.eq(number);
                let row = (claim_controllers::class.eq(class), claim_controllers::controller.eq(controller), claim);
                diesel::insert_into(claim_controllers::table).values(row).execute(self).map_err(on)?;
            }
        }
        diesel::delete(claim_classes::table).execute(self).map_err(StoreError::on("claim_classes"))?;
        let row = (claim_classes::id.eq(1_i16), claim_classes::digest.eq(digest));
        diesel::insert_into(claim_classes::table).values(row).execute(self).map(drop).map_err(StoreError::on("claim_classes"))
    }

    /// Removes the other controllers of a batch's claims after a position.
    pub(super) fn remove_other_controllers(&mut self, batch: i64, after: i32) -> Result<(), StoreError> {
        let numbers = claims::table.filter(claims::batch.eq(batch)).filter(claims::position.gt(after)).select(claims::number);
        let rows = claim_controllers::table.filter(claim_controllers::claim.eq_any(numbers));
        diesel::delete(rows).execute(self).map(drop).map_err(on)
    }
}
