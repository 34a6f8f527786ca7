//! What is asked of `obligations`: two jurisdictions, a transfer, a day.

use std::collections::BTreeSet;

use crate::rulebook::{FieldCode, JurisdictionId, PersonType, Worth};
use serde::{Deserialize, Serialize};
use vasp_words::exchange_rate::Rates;
use vasp_words::money::Money;
use vasp_words::time::Date;

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CounterpartyKind {
    /// A provider.
    Vasp,
    /// A self-hosted address.
    SelfHosted,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObligationsRequest {
    /// Where the originator's side is; none: not known.
    pub originator: Option<JurisdictionId>,
    /// Where the beneficiary's side is; none: not known.
    pub beneficiary: Option<JurisdictionId>,
    /// What the transfer is worth; none: not given.
    pub fiat: Option<Money>,
    /// The day of the transfer.
    pub date: Date,
    /// Whether the originator is a person or an organisation.
    pub originator_type: PersonType,
    /// Who is at the other end.
    pub counterparty: CounterpartyKind,
    /// Whether it runs over a correspondent relationship; none: not known.
    pub correspondent: Option<bool>,
    /// What the asker has already.
    pub provided_fields: BTreeSet<FieldCode>,
    /// What few transfers have.
    pub particulars: Particulars,
}

/// What few transfers have, and what rules turn on all the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Particulars {
    /// What the transfer is worth together with those it is linked to.
    pub linked_total: Option<Money>,
    /// Whether both sides are providers acting on their own behalf.
    pub proprietary: bool,
    /// Whether a self-hosted address at the other end is the customer's own; none: not known.
    pub own_wallet: Option<bool>,
    /// The exchange rates that may be used.
    pub rates: Rates,
}

impl ObligationsRequest {
    /// Returns what is held against thresholds.
    #[must_use]
    pub fn worth(&self) -> Worth<'_> {
        let Particulars { linked_total, rates, .. } = &self.particulars;
        Worth { single: self.fiat.as_ref(), linked_total: linked_total.as_ref(), rates }
    }
}
