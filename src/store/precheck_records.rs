//! The unsealed columns of recorded pre-checks: lists, and the erasure of the rest. `prechecks` writes the rows.

use super::backend::written;
use super::edge::*;
use super::schema::{precheck_outcomes, prechecks};
use super::{Conn, StoreError, Transaction};
use diesel::dsl::{exists, not};
use vasp_words::ids::{OrganisationId, PrecheckId, VaspId};
use vasp_words::retention_law::RetentionLaw;
use vasp_words::sql::Flag;
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
    /// How many days the law demands that the sealed part is kept.
    pub floor_days: i32,
    /// Which law that is.
    pub floor_by: RetentionLaw,
    /// Until when the sealed part is kept.
    pub kept_until: UtcTime,
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
    /// Only those whose transfer is over by an entry of its outcome, or only those whose transfer is not.
    pub is_over: Option<bool>,
}

impl Conn {
    /// Returns an organisation's pre-checks after `after`, oldest first.
    pub fn precheck_records(
        &mut self,
        organisation: OrganisationId,
        filter: &PrecheckFilter,
        after: &str,
        limit: i64,
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
        if let Some(is_over) = filter.is_over {
            let ends = precheck_outcomes::table
                .filter(precheck_outcomes::organisation.eq(prechecks::organisation))
                .filter(precheck_outcomes::precheck.eq(prechecks::id))
                .filter(precheck_outcomes::ends.eq(Flag(true)));
            query = if is_over { query.filter(exists(ends)) } else { query.filter(not(exists(ends))) };
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

    /// Returns an organisation's pre-checks whose time of keeping ended before `now`, and whose sealed part is still there. They come after
    /// `after`, in order of that time and of their ids.
    pub fn due_prechecks(
        &mut self,
        organisation: OrganisationId,
        after: Option<&(UtcTime, PrecheckId)>,
        now: UtcTime,
        limit: i64,
    ) -> Result<Vec<PrecheckRecord>, StoreError> {
        let mut query = prechecks::table
            .filter(prechecks::organisation.eq(organisation))
            .filter(prechecks::erased_at.is_null())
            .filter(prechecks::kept_until.lt(now))
            .order((prechecks::kept_until, prechecks::id))
            .limit(limit)
            .select(PrecheckRecord::as_select())
            .into_boxed();
        if let Some((until, id)) = after {
            let later = prechecks::kept_until.eq(*until).and(prechecks::id.gt(*id));
            query = query.filter(prechecks::kept_until.gt(*until).or(later));
        }
        query.load(self).map_err(StoreError::on("prechecks"))
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
    /// Erases the sealed parts of some pre-checks of an organisation. Returns how many were erased.
    pub fn erase_prechecks(
        &mut self,
        organisation: OrganisationId,
        ids: &[PrecheckId],
        now: UtcTime,
    ) -> Result<usize, StoreError> {
        let there = prechecks::table
            .filter(prechecks::organisation.eq(organisation))
            .filter(prechecks::erased_at.is_null())
            .filter(prechecks::id.eq_any(ids))
            .select((prechecks::id, prechecks::destination));
        let there: Vec<(PrecheckId, Option<Vec<u8>>)> = there.load(self.conn()).map_err(StoreError::on("prechecks"))?;
        let (ids, tokens): (Vec<PrecheckId>, Vec<Option<Vec<u8>>>) = there.into_iter().unzip();
        let of_organisation = prechecks::table.filter(prechecks::organisation.eq(organisation));
        let update = diesel::update(of_organisation.filter(prechecks::id.eq_any(&ids))).set(Erasure::at(now));
        let erased = written(self.conn(), "prechecks", update)?;
        let tokens: Vec<Vec<u8>> = tokens.into_iter().flatten().collect();
        self.erase_outcomes(organisation, &ids)?;
        self.forget_destinations(organisation, &tokens, &ids)?;
        Ok(erased)
    }
}
