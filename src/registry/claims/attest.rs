//! A member claims one address.

use serde_json::json;

use super::allowance::{not_written, refuse_flood};
use super::claimant::{Claimant, Speaker};
use super::plan::{Plan, Verdict, Wish};
use super::read::{BatchNotes, MemberClaim, member_claim};
use super::standings::Standings;
use super::write::Voice;
use crate::acts::{Act, Deed, Reply};
use crate::node::{Fault, ProblemCode, Refusal, ServiceError};
use vasp_addresses::address::Account;
use vasp_addresses::network::NetworkTable;
use vasp_ingest::member_claims::{OwnAddress, RowFault, read_account};
use vasp_record::allowance::ClaimTerms;
use vasp_record::attestation::Seen;
use vasp_record::claim::{AddressRole, ClaimNumber, Visibility};
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// A claim that a member submits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttestation {
    /// Network, CAIP-2 id or another name.
    pub network: String,
    /// The address.
    pub address: String,
    /// The memo that the claim is limited to; `None` if there is none.
    pub memo: Option<String>,
    /// What the address is used for.
    pub role: AddressRole,
    /// Who may see the claim.
    pub visibility: Visibility,
    /// The organisations that may see the claim, if the visibility is `named`.
    pub named: Vec<OrganisationId>,
    /// When the claim expires; `None` for the usual period.
    pub expires_at: Option<UtcTime>,
}

/// The result of an attestation.
#[derive(Clone, Debug, PartialEq)]
pub struct Attested {
    /// The claim.
    pub claim: MemberClaim,
    /// Whether it contradicts a claim of another party that the member may see.
    pub disputed: bool,
}

/// Makes a claim, under the terms for all claims.
///
/// # Errors
/// `ServiceError::IllegalStep` without a verified VASP; `Invalid`, `InvalidSubject`; `Conflict` if the VASP has a claim on the account
/// already; and those of [`Act::run`].
pub fn attest(act: Act<'_, Attested>, new: &NewAttestation, terms: &ClaimTerms) -> Result<Reply, ServiceError> {
    let (registry, identity, now) = (act.registry, act.identity, act.now);
    let claimant = Claimant::of(registry, identity, now)?;
    let wish = Wish { seen: seen(new.visibility, &new.named, identity.organisation)?, is_said: true };
    let account = account(&new.network, &new.address, new.memo.as_deref())?;
    let seal_key = registry.seed_key(now, act.rng)?;
    let ids = registry.directory().claim_ids();
    let saying = [OwnAddress { account, role: new.role, expires_at: new.expires_at }];
    let flood = registry.store().read(|conn| refuse_flood(conn, &claimant, &terms.allowance, now));
    act.run("claim.attest", |transaction, identity| {
        claimant.lock(transaction)?;
        flood?;
        let speaker = Speaker::from(identity);
        let standings = Standings::read(transaction.conn(), &claimant, speaker, now, saying.iter().map(|own| &own.account))?;
        let mut plan = Plan::make(&standings, &saying, &wish, terms.lifetime_secs)?;
        plan.hold_back(transaction, &standings, terms, speaker)?;
        match plan.verdicts.pop() {
            Some(Verdict::Refused(fault)) => return Err(refusal(fault)),
            Some(Verdict::Same(known) | Verdict::Renews(_, known) | Verdict::SameWaits(known, _)) => {
                return Err(known_already(&ids.public_id(ClaimNumber(known))));
            }
            Some(Verdict::New(_) | Verdict::Waits(_) | Verdict::Repeated(_)) | None => {}
        }
        let voice = Voice::attesting(&claimant, speaker, &wish.seen, &seal_key, registry);
        let spoken = voice.say(transaction, &plan)?;
        let row = match spoken.written.and_then(|written| written.last) {
            Some(row) => row,
            None => transaction.conn().member_claim(speaker.organisation, spoken.waiting.first)?.ok_or_else(not_written)?,
        };
        let notes = BatchNotes::naming(row.batch.number, &wish.seen);
        let claim = member_claim(ids, &row, &notes, now)?;
        let told = plan.waiting.iter().any(|(_, told)| *told);
        let disputed = told || plan.contested.iter().flatten().any(|other| other.is_seen);
        let (id, details) =
            (claim.id.clone(), json!({"batch": claim.batch, "vasp": claimant.vasp.to_string(), "state": claim.state}));
        Ok(Deed::new(Attested { claim, disputed }, id, details))
    })
}

/// Reads the account in a request.
pub(super) fn account(network: &str, address: &str, memo: Option<&str>) -> Result<Account, ServiceError> {
    read_account(NetworkTable::embedded(), network, address, memo).map_err(|error| {
        let member = if error.member() == "subject" { "address" } else { error.member() };
        let fault = Fault { pointer: format!("/{member}"), code: error.code(), detail: error.to_string() };
        Refusal::at(ProblemCode::InvalidSubject, fault).into()
    })
}

/// Reads who may see a claim.
pub(super) fn seen(visibility: Visibility, named: &[OrganisationId], own: OrganisationId) -> Result<Seen, ServiceError> {
    Seen::new(visibility, named, own).map_err(|error| {
        let fault = Fault { pointer: "/named".to_owned(), code: "invalid_value", detail: error.to_string() };
        ServiceError::Invalid(fault)
    })
}

fn refusal(fault: RowFault) -> ServiceError {
    let RowFault { column, code, detail } = fault;
    match column {
        Some(column) => ServiceError::Invalid(Fault { pointer: format!("/{column}"), code, detail }),
        None => ServiceError::Conflict(Fault { pointer: "/address".to_owned(), code, detail }),
    }
}

fn known_already(id: &str) -> ServiceError {
    let detail = format!("The VASP already has the claim {id} on this account; change that claim by its id.");
    ServiceError::Conflict(Fault { pointer: "/address".to_owned(), code: "claimed_already", detail })
}
