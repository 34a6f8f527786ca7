//! Obligations that pre-checks asked for, kept beside the rulebook that they follow from. Many transfers differ only in their value, which
//! most rules do not look at: the obligations of all of them are computed and rendered once. A pre-check about a rule that does look at it
//! gets obligations of its own.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use vasp_pki::receipt::CanonicalText;
use vasp_rules::obligations::{CounterpartyKind, Obligations, ObligationsRequest, Particulars, ValueUse, obligations_and_basis};
use vasp_rules::rulebook::{FieldCode, JurisdictionId, PersonType, Rulebook};
use vasp_words::time::Date;

/// Maximum number of kept obligations. Each takes some 12 kB with its text.
const KEPT_MAX: u64 = 512;

/// The duties of both sides of a transfer, with the text that is rendered from them once.
#[derive(Debug)]
pub struct Owed {
    /// The duties.
    pub obligations: Obligations,
    /// The JSON text, once it was needed.
    pub(crate) text: OnceLock<CanonicalText>,
}

/// All of a request on which obligations depend, except the value of the transfer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Basis {
    sides: [Option<JurisdictionId>; 2],
    date: Date,
    originator_type: PersonType,
    counterparty: CounterpartyKind,
    correspondent: Option<bool>,
    provided_fields: BTreeSet<FieldCode>,
    proprietary: bool,
    own_wallet: Option<bool>,
}

/// The obligations by one rulebook, kept by basis. `None` marks a basis whose obligations also depend on the value of the transfer.
#[derive(Debug)]
pub(super) struct KeptObligations(moka::sync::Cache<Basis, Option<Arc<Owed>>>);

impl Default for KeptObligations {
    fn default() -> Self {
        Self(moka::sync::Cache::new(KEPT_MAX))
    }
}

impl Clone for KeptObligations {
    /// A copy keeps nothing: what it is copied for may change the rulebook beside it.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl KeptObligations {
    /// Returns the obligations under the rulebook, as kept if there are such.
    pub(super) fn owed(&self, rulebook: &Rulebook, request: &ObligationsRequest) -> Arc<Owed> {
        let basis = Basis::of(request);
        let kept = self.0.get(&basis);
        if let Some(Some(owed)) = kept {
            return owed;
        }
        let (obligations, value) = obligations_and_basis(rulebook, request);
        let owed = Arc::new(Owed { obligations, text: OnceLock::new() });
        if kept.is_none() {
            self.0.insert(basis, (value == ValueUse::NotCompared).then(|| Arc::clone(&owed)));
        }
        owed
    }
}

impl Basis {
    fn of(request: &ObligationsRequest) -> Self {
        // Every member is named, so that a new one is not forgotten here.
        let ObligationsRequest {
            originator,
            beneficiary,
            fiat: _,
            date,
            originator_type,
            counterparty,
            correspondent,
            provided_fields,
            particulars: Particulars { linked_total: _, proprietary, own_wallet, rates: _ },
        } = request;
        Self {
            sides: [originator.clone(), beneficiary.clone()],
            date: *date,
            originator_type: *originator_type,
            counterparty: *counterparty,
            correspondent: *correspondent,
            provided_fields: provided_fields.clone(),
            proprietary: *proprietary,
            own_wallet: *own_wallet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;
    use vasp_rules::obligations::obligations;
    use vasp_words::money::Money;

    static BOOK: LazyLock<Rulebook> = LazyLock::new(|| Rulebook::embedded().unwrap());

    fn requests(rulebook: &Rulebook) -> BoxedStrategy<ObligationsRequest> {
        let mut places: Vec<Option<JurisdictionId>> = rulebook.jurisdictions().map(|entry| Some(entry.id.clone())).collect();
        places.push(None);
        let fields: Vec<FieldCode> = rulebook.field_codes.keys().take(4).cloned().collect();
        let place = proptest::sample::select(places);
        let money = ("[1-9][0-9]{0,5}", proptest::sample::select(vec!["EUR", "USD", "CHF"]));
        let money =
            money.prop_map(|(amount, currency)| Money { amount: amount.parse().unwrap(), currency: currency.parse().unwrap() });
        let money = proptest::option::weighted(0.8, money);
        let kinds = (any::<bool>(), any::<bool>(), any::<Option<bool>>(), any::<bool>(), any::<Option<bool>>());
        let provided = proptest::collection::btree_set(proptest::sample::select(fields), 0..3);
        let day = proptest::sample::select(vec!["2019-01-01", "2024-12-30", "2026-06-01", "2027-01-01"]);
        let all = (place.clone(), place, money.clone(), money, day, kinds, provided);
        all.prop_map(|(originator, beneficiary, fiat, linked_total, day, kinds, provided_fields)| {
            let (legal, wallet, correspondent, proprietary, own_wallet) = kinds;
            ObligationsRequest {
                originator,
                beneficiary,
                fiat,
                date: day.parse().unwrap(),
                originator_type: if legal { PersonType::Legal } else { PersonType::Natural },
                counterparty: if wallet { CounterpartyKind::SelfHosted } else { CounterpartyKind::Vasp },
                correspondent,
                provided_fields,
                particulars: Particulars { linked_total, proprietary, own_wallet, ..Particulars::default() },
            }
        })
        .boxed()
    }

    proptest! {
        /// Requests come in a row to one cache: each pair differs in its value only.
        #[test]
        fn kept_obligations_are_those_that_would_be_computed(
            pairs in {
                let one = requests(&BOOK);
                proptest::collection::vec((one.clone(), one), 1..20)
            }
        ) {
            let kept = KeptObligations::default();
            for (request, other) in pairs {
                let value = Particulars { linked_total: other.particulars.linked_total, ..request.particulars.clone() };
                let other = ObligationsRequest { fiat: other.fiat, particulars: value, ..request.clone() };
                for request in [request, other] {
                    prop_assert_eq!(&kept.owed(&BOOK, &request).obligations, &obligations(&BOOK, &request));
                }
            }
        }
    }

    #[test]
    fn what_does_not_depend_on_the_value_is_computed_once() {
        let kept = KeptObligations::default();
        let ask = |from: &str, amount: &str| {
            let (from, to) = (from.parse().unwrap(), "IE".parse().unwrap());
            let fiat = Money { amount: amount.parse().unwrap(), currency: "USD".parse().unwrap() };
            let request = ObligationsRequest::between(from, to, "2026-06-01".parse().unwrap());
            kept.owed(&BOOK, &ObligationsRequest { fiat: Some(fiat), ..request })
        };

        assert!(Arc::ptr_eq(&ask("DE", "10"), &ask("DE", "20000")));
        // The United States' rule starts at USD 3,000 (31 CFR 1010.410(f)).
        let (below, above) = (ask("US", "10"), ask("US", "20000"));
        assert_eq!([below, above].map(|owed| owed.obligations.originator.above_threshold), [Some(false), Some(true)]);
    }
}
