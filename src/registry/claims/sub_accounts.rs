//! Sub-accounts. The owner of an address says that a memo, or every memo, belongs to another VASP, and that VASP confirms it. From then on
//! that VASP's claims on those memos are as strong as the owner's claim on the address. Either side can end it at any time; then the claims
//! contradict each other again.

use serde_json::json;
use utoipa::ToSchema;

use super::allowance::LATEST;
use super::attest::account;
use super::claimant::{Claimant, Speaker};
use super::dispute::{Disputing, Opponents, Place, open_against};
use super::lifted::{have_excess_wait, precedes};
use super::read::live_claims_on;
use super::shown_sub_account::ShownSubAccount;
use super::standings::{Contested, Standings};
use crate::acts::{Act, Deed, Identity, Reply};
use crate::alerts::{NewAlert, raise_against};
use crate::node::{Fault, Registry, ServiceError};
use serde::Deserialize;
use vasp_addresses::address::{Account, MemoPresence};
use vasp_addresses::network::NetworkTable;
use vasp_log::change::{Audience, NewChange, Payload, SubAccountChange};
use vasp_record::alert::{AlertBody, Severity};
use vasp_record::attestation::Seen;
use vasp_record::claim::{Strength, Visibility};
use vasp_record::resolution::Parties;
use vasp_store::{ClaimDispute, ClaimRow, Edit, StoreError, SubAccountRow, Transaction};
use vasp_words::ids::{SubAccountId, VaspId};

/// A memo of your own address that belongs to another VASP.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSubAccountBody)]
pub struct NewSubAccount {
    /// Network, as CAIP-2 id or another name.
    #[schema(example = "xrpl:0")]
    pub network: String,
    /// An address that your own VASP claims.
    #[schema(example = "rN7n7otQDd6FczFgLdSqtcsAUxDkw6fzRH")]
    pub address: String,
    /// The memo; every memo of the address if left out.
    #[serde(default)]
    pub memo: Option<String>,
    /// Id of the VASP that the memo belongs to. In a refusal: the VASP that it does not belong to.
    pub vasp: VaspId,
}

/// Names a sub-account: says that a memo of an address of the caller's VASP is another VASP's. This ends a refusal of the same.
///
/// # Errors
/// `ServiceError::IllegalStep` without a verified VASP or without an own claim on the address; `InvalidSubject`, `Invalid`; `Conflict` if
/// the same was said already; and those of [`Act::run`].
pub fn name_sub_account(act: Act<'_, ShownSubAccount>, new: &NewSubAccount) -> Result<Reply, ServiceError> {
    let (registry, owned) = (act.registry, OwnAddress::of(&act, new)?);
    act.run("sub_account.name", |transaction, identity| {
        owned.lock(transaction, identity)?;
        let row = owned.row(transaction, new.vasp);
        if let Some(refused) = same(transaction, &row)?.filter(|same| same.refused_at.is_some()) {
            transaction.end_sub_account(refused.id, row.named_at)?;
        }
        if !transaction.add_sub_account(&row)? {
            let detail =
                "Your VASP already named this sub-account; the other VASP must confirm it, or has already done so.".to_owned();
            return Err(ServiceError::Conflict(Fault { pointer: "/vasp".to_owned(), code: "named_already", detail }));
        }
        tell(transaction, registry, &row, row.holder, "named")?;
        deed(row)
    })
}

/// A VASP's own address, with the memo that it makes a statement about.
pub(super) struct OwnAddress {
    pub(super) claimant: Claimant,
    pub(super) account: Account,
}

impl OwnAddress {
    /// Reads the subject of a request.
    pub(super) fn of<T>(act: &Act<'_, T>, new: &NewSubAccount) -> Result<Self, ServiceError> {
        let claimant = Claimant::of(act.registry, act.identity, act.now)?;
        let account = account(&new.network, &new.address, new.memo.as_deref())?;
        check(&claimant, &account, new)?;
        Ok(Self { claimant, account })
    }

    /// Makes the row that assigns the memo to another VASP.
    pub(super) fn row(&self, transaction: &mut Transaction<'_>, holder: VaspId) -> SubAccountRow {
        let now = transaction.now();
        let id = SubAccountId::new(now, transaction.conn_and_rng().1);
        let (network, key, memo) = self.account.place();
        SubAccountRow::named(id, now, network, key, memo, self.claimant.vasp, holder)
    }

    /// Locks the claims, and refuses a VASP without an own claim in force on the address.
    pub(super) fn lock(&self, transaction: &mut Transaction<'_>, identity: &Identity) -> Result<(), ServiceError> {
        self.claimant.lock(transaction)?;
        let whole = Account { memo: None, ..self.account.clone() };
        let (claimant, speaker, now) = (&self.claimant, Speaker::from(identity), transaction.now());
        if Standings::read(transaction.conn(), claimant, speaker, now, std::iter::once(&whole))?.has_live(&whole)? {
            return Ok(());
        }
        let words = "Your VASP has no claim in force on this address; claim it first, without a memo.";
        Err(ServiceError::IllegalStep(words.to_owned()))
    }
}

/// Finds an open statement by the same owner about the same memo and VASP.
pub(super) fn same(transaction: &mut Transaction<'_>, row: &SubAccountRow) -> Result<Option<SubAccountRow>, StoreError> {
    let standing = transaction.conn().sub_accounts_on(row.network, &row.account_key)?;
    Ok(standing.into_iter().find(|one| (one.owner, one.holder, &one.memo) == (row.owner, row.holder, &row.memo)))
}

fn check(claimant: &Claimant, account: &Account, new: &NewSubAccount) -> Result<(), ServiceError> {
    let invalid =
        |pointer: &str, code, detail: String| Err(ServiceError::Invalid(Fault { pointer: pointer.to_owned(), code, detail }));
    let network = NetworkTable::embedded().by_number(account.network);
    if network.is_none_or(|network| network.memo_rule.presence == MemoPresence::None) {
        return invalid(
            "/network",
            "no_memos",
            "transfers on this network have no memo, so there are no sub-accounts".to_owned(),
        );
    }
    let records = claimant.generation.records();
    if records.get(new.vasp).is_none_or(|record| record.id != new.vasp) {
        return invalid("/vasp", "unknown_vasp", "there is no such VASP in the directory".to_owned());
    }
    if records.party(new.vasp) == records.party(claimant.vasp) {
        let detail = "this VASP is in your group; claims of one group do not contradict each other, so no sub-account is needed"
            .to_owned();
        return invalid("/vasp", "own_party", detail);
    }
    Ok(())
}

/// Confirms a sub-account that the owner of an address named. It takes effect immediately.
///
/// # Errors
/// `ServiceError::NotFound` if no such sub-account names the caller's VASP. `IllegalStep` without a verified VASP, or if the sub-account
/// was already confirmed or ended. Also those of [`Act::run`].
pub fn confirm_sub_account(act: Act<'_, ShownSubAccount>, id: SubAccountId) -> Result<Reply, ServiceError> {
    let (registry, claimant) = (act.registry, Claimant::of(act.registry, act.identity, act.now)?);
    act.run("sub_account.confirm", |transaction, _| {
        claimant.lock(transaction)?;
        let mut row = own(transaction, id, claimant.vasp)?;
        if row.holder != claimant.vasp {
            return Err(ServiceError::IllegalStep("Only the VASP that is named as the holder can confirm it.".to_owned()));
        }
        if row.confirmed_at.is_some() || row.refused_at.is_some() || row.ended_at.is_some() {
            return Err(ServiceError::IllegalStep("The sub-account was already confirmed, refused or ended.".to_owned()));
        }
        let now = transaction.now();
        transaction.confirm_sub_account(id, now)?;
        row.confirmed_at = Some(now);
        transaction.record(change(&row, true), vec![Edit::CountSubAccount(id)]);
        let sides = Sides::read(transaction, &claimant, &row)?;
        sides.close_disputes(transaction, &row)?;
        tell(transaction, registry, &row, row.owner, "confirmed")?;
        deed(row)
    })
}

/// Ends a sub-account, by either side. If it was in force, the holder's claims contradict the owner's again, as many as its allowance has
/// left. Claims beyond the allowance wait for a reviewer, as they would have without the sub-account.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` if it ended before, or if it is the other side's refusal; and those of [`Act::run`].
pub fn end_sub_account(act: Act<'_, ShownSubAccount>, id: SubAccountId) -> Result<Reply, ServiceError> {
    let missing = || ServiceError::NotFound(MISSING.to_owned());
    let vasp = act.identity.vasp.ok_or_else(missing)?;
    let (registry, generation) = (act.registry, act.registry.pin(act.now));
    act.run("sub_account.end", |transaction, _| {
        let holder = own(transaction, id, vasp)?.holder;
        let number = generation.number_of(holder).ok_or_else(missing)?;
        let holder = Claimant { vasp: holder, number, generation, left_group: false };
        holder.hold(transaction)?;
        // Read under the lock: it may have been confirmed just before, and must then stop being in force.
        let mut row = own(transaction, id, vasp)?;
        if row.refused_at.is_some() && vasp != row.owner {
            return Err(ServiceError::IllegalStep("Only the owner of the address can withdraw its refusal.".to_owned()));
        }
        let now = transaction.now();
        transaction.end_sub_account(id, now).map_err(|error| match error {
            StoreError::Stale { .. } => ServiceError::IllegalStep("It has already ended.".to_owned()),
            other => other.into(),
        })?;
        row.ended_at = Some(now);
        if row.confirmed_at.is_some() {
            transaction.record(change(&row, false), vec![Edit::EndSubAccount(id)]);
            let sides = Sides::read(transaction, &holder, &row)?;
            sides.contradict_again(transaction, &row, &holder, registry)?;
        }
        tell(transaction, registry, &row, if vasp == row.owner { row.holder } else { row.owner }, "ended")?;
        deed(row)
    })
}

const MISSING: &str = "There is no such sub-account of your VASP.";

fn own(transaction: &mut Transaction<'_>, id: SubAccountId, vasp: VaspId) -> Result<SubAccountRow, ServiceError> {
    let found = transaction.conn().sub_account(id)?.filter(|row| row.owner == vasp || row.holder == vasp);
    found.ok_or_else(|| ServiceError::NotFound(MISSING.to_owned()))
}

pub(super) fn change(row: &SubAccountRow, counts: bool) -> NewChange {
    let said = SubAccountChange { sub_account: row.id, owner: row.owner, holder: row.holder, counts };
    NewChange::of_claims(Audience::Operator, Payload::SubAccount(said))
}

pub(super) fn deed(row: SubAccountRow) -> Result<Deed<ShownSubAccount>, ServiceError> {
    let details = json!({"owner": row.owner, "holder": row.holder});
    Ok(Deed::new(ShownSubAccount::of(&row)?, row.id, details))
}

/// Notifies the organisation that speaks for the other side, if there is one.
pub(super) fn tell(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    row: &SubAccountRow,
    side: VaspId,
    what: &str,
) -> Result<(), ServiceError> {
    let Some(organisation) = transaction.conn().organisation_speaking_for(side)? else { return Ok(()) };
    let other = if side == row.owner { row.holder } else { row.owner };
    let says = |AlertBody { count, to, .. }: &AlertBody| {
        let ids = to.join(", ");
        match what {
            "named" => {
                format!(
                    "{other} states that memos of its addresses belong to you; confirm or end each sub-account ({count}: {ids})."
                )
            }
            "refused" => format!(
                "{other} states that memos of its addresses do not belong to you ({count}: {ids}); the registry's reviewers \
                 decide."
            ),
            "decided" => {
                format!(
                    "The registry decided that sub-accounts of {} and {} are in force ({count}: {ids}).",
                    row.owner, row.holder
                )
            }
            "confirmed" => format!("{other} confirmed sub-accounts ({count}: {ids}); its claims on the memos are in force."),
            _ => format!(
                "{other} ended sub-accounts or refusals ({count}: {ids}); claims on the memos may contradict each other again."
            ),
        }
    };
    let severity = if what == "confirmed" { Severity::Info } else { Severity::Medium };
    let body = AlertBody::counting(std::iter::once(row.id.to_string()));
    let new = NewAlert { kind: format!("sub_account.{what}"), severity, vasp: Some(other), body, not_to: None };
    raise_against(transaction, registry, organisation, other, new, says)
}

/// The claims in force that do not contradict each other because of a sub-account.
pub(super) struct Sides {
    owned: Vec<(ClaimRow, Strength)>,
    held: Vec<ClaimRow>,
}

impl Sides {
    pub(super) fn read(transaction: &mut Transaction<'_>, holder: &Claimant, row: &SubAccountRow) -> Result<Self, ServiceError> {
        let records = holder.generation.records();
        let vasp_of = |claim: &ClaimRow| holder.generation.vasp_of(claim.vasp);
        let is_of_holder = |claim: &ClaimRow| vasp_of(claim).is_some_and(|vasp| records.party(vasp) == records.party(row.holder));
        let rows = live_claims_on(transaction.conn(), row.network, &row.account_key)?;
        let meant = |claim: &ClaimRow| !claim.memo.is_empty() && (row.memo.is_empty() || claim.memo == row.memo);
        let (memos, whole): (Vec<_>, Vec<_>) = rows.into_iter().partition(|claim| !claim.memo.is_empty());
        let batches = transaction.conn().claim_batches(&whole.iter().map(|claim| claim.batch).collect::<Vec<_>>())?;
        let with_strength = |claim: ClaimRow| {
            let batch = batches.iter().find(|batch| batch.number == claim.batch)?;
            row.says().speaks_for(vasp_of(&claim)?, batch.strength, records).then_some((claim, batch.strength))
        };
        Ok(Self {
            owned: whole.into_iter().filter_map(with_strength).collect(),
            held: memos.into_iter().filter(|claim| meant(claim) && is_of_holder(claim)).collect(),
        })
    }

    pub(super) fn close_disputes(&self, transaction: &mut Transaction<'_>, row: &SubAccountRow) -> Result<(), ServiceError> {
        let now = transaction.now();
        for dispute in self.disputes(transaction)? {
            transaction.close_dispute(dispute.id, &format!("confirmed:{}", row.id), now)?;
        }
        Ok(())
    }

    /// Returns the open disputes between the two sides.
    pub(super) fn disputes(&self, transaction: &mut Transaction<'_>) -> Result<Vec<ClaimDispute>, ServiceError> {
        let owned: Vec<i64> = self.owned.iter().map(|(claim, _)| claim.number).collect();
        let held: Vec<i64> = self.held.iter().map(|claim| claim.number).collect();
        let is_between = |one: i64, other: i64| owned.contains(&one) && held.contains(&other);
        let mut disputes = transaction.conn().disputes_of(&owned)?;
        disputes.retain(|one| one.against.is_some_and(|other| is_between(one.claim, other) || is_between(other, one.claim)));
        Ok(disputes)
    }

    /// Opens the disputes that follow from the end of the sub-account. Lets those of the holder's claims wait that exceed its allowance.
    fn contradict_again(
        &self,
        transaction: &mut Transaction<'_>,
        row: &SubAccountRow,
        holder: &Claimant,
        registry: &Registry,
    ) -> Result<(), ServiceError> {
        let (vasp, generation) = (holder.vasp, &holder.generation);
        let Some(organisation) = transaction.conn().organisation_speaking_for(vasp)? else { return Ok(()) };
        let speaker = Speaker { organisation, user: None };
        let numbers: Vec<i64> = self.held.iter().map(|claim| claim.number).collect();
        let rows = transaction.conn().member_claims_numbered(organisation, &numbers)?;
        let is_halted = generation.records().is_halted(vasp);
        // If the owner proved its claim, a claim on a memo changes no answer.
        let is_proven = |batch| self.owned.iter().any(|(row, strength)| row.batch == batch && *strength == Strength::Proven);
        let again =
            |other: &Contested, own: &ClaimRow| !is_proven(other.batch) && (!is_halted || !precedes(generation, other, own));
        let waits = have_excess_wait(transaction, registry, holder, speaker, LATEST, rows, &again)?;
        // If another sub-account of the two still covers a claim, there is no contradiction.
        let records = generation.records();
        let mut others = transaction.conn().confirmed_sub_accounts(row.network, &[&row.account_key])?;
        others.retain(|other| other.owner == row.owner && records.party(other.holder) == records.party(row.holder));
        let now = transaction.now().micros();
        let is_settled = |claim: &ClaimRow| others.iter().any(|other| other.memo.is_empty() || other.memo == claim.memo);
        let counts = |claim: &&ClaimRow| claim.expires_at.is_none_or(|at| at > now);
        let held = self.held.iter().filter(|claim| counts(claim) && !is_settled(claim) && !waits.contains(&claim.number));
        let held: Vec<&ClaimRow> = held.collect();
        let contested: Vec<Contested> =
            self.owned.iter().map(|(row, _)| row).filter(counts).map(|row| Contested::of(row, true)).collect();
        let places: Vec<_> = held.iter().map(|claim| (row.network, row.account_key.as_slice(), claim.memo.as_str())).collect();
        let opponents: Vec<Opponents<'_>> = (places.iter().zip(&held))
            .map(|(place, claim)| Opponents { place, claim: claim.number, contested: &contested })
            .collect();
        // The two sides know of each other through the sub-account.
        let seen = Seen { visibility: Visibility::Public, named: vec![] };
        let disputing = Disputing { vasp, generation, speaker, registry, seen: &seen, let_count: false };
        open_against(transaction, &disputing, &opponents)
    }
}
