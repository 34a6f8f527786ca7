//! A member's claims as the member itself sees them: every state, and which claim replaced which.
//! Other organisations' claims are reported as missing.

use std::collections::HashMap;

use super::standings::controller_of;
use crate::acts::Identity;
use crate::node::{Page, Registry, ServiceError, invalid, invalid_value};
use vasp_addresses::address::{AccountKey, AddressError};
use vasp_addresses::network::{Family, NetworkNumber, NetworkTable};
use vasp_pki::ClaimIdKey;
use vasp_record::attestation::{EndReason, Seen, Standing};
use vasp_record::claim::{AddressRole, ClaimNumber};
use vasp_record::resolution::remembered_until;
use vasp_store::{BatchRow, ClaimRow, Conn, MemberClaimFilter, MemberClaimState, StoreError, WholeMemberClaim};
use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

closed_list! {
    /// The state of a claim, worst first: ended by the registry, withdrawn, replaced by another, expired, waiting, in force.
    pub enum ClaimState {
        /// Two people of the registry ended it.
        Ended = "ended",
        /// Its member withdrew it.
        Withdrawn = "withdrawn",
        /// Another claim replaced it.
        Replaced = "replaced",
        /// It expired.
        Expired = "expired",
        /// It contradicts other parties' claims beyond the member's allowance. It takes effect when a reviewer allows it.
        PendingReview = "pending_review",
        /// It is in force.
        Live = "live",
    }
}

/// A claim of a member.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberClaim {
    /// Public id.
    pub id: String,
    /// Number of the network.
    pub network: NetworkNumber,
    /// Canonical address.
    pub address: String,
    /// The memo that the claim is limited to; `None` if there is none.
    pub memo: Option<String>,
    /// Role, strength, visibility and expiry of the claim.
    pub standing: Standing,
    /// The state of the claim.
    pub state: ClaimState,
    /// Whether it waits for a reviewer, whether or not the member knows, or ended while it waited.
    pub waits: bool,
    /// How the registry learned of the claim.
    pub method: String,
    /// Since when the member claims the address without a break.
    pub asserted_at: Option<UtcTime>,
    /// When the registry checked it; `None` if it did not.
    pub verified_at: Option<UtcTime>,
    /// When it ended; `None` if it has not.
    pub ended_at: Option<UtcTime>,
    /// Number of its batch.
    pub batch: i64,
    /// Public id of the claim that it replaced; `None` if there is none.
    pub replaces: Option<String>,
    /// Public id of the claim that replaced it; `None` if there is none.
    pub replaced_by: Option<String>,
}

/// Filters for a member's claims.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberClaimQuery {
    /// Only claims on this network, as CAIP-2 id or another name.
    pub network: Option<String>,
    /// Only claims in this state.
    pub state: Option<ClaimState>,
    /// Only claims that have not ended and that expire before this time.
    pub expires_before: Option<UtcTime>,
    /// Maximum number of claims on a page.
    pub limit: usize,
    /// Public id of the last claim of the previous page.
    pub after: Option<String>,
}

impl ClaimState {
    fn stored(self) -> MemberClaimState {
        match self {
            Self::Live => MemberClaimState::Live,
            Self::PendingReview => MemberClaimState::Waiting,
            Self::Expired => MemberClaimState::Expired,
            Self::Withdrawn => MemberClaimState::Ended(&[EndReason::Withdrawn]),
            Self::Replaced => MemberClaimState::Ended(&[EndReason::Replaced, EndReason::Proven]),
            Self::Ended => MemberClaimState::Ended(&[EndReason::Decided]),
        }
    }
}

impl MemberClaim {
    /// Returns since when the VASP claims the address, if it renews the claim at `now`: an end within the remembered days is no break.
    pub(super) fn said_since(&self, now: UtcTime) -> UtcTime {
        let is_remembered = |end| self.state == ClaimState::Expired && now < remembered_until(end);
        let lasts = self.state == ClaimState::Live || self.standing.expires_at.is_some_and(is_remembered);
        self.asserted_at.filter(|_| lasts && !self.waits).unwrap_or(now)
    }

    /// Returns the version of the view: a claim itself never changes, but its state does.
    #[must_use]
    pub fn version(&self) -> String {
        format!("{}-{}", self.id, self.state.as_str())
    }
}

/// Readers of batches.
#[derive(Default)]
pub(super) struct BatchNotes {
    named: HashMap<i64, Vec<vasp_words::ids::OrganisationId>>,
}

impl BatchNotes {
    /// Reads the notes of some batches.
    pub(super) fn of(conn: &mut Conn, batches: &[i64]) -> Result<Self, ServiceError> {
        let mut notes = Self::default();
        for (batch, organisation) in conn.readers_of_batches(batches)? {
            notes.named.entry(batch).or_default().push(organisation);
        }
        Ok(notes)
    }

    /// Makes the notes of one batch that was just written, or of none.
    pub(super) fn naming(batch: i64, seen: &Seen) -> Self {
        Self { named: HashMap::from([(batch, seen.named.clone())]) }
    }

    /// Returns who may see a batch.
    pub(super) fn seen(&self, batch: &BatchRow) -> Seen {
        Seen { visibility: batch.visibility, named: self.named.get(&batch.number).cloned().unwrap_or_default() }
    }
}

/// Makes the owner's view of a row.
///
/// # Errors
/// `ServiceError::Store` if the row has impossible values.
pub(super) fn member_claim(
    ids: &ClaimIdKey,
    row: &WholeMemberClaim,
    notes: &BatchNotes,
    now: UtcTime,
) -> Result<MemberClaim, ServiceError> {
    let WholeMemberClaim { member, claim, batch, waits } = row;
    let wrong = |column| StoreError::impossible_column("claims", column, claim.number);
    let time = |micros: Option<i64>, column| micros.map(UtcTime::from_micros).transpose().map_err(|_| wrong(column));
    let expires_at = time(claim.expires_at, "expires_at")?;
    let network = NetworkNumber(claim.network);
    let address = NetworkTable::embedded().canonical_text(network, &AccountKey::new(&claim.account_key));
    let state = match member.ended_because {
        Some(EndReason::Withdrawn) => ClaimState::Withdrawn,
        Some(EndReason::Decided) => ClaimState::Ended,
        Some(_) => ClaimState::Replaced,
        None if claim.seq_to.is_some() => ClaimState::Ended,
        None if expires_at.is_some_and(|at| at <= now) => ClaimState::Expired,
        None if *waits == Some(true) => ClaimState::PendingReview,
        None => ClaimState::Live,
    };
    let public = |number: i64| ids.public_id(ClaimNumber(number));
    Ok(MemberClaim {
        id: public(claim.number),
        network,
        address: address.ok_or_else(|| wrong("account_key"))?,
        memo: (!claim.memo.is_empty()).then(|| claim.memo.clone()),
        standing: Standing {
            role: AddressRole::from_code(claim.role).ok_or_else(|| wrong("role"))?,
            seen: notes.seen(batch),
            strength: batch.strength,
            expires_at,
        },
        state,
        waits: waits.is_some(),
        method: batch.method.clone(),
        asserted_at: time(claim.asserted_at, "asserted_at")?,
        verified_at: batch.verified_at,
        ended_at: member.ended_at,
        batch: batch.part_of,
        replaces: member.replaces.map(public),
        // The last version of a withdrawn claim takes nobody's place.
        replaced_by: member.replaced_by.filter(|_| state == ClaimState::Replaced).map(public),
    })
}

/// Returns the error for a claim that is missing, or that belongs to another organisation.
pub(super) fn no_such_claim() -> ServiceError {
    ServiceError::NotFound("There is no such claim.".to_owned())
}

/// Finds a claim of the caller by its public id.
///
/// # Errors
/// `ServiceError::NotFound`, the same for missing claims and other organisations' claims; `Store`.
pub(super) fn own_claim(
    conn: &mut Conn,
    ids: &ClaimIdKey,
    identity: &Identity,
    id: &str,
) -> Result<WholeMemberClaim, ServiceError> {
    let number = ids.number(id).map_err(|_| no_such_claim())?;
    conn.member_claim(identity.organisation, number.0)?.ok_or_else(no_such_claim)
}

/// Reads a claim of the caller.
pub fn read_member_claim(registry: &Registry, identity: &Identity, id: &str, now: UtcTime) -> Result<MemberClaim, ServiceError> {
    let ids = registry.directory().claim_ids();
    registry.store().read(|conn| {
        let row = own_claim(conn, ids, identity, id)?;
        let notes = BatchNotes::of(conn, &[row.batch.number])?;
        member_claim(ids, &row, &notes, now)
    })
}

/// Lists the caller's claims, oldest first. A page's position is the number of its last claim.
///
/// # Errors
/// `ServiceError::Invalid` for an unknown network, `Store`.
pub fn list_member_claims(
    registry: &Registry,
    identity: &Identity,
    query: &MemberClaimQuery,
    now: UtcTime,
) -> Result<Page<MemberClaim, String>, ServiceError> {
    let unknown = |error: AddressError| invalid("?network", error.code(), error.to_string());
    let named = |name: &String| match Family::from_text(name) {
        Some(family) => Ok(family.number().0),
        None => NetworkTable::embedded().read_name(name, None).map(|network| network.number.0).map_err(unknown),
    };
    let filter = MemberClaimFilter {
        network: query.network.as_ref().map(named).transpose()?,
        state: query.state.map(ClaimState::stored),
        expires_before: query.expires_before,
        now,
    };
    let (ids, limit) = (registry.directory().claim_ids(), i64::try_from(query.limit).unwrap_or(i64::MAX).saturating_add(1));
    let no_cursor = |_| {
        let detail = "this is not a cursor of this list; send the `next_cursor` of the previous page, or no cursor".to_owned();
        invalid_value("?cursor", detail)
    };
    let after = query.after.as_deref().map(|id| ids.number(id)).transpose().map_err(no_cursor)?.map_or(i64::MIN, |n| n.0);
    registry.store().read(|conn| {
        let rows = conn.member_claims(identity.organisation, &filter, after, limit)?;
        let mut batches: Vec<i64> = rows.iter().map(|row| row.batch.number).collect();
        batches.sort_unstable();
        batches.dedup();
        let notes = BatchNotes::of(conn, &batches)?;
        let claims: Vec<MemberClaim> = rows.iter().map(|row| member_claim(ids, row, &notes, now)).collect::<Result<_, _>>()?;
        // The cursor is the public id of the claim: numbers would reveal how many claims others have.
        Ok(Page::of(claims.into_iter(), query.limit, |claim| claim.id.clone()))
    })
}

/// Returns the claims on an account that have not ended, on its network.
pub(super) fn live_claims_on(conn: &mut Conn, network: i32, account_key: &[u8]) -> Result<Vec<ClaimRow>, ServiceError> {
    let account = NetworkTable::embedded().account_of(NetworkNumber(network), &AccountKey::new(account_key));
    let account = account.ok_or_else(|| StoreError::impossible("claims", "this key is not an account of its network"))?;
    let (class, controller) = controller_of(&account);
    let mut rows = conn.live_claims_of(class, &[&controller])?;
    rows.retain(|row| row.network == network && row.account_key == account_key);
    Ok(rows)
}
