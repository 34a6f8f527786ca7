//! Details of members' claims beside the claims themselves: the member, the claim that each replaced, and who may see its batch. Rows of
//! `claims` stay narrow; these rows are joined when their owner reads them.

use super::backend::written_rows;
use super::claims::{BatchRow, ClaimRow};
use super::edge::*;
use super::schema::{claim_batch_readers, claim_batches, claims, member_claims};
use super::{Conn, StoreError, Transaction};
use diesel::dsl::sql;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use std::collections::HashSet;
use vasp_record::attestation::EndReason;
use vasp_record::claim::Strength;
use vasp_record::resolution::ENDED;
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// The details of a member's claim that are not in the row of the claim.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = member_claims, treat_none_as_default_value = false)]
pub struct MemberClaim {
    /// Number of the claim.
    pub number: i64,
    /// The member.
    pub organisation: OrganisationId,
    /// Network number.
    pub network: i32,
    /// Account key.
    pub account_key: Vec<u8>,
    /// Memo; empty if there is none.
    pub memo: String,
    /// Number of the claim that it replaced; `None` if it replaced none.
    pub replaces: Option<i64>,
    /// Number of the claim that replaced it; `None` if none did.
    pub replaced_by: Option<i64>,
    /// Why it ended; `None` if it has not.
    pub ended_because: Option<EndReason>,
    /// When it ended; `None` if it has not.
    pub ended_at: Option<UtcTime>,
}

/// A member's claim with everything that its owner sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeMemberClaim {
    /// The member's details.
    pub member: MemberClaim,
    /// The claim.
    pub claim: ClaimRow,
    /// Its batch.
    pub batch: BatchRow,
    /// For a claim that waits for a reviewer, or ended while it waited: whether its member knows that it waits. `None` for other claims.
    pub waits: Option<bool>,
}

impl WholeMemberClaim {
    /// Joins the rows of a claim that is or was valid.
    #[must_use]
    pub fn counting((member, claim, batch): (MemberClaim, ClaimRow, BatchRow)) -> Self {
        Self { member, claim, batch, waits: None }
    }
}

/// Selects claims of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberClaimFilter {
    /// Only claims on this network.
    pub network: Option<i32>,
    /// Only claims in this state.
    pub state: Option<MemberClaimState>,
    /// Only claims that have not ended and that expire before this instant.
    pub expires_before: Option<UtcTime>,
    /// The present time, which decides whether a claim has expired.
    pub now: UtcTime,
}

/// State of a member's claim, as far as a list can filter by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberClaimState {
    /// Valid.
    Live,
    /// Waiting for a reviewer.
    Waiting,
    /// Expired.
    Expired,
    /// Ended for one of these reasons.
    Ended(&'static [EndReason]),
}

/// The end of a member's claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimEnd {
    /// Number of the claim.
    pub number: i64,
    /// Why it ended.
    pub because: EndReason,
    /// Number of the claim that replaces it; `None` if none does.
    pub replaced_by: Option<i64>,
    /// When it ended.
    pub at: UtcTime,
}

/// Number of rows in one statement. It keeps the number of bound values below the limit of both databases.
const CHUNK: usize = 1_000;

/// A member's claim that counts: its own row, the claim and the batch.
type Counting = (MemberClaim, ClaimRow, BatchRow);

#[diesel::dsl::auto_type]
fn whole() -> _ {
    member_claims::table
        .inner_join(claims::table.on(claims::number.eq(member_claims::number)))
        .inner_join(claim_batches::table.on(claim_batches::number.eq(claims::batch)))
}

impl Conn {
    /// Returns a claim of a member; `None` if it belongs to another organisation.
    pub fn member_claim(&mut self, organisation: OrganisationId, number: i64) -> Result<Option<WholeMemberClaim>, StoreError> {
        let counting = whole()
            .select(Counting::as_select())
            .filter(member_claims::number.eq(number))
            .filter(member_claims::organisation.eq(organisation))
            .first(self)
            .optional()
            .map_err(StoreError::on("member_claims"))?;
        match counting {
            Some(rows) => Ok(Some(WholeMemberClaim::counting(rows))),
            None => self.waiting_claim(organisation, number),
        }
    }

    /// Returns the details of a member's claim, of any member.
    pub fn member_claim_of_any(&mut self, number: i64) -> Result<Option<MemberClaim>, StoreError> {
        let row = member_claims::table.find(number).select(MemberClaim::as_select()).first(self);
        row.optional().map_err(StoreError::on("member_claims"))
    }

    /// Returns the claims of a member after `after` that pass a filter, oldest first.
    pub fn member_claims(
        &mut self,
        organisation: OrganisationId,
        filter: &MemberClaimFilter,
        after: i64,
        limit: i64,
    ) -> Result<Vec<WholeMemberClaim>, StoreError> {
        let mut query = whole()
            .select(Counting::as_select())
            .filter(member_claims::organisation.eq(organisation))
            .filter(member_claims::number.gt(after))
            // The claim itself tells that it was withdrawn.
            .filter(claim_batches::method.ne(ENDED))
            .order(member_claims::number)
            .limit(limit)
            .into_boxed();
        if let Some(network) = filter.network {
            query = query.filter(member_claims::network.eq(network));
        }
        match filter.state {
            None => {}
            Some(MemberClaimState::Ended(because)) => query = query.filter(member_claims::ended_because.eq_any(because)),
            Some(MemberClaimState::Expired) => {
                query = query.filter(claims::seq_to.is_null()).filter(claims::expires_at.le(filter.now.micros()));
            }
            Some(MemberClaimState::Live) => {
                let open = claims::expires_at.is_null().or(claims::expires_at.gt(filter.now.micros()));
                query = query.filter(claims::seq_to.is_null()).filter(open);
            }
            Some(MemberClaimState::Waiting) => return self.waiting_claims_listed(organisation, filter, after, limit),
        }
        if let Some(before) = filter.expires_before {
            query = query.filter(claims::seq_to.is_null()).filter(claims::expires_at.lt(before.micros()));
        }
        let counting: Vec<_> = query.load(self).map_err(StoreError::on("member_claims"))?;
        let mut rows: Vec<_> = counting.into_iter().map(WholeMemberClaim::counting).collect();
        rows.extend(self.waiting_claims_listed(organisation, filter, after, limit)?);
        rows.sort_unstable_by_key(|row| row.member.number);
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(rows)
    }

    /// Returns some of a member's claims by their numbers, in order of number.
    pub fn member_claims_numbered(
        &mut self,
        organisation: OrganisationId,
        numbers: &[i64],
    ) -> Result<Vec<WholeMemberClaim>, StoreError> {
        let mut rows = Vec::new();
        for chunk in numbers.chunks(500) {
            let query = whole()
                .select(Counting::as_select())
                .filter(member_claims::number.eq_any(chunk))
                .filter(member_claims::organisation.eq(organisation))
                .order(member_claims::number);
            let counting: Vec<_> = query.load(self).map_err(StoreError::on("member_claims"))?;
            rows.extend(counting.into_iter().map(WholeMemberClaim::counting));
        }
        let found: HashSet<i64> = rows.iter().map(|row: &WholeMemberClaim| row.claim.number).collect();
        for number in numbers.iter().filter(|number| !found.contains(number)) {
            rows.extend(self.waiting_claim(organisation, *number)?);
        }
        rows.sort_unstable_by_key(|row| row.claim.number);
        Ok(rows)
    }

    /// Returns the unproven claims of a source that are valid at `now` and whose controller another VASP also claims, on any network of the
    /// class. A claim on an account with several controllers is always returned: the caller looks who claims each.
    pub fn opposed_claims(&mut self, source_key: &str, now: UtcTime) -> Result<Vec<WholeMemberClaim>, StoreError> {
        // Use the index of the ends of controllers.
        let tail =
            if matches!(self, Self::Sqlite(_)) { "substr(o.controller, -8) = substr(claims.controller, -8) AND" } else { "" };
        let other = "o.vasp <> claims.vasp AND o.seq_to IS NULL";
        let opposed = format!(
            "(EXISTS (SELECT 1 FROM claims o WHERE {tail} o.controller = claims.controller AND o.class = claims.class AND {other}) \
             OR EXISTS (SELECT 1 FROM claim_controllers k JOIN claims o ON o.number = k.claim \
             WHERE k.class = claims.class AND k.controller = claims.controller AND {other}) \
             OR EXISTS (SELECT 1 FROM claim_controllers k WHERE k.claim = claims.number))"
        );
        let rows = whole()
            .select(Counting::as_select())
            .filter(claim_batches::source_key.eq(source_key))
            .filter(claim_batches::strength.eq(Strength::Attested))
            .filter(claims::seq_to.is_null())
            .filter(claims::expires_at.is_null().or(claims::expires_at.gt(now.micros())))
            .filter(sql::<Bool>(&opposed));
        let rows: Vec<_> = rows.load(self).map_err(StoreError::on("member_claims"))?;
        Ok(rows.into_iter().map(WholeMemberClaim::counting).collect())
    }

    /// Returns the organisations that may see the batches which became valid after `after` and at or before `until`: batch, organisation.
    pub fn batch_readers_between(&mut self, after: i64, until: i64) -> Result<Vec<(i64, OrganisationId)>, StoreError> {
        claim_batch_readers::table
            .inner_join(claim_batches::table)
            .filter(claim_batches::seq_from.gt(after))
            .filter(claim_batches::seq_from.le(until))
            .order((claim_batch_readers::batch, claim_batch_readers::organisation))
            .select((claim_batch_readers::batch, claim_batch_readers::organisation))
            .load(self)
            .map_err(StoreError::on("claim_batch_readers"))
    }

    /// Returns the organisations that may see some batches: batch, organisation.
    pub fn readers_of_batches(&mut self, batches: &[i64]) -> Result<Vec<(i64, OrganisationId)>, StoreError> {
        let mut rows = Vec::new();
        for chunk in batches.chunks(500) {
            let query = claim_batch_readers::table
                .filter(claim_batch_readers::batch.eq_any(chunk))
                .order((claim_batch_readers::batch, claim_batch_readers::organisation))
                .select((claim_batch_readers::batch, claim_batch_readers::organisation));
            rows.extend(query.load::<(i64, OrganisationId)>(self).map_err(StoreError::on("claim_batch_readers"))?);
        }
        Ok(rows)
    }
}

impl Transaction<'_> {
    /// Locks the adding of claims until the end of the transaction, so that two members who claim the same address see each other's claim.
    /// SQLite has one writer at a time and needs no lock.
    pub fn lock_claims(&mut self) -> Result<(), StoreError> {
        self.take_numbers("claims", 0).map(drop)
    }

    /// Locks and returns a claim of any member, so that nobody else ends it until the end of the transaction. SQLite needs no lock.
    pub fn lock_member_claim(&mut self, number: i64) -> Result<Option<MemberClaim>, StoreError> {
        let row = member_claims::table.find(number).select(MemberClaim::as_select()).locking().get_result(self.conn());
        row.optional().map_err(StoreError::on("member_claims"))
    }

    /// Stores the member's details of claims.
    pub fn add_member_claims(&mut self, rows: &[MemberClaim]) -> Result<(), StoreError> {
        match self.conn() {
            Conn::Sqlite(c) => rows
                .chunks(CHUNK)
                .try_for_each(|chunk| diesel::insert_into(member_claims::table).values(chunk).execute_typed(c).map(drop)),
            Conn::Postgres(_) if rows.is_empty() => Ok(()),
            Conn::Postgres(c) => diesel::copy_from(member_claims::table).from_insertable(rows).execute(c).map(drop),
        }
        .map_err(StoreError::on("member_claims"))
    }

    /// Records how members' claims ended. Claims that belong to no member are skipped.
    pub fn end_member_claims(&mut self, ends: &[ClaimEnd]) -> Result<(), StoreError> {
        let Some(first) = ends.first() else { return Ok(()) };
        let one = |end: &ClaimEnd| {
            diesel::update(member_claims::table.find(end.number)).set((
                member_claims::ended_because.eq(end.because),
                member_claims::ended_at.eq(end.at),
                member_claims::replaced_by.eq(end.replaced_by),
            ))
        };
        match self.conn() {
            // When many claims end together, they all end for the same reason at the same time.
            Conn::Postgres(c) if ends.iter().all(|end| (end.because, end.at) == (first.because, first.at)) => diesel::sql_query(
                "UPDATE member_claims SET ended_because = $1, ended_at = $2, replaced_by = ended.by \
                 FROM unnest($3, $4) AS ended (number, by) WHERE member_claims.number = ended.number",
            )
            .bind::<Text, _>(first.because)
            .bind::<BigInt, _>(first.at)
            .bind::<Array<BigInt>, _>(ends.iter().map(|end| end.number).collect::<Vec<_>>())
            .bind::<Array<Nullable<BigInt>>, _>(ends.iter().map(|end| end.replaced_by).collect::<Vec<_>>())
            .execute(c)
            .map(drop),
            Conn::Postgres(c) => ends.iter().try_for_each(|end| one(end).execute(c).map(drop)),
            Conn::Sqlite(c) => ends.iter().try_for_each(|end| one(end).execute(c).map(drop)),
        }
        .map_err(StoreError::on("member_claims"))
    }

    /// Adds the organisations that may see a batch which is not recorded yet.
    pub fn add_batch_readers(&mut self, batch: i64, organisations: &[OrganisationId]) -> Result<(), StoreError> {
        let rows: Vec<_> = organisations
            .iter()
            .map(|organisation| (claim_batch_readers::batch.eq(batch), claim_batch_readers::organisation.eq(organisation)))
            .collect();
        written_rows(self.conn(), "claim_batch_readers", diesel::insert_into(claim_batch_readers::table).values(&rows)).map(drop)
    }
}
