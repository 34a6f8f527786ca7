//! The PostgreSQL statement that inserts pre-checks. Each column is one array, so the statement is the same for any number of rows: a
//! connection prepares it once, and each commit then needs one round trip for all of its rows. Caller: `prechecks`.

use super::PrecheckRow;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text};
use diesel::{QueryResult, RunQueryDsl};
use vasp_words::ids::{OrganisationId, PrecheckId, VaspId};
use vasp_words::time::UtcTime;

/// The values of some rows, by column.
#[derive(Default)]
pub(super) struct InsertPrechecks<'a> {
    organisation: Vec<OrganisationId>,
    id: Vec<PrecheckId>,
    recorded_at: Vec<UtcTime>,
    sequence: Vec<i64>,
    sealed: Vec<&'a [u8]>,
    recommendation: Vec<Option<&'a str>>,
    codes: Vec<Option<&'a str>>,
    counterparty: Vec<Option<VaspId>>,
    policy: Vec<Option<&'a str>>,
    request_digest: Vec<Option<&'a str>>,
    answer_digest: Vec<Option<&'a str>>,
    destination: Vec<Option<&'a [u8]>>,
    erased_at: Vec<Option<UtcTime>>,
}

impl<'a> InsertPrechecks<'a> {
    /// Returns the statement for some rows.
    pub(super) fn of(rows: impl Iterator<Item = &'a PrecheckRow>) -> Self {
        let mut all = Self::default();
        for PrecheckRow { record, organisation, sealed, destination } in rows {
            all.organisation.push(*organisation);
            all.id.push(record.id);
            all.recorded_at.push(record.recorded_at);
            all.sequence.push(record.sequence);
            all.sealed.push(sealed);
            all.recommendation.push(record.recommendation.as_deref());
            all.codes.push(record.codes.as_deref());
            all.counterparty.push(record.counterparty);
            all.policy.push(record.policy.as_deref());
            all.request_digest.push(record.request_digest.as_deref());
            all.answer_digest.push(record.answer_digest.as_deref());
            all.destination.push(destination.as_deref());
            all.erased_at.push(record.erased_at);
        }
        all
    }
}

impl QueryFragment<Pg> for InsertPrechecks<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO prechecks (organisation, id, recorded_at, sequence, sealed, recommendation, codes, counterparty, policy, \
             request_digest, answer_digest, destination, erased_at) SELECT * FROM unnest(",
        );
        out.push_bind_param::<Array<Text>, _>(&self.organisation)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.id)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.recorded_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.sequence)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&self.sealed)?;
        for column in [&self.recommendation, &self.codes] {
            out.push_sql(", ");
            out.push_bind_param::<Array<Nullable<Text>>, _>(column)?;
        }
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.counterparty)?;
        for column in [&self.policy, &self.request_digest, &self.answer_digest] {
            out.push_sql(", ");
            out.push_bind_param::<Array<Nullable<Text>>, _>(column)?;
        }
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Binary>>, _>(&self.destination)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<BigInt>>, _>(&self.erased_at)?;
        out.push_sql(")");
        Ok(())
    }
}

impl QueryId for InsertPrechecks<'_> {
    type QueryId = InsertPrechecks<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<PgConnection> for InsertPrechecks<'_> {}
