//! Lets waiting claims take effect, because one reviewer allows it or nobody contradicts them any more. They take effect as
//! contradictions; no answer assigns an address to the claimant because of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::challenge::account_of;
use super::claimant::{Claimant, Speaker};
use super::dispute::{Disputing, Opponents, open_against};
use super::end_many::SELECTION_MAX;
use super::parts::Parts;
use super::read::{BatchNotes, MemberClaim, member_claim};
use super::standings::Standings;
use super::write::{Earlier, Statement, Voice};
use crate::acts::{Act, Deed, Reply};
use crate::cases::{enter, vasp_of};
use crate::node::{Page, Registry, ServiceError, invalid_value};
use vasp_addresses::address::Account;
use vasp_pki::{ClaimIdKey, DataKey};
use vasp_record::claim::ClaimNumber;
use vasp_record::proposal::Reason;
use vasp_store::{Case, Conn, Transaction, WaitingOf, WholeMemberClaim};
use vasp_words::ids::{CaseId, VaspId};
use vasp_words::time::UtcTime;

/// Which waiting claims take effect.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = CountedRowsInput)]
pub enum CountedRows {
    /// All of them.
    All(AllRows),
    /// The claims with these ids, at most 1,000.
    Ids(Vec<String>),
}

/// All of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AllRows {
    /// All of them.
    All,
}

/// The result of letting waiting claims take effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CountedClaims)]
pub struct CountedClaims {
    /// Id of the case.
    #[schema(value_type = String)]
    pub case: CaseId,
    /// Number of waiting claims that took effect.
    pub counted: usize,
    /// Number of the VASP's claims that still wait.
    pub waiting: i64,
}

/// A VASP whose claims wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PendingClaims)]
pub struct PendingClaims {
    /// The VASP.
    #[schema(value_type = Option<String>)]
    pub vasp: Option<VaspId>,
    /// Id of its open case; null if none is open.
    #[schema(value_type = Option<String>)]
    pub case: Option<CaseId>,
    /// When the case is due for a decision; null if no case is open.
    pub due_at: Option<UtcTime>,
    /// Number of waiting claims.
    pub count: i64,
    /// Since when the oldest of them waits.
    pub since: Option<UtcTime>,
}

/// A waiting claim, with the claims that it contradicts.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingClaim {
    /// The claim.
    pub claim: MemberClaim,
    /// Ids of other parties' live claims that it contradicts, at most 20, each with its VASP.
    pub against: Vec<(String, Option<VaspId>)>,
}

/// Lets waiting claims of one VASP take effect. Each batch of them becomes a batch. Their age starts now, because no answer showed them
/// before.
pub(super) fn admit(
    transaction: &mut Transaction<'_>,
    claimant: &Claimant,
    speaker: Speaker,
    seal_key: &DataKey,
    registry: &Registry,
    rows: &[WholeMemberClaim],
) -> Result<(), ServiceError> {
    let mut by_batch: BTreeMap<i64, Vec<&WholeMemberClaim>> = BTreeMap::new();
    for row in rows {
        by_batch.entry(row.batch.number).or_default().push(row);
    }
    for (own, rows) in by_batch {
        // The last claims of a batch keep its number, so that a check of the batch applies to them.
        let now = transaction.now();
        let is_last = transaction.conn().claim_batches(&[own])?.is_empty()
            && transaction.conn().waiting_claims(WaitingOf::Batch(own), (0, one_more(rows.len())), now)?.len() == rows.len();
        let kept = is_last.then_some(own);
        admit_batch(transaction, claimant, speaker, seal_key, registry, &rows, kept)?;
    }
    Ok(())
}

/// Returns when a waiting claim was made.
pub(super) fn said_at(row: &WholeMemberClaim, now: UtcTime) -> UtcTime {
    row.claim.asserted_at.and_then(|at| UtcTime::from_micros(at).ok()).unwrap_or(now)
}

fn one_more(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX).saturating_add(1)
}

/// Reads some claims and their accounts.
pub(super) fn with_accounts<'a>(
    conn: &mut Conn,
    ids: &ClaimIdKey,
    rows: impl Iterator<Item = &'a WholeMemberClaim> + Clone,
    now: UtcTime,
) -> Result<(BatchNotes, Vec<(MemberClaim, Account)>), ServiceError> {
    let mut batches: Vec<i64> = rows.clone().map(|row| row.batch.number).collect();
    batches.dedup();
    let notes = BatchNotes::of(conn, &batches)?;
    let read = |row| {
        let claim = member_claim(ids, row, &notes, now)?;
        let account = Account { memo: claim.memo.clone(), ..account_of(&claim)? };
        Ok((claim, account))
    };
    let claims = rows.map(read).collect::<Result<_, ServiceError>>()?;
    Ok((notes, claims))
}

fn admit_batch(
    transaction: &mut Transaction<'_>,
    claimant: &Claimant,
    speaker: Speaker,
    seal_key: &DataKey,
    registry: &Registry,
    rows: &[&WholeMemberClaim],
    batch: Option<i64>,
) -> Result<(), ServiceError> {
    let (Some(first), now) = (rows.first(), transaction.now()) else { return Ok(()) };
    let ids = registry.directory().claim_ids();
    let (notes, claims) = with_accounts(transaction.conn(), ids, rows.iter().copied(), now)?;
    let seen = notes.seen(&first.batch);
    let standings = Standings::read(transaction.conn(), claimant, speaker, now, claims.iter().map(|(_, account)| account))?;
    let (mut statements, mut contested) = (vec![], vec![]);
    for (row, (claim, account)) in rows.iter().zip(&claims) {
        let place = (row.claim.network, row.claim.account_key.clone(), row.claim.memo.clone());
        let replaces = standings.replaced(&place)?;
        contested.push(standings.contested(account)?);
        let ((network, account_key, memo), expires_at) = (place, claim.standing.expires_at.unwrap_or(now));
        let (controller, role) = ((row.claim.class, row.claim.controller.clone()), claim.standing.role);
        // A claim that an ended one holds keeps its age, so that it stays held.
        let said_at = said_at(row, now);
        let since = if standings.holding(account, said_at)?.is_empty() { now } else { said_at };
        statements.push(Statement { network, account_key, controller, memo, role, since, expires_at, replaces });
        if let Some(replaced) = replaces {
            transaction.name_replaced(row.claim.number, replaced.number)?;
        }
    }
    let earlier = Earlier { batch: Some(first.batch.number), ..Earlier::default() };
    let voice = Voice { earlier, ..Voice::attesting(claimant, speaker, &seen, seal_key, registry) };
    let numbers: Vec<i64> = rows.iter().map(|row| row.claim.number).collect();
    let batch = match batch {
        Some(number) => number,
        None => transaction.take_numbers("claim_batches", 1)?,
    };
    if !seen.named.is_empty() && batch != first.batch.number {
        transaction.add_batch_readers(batch, &seen.named)?;
    }
    transaction.take_waiting_claims(&numbers)?;
    let numbered: Vec<(i64, &Statement)> = numbers.into_iter().zip(&statements).collect();
    voice.write_numbered(transaction, batch, &numbered)?;
    let opponents = numbered.iter().zip(&contested);
    let opponents: Vec<Opponents<'_>> =
        opponents.map(|((claim, place), contested)| Opponents { place: *place, claim: *claim, contested }).collect();
    // Claims that a reviewer allowed do not use the member's allowance.
    let disputing = Disputing { let_count: true, ..voice.disputing() };
    open_against(transaction, &disputing, &opponents)
}

/// Maximum number of claims that take effect in one transaction. Ours: fewer than rows of an import, because each opens disputes.
pub(super) const ADMITTED_ROWS: usize = 400;

/// The result of one part of the waiting claims.
#[derive(Serialize, Deserialize)]
struct CountedPart {
    counted: usize,
    /// Number of the VASP's claims that still wait; `None` if another part follows.
    waiting: Option<i64>,
}

/// Maximum number of contradicted claims shown with a waiting claim.
const OPPOSED_NAMED: usize = 20;

fn no_such_case() -> ServiceError {
    ServiceError::NotFound("There is no such case.".to_owned())
}

fn case_of(conn: &mut Conn, id: CaseId) -> Result<Case, ServiceError> {
    conn.case(id)?.ok_or_else(no_such_case)
}

/// Lets waiting claims take effect. From then on they visibly contradict the claims of others, but take no address from anybody.
///
/// # Errors
/// `ServiceError::NotFound` for an unknown case, or for a claim that does not wait in it. `IllegalStep` if the VASP is not verified or no
/// claim waits. `Invalid`. Also those of [`Act::run`].
pub fn count_waiting(
    act: Act<'_, CountedClaims>,
    case: CaseId,
    rows: &CountedRows,
    until: Option<&str>,
    reason: &Reason,
) -> Result<Reply, ServiceError> {
    let (registry, now) = (act.registry, act.now);
    let ids = registry.directory().claim_ids();
    let vasp = registry.store().read(|conn| case_of(conn, case)).and_then(|case| vasp_of(&case))?;
    let claimant = Claimant::verified(registry, vasp, now)?;
    let numbers = match rows {
        CountedRows::All(AllRows::All) => None,
        CountedRows::Ids(named) => Some(numbers_of(ids, named)?),
    };
    let until = until.map_or(Ok(i64::MAX), |id| number_of(ids, id, "/until"))?;
    let seal_key = registry.seed_key(now, act.rng)?;
    let newest = || registry.store().read(|conn| Ok::<_, ServiceError>(conn.newest_waiting_claim(claimant.number)?));
    // What is claimed after the request began keeps waiting, however long the request takes.
    let until = until.min(newest()?.unwrap_or(i64::MAX));
    let (mut parts, render) = Parts::of(act);
    let mut counted = 0;
    loop {
        let claims = PartOfWaiting { claimant: &claimant, numbers: numbers.as_deref(), until, is_first: counted == 0 };
        let part: CountedPart = parts.run(|part| claims.count(part, case, &seal_key, reason))?;
        counted += part.counted;
        if let Some(waiting) = part.waiting {
            let answer = render(&CountedClaims { case, counted, waiting });
            return Ok(parts.answer(answer));
        }
    }
}

/// The waiting claims of which the next part takes effect.
struct PartOfWaiting<'a> {
    claimant: &'a Claimant,
    /// Numbers of the claims that the reviewer named; `None` for all.
    numbers: Option<&'a [i64]>,
    /// Number of the last claim that may take effect.
    until: i64,
    is_first: bool,
}

impl PartOfWaiting<'_> {
    /// Lets the oldest of them take effect, in one transaction.
    fn count(&self, act: Act<'_, CountedPart>, case: CaseId, seal_key: &DataKey, reason: &Reason) -> Result<Reply, ServiceError> {
        let (registry, now, ids) = (act.registry, act.now, act.registry.directory().claim_ids());
        let Self { claimant, numbers, until, is_first } = *self;
        act.run("claim.count", |transaction, identity| {
            claimant.lock(transaction)?;
            let of = numbers.map_or(WaitingOf::Vasp(claimant.number), WaitingOf::Numbers);
            let most = numbers.map_or(ADMITTED_ROWS, <[i64]>::len);
            let mut waiting = transaction.conn().waiting_claims(of, (0, one_more(most)), now)?;
            waiting.retain(|row| row.claim.vasp == claimant.number && row.claim.number <= until);
            let is_last = waiting.len() <= most;
            waiting.truncate(most);
            if numbers.is_some_and(|numbers| numbers.len() != waiting.len()) {
                let detail = "One of these claims does not wait in this case; read the list of the case again.".to_owned();
                return Err(ServiceError::NotFound(detail));
            }
            let Some(first) = waiting.first() else {
                if !is_first {
                    let left = transaction.conn().waiting_count(claimant.number, now)?;
                    return Ok(Deed::new(CountedPart { counted: 0, waiting: Some(left) }, case, json!({"count": 0})));
                }
                return Err(ServiceError::IllegalStep("No claims wait in this case.".to_owned()));
            };
            let speaker = Speaker { organisation: first.member.organisation, user: Some(identity.user) };
            admit(transaction, claimant, speaker, seal_key, registry, &waiting)?;
            let counted = waiting.len();
            let body = json!({"count": counted, "reason": reason, "claims": public_ids(ids, &waiting)});
            enter(transaction, case, "claims_counted", Some(identity.user), &body)?;
            let left = is_last.then(|| transaction.conn().waiting_count(claimant.number, now)).transpose()?;
            let details = json!({"vasp": claimant.vasp.to_string(), "count": counted, "reason": reason});
            Ok(Deed::new(CountedPart { counted, waiting: left }, case, details))
        })
    }
}

/// Returns the public ids of the first few claims; the others are in the same batches.
fn public_ids(ids: &ClaimIdKey, rows: &[WholeMemberClaim]) -> Vec<String> {
    const NAMED: usize = 20;
    rows.iter().take(NAMED).map(|row| ids.public_id(ClaimNumber(row.claim.number))).collect()
}

fn number_of(ids: &ClaimIdKey, id: &str, pointer: &str) -> Result<i64, ServiceError> {
    ids.number(id).map(|number| number.0).map_err(|_| invalid_value(pointer, "this is not the id of a claim".to_owned()))
}

fn numbers_of(ids: &ClaimIdKey, named: &[String]) -> Result<Vec<i64>, ServiceError> {
    if named.is_empty() || named.len() > SELECTION_MAX {
        return Err(invalid_value("/rows", format!("name 1 to {SELECTION_MAX} claims, or `all`")));
    }
    let number = |(place, id): (usize, &String)| number_of(ids, id, &format!("/rows/{place}"));
    let mut numbers = named.iter().enumerate().map(number).collect::<Result<Vec<_>, _>>()?;
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

/// Lists the VASPs whose claims wait for a reviewer.
pub fn list_pending(registry: &Registry, now: UtcTime) -> Result<Vec<PendingClaims>, ServiceError> {
    let generation = registry.pin(now);
    registry.store().read(|conn| {
        let mut items = vec![];
        for (number, count, since) in conn.waiting_counts(now)? {
            let vasp = generation.vasp_of(number);
            let case = vasp.map(|vasp| conn.open_case_of(vasp)).transpose()?.flatten();
            let (case, due_at) = (case.as_ref().map(|case| case.id), case.as_ref().map(|case| case.due_at));
            items.push(PendingClaims { vasp, case, due_at, count, since });
        }
        Ok(items)
    })
}

/// Lists the waiting claims of a case's VASP, oldest first, with the claims that they contradict. The position of a page is the public id
/// of its last claim.
///
/// # Errors
/// `ServiceError::NotFound`, `Invalid` for a cursor of another list, `Store`.
pub fn read_pending(
    registry: &Registry,
    case: CaseId,
    after: Option<&str>,
    limit: usize,
    now: UtcTime,
) -> Result<Page<PendingClaim, String>, ServiceError> {
    let (ids, generation) = (registry.directory().claim_ids(), registry.pin(now));
    let no_cursor = |_| {
        let detail = "this is not a cursor of this list; send the `next_cursor` of the previous page, or no cursor".to_owned();
        invalid_value("?cursor", detail)
    };
    let after = after.map(|id| ids.number(id)).transpose().map_err(no_cursor)?.map_or(0, |number| number.0);
    let vasp = registry.store().read(|conn| case_of(conn, case)).and_then(|case| vasp_of(&case))?;
    let number = generation.number_of(vasp).ok_or_else(no_such_case)?;
    let claimant = Claimant { vasp, number, generation: Arc::clone(&generation), left_group: false };
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let pending = registry.store().read::<_, ServiceError>(|conn| {
        let rows = conn.waiting_claims(WaitingOf::Vasp(number), (after, most), now)?;
        let Some(organisation) = rows.last().map(|row| row.member.organisation) else { return Ok(vec![]) };
        let (_, claims) = with_accounts(conn, ids, rows.iter(), now)?;
        let accounts = claims.iter().map(|(_, account)| account);
        let standings = Standings::read(conn, &claimant, Speaker { organisation, user: None }, now, accounts)?;
        let mut items = vec![];
        for (claim, account) in &claims {
            let opposed = standings.contested(account)?.into_iter().take(OPPOSED_NAMED);
            let against = opposed.map(|other| (ids.public_id(ClaimNumber(other.claim)), generation.vasp_of(other.owner)));
            items.push(PendingClaim { against: against.collect(), claim: claim.clone() });
        }
        Ok(items)
    })?;
    Ok(Page::of(pending.into_iter(), limit, |item| item.claim.id.clone()))
}
