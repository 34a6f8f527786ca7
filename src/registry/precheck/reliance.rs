//! What an organisation relies on after a recorded pre-check: the counterparty, and the destination whose owner the answer named. An
//! organisation relies on nothing if the answer was `reject`, or if it asked about the past. `watch` checks later whether the facts
//! still hold.

use rand_core::RngCore;
use serde::{Deserialize, Serialize};

use super::PrecheckAnswer;
use crate::directory::Generation;
use crate::node::{Registry, ServiceError};
use crate::resolve::answer::{Effort, ResolveQuestion, read_question, resolve_again};
use std::sync::Arc;
use vasp_addresses::address::Account;
use vasp_addresses::subject::{Subject, SubjectKind};
use vasp_pki::{DataKey, DestinationTokens};
use vasp_record::claim::Reader;
use vasp_rules::policy::Recommendation;
use vasp_rules::relied_destination::Standing;
use vasp_store::{Reliance, ReliedDestinationRow, WatchRow};
use vasp_words::ids::{OrganisationId, PrecheckId, VaspId};
use vasp_words::sql::Flag;
use vasp_words::time::UtcTime;

/// A destination in its canonical spelling, so that the registry can look it up again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReliedPlace {
    account: Option<PlaceAccount>,
    travel_address: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceAccount {
    network: String,
    address: String,
    memo: Option<String>,
}

/// Returns what the organisation relies on after the pre-check that is being recorded.
pub(super) fn reliance(
    judged: &PrecheckAnswer,
    id: PrecheckId,
    organisation: OrganisationId,
    key: &DataKey,
    recorded_at: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Reliance, ServiceError> {
    if judged.outcome.recommendation == Recommendation::Reject || judged.at != recorded_at {
        return Ok(Reliance::default());
    }
    let sequence = judged.generation.sequence();
    let counterparty = judged.outcome.counterparty.map(|vasp| WatchRow {
        organisation,
        vasp,
        asked: Flag(false),
        relied_at: Some(recorded_at),
        jurisdiction: Some(judged.own_jurisdiction.to_string()),
        sequence,
        findings: None,
        version: 1,
        created_at: recorded_at,
    });
    let Some((place, account, owner)) = relied_place(judged) else { return Ok(Reliance { counterparty, destination: None }) };
    let tokens = DestinationTokens::new(key);
    let plain = place.to_bytes()?;
    let token = tokens.of_destination(&plain);
    let destination = ReliedDestinationRow {
        organisation,
        account: account.map(|account| account.controllers.first()).map(|of| tokens.of_account(of.class.0, of.bytes.as_bytes())),
        vasp: judged.outcome.counterparty.unwrap_or(owner),
        sealed: key.seal(&purpose(&token), &plain, rng).map_err(ServiceError::Key)?,
        status: Standing::Owned(owner).to_string(),
        precheck: id,
        relied_at: recorded_at,
        sequence,
        version: 1,
        token,
    };
    Ok(Reliance { counterparty, destination: Some(destination) })
}

/// Returns the destination whose owner the answer named, the account that claims refer to, and the owner.
fn relied_place(judged: &PrecheckAnswer) -> Option<(ReliedPlace, Option<&Account>, VaspId)> {
    let resolved = judged.resolution.as_ref()?;
    let Standing::Owned(owner) = Standing::of(&resolved.resolution) else { return None };
    let given_along = judged.travel_address.as_ref().map(|text| text.as_str().to_owned());
    let (account, travel_address) = match &resolved.subject {
        Subject::Address(account) | Subject::Caip10(account) => (Some(account), given_along),
        Subject::BareAddress(candidates) => match candidates.accounts.as_slice() {
            [account] => (Some(account), given_along),
            // With several possible networks no account is settled. Only a Travel Address can then have named the owner.
            _ => (None, Some(given_along?)),
        },
        Subject::TravelAddress(text, _) => (None, Some(text.as_str().to_owned())),
        _ => return None,
    };
    let place = ReliedPlace { account: account.map(PlaceAccount::of), travel_address };
    Some((place, account, owner))
}

fn purpose(token: &[u8]) -> String {
    format!("relied destination:{}", hex::encode(token))
}

impl PlaceAccount {
    fn of(account: &Account) -> Self {
        Self { network: account.caip2.to_string(), address: account.canonical.clone(), memo: account.memo.clone() }
    }

    fn question(self) -> ResolveQuestion {
        ResolveQuestion { subject: self.address, kind: Some(SubjectKind::Address), network: Some(self.network), memo: self.memo }
    }
}

impl ReliedPlace {
    fn to_bytes(&self) -> Result<Vec<u8>, ServiceError> {
        Ok(serde_json::to_vec(self)?)
    }

    /// Opens the destination of a row with its organisation's key.
    pub(crate) fn open(row: &ReliedDestinationRow, key: &DataKey) -> Result<Self, ServiceError> {
        let plain = key.open(&purpose(&row.token), &row.sealed).map_err(ServiceError::Key)?;
        serde_json::from_slice(&plain).map_err(ServiceError::unreadable("relied destination"))
    }

    /// Returns who owns the destination now, as far as the organisation may see. Nothing is counted, because nobody asked.
    ///
    /// # Errors
    /// `ServiceError::InvalidSubject` and the like if the destination can no longer be read, for example because its network was
    /// removed. Also `Directory`.
    pub(crate) fn standing(
        self,
        registry: &Registry,
        generation: &Arc<Generation>,
        organisation: OrganisationId,
        now: UtcTime,
    ) -> Result<Standing, ServiceError> {
        let travel = |subject| ResolveQuestion { subject, kind: Some(SubjectKind::TravelAddress), network: None, memo: None };
        // As in the pre-check, the address decides. The Travel Address decides only if nobody is known to own the address.
        let questions = [self.account.map(PlaceAccount::question), self.travel_address.map(travel)];
        let mut standing = Standing::NotFound;
        for question in questions.into_iter().flatten() {
            if standing == Standing::NotFound {
                let read = read_question(&question, Effort::Reason, |member| format!("/{member}"))?;
                let answer = resolve_again(registry, generation, read, Reader::Organisation(organisation), now)?;
                standing = Standing::of(&answer.resolution);
            }
        }
        Ok(standing)
    }
}
