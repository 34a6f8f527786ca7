//! View of what was taken from a payment URI, so that a form can show it before somebody pays.

use serde::Serialize;
use utoipa::ToSchema;

use crate::resolve::ResolveAnswer;
use vasp_addresses::address::Account;
use vasp_addresses::network::NetworkTable;
use vasp_addresses::payment_uri::{Paid, PaymentStandard, PaymentUri};
use vasp_addresses::subject::Subject;
use vasp_words::caip::{Caip2, Caip19};
use vasp_words::money::Amount;

/// What was taken from a payment URI. The address in it is the subject. Labels and messages are never repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PaymentUri)]
pub(crate) struct PaymentUriView {
    standard: PaymentStandard,
    /// The network that the URI names, CAIP-2; null if it names none, as an `ethereum:` URI without a chain id.
    #[schema(value_type = Option<String>, example = "eip155:1")]
    network: Option<Caip2>,
    /// The memo in the URI; null if there is none. Networks without memos have it as a note of the payment.
    memo: Option<String>,
    /// The amount in units of the asset; null if the URI names none, or only `base_units`.
    amount: Option<Amount>,
    /// The amount in the smallest units of a token, such as `1500000`; null if there is none. Only the token's contract knows how many make
    /// one unit.
    #[schema(example = "1500000")]
    base_units: Option<String>,
    /// The asset that is paid, CAIP-19; null if the URI leaves it open, or if its network is not settled.
    #[schema(value_type = Option<String>, example = "eip155:1/slip44:60")]
    asset: Option<Caip19>,
    /// The token as the URI names it; null if what is paid is no token.
    token: Option<String>,
    /// The VASP that the URI names (`vasp`). It is shown and not believed: anybody can write a URI. Null if there is none.
    vasp: Option<String>,
    /// The names of the parameters that were not taken.
    #[schema(example = json!(["label"]))]
    ignored: Vec<String>,
}

impl PaymentUriView {
    /// Renders a URI; `accounts` are those that its address can be.
    pub(crate) fn of(uri: &PaymentUri, accounts: &[Account]) -> Self {
        let network = if let [account] = accounts { NetworkTable::embedded().by_number(account.network) } else { None };
        let token = if let Some(Paid::Token(_, reference)) = &uri.paid { Some(reference.clone()) } else { None };
        Self {
            standard: uri.standard,
            network: uri.network.clone(),
            memo: uri.memo.clone(),
            amount: uri.amount,
            base_units: uri.base_units.clone(),
            asset: network.and_then(|network| uri.asset_on(network)),
            token,
            vasp: uri.vasp.clone(),
            ignored: uri.ignored.clone(),
        }
    }

    /// Renders the URI of an answer. `None` if the subject stood in none.
    pub(crate) fn of_answer(answer: &ResolveAnswer) -> Option<Self> {
        let accounts = match &answer.subject {
            Subject::Address(account) | Subject::Caip10(account) => std::slice::from_ref(account),
            Subject::BareAddress(candidates) => &candidates.accounts,
            _ => &[],
        };
        answer.payment_uri.as_deref().map(|uri| Self::of(uri, accounts))
    }
}
