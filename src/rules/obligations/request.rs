//! What is asked of `obligations`: two jurisdictions, a transfer, a day.

use std::collections::BTreeSet;

use crate::rulebook::{FieldCode, JurisdictionId, PersonType, Worth};
use vasp_words::closed_list::closed_list;
use vasp_words::exchange_rate::Rates;
use vasp_words::money::Money;
use vasp_words::time::Date;

closed_list! {
    /// Who is at the other end.
    pub enum CounterpartyKind {
        /// A self-hosted address.
        SelfHosted = "self_hosted",
        /// A provider of crypto-asset services (a VASP).
        Vasp = "vasp",
    }
}

/// A transfer, as far as the law asks about it. Start from `ObligationsRequest::between` and set what else is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObligationsRequest {
    /// Where the originator's side is; `None` if not known.
    pub originator: Option<JurisdictionId>,
    /// Where the beneficiary's side is; `None` if not known.
    pub beneficiary: Option<JurisdictionId>,
    /// What the transfer is worth; `None` if not given.
    pub fiat: Option<Money>,
    /// The day of the transfer.
    pub date: Date,
    /// Whether the originator is a person or an organisation.
    pub originator_type: PersonType,
    /// Who is on the other side.
    pub counterparty: CounterpartyKind,
    /// Whether it runs over a correspondent relationship; `None` if not known.
    pub correspondent: Option<bool>,
    /// The data that the caller has already; what is required beyond it is reported as missing.
    pub provided_fields: BTreeSet<FieldCode>,
    /// What only few transfers have.
    pub particulars: Particulars,
}

/// What only few transfers have, and what some rules depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Particulars {
    /// What the transfer is worth together with those it is linked to.
    pub linked_total: Option<Money>,
    /// Whether both sides are providers acting on their own behalf.
    pub proprietary: bool,
    /// Whether a self-hosted address at the other end is the customer's own; `None` if not known.
    pub own_wallet: Option<bool>,
    /// The exchange rates that may be used.
    pub rates: Rates,
}

impl ObligationsRequest {
    /// Makes a request for a transfer of a natural person to another provider, of unknown worth, with no data at hand yet.
    #[must_use]
    pub fn between(originator: JurisdictionId, beneficiary: JurisdictionId, date: Date) -> Self {
        Self {
            originator: Some(originator),
            beneficiary: Some(beneficiary),
            fiat: None,
            date,
            originator_type: PersonType::Natural,
            counterparty: CounterpartyKind::Vasp,
            correspondent: None,
            provided_fields: BTreeSet::new(),
            particulars: Particulars::default(),
        }
    }

    /// Returns what is held against thresholds.
    #[must_use]
    pub fn worth(&self) -> Worth<'_> {
        let Particulars { linked_total, rates, .. } = &self.particulars;
        Worth { single: self.fiat.as_ref(), linked_total: linked_total.as_ref(), rates }
    }
}
