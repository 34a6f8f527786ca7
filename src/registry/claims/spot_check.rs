//! Checks of batches: the registry picks some addresses of a batch that can no longer change, and their keys sign. A batch is drawn only
//! once, so that nobody can draw again until the picks suit them. The result is evidence, shown to readers and reviewers: it admits no
//! claim and lifts no limit, because the addresses that were not picked may be anybody's.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::challenge::{Examined, account_of, issue, keep, named};
use super::claimant::Claimant;
use super::read::{BatchNotes, ClaimState, MemberClaim, member_claim, spot_checked};
use crate::acts::{Act, Deed, Identity, Reply};
use crate::node::{Fault, ServiceError, invalid, invalid_value};
use vasp_addresses::address::Account;
use vasp_addresses::network::NetworkTable;
use vasp_addresses::proof::spot_check::{FixedBatch, SpotCheck, SpotCheckError, SpotChecked};
use vasp_addresses::proof::{Proof, Scheme};
use vasp_log::change::{Audience, ClaimBatchChecked, HexBytes, NewChange, Payload};
use vasp_pki::ClaimIdKey;
use vasp_record::client_certificate::Sha256Hex;
use vasp_store::{BatchCheckRow, BatchPickRow, Conn, Edit, StoreError, Transaction, WaitingOf, WholeMemberClaim};
use vasp_words::host::Host;
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::time::UtcTime;

/// Number of picks if the member gives none. It is the smallest number that shows, at 95 % confidence, that at least 95 % of a large batch
/// are controlled (0.95^59 < 0.05).
const PICKS: u32 = 59;

/// An address that the registry picked from a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BatchPick {
    /// Id of the claim.
    pub claim: String,
    network: String,
    address: String,
    /// When its key signed; null if it has not.
    pub signed_at: Option<UtcTime>,
    /// The text to sign; null if it was not asked for, or if the key has signed.
    pub challenge: Option<String>,
    expires_at: Option<UtcTime>,
}

/// A check of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchCheck {
    /// Number of the batch.
    pub batch: i64,
    /// Digest over its accounts, hexadecimal.
    pub digest: String,
    /// Number of its accounts.
    pub size: i64,
    /// The random seed, hexadecimal. Anybody can compute the picks again from it, the digest and the size.
    pub seed: String,
    /// The picks, in the order of picking.
    pub picks: Vec<BatchPick>,
    /// The result of the check; `None` until every pick has signed.
    pub outcome: Option<SpotChecked>,
}

/// The claims of a batch, with the data that a check needs.
struct CheckedBatch {
    claims: BTreeMap<i64, MemberClaim>,
    check: BatchCheckRow,
    picks: Vec<BatchPickRow>,
}

/// The claims of a batch before its draw. A batch may have 100,000 claims, so they are read before the lock is held.
struct Content {
    /// Each account once, however many of its memos are claimed, in the order of the digest, with a claim on it.
    accounts: BTreeMap<(String, String), (i64, MemberClaim)>,
    fixed: FixedBatch,
    /// The head of the log when they were read.
    sequence: i64,
    /// Number of waiting claims then, and the newest one.
    waiting: (i64, Option<i64>),
}

impl Content {
    fn read(
        conn: &mut Conn,
        ids: &ClaimIdKey,
        organisation: OrganisationId,
        batch: i64,
        now: UtcTime,
    ) -> Result<Self, ServiceError> {
        let (sequence, waiting) = (conn.log_head()?.sequence, conn.waiting_of_batch(batch)?);
        let rows = own_rows(conn, organisation, batch, now)?;
        let notes = BatchNotes::of(conn, &[batch])?;
        let (mut accounts, mut listed) = (BTreeMap::new(), BTreeMap::new());
        for row in &rows {
            let claim = member_claim(ids, row, &notes, now)?;
            if matches!(claim.state, ClaimState::Live | ClaimState::PendingReview) {
                let account = account_of(&claim)?;
                let entry = (account.caip2.as_str().to_owned(), account.canonical.clone());
                listed.entry(entry.clone()).or_insert(account);
                accounts.entry(entry).or_insert((row.claim.number, claim));
            }
        }
        if accounts.is_empty() {
            return Err(ServiceError::IllegalStep("No claim of this batch is in force any more.".to_owned()));
        }
        refuse_unprovable(listed.values())?;
        let fixed = FixedBatch::fix(listed.values()).map_err(|error| refused(&error))?;
        Ok(Self { accounts, fixed, sequence, waiting })
    }

    /// Refuses the draw if a claim of the batch began or ended since the claims were read.
    fn assert_current(&self, conn: &mut Conn, batch: i64) -> Result<(), ServiceError> {
        if conn.batch_changed_since(batch, self.sequence)? || conn.waiting_of_batch(batch)? != self.waiting {
            let detail = "Another request changed claims of this batch at the same time; repeat the request.".to_owned();
            return Err(ServiceError::Changed(detail));
        }
        Ok(())
    }
}

/// Returns the caller's claims of a batch that are in force, and those that wait.
fn own_rows(
    conn: &mut Conn,
    organisation: OrganisationId,
    batch: i64,
    now: UtcTime,
) -> Result<Vec<WholeMemberClaim>, StoreError> {
    let mut rows = conn.member_claims_of_batch(organisation, batch)?;
    rows.extend(waiting_rows(conn, organisation, batch, now)?);
    Ok(rows)
}

fn waiting_rows(
    conn: &mut Conn,
    organisation: OrganisationId,
    batch: i64,
    now: UtcTime,
) -> Result<Vec<WholeMemberClaim>, StoreError> {
    let mut waiting = conn.waiting_claims(WaitingOf::Batch(batch), (0, i64::MAX), now)?;
    waiting.retain(|row| row.member.organisation == organisation);
    Ok(waiting)
}

/// Refuses a batch with an account whose key cannot be asked. If this were refused only after the draw, the member could draw until the
/// picks suit it.
fn refuse_unprovable<'a>(accounts: impl Iterator<Item = &'a Account>) -> Result<(), ServiceError> {
    for account in accounts {
        let network = NetworkTable::embedded().network_or_first(account.network);
        if !network.is_some_and(|network| Scheme::ALL.iter().any(|scheme| scheme.serves(network))) {
            let detail = format!(
                "The batch has accounts on {}, and the registry cannot check proofs of control on this network. Import the \
                 accounts on other networks in a separate batch.",
                account.caip2
            );
            return Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "unprovable_network", detail }));
        }
    }
    Ok(())
}

fn no_such_batch() -> ServiceError {
    ServiceError::NotFound("There is no such batch of claims.".to_owned())
}

fn refused(error: &SpotCheckError) -> ServiceError {
    let detail = error.to_string();
    invalid_value("/count", detail)
}

/// Draws the picks of the caller's batch, or returns the earlier picks. Each pick whose key has not signed gets a new challenge.
///
/// # Errors
/// `ServiceError::NotFound`. `IllegalStep` without a verified VASP. `Invalid` for a wrong count. `Conflict` if keys of a network cannot
/// sign challenges. Also those of [`Act::run`].
pub fn draw_spot_check(
    act: Act<'_, BatchCheck>,
    batch: i64,
    count: Option<u32>,
    registry_name: Option<&Host>,
) -> Result<Reply, ServiceError> {
    let (registry, identity, now) = (act.registry, act.identity, act.now);
    let ids = registry.directory().claim_ids();
    let organisation = identity.organisation;
    let (known, is_own) = registry.store().read::<_, ServiceError>(|conn| {
        let known = conn.batch_check(batch)?.is_some_and(|check| check.organisation == organisation);
        let mut waits = || Ok::<_, StoreError>(!waiting_rows(conn, organisation, batch, now)?.is_empty());
        let is_own = known || waits()? || conn.has_claims_in_batch(organisation, batch)?;
        Ok((known, is_own))
    })?;
    if !is_own {
        return Err(no_such_batch());
    }
    let name = named(registry_name)?;
    let claimant = Claimant::of(registry, identity, now)?;
    let read = || registry.store().read(|conn| Content::read(conn, ids, organisation, batch, now));
    let content = if known { None } else { Some(read()?) };
    act.run("claim_batch.spot_check", |transaction, identity| {
        claimant.lock(transaction)?;
        let checked = match CheckedBatch::read(transaction, ids, identity, batch)? {
            Some(known) => known,
            None => {
                let content = content.ok_or_else(no_such_batch)?;
                content.assert_current(transaction.conn(), batch)?;
                CheckedBatch::draw(transaction, organisation, batch, (content, count))?
            }
        };
        let shown = checked.shown(transaction, Some((name, claimant.vasp)), identity)?;
        Ok(Deed::new(shown, batch, json!({"picked": checked.check.picked, "size": checked.check.size})))
    })
}

/// Accepts the proofs for picked addresses: all of them or none. The last proof concludes the check.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep`; `Invalid` with the reason why a proof is refused; and those of [`Act::run`].
pub fn prove_spot_check(
    act: Act<'_, BatchCheck>,
    batch: i64,
    proofs: &[Proof],
    registry_name: Option<&Host>,
) -> Result<Reply, ServiceError> {
    let (registry, identity, now) = (act.registry, act.identity, act.now);
    let ids = registry.directory().claim_ids();
    let known = registry.store().read::<_, ServiceError>(|conn| Ok(conn.batch_check(batch)?))?;
    if known.is_none_or(|check| check.organisation != identity.organisation) {
        return Err(no_such_batch());
    }
    let name = named(registry_name)?;
    let claimant = Claimant::of(registry, identity, now)?;
    let examined: Vec<Examined<'_>> = proofs.iter().map(|proof| Examined::of(proof, now)).collect();
    act.run("claim_batch.spot_check_proofs", |transaction, identity| {
        claimant.lock(transaction)?;
        let mut checked = CheckedBatch::read(transaction, ids, identity, batch)?.ok_or_else(no_such_batch)?;
        for (index, examined) in examined.into_iter().enumerate() {
            let pointer = format!("/proofs/{index}");
            let (challenge, _) = examined.accept(transaction, identity, name, claimant.vasp, &pointer)?;
            checked.sign(transaction, challenge.claim, &pointer)?;
        }
        checked.conclude(transaction, identity.organisation)?;
        let shown = checked.shown(transaction, None, identity)?;
        let signed = checked.picks.iter().filter(|pick| pick.signed_at.is_some()).count();
        Ok(Deed::new(shown, batch, json!({"signed": signed, "picked": checked.check.picked})))
    })
}

impl CheckedBatch {
    /// Reads the check of the caller's batch, with the picked claims.
    fn read(
        transaction: &mut Transaction<'_>,
        ids: &ClaimIdKey,
        identity: &Identity,
        batch: i64,
    ) -> Result<Option<Self>, ServiceError> {
        let (organisation, conn) = (identity.organisation, transaction.conn());
        let Some(check) = conn.batch_check(batch)?.filter(|check| check.organisation == organisation) else { return Ok(None) };
        let picks = conn.batch_picks(batch)?;
        let picked: Vec<i64> = picks.iter().map(|pick| pick.claim).collect();
        let rows = conn.member_claims_numbered(organisation, &picked)?;
        let notes = BatchNotes::of(conn, &[batch])?;
        let now = transaction.now();
        let read = |row: &WholeMemberClaim| Ok((row.claim.number, member_claim(ids, row, &notes, now)?));
        let claims = rows.iter().map(read).collect::<Result<_, ServiceError>>()?;
        Ok(Some(Self { claims, check, picks }))
    }

    /// Draws from the content of the batch.
    fn draw(
        transaction: &mut Transaction<'_>,
        organisation: OrganisationId,
        batch: i64,
        (content, count): (Content, Option<u32>),
    ) -> Result<Self, ServiceError> {
        let Content { accounts, fixed, .. } = content;
        let count = count.unwrap_or_else(|| PICKS.min(fixed.size));
        let drawn = SpotCheck::draw(fixed, count, transaction.conn_and_rng().1).map_err(|error| refused(&error))?;
        let mut listed: Vec<Option<(i64, MemberClaim)>> = accounts.into_values().map(Some).collect();
        let (mut claims, mut picks) = (BTreeMap::new(), vec![]);
        for (rank, place) in (0..).zip(&drawn.picks) {
            let index = usize::try_from(*place).unwrap_or(usize::MAX);
            let picked = listed.get_mut(index).and_then(Option::take);
            let (number, claim) = picked.ok_or_else(|| StoreError::impossible("batch_checks", "a pick of no account"))?;
            picks.push(BatchPickRow { batch, rank, place: i64::from(*place), claim: number, signed_at: None });
            claims.insert(number, claim);
        }
        let check = BatchCheckRow {
            batch,
            organisation,
            digest: Sha256Hex(fixed.digest),
            size: i64::from(fixed.size),
            seed: Sha256Hex(drawn.seed),
            picked: i64::from(count),
            controlled_at_least: None,
            seq_from: None,
        };
        transaction.add_batch_check(&check, &picks)?;
        Ok(Self { claims, check, picks })
    }

    /// Returns the present state of the check. If `asked` has a name, every pick that has not signed gets a challenge.
    fn shown(
        &self,
        transaction: &mut Transaction<'_>,
        asked: Option<(&Host, VaspId)>,
        identity: &Identity,
    ) -> Result<BatchCheck, ServiceError> {
        let (mut picks, mut challenges) = (vec![], vec![]);
        for pick in &self.picks {
            let claim =
                self.claims.get(&pick.claim).ok_or_else(|| StoreError::impossible("batch_check_picks", "a pick of no claim"))?;
            let mut shown = BatchPick {
                claim: claim.id.clone(),
                network: account_of(claim)?.caip2.to_string(),
                address: claim.address.clone(),
                signed_at: pick.signed_at,
                challenge: None,
                expires_at: None,
            };
            if let Some((name, vasp)) = asked.filter(|_| pick.signed_at.is_none()) {
                let (issued, row) = issue(transaction, name, vasp, claim, pick.claim, identity)?;
                (shown.challenge, shown.expires_at) = (Some(issued.challenge), Some(issued.expires_at));
                challenges.push(row);
            }
            picks.push(shown);
        }
        keep(transaction, &challenges)?;
        Ok(BatchCheck {
            batch: self.check.batch,
            digest: self.check.digest.to_string(),
            size: self.check.size,
            seed: self.check.seed.to_string(),
            picks,
            outcome: spot_checked(&self.check),
        })
    }

    /// Records that the key of a claim's address signed.
    fn sign(&mut self, transaction: &mut Transaction<'_>, claim: i64, pointer: &str) -> Result<(), ServiceError> {
        let at = transaction.now();
        let Some(pick) = self.picks.iter_mut().find(|pick| pick.claim == claim) else {
            let detail = "This address was not picked from this batch.".to_owned();
            return Err(invalid(format!("{pointer}/address"), "not_picked", detail));
        };
        pick.signed_at = Some(at);
        Ok(transaction.sign_pick(pick.batch, pick.rank, at)?)
    }

    /// Concludes the check after every pick has signed.
    fn conclude(&mut self, transaction: &mut Transaction<'_>, organisation: OrganisationId) -> Result<(), ServiceError> {
        let place = |place: i64| u32::try_from(place).map_err(|error| StoreError::impossible("batch_check_picks", error));
        if self.check.controlled_at_least.is_some() || self.picks.iter().any(|pick| pick.signed_at.is_none()) {
            return Ok(());
        }
        let size = u32::try_from(self.check.size).map_err(|error| StoreError::impossible("batch_checks", error))?;
        let picks: Vec<u32> = self.picks.iter().map(|pick| place(pick.place)).collect::<Result<_, _>>()?;
        let proven: BTreeSet<u32> = picks.iter().copied().collect();
        let batch = FixedBatch { digest: self.check.digest.0, size };
        let concluded = SpotCheck { batch, seed: self.check.seed.0, picks }.conclude(&proven);
        let outcome = concluded.map_err(|error| StoreError::impossible("batch_checks", error))?;
        let controlled_at_least = i64::from(outcome.controlled_at_least);
        self.check.controlled_at_least = Some(controlled_at_least);
        let parts = transaction.conn().parts_of_batches(&[self.check.batch])?;
        let parts: Vec<i64> = parts.into_iter().map(|(part, _)| part).take(1).collect();
        let in_force = transaction.conn().claim_batches(&parts)?.first().map(|batch| batch.visibility);
        let now = transaction.now();
        let waiting = waiting_rows(transaction.conn(), organisation, self.check.batch, now)?;
        let visibility = in_force.or(waiting.first().map(|row| row.batch.visibility));
        let Some(visibility) = visibility else {
            let detail = format!(
                "All remaining claims of batch {} ended before its check was finished, so the check has no effect. Prove the \
                 claims that a reviewer accepted one by one.",
                self.check.batch
            );
            return Err(ServiceError::IllegalStep(detail));
        };
        let said = ClaimBatchChecked {
            batch: self.check.batch,
            digest: HexBytes::of(&self.check.digest.0),
            seed: HexBytes::of(&self.check.seed.0),
            picked: outcome.checked,
            size: outcome.of,
            controlled_at_least: outcome.controlled_at_least,
            confidence_percent: outcome.confidence_percent,
        };
        let change = NewChange::of_claims(Audience::from(visibility), Payload::ClaimBatchChecked(said));
        transaction.record(change, vec![Edit::ConcludeCheck { batch: self.check.batch, controlled_at_least }]);
        Ok(())
    }
}
