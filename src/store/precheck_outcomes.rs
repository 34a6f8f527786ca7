//! What became of the transfers that recorded pre-checks were about. Entries are only added. Their contents are sealed by the caller, and
//! erased with those of their pre-check.

use std::collections::HashMap;

use super::backend::written;
use super::edge::*;
use super::schema::{precheck_outcomes, prechecks};
use super::{Conn, PrecheckRecord, PrecheckRow, StoreError, Transaction};
use vasp_record::proposal::ProposalKind;
use vasp_words::ids::{OrganisationId, PrecheckId};
use vasp_words::sql::Flag;
use vasp_words::time::UtcTime;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = precheck_outcomes, treat_none_as_default_value = false)]
pub struct PrecheckOutcomeRow {
    /// The organisation that asked for the pre-check.
    pub organisation: OrganisationId,
    /// The pre-check.
    pub precheck: PrecheckId,
    /// Number among the entries of the pre-check, from 1.
    pub number: i32,
    /// When it was recorded.
    pub recorded_at: UtcTime,
    /// Whether the transfer is over with it: released, refused or returned. Not so for what is confidential.
    pub ends: Flag,
    /// The sealed content; empty after erasure.
    pub sealed: Vec<u8>,
}

impl Conn {
    /// Returns the entries of a pre-check, oldest first.
    pub fn precheck_outcomes(
        &mut self,
        organisation: OrganisationId,
        precheck: PrecheckId,
    ) -> Result<Vec<PrecheckOutcomeRow>, StoreError> {
        precheck_outcomes::table
            .filter(precheck_outcomes::organisation.eq(organisation))
            .filter(precheck_outcomes::precheck.eq(precheck))
            .order(precheck_outcomes::number)
            .select(PrecheckOutcomeRow::as_select())
            .load(self)
            .map_err(StoreError::on("precheck_outcomes"))
    }

    /// Returns when something was last recorded about each of some pre-checks of which anything was.
    pub fn last_outcomes(
        &mut self,
        organisation: OrganisationId,
        ids: &[PrecheckId],
    ) -> Result<HashMap<PrecheckId, UtcTime>, StoreError> {
        let rows: Vec<(PrecheckId, UtcTime)> = precheck_outcomes::table
            .filter(precheck_outcomes::organisation.eq(organisation))
            .filter(precheck_outcomes::precheck.eq_any(ids))
            .order(precheck_outcomes::number)
            .select((precheck_outcomes::precheck, precheck_outcomes::recorded_at))
            .load(self)
            .map_err(StoreError::on("precheck_outcomes"))?;
        Ok(rows.into_iter().collect())
    }
}

impl Transaction<'_> {
    /// Locks and returns a recorded pre-check of an organisation until the end of the transaction.
    pub fn lock_precheck(&mut self, id: PrecheckId, organisation: OrganisationId) -> Result<Option<PrecheckRow>, StoreError> {
        let row = prechecks::table.find((organisation, id)).select(PrecheckRow::as_select()).locking().get_result(self.conn());
        row.optional().map_err(StoreError::on("prechecks"))
    }

    /// Locks some pre-checks until the end of the transaction, and returns those whose sealed part is still there.
    pub fn lock_prechecks(
        &mut self,
        organisation: OrganisationId,
        ids: &[PrecheckId],
    ) -> Result<Vec<PrecheckRecord>, StoreError> {
        prechecks::table
            .filter(prechecks::organisation.eq(organisation))
            .filter(prechecks::id.eq_any(ids))
            .filter(prechecks::erased_at.is_null())
            .order(prechecks::id)
            .select(PrecheckRecord::as_select())
            .locking()
            .load(self.conn())
            .map_err(StoreError::on("prechecks"))
    }

    /// Adds an entry. The caller has locked the pre-check.
    pub fn add_precheck_outcome(&mut self, row: &PrecheckOutcomeRow) -> Result<(), StoreError> {
        written(self.conn(), "precheck_outcomes", diesel::insert_into(precheck_outcomes::table).values(row)).map(drop)
    }

    /// Writes until when the sealed part of a pre-check is kept. The caller has locked it.
    pub fn keep_precheck_until(
        &mut self,
        organisation: OrganisationId,
        precheck: PrecheckId,
        until: UtcTime,
    ) -> Result<(), StoreError> {
        let update = diesel::update(prechecks::table.find((organisation, precheck))).set(prechecks::kept_until.eq(until));
        written(self.conn(), "prechecks", update).map(drop)
    }

    /// Erases the contents of the entries of some pre-checks, and deletes the proposals to release their transfers against the answer.
    pub(super) fn erase_outcomes(&mut self, organisation: OrganisationId, ids: &[PrecheckId]) -> Result<(), StoreError> {
        let of_these = precheck_outcomes::table
            .filter(precheck_outcomes::organisation.eq(organisation))
            .filter(precheck_outcomes::precheck.eq_any(ids));
        let update = diesel::update(of_these).set(precheck_outcomes::sealed.eq(Vec::<u8>::new()));
        written(self.conn(), "precheck_outcomes", update)?;
        let subjects: Vec<String> = ids.iter().map(ToString::to_string).collect();
        self.delete_proposals(organisation, ProposalKind::Override, &subjects)
    }
}
