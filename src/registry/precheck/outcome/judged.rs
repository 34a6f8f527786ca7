//! What a recorded verdict demands, as far as its outcome needs it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::node::ServiceError;
use crate::precheck::Recording;
use crate::precheck::look_up::accounts_of;
use vasp_addresses::address::Account;
use vasp_addresses::network::NetworkTable;
use vasp_addresses::subject::{SubjectKind, read_subject};
use vasp_rules::policy::{Actor, Before, ConditionCode, MetBy, Recommendation, StepCode};
use vasp_words::time::{Date, UtcTime};

/// A condition of the verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SaidCondition {
    /// Its id in the verdict.
    #[schema(example = "c1")]
    pub id: String,
    /// What must be met.
    pub code: ConditionCode,
    /// The step before which it must be met.
    pub before: Before,
    /// Who must act.
    pub fulfilled_by: Actor,
    /// The condition in a sentence.
    pub detail: String,
}

/// A condition, with where the registry sees that it is met.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Demand {
    #[serde(flatten)]
    pub said: SaidCondition,
    pub met_by: MetBy,
}

/// The verdict.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Judged {
    pub recommendation: Recommendation,
    scope: String,
    pub conditions: Vec<Demand>,
    pub valid_until: UtcTime,
    next_steps: Vec<Step>,
    transfer: Transfer,
}

#[derive(Clone, Debug, Deserialize)]
struct Step {
    code: StepCode,
}

#[derive(Clone, Debug, Deserialize)]
struct Transfer {
    date: Date,
    direction: String,
    originator: Party,
    beneficiary: Party,
}

#[derive(Clone, Debug, Deserialize)]
struct Party {
    #[serde(default)]
    address: Option<String>,
    #[serde(default)]
    network: Option<String>,
}

/// Returns the date of the transfer of a recording.
pub(in crate::precheck) fn transfer_date(recording: &Recording) -> Result<Date, ServiceError> {
    Ok(Judged::of(recording)?.transfer.date)
}

impl Judged {
    /// Reads the verdict of a recording.
    pub(super) fn of(recording: &Recording) -> Result<Self, ServiceError> {
        serde_json::from_str(recording.verdict.get()).map_err(ServiceError::unreadable("verdict"))
    }

    /// Returns whether the pre-check was about an address, so that its answer clears a transfer.
    ///
    /// Source: docs/prechecks.md, "What to do with an answer": a `proceed` of scope `counterparty` clears no address.
    pub(super) fn clears_transfer(&self) -> bool {
        self.scope == "transfer"
    }

    /// Returns whether it said to freeze the assets and report them.
    pub(super) fn says_freeze(&self) -> bool {
        self.next_steps.iter().any(|step| step.code == StepCode::FreezeAndReport)
    }

    fn other_side(&self) -> &Party {
        if self.is_incoming() { &self.transfer.originator } else { &self.transfer.beneficiary }
    }

    /// Returns the other side's address in its canonical spelling; `None` if the question named none.
    pub(super) fn other_address(&self) -> Option<&str> {
        self.other_side().address.as_deref()
    }

    /// Tells whether the transfer is incoming.
    pub(super) fn is_incoming(&self) -> bool {
        self.transfer.direction == "incoming"
    }

    /// Returns the accounts that were screened: those that the other side's address can be, and those to which a transfer came.
    ///
    /// # Errors
    /// `ServiceError::Unreadable` if an address can no longer be read.
    pub(super) fn screened_accounts(&self) -> Result<Vec<Account>, ServiceError> {
        let own = Some(&self.transfer.beneficiary).filter(|_| self.is_incoming());
        let mut accounts = vec![];
        for Party { address, network } in own.into_iter().chain([self.other_side()]) {
            let Some(address) = address else { continue };
            let read = read_subject(NetworkTable::embedded(), address, Some(&SubjectKind::Address), network.as_deref(), None);
            accounts.extend(accounts_of(&read.map_err(ServiceError::unreadable("verdict"))?));
        }
        Ok(accounts)
    }
}
