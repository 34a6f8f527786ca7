//! What stays of recorded pre-checks outside their sealed part: lists, and erasing the rest. Writing them is `prechecks`.

use super::backend::{on_backend, written};
use super::schema::{precheck_retentions, prechecks};
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;
use vasp_words::ids::{OrganisationId, PrecheckId, VaspId};
use vasp_words::time::UtcTime;

/// A pre-check without its sealed part.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = prechecks, treat_none_as_default_value = false)]
pub struct PrecheckRecord {
    /// Public id.
    pub id: PrecheckId,
    /// When.
    pub recorded_at: UtcTime,
    /// Sequence that the answer was computed at.
    pub sequence: i64,
    /// What was recommended.
    pub recommendation: Option<String>,
    /// Codes of the reasons, each between blanks.
    pub codes: Option<String>,
    /// The counterparty's VASP.
    pub counterparty: Option<VaspId>,
    /// Policy, `name@version`.
    pub policy: Option<String>,
    /// SHA-256 of the request.
    pub request_digest: Option<String>,
    /// SHA-256 of the answer.
    pub answer_digest: Option<String>,
    /// When the sealed part was erased.
    pub erased_at: Option<UtcTime>,
}

impl PrecheckRecord {
    /// Returns the codes of the reasons, worst first.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.codes.as_deref().unwrap_or_default().split_whitespace()
    }
}

/// Which pre-checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrecheckFilter {
    /// Recorded at this moment or later.
    pub since: Option<UtcTime>,
    /// With this recommendation.
    pub recommendation: Option<&'static str>,
    /// About this VASP.
    pub counterparty: Option<VaspId>,
    /// With this code among the reasons.
    pub code: Option<&'static str>,
}

/// How long an organisation keeps pre-checks.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = precheck_retentions, treat_none_as_default_value = false)]
pub struct RetentionRow {
    /// Whose.
    pub organisation: OrganisationId,
    /// Days; none: the default.
    pub days: Option<i32>,
    /// Rises with every change.
    pub version: i64,
    /// Everything before this id was looked at by the sweep.
    pub erased_to: String,
}

impl Conn {
    /// Returns an organisation's pre-checks, oldest first, those after `after` only.
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
            // A code has no `%` and no backslash; `_` would stand for any character.
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
            .find(id)
            .filter(prechecks::organisation.eq(organisation))
            .select(PrecheckRecord::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("prechecks"))
    }

    /// Returns the ids of an organisation's newest pre-checks whose sealed part is there, newest first.
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

    /// Returns how long an organisation keeps pre-checks, if it said so or the sweep has been there.
    pub fn retention(&mut self, organisation: OrganisationId) -> Result<Option<RetentionRow>, StoreError> {
        let query = precheck_retentions::table.find(organisation).select(RetentionRow::as_select());
        query.first(self).optional().map_err(StoreError::on("precheck_retentions"))
    }

    /// Returns the organisation after another one, or the first.
    pub fn next_organisation(&mut self, after: Option<OrganisationId>) -> Result<Option<OrganisationId>, StoreError> {
        use super::schema::organisations;
        let after = after.map_or_else(String::new, |id| id.to_string());
        let query = organisations::table.filter(organisations::id.gt(after)).order(organisations::id).select(organisations::id);
        query.first(self).optional().map_err(StoreError::on("organisations"))
    }
}

/// What of a pre-check's row changes when it is erased: of its destination not even the token stays.
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
    /// Erases the sealed part of a pre-check of an organisation; tells whether there was one.
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

    /// Erases the sealed parts of an organisation's pre-checks from one id up to another, at most `limit`; returns how many were
    /// erased and the last id that was looked at, if any was.
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
            let update = diesel::update(prechecks::table.filter(prechecks::id.eq_any(&ids))).set(Erasure::at(now));
            written!(self, "prechecks", update).map(drop)?;
            let tokens: Vec<Vec<u8>> = tokens.into_iter().flatten().collect();
            self.forget_destinations(organisation, &tokens, &ids)?;
        }
        Ok((due.len(), last))
    }

    /// Writes how long an organisation keeps pre-checks, over the version that was read; none where there was none.
    ///
    /// # Errors
    /// `StoreError::Stale` where another writer was faster, `StoreError::Query`.
    pub fn put_retention(&mut self, row: &RetentionRow, read: Option<i64>) -> Result<(), StoreError> {
        let written = match read {
            None => {
                let insert = diesel::insert_into(precheck_retentions::table).values(row).on_conflict_do_nothing();
                on_backend!(self.conn(), c => insert.execute(c))
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
                on_backend!(self.conn(), c => update.execute(c))
            }
        };
        match written.map_err(StoreError::on("precheck_retentions"))? {
            1 => Ok(()),
            _ => Err(StoreError::Stale { table: "precheck_retentions" }),
        }
    }
}
