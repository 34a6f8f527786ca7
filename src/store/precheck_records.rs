//! The unsealed columns of recorded pre-checks: lists, and the erasure of the rest. `prechecks` writes the rows.

use super::backend::written;
use super::edge::*;
use super::schema::{precheck_retentions, prechecks};
use super::{Conn, StoreError, Transaction};
use vasp_words::ids::{OrganisationId, PrecheckId, VaspId};
use vasp_words::time::UtcTime;

/// A pre-check without its sealed part.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = prechecks, treat_none_as_default_value = false)]
pub struct PrecheckRecord {
    /// Public id.
    pub id: PrecheckId,
    /// When it was recorded.
    pub recorded_at: UtcTime,
    /// Sequence that the answer was computed at.
    pub sequence: i64,
    /// The recommendation.
    pub recommendation: Option<String>,
    /// Codes of the reasons, each between spaces.
    pub codes: Option<String>,
    /// The counterparty's VASP; `None` if there is none.
    pub counterparty: Option<VaspId>,
    /// Policy, `name@version`.
    pub policy: Option<String>,
    /// SHA-256 of the request.
    pub request_digest: Option<String>,
    /// SHA-256 of the verdict.
    pub verdict_digest: Option<String>,
    /// SHA-256 of the evidence.
    pub evidence_digest: Option<String>,
    /// When the sealed part was erased; `None` if it was not.
    pub erased_at: Option<UtcTime>,
}

impl PrecheckRecord {
    /// Returns the codes of the reasons, worst first.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.codes.as_deref().unwrap_or_default().split_whitespace()
    }
}

/// Selects pre-checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrecheckFilter {
    /// Only those recorded at this instant or later.
    pub since: Option<UtcTime>,
    /// Only those with this recommendation.
    pub recommendation: Option<&'static str>,
    /// Only those about this VASP.
    pub counterparty: Option<VaspId>,
    /// Only those with this code among the reasons.
    pub code: Option<&'static str>,
}

/// How long an organisation keeps pre-checks.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = precheck_retentions, treat_none_as_default_value = false)]
pub struct RetentionRow {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Number of days; `None` for the default.
    pub days: Option<i32>,
    /// Rises with every change.
    pub version: i64,
    /// The sweep has checked every pre-check before this id.
    pub erased_to: String,
}

impl Conn {
    /// Returns an organisation's pre-checks after `after`, oldest first.
    pub fn precheck_records(
        &mut self,
        organisation: OrganisationId,
        filter: &PrecheckFilter,
        (after, limit): (&str, i64),
    ) -> Result<Vec<PrecheckRecord>, StoreError> {
        let mut query = prechecks::table
            .filter(prechecks::organisation.eq(organisation))
            .filter(prechecks::id.gt(after))
            .order(prechecks::id)
            .limit(limit)
            .select(PrecheckRecord::as_select())
            .into_boxed();
        if let Some(since) = filter.since {
            query = query.filter(prechecks::recorded_at.ge(since));
        }
        if let Some(recommendation) = filter.recommendation {
            query = query.filter(prechecks::recommendation.eq(recommendation));
        }
        if let Some(counterparty) = filter.counterparty {
            query = query.filter(prechecks::counterparty.eq(counterparty));
        }
        if let Some(code) = filter.code {
            // A code has no `%` and no backslash, but an unescaped `_` would match any character.
            query = query.filter(prechecks::codes.like(format!("% {} %", code.replace('_', "\\_"))).escape('\\'));
        }
        query.load(self).map_err(StoreError::on("prechecks"))
    }

    /// Returns a pre-check of an organisation without its sealed part.
    pub fn precheck_record(
        &mut self,
        id: PrecheckId,
        organisation: OrganisationId,
    ) -> Result<Option<PrecheckRecord>, StoreError> {
        prechecks::table
            .find((organisation, id))
            .select(PrecheckRecord::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("prechecks"))
    }

    /// Returns the ids of an organisation's newest pre-checks whose sealed part is not erased, newest first.
    pub fn newest_prechecks(&mut self, organisation: OrganisationId, limit: i64) -> Result<Vec<PrecheckId>, StoreError> {
        prechecks::table
            .filter(prechecks::organisation.eq(organisation))
            .filter(prechecks::erased_at.is_null())
            .order(prechecks::id.desc())
            .limit(limit)
            .select(prechecks::id)
            .load(self)
            .map_err(StoreError::on("prechecks"))
    }

    /// Returns how long an organisation keeps pre-checks; `None` if it has set nothing and the sweep has not run for it.
    pub fn retention(&mut self, organisation: OrganisationId) -> Result<Option<RetentionRow>, StoreError> {
        let query = precheck_retentions::table.find(organisation).select(RetentionRow::as_select());
        query.first(self).optional().map_err(StoreError::on("precheck_retentions"))
    }

    /// Returns the organisation after another one, or the first one.
    pub fn next_organisation(&mut self, after: Option<OrganisationId>) -> Result<Option<OrganisationId>, StoreError> {
        use super::schema::organisations;
        let after = after.map_or_else(String::new, |id| id.to_string());
        let query = organisations::table.filter(organisations::id.gt(after)).order(organisations::id).select(organisations::id);
        query.first(self).optional().map_err(StoreError::on("organisations"))
    }
}

/// The columns that an erasure changes. Not even the destination's token stays.
#[derive(AsChangeset)]
#[diesel(table_name = prechecks, treat_none_as_null = true)]
struct Erasure {
    sealed: Vec<u8>,
    erased_at: Option<UtcTime>,
    destination: Option<Vec<u8>>,
}

impl Erasure {
    fn at(now: UtcTime) -> Self {
        Self { sealed: vec![], erased_at: Some(now), destination: None }
    }
}

impl Transaction<'_> {
    /// Erases the sealed part of an organisation's pre-check; `false` if there is none to erase.
    pub fn erase_precheck(&mut self, id: PrecheckId, organisation: OrganisationId, now: UtcTime) -> Result<bool, StoreError> {
        let row = prechecks::table
            .filter(prechecks::id.eq(id))
            .filter(prechecks::organisation.eq(organisation))
            .filter(prechecks::erased_at.is_null());
        let token = row.select(prechecks::destination).first::<Option<Vec<u8>>>(self.conn()).optional();
        let Some(token) = token.map_err(StoreError::on("prechecks"))? else { return Ok(false) };
        let update = diesel::update(row).set(Erasure::at(now));
        if written!(self, "prechecks", update)? == 0 {
            return Ok(false);
        }
        let tokens: Vec<Vec<u8>> = token.into_iter().collect();
        self.forget_destinations(organisation, &tokens, &[id])?;
        Ok(true)
    }

    /// Erases the sealed parts of an organisation's pre-checks from one id up to another, at most `limit`. Returns how many were erased and
    /// the last id that was checked, if any.
    pub fn erase_prechecks(
        &mut self,
        organisation: OrganisationId,
        (from, to): (&str, PrecheckId),
        limit: i64,
        now: UtcTime,
    ) -> Result<(usize, Option<PrecheckId>), StoreError> {
        let due: Vec<(PrecheckId, Option<UtcTime>, Option<Vec<u8>>)> = prechecks::table
            .filter(prechecks::organisation.eq(organisation))
            .filter(prechecks::id.gt(from))
            .filter(prechecks::id.lt(to))
            .order(prechecks::id)
            .limit(limit)
            .select((prechecks::id, prechecks::erased_at, prechecks::destination))
            .load(self.conn())
            .map_err(StoreError::on("prechecks"))?;
        let last = due.last().map(|(id, ..)| *id);
        let due: Vec<_> = due.into_iter().filter(|(_, at, _)| at.is_none()).map(|(id, _, token)| (id, token)).collect();
        for chunk in due.chunks(500) {
            let (ids, tokens): (Vec<PrecheckId>, Vec<Option<Vec<u8>>>) = chunk.iter().cloned().unzip();
            let of_organisation = prechecks::table.filter(prechecks::organisation.eq(organisation));
            let update = diesel::update(of_organisation.filter(prechecks::id.eq_any(&ids))).set(Erasure::at(now));
            written!(self, "prechecks", update).map(drop)?;
            let tokens: Vec<Vec<u8>> = tokens.into_iter().flatten().collect();
            self.forget_destinations(organisation, &tokens, &ids)?;
        }
        Ok((due.len(), last))
    }

    /// Writes how long an organisation keeps pre-checks. `read` is the version that was read; `None` if there was no row.
    ///
    /// # Errors
    /// `StoreError::Stale` if another writer changed it first, `StoreError::Query`.
    pub fn put_retention(&mut self, row: &RetentionRow, read: Option<i64>) -> Result<(), StoreError> {
        let written = match read {
            None => {
                let insert = diesel::insert_into(precheck_retentions::table).values(row).unless_there();
                insert.execute(self.conn())
            }
            Some(version) => {
                let current = precheck_retentions::table
                    .filter(precheck_retentions::organisation.eq(row.organisation))
                    .filter(precheck_retentions::version.eq(version));
                let update = diesel::update(current).set((
                    precheck_retentions::days.eq(row.days),
                    precheck_retentions::version.eq(row.version),
                    precheck_retentions::erased_to.eq(&row.erased_to),
                ));
                update.execute(self.conn())
            }
        };
        match written.map_err(StoreError::on("precheck_retentions"))? {
            1 => Ok(()),
            _ => Err(StoreError::Stale { table: "precheck_retentions" }),
        }
    }
}
