//! Disputes: somebody contradicts a claim on an address. The dispute itself changes no answer; only the way in which an answer merges
//! claims does. A case on the claimant's VASP names both sides, for operators only, and decides.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::attest::account;
use super::claimant::Speaker;
use super::plan::Plan;
use super::standings::Contested;
use super::write::{Statement, Voice};
use crate::acts::{Act, Deed, Identity, Reply};
use crate::alerts::{NewAlert, raise_against};
use crate::cases::{Trigger, open_or_join, open_or_join_by};
use crate::directory::Generation;
use crate::node::{Fault, Registry, ServiceError};
use vasp_addresses::address::Account;
use vasp_addresses::network::NetworkNumber;
use vasp_record::alert::{AlertBody, Severity};
use vasp_record::attestation::{DisputeKind, Seen};
use vasp_record::case::{Cause, TriggerKind};
use vasp_record::claim::{Claim, ClaimNumber, NetworkMatch, Reader, may_see};
use vasp_record::proposal::Reason;
use vasp_record::resolution;
use vasp_record::resolution::Parties;
use vasp_store::{Case, ClaimDispute, Transaction};
use vasp_words::ids::{DisputeId, OrganisationId, VaspId};
use vasp_words::time::UtcTime;

/// Maximum number of pairs of claims that a case names; its disputes name one for each answer that a claim contradicts.
const NAMED_IN_CASE: usize = 20;

/// The reason in the place of a member's words, if the registry let waiting claims take effect.
const LET_COUNT: &str = "The claim waited for a reviewer, who then accepted it.";

/// A report that a claim is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewDisputeBody)]
pub struct NewDispute {
    /// Network, as CAIP-2 id or another name.
    network: String,
    address: String,
    /// The memo that the claim is limited to.
    #[serde(default)]
    memo: Option<String>,
    /// Id of the claim, if the account has several. If left out, the dispute is about all of them.
    #[serde(default)]
    claim: Option<String>,
    /// Why the claim is wrong.
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    reason: Reason,
}

impl NewDispute {
    /// Reads the account that the report is about.
    pub fn account(&self) -> Result<Account, ServiceError> {
        account(&self.network, &self.address, self.memo.as_deref())
    }
}

/// The result of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpenedDispute {
    /// Ids of the disputes, one for each claim.
    pub disputes: Vec<String>,
    /// Ids of the claims.
    pub claims: Vec<String>,
}

/// A claim, with the claims that it contradicts.
pub(super) struct Opponents<'a> {
    /// The account.
    pub place: &'a dyn Place,
    /// Number of the claim.
    pub claim: i64,
    /// The claims that were there first.
    pub contested: &'a [Contested],
}

impl<'a> Opponents<'a> {
    /// Returns one claim for each answer that is not in dispute with this claim: the one on the same network, or else the oldest.
    fn undisputed(&self, known: &HashSet<(i64, i64)>) -> Vec<&'a Contested> {
        let mut answers: BTreeMap<_, Vec<&Contested>> = BTreeMap::new();
        for other in self.contested {
            answers.entry(other.answer()).or_default().push(other);
        }
        let is_known =
            |other: &&Contested| [(self.claim, other.claim), (other.claim, self.claim)].iter().any(|pair| known.contains(pair));
        answers.retain(|_, claims| !claims.iter().any(is_known));
        let network = self.place.place().0;
        answers
            .into_values()
            .filter_map(|of| of.into_iter().min_by_key(|other| (other.network != network, other.claim)))
            .collect()
    }
}

/// The account and memo of a claim.
pub(super) trait Place {
    /// Returns network number, account key and memo.
    fn place(&self) -> (i32, &[u8], &str);
}

impl Place for (i32, &[u8], &str) {
    fn place(&self) -> (i32, &[u8], &str) {
        *self
    }
}

impl Place for Account {
    fn place(&self) -> (i32, &[u8], &str) {
        (self.network.0, self.key.as_bytes(), self.memo.as_deref().unwrap_or_default())
    }
}

impl Place for Statement {
    fn place(&self) -> (i32, &[u8], &str) {
        (self.network, &self.account_key, &self.memo)
    }
}

/// The author of claims that contradict others.
pub(super) struct Disputing<'a> {
    /// The VASP that the case is about.
    pub vasp: VaspId,
    /// The directory generation in which to find the claims' owners.
    pub generation: &'a Generation,
    /// On whose behalf the claims are made.
    pub speaker: Speaker,
    /// Makes public ids, and seals alerts for others.
    pub registry: &'a Registry,
    /// Who may see the claims.
    pub seen: &'a Seen,
    /// Whether a reviewer let waiting claims take effect.
    pub let_count: bool,
}

impl<'a> Voice<'a> {
    /// Returns the same author, for opening disputes.
    pub(super) fn disputing(&self) -> Disputing<'a> {
        let Self { claimant, speaker, registry, seen, .. } = *self;
        Disputing { vasp: claimant.vasp, generation: &claimant.generation, speaker, registry, seen, let_count: false }
    }
}

/// Opens disputes for the contradictions in a plan. `first` is the number of its first written claim.
pub(super) fn open_conflicts(
    transaction: &mut Transaction<'_>,
    voice: &Voice<'_>,
    plan: &Plan,
    first: i64,
) -> Result<(), ServiceError> {
    let numbered = (first..).zip(plan.statements.iter().zip(&plan.contested));
    let opponents: Vec<Opponents<'_>> =
        numbered.map(|(claim, (statement, contested))| Opponents { place: statement, claim, contested }).collect();
    open_against(transaction, &voice.disputing(), &opponents)
}

/// Opens a dispute for each answer that a claim contradicts without an open dispute, and opens the claimant's case. All claims of one owner
/// on one controller and memo are one answer, on however many networks of the class. Call it after the claims are written: open disputes
/// have then moved to the claims that replaced theirs.
pub(super) fn open_against(
    transaction: &mut Transaction<'_>,
    disputing: &Disputing<'_>,
    opponents: &[Opponents<'_>],
) -> Result<(), ServiceError> {
    let contesting: Vec<i64> = opponents.iter().filter(|one| !one.contested.is_empty()).map(|one| one.claim).collect();
    let known = transaction.conn().disputes_of(&contesting)?;
    let known: HashSet<(i64, i64)> = known.iter().filter_map(|dispute| Some((dispute.claim, dispute.against?))).collect();
    let pairs: Vec<(&Opponents<'_>, &Contested)> =
        opponents.iter().flat_map(|one| one.undisputed(&known).into_iter().map(move |other| (one, other))).collect();
    if pairs.is_empty() {
        return Ok(());
    }
    let id = |number: i64| disputing.registry.directory().claim_ids().public_id(ClaimNumber(number));
    let generation = disputing.generation;
    let contesting = pairs.iter().map(|(one, _)| one.claim).collect::<HashSet<_>>().len();
    let named: Vec<Value> = pairs
        .iter()
        .take(NAMED_IN_CASE)
        .map(|(one, other)| json!({"claim": id(one.claim), "against": id(other.claim), "vasp": generation.vasp_of(other.owner)}))
        .collect();
    let detail = json!({
        "summary": format!("{contesting} of its claims contradict claims of other parties (conflicts: {})", pairs.len()),
        "count": pairs.len(), "claims": named,
    });
    let actor = disputing.speaker.user;
    let trigger = Trigger { kind: TriggerKind::Dispute, detail, actor };
    let case = open_or_join_by(transaction, disputing.vasp, &trigger, Cause::Itself)?;
    tell_owners(transaction, disputing, pairs.iter().map(|(_, other)| *other))?;
    let organisation = disputing.speaker.organisation;
    let mut rows = Vec::with_capacity(pairs.len());
    for (one, other) in pairs {
        let place = one.place.place();
        let reason = disputing.let_count.then(|| LET_COUNT.to_owned());
        let row = row(transaction, &case, DisputeKind::Conflict, organisation, place, one.claim, Some(other.claim));
        rows.push(ClaimDispute { reason, ..row });
    }
    Ok(transaction.add_disputes(&rows)?)
}

/// Alerts the members whose claims are contradicted by claims that they may see. It does not name the claimant; a resolve request shows it.
fn tell_owners<'a>(
    transaction: &mut Transaction<'_>,
    disputing: &Disputing<'_>,
    contested: impl Iterator<Item = &'a Contested>,
) -> Result<(), ServiceError> {
    let mut of_owner: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for one in contested {
        of_owner.entry(one.owner).or_default().insert(one.claim);
    }
    for (owner, claims) in of_owner {
        let Some(vasp) = disputing.generation.vasp_of(owner) else { continue };
        let Some(organisation) = transaction.conn().organisation_speaking_for(vasp)? else { continue };
        if !may_see(Reader::Organisation(organisation), disputing.seen.visibility, &disputing.seen.named) {
            continue;
        }
        let ids = disputing.registry.directory().claim_ids();
        let body = AlertBody::counting(claims.iter().map(|claim| ids.public_id(ClaimNumber(*claim))));
        let kind = "own.claim_disputed".to_owned();
        let new = NewAlert { kind, severity: Severity::Medium, vasp: Some(vasp), body, not_to: None };
        raise_against(transaction, disputing.registry, organisation, disputing.vasp, new, |body| {
            format!(
                "Claims of another VASP contradict {} of your claims ({}); the registry's reviewers decide. Prove your claims \
                 with the key of the address. If the other claim is on a memo of your address, name the memo as that VASP's \
                 sub-account, or refuse it.",
                body.count,
                body.to.join(", ")
            )
        })?;
    }
    Ok(())
}

fn row(
    transaction: &mut Transaction<'_>,
    case: &Case,
    kind: DisputeKind,
    organisation: OrganisationId,
    (network, account_key, memo): (i32, &[u8], &str),
    claim: i64,
    against: Option<i64>,
) -> ClaimDispute {
    let now = transaction.now();
    ClaimDispute {
        id: DisputeId::new(now, transaction.conn_and_rng().1),
        case_id: case.id,
        kind,
        network,
        account_key: account_key.to_vec(),
        memo: memo.to_owned(),
        claim,
        against,
        organisation,
        reason: None,
        opened_at: now,
        outcome: None,
        closed_at: None,
    }
}

/// Reports that a claim on an address is wrong.
///
/// # Errors
/// `ServiceError::InvalidSubject`, `Invalid`. `NotFound` if the member may see no claim of another party there. `Conflict` if it disputes
/// the claim already, or the claim ended meanwhile. Also those of [`Act::run`].
pub fn report_dispute(act: Act<'_, OpenedDispute>, new: &NewDispute) -> Result<Reply, ServiceError> {
    let ids = act.registry.directory().claim_ids();
    let account = new.account()?;
    let disputed = disputed_claims(act.registry, act.identity, &account, new.claim.as_deref(), act.now)?;
    act.run("claim.dispute", |transaction, identity| {
        // Writers that change claims of these VASPs run before or after this transaction.
        for vasp in disputed.keys() {
            transaction.lock_submission(*vasp)?;
        }
        let mut opened = OpenedDispute { disputes: vec![], claims: vec![] };
        for (vasp, claims) in disputed {
            let named: Vec<String> = claims.iter().map(|(_, claim)| ids.public_id(claim.number)).collect();
            let rows = open_reports(transaction, identity, vasp, &claims, &named, &account, &new.reason)?;
            opened.disputes.extend(rows.into_iter().map(|row| row.id.to_string()));
            opened.claims.extend(named);
        }
        let details = json!({"disputes": opened.disputes, "claims": opened.claims});
        let subject = opened.disputes.first().cloned().unwrap_or_default();
        Ok(Deed::new(opened, subject, details))
    })
}

/// Claims by their VASP. Cases are locked in the order of VASPs, so that two disputes at the same time do not deadlock.
type ByVasp = BTreeMap<VaspId, Vec<(NetworkNumber, Claim)>>;

/// Finds the live claims of other parties on an account that the caller may see.
fn disputed_claims(
    registry: &Registry,
    identity: &Identity,
    account: &Account,
    wanted: Option<&str>,
    now: UtcTime,
) -> Result<ByVasp, ServiceError> {
    let (generation, ids) = (registry.pin(now), registry.directory().claim_ids());
    let records = generation.records();
    let own = identity.vasp.map(|vasp| records.party(vasp));
    let is_meant = |(network, claim): &(NetworkNumber, Claim)| {
        // A claim elsewhere in the class contradicts as well, but it must be named.
        let here = match claim.network_match {
            NetworkMatch::Exact => *network == account.network,
            NetworkMatch::Family => true,
            NetworkMatch::Class => false,
        };
        let meant = wanted.map_or(here, |id| id == ids.public_id(claim.number));
        meant && claim.memo == account.memo && own != Some(records.party(claim.vasp))
    };
    let reader = Reader::Organisation(identity.organisation);
    let is_live = |(_, claim): &(NetworkNumber, Claim)| resolution::is_live(claim, reader, now);
    let mut disputed = ByVasp::new();
    let found = registry.directory().claims_at(&account.controllers, &generation)?;
    for (network, claim) in found.into_iter().filter(is_meant).filter(is_live) {
        disputed.entry(claim.vasp).or_default().push((network, claim));
    }
    if disputed.is_empty() {
        return Err(ServiceError::NotFound("No other party has a claim on this account.".to_owned()));
    }
    Ok(disputed)
}

/// Opens or joins the case of a VASP, with a dispute for each of its claims.
fn open_reports(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    vasp: VaspId,
    claims: &[(NetworkNumber, Claim)],
    named: &[String],
    account: &Account,
    reason: &Reason,
) -> Result<Vec<ClaimDispute>, ServiceError> {
    let organisation = identity.organisation;
    let summary = "a member reports that a claim on an address is wrong";
    let detail = json!({"summary": summary, "claims": named, "by": organisation, "reason": reason});
    let trigger = Trigger { kind: TriggerKind::Dispute, detail, actor: Some(identity.user) };
    let case = open_or_join(transaction, vasp, &trigger)?;
    let mut rows = vec![];
    for (network, claim) in claims {
        // The claim was read before this transaction. A dispute about a claim that ended meanwhile would have no subject.
        let standing = transaction.lock_member_claim(claim.number.0)?;
        if standing.is_some_and(|row| row.ended_because.is_some()) {
            let detail = "The claim just ended or was replaced; resolve the address again and repeat the request.".to_owned();
            return Err(ServiceError::Conflict(Fault { pointer: "/address".to_owned(), code: "claim_ended", detail }));
        }
        let known = transaction.conn().disputes_of(&[claim.number.0])?;
        if known.iter().any(|dispute| dispute.kind == DisputeKind::Report && dispute.organisation == organisation) {
            let detail = "The organisation already disputes this claim; the registry's operators decide.".to_owned();
            let fault = Fault { pointer: "/address".to_owned(), code: "disputed_already", detail };
            return Err(ServiceError::Conflict(fault));
        }
        let place = (network.0, account.key.as_bytes(), claim.memo.as_deref().unwrap_or_default());
        let row = row(transaction, &case, DisputeKind::Report, organisation, place, claim.number.0, None);
        rows.push(ClaimDispute { reason: Some(reason.to_string()), ..row });
    }
    transaction.add_disputes(&rows)?;
    Ok(rows)
}
