//! Members' claims that wait for a reviewer. They change no answer, so they are kept apart from the claims that do. Their member and their
//! end are in `member_claims`, as for every member's claim.

use super::backend::{written, written_rows};
use super::claims::{BatchRow, ClaimRow};
use super::edge::*;
use super::member_claims::{MemberClaim, MemberClaimFilter, MemberClaimState, WholeMemberClaim};
use super::schema::{member_claims, waiting_claims};
use super::{Conn, StoreError, Transaction};
use vasp_record::attestation::{ATTESTED_BY_MEMBER, EndReason};
use vasp_record::claim::{Strength, Visibility};
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// A claim that waits, or that ended while it waited.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = waiting_claims, treat_none_as_default_value = false)]
pub struct WaitingClaim {
    /// Its number, from the same counter as all claims.
    pub number: i64,
    /// Number of the VASP that makes the claim.
    pub vasp: i64,
    /// Number of its batch, which is in no log yet. A claim whose member may not know that it waits has the batch that it was submitted
    /// with.
    pub batch: i64,
    /// Network number.
    pub network: i32,
    /// Account key.
    pub account_key: Vec<u8>,
    /// Number of the class of networks.
    pub class: i32,
    /// What must act for the account.
    pub controller: Vec<u8>,
    /// Role code.
    pub role: i16,
    /// Who may see it.
    pub visibility: Visibility,
    /// When it was made.
    pub said_at: UtcTime,
    /// When it expires.
    pub expires_at: UtcTime,
    /// Whether its member knows that it waits: 1 if so, else 0.
    pub told: i16,
}

/// Selects waiting claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitingOf<'a> {
    /// All claims of this VASP.
    Vasp(i64),
    /// The claims of a batch.
    Batch(i64),
    /// The claims with these numbers.
    Numbers(&'a [i64]),
}

/// A member's claim that waits: its own row, and what waits.
type Waiting = (MemberClaim, WaitingClaim);

#[diesel::dsl::auto_type]
fn whole() -> _ {
    member_claims::table.inner_join(waiting_claims::table.on(waiting_claims::number.eq(member_claims::number)))
}

fn on(error: diesel::result::Error) -> StoreError {
    StoreError::on("waiting_claims")(error)
}

/// Converts a waiting claim to the form of all members' claims.
fn shown((member, row): Waiting) -> WholeMemberClaim {
    let WaitingClaim { number, vasp, batch, visibility, said_at, expires_at, told, .. } = row;
    let claim = ClaimRow {
        number,
        class: row.class,
        controller: row.controller,
        memo: member.memo.clone(),
        network: row.network,
        account_key: row.account_key,
        vasp,
        batch,
        role: row.role,
        confidence: None,
        asserted_at: Some(said_at.micros()),
        expires_at: Some(expires_at.micros()),
        seq_to: None,
    };
    let (method, strength) = (ATTESTED_BY_MEMBER.to_owned(), Strength::Attested);
    let (source, source_key) = (String::new(), String::new());
    let batch = BatchRow {
        number: batch,
        source,
        source_key,
        method,
        strength,
        visibility,
        verified_at: None,
        seq_from: 0,
        part_of: batch,
    };
    WholeMemberClaim { member, claim, batch, waits: Some(told == 1) }
}

impl Conn {
    /// Returns a member's claim that waits, or that ended without ever being valid.
    pub(super) fn waiting_claim(
        &mut self,
        organisation: OrganisationId,
        number: i64,
    ) -> Result<Option<WholeMemberClaim>, StoreError> {
        let query = whole()
            .select(Waiting::as_select())
            .filter(member_claims::number.eq(number))
            .filter(member_claims::organisation.eq(organisation));
        Ok(query.first(self).optional().map_err(on)?.map(shown))
    }

    /// Returns a member's waiting claims after `after` that pass a filter, oldest first.
    pub(super) fn waiting_claims_listed(
        &mut self,
        organisation: OrganisationId,
        filter: &MemberClaimFilter,
        after: i64,
        limit: i64,
    ) -> Result<Vec<WholeMemberClaim>, StoreError> {
        let mut query = whole()
            .select(Waiting::as_select())
            .filter(member_claims::organisation.eq(organisation))
            .filter(member_claims::number.gt(after))
            .order(member_claims::number)
            .limit(limit)
            .into_boxed();
        if let Some(network) = filter.network {
            query = query.filter(member_claims::network.eq(network));
        }
        let stands = member_claims::ended_because.is_null();
        let (is_over, is_open) = (waiting_claims::expires_at.le(filter.now), waiting_claims::expires_at.gt(filter.now));
        query = match filter.state {
            None => query,
            Some(MemberClaimState::Ended(because)) => query.filter(member_claims::ended_because.eq_any(because)),
            Some(MemberClaimState::Expired) => query.filter(stands).filter(is_over),
            Some(MemberClaimState::Live) => query.filter(stands).filter(is_open).filter(waiting_claims::told.ne(1)),
            Some(MemberClaimState::Waiting) => query.filter(stands).filter(is_open).filter(waiting_claims::told.eq(1)),
        };
        if let Some(before) = filter.expires_before {
            query = query.filter(stands).filter(waiting_claims::expires_at.lt(before));
        }
        Ok(query.load(self).map_err(on)?.into_iter().map(shown).collect())
    }

    /// Returns everybody's waiting claims on what a controller of one class controls.
    pub fn waiting_claims_on(&mut self, class: i32, controller: &[u8]) -> Result<Vec<WholeMemberClaim>, StoreError> {
        let query = whole()
            .select(Waiting::as_select())
            .filter(waiting_claims::class.eq(class))
            .filter(waiting_claims::controller.eq(controller))
            .filter(member_claims::ended_because.is_null());
        Ok(query.load(self).map_err(on)?.into_iter().map(shown).collect())
    }

    /// Returns a VASP's waiting claims on some accounts of a network.
    pub fn waiting_claims_of_keys(
        &mut self,
        vasp: i64,
        network: i32,
        keys: &[&[u8]],
    ) -> Result<Vec<WholeMemberClaim>, StoreError> {
        let mut rows = Vec::new();
        for chunk in keys.chunks(500) {
            let query = whole()
                .select(Waiting::as_select())
                .filter(waiting_claims::network.eq(network))
                .filter(waiting_claims::account_key.eq_any(chunk))
                .filter(waiting_claims::vasp.eq(vasp))
                .filter(member_claims::ended_because.is_null());
            rows.extend(query.load(self).map_err(on)?.into_iter().map(shown));
        }
        Ok(rows)
    }

    /// Returns claims after `after` that wait at `now`, in order of number.
    pub fn waiting_claims(
        &mut self,
        of: WaitingOf<'_>,
        (after, limit): (i64, i64),
        now: UtcTime,
    ) -> Result<Vec<WholeMemberClaim>, StoreError> {
        let query = whole()
            .select(Waiting::as_select())
            .filter(member_claims::ended_because.is_null())
            .filter(waiting_claims::expires_at.gt(now))
            .filter(waiting_claims::number.gt(after))
            .order(waiting_claims::number)
            .limit(limit)
            .into_boxed();
        let query = match of {
            WaitingOf::Vasp(vasp) => query.filter(waiting_claims::vasp.eq(vasp)),
            WaitingOf::Batch(batch) => query.filter(waiting_claims::batch.eq(batch)),
            WaitingOf::Numbers(numbers) => query.filter(waiting_claims::number.eq_any(numbers.to_vec())),
        };
        Ok(query.load(self).map_err(on)?.into_iter().map(shown).collect())
    }

    /// Returns the number of the newest waiting claim of a VASP; `None` if it never had one.
    pub fn newest_waiting_claim(&mut self, vasp: i64) -> Result<Option<i64>, StoreError> {
        let newest = diesel::dsl::max(waiting_claims::number);
        waiting_claims::table.filter(waiting_claims::vasp.eq(vasp)).select(newest).first(self).map_err(on)
    }

    /// Returns how many claims wait for each VASP, and since when the oldest waits.
    pub fn waiting_counts(&mut self, now: UtcTime) -> Result<Vec<(i64, i64, Option<UtcTime>)>, StoreError> {
        use diesel::dsl::{count_star, min};
        member_claims::table
            .inner_join(waiting_claims::table.on(waiting_claims::number.eq(member_claims::number)))
            .filter(member_claims::ended_because.is_null())
            .filter(waiting_claims::expires_at.gt(now))
            .group_by(waiting_claims::vasp)
            .order(waiting_claims::vasp)
            .select((waiting_claims::vasp, count_star(), min(waiting_claims::said_at)))
            .load(self)
            .map_err(on)
    }

    /// Returns how many claims of a VASP wait at `now`.
    pub fn waiting_count(&mut self, vasp: i64, now: UtcTime) -> Result<i64, StoreError> {
        member_claims::table
            .inner_join(waiting_claims::table.on(waiting_claims::number.eq(member_claims::number)))
            .filter(member_claims::ended_because.is_null())
            .filter(waiting_claims::vasp.eq(vasp))
            .filter(waiting_claims::expires_at.gt(now))
            .count()
            .get_result(self)
            .map_err(on)
    }
}

impl Transaction<'_> {
    /// Adds waiting claims. Their rows in `member_claims` are added separately.
    pub fn add_waiting_claims(&mut self, rows: &[WaitingClaim]) -> Result<(), StoreError> {
        for chunk in rows.chunks(1_000) {
            written_rows(self.conn(), "waiting_claims", diesel::insert_into(waiting_claims::table).values(chunk))?;
        }
        Ok(())
    }

    /// Removes claims that are valid from now on.
    pub fn take_waiting_claims(&mut self, numbers: &[i64]) -> Result<(), StoreError> {
        for chunk in numbers.chunks(500) {
            let rows = waiting_claims::table.filter(waiting_claims::number.eq_any(chunk));
            written(self.conn(), "waiting_claims", diesel::delete(rows))?;
        }
        Ok(())
    }

    /// Records which claim a newly valid claim replaced.
    pub fn name_replaced(&mut self, number: i64, replaced: i64) -> Result<(), StoreError> {
        let row = member_claims::table.find(number);
        written(self.conn(), "member_claims", diesel::update(row).set(member_claims::replaces.eq(replaced))).map(drop)
    }

    /// Ends waiting claims by a decision of the registry.
    pub fn decide_waiting_ends(&mut self, numbers: &[i64]) -> Result<(), StoreError> {
        let ended = (member_claims::ended_because.eq(EndReason::Decided), member_claims::ended_at.eq(self.now()));
        for chunk in numbers.chunks(500) {
            let rows = member_claims::table.filter(member_claims::number.eq_any(chunk));
            let rows = rows.filter(member_claims::ended_because.is_null());
            written(self.conn(), "member_claims", diesel::update(rows).set(ended))?;
        }
        Ok(())
    }
}
