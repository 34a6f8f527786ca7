//! How far it is known which entity serves a brand's customers of one country, in the four words of Confirmation of Payee. The caller is
//! `/v1/brands/{id}`; a pre-check weighs the same candidates and registers.
//!
//! Source: docs/brands.md, "The answer by country". The words: Pay.UK, "Confirmation of Payee": match, close match, no match, not possible.

use super::brand::{BrandAnswer, BrandCandidate, ServesCustomer};
use vasp_words::closed_list::closed_list;

closed_list! {
    /// How far it is known which entity serves a brand's customers of a country, worst first.
    pub enum CountryMatch {
        /// Not known: no register that was held whole could show it, and no source names an entity.
        NotPossible = "not_possible",
        /// No entity of the brand is in the country's registers, which were held whole.
        No = "no",
        /// One of these, but it is not settled which, or that it is.
        Close = "close",
        /// This entity.
        Match = "match",
    }
}

impl CountryMatch {
    /// Judges the candidates of a brand for a country, and whether the country's registers, held whole, show none of its entities.
    #[must_use]
    pub fn of(brand: &BrandAnswer, none_registered: bool) -> Self {
        let is_sure = |one: &BrandCandidate| one.serves_customer == Some(ServesCustomer::Yes);
        match Self::serving(brand).as_slice() {
            [one] if is_sure(one) => Self::Match,
            all if all.iter().any(|one| is_sure(one)) => Self::Close,
            _ if none_registered => Self::No,
            [] => Self::NotPossible,
            _ => Self::Close,
        }
    }

    /// Returns the candidates that serve, or may serve, customers of the country.
    #[must_use]
    pub fn serving(brand: &BrandAnswer) -> Vec<&BrandCandidate> {
        brand.candidates.iter().filter(|one| one.serves_customer != Some(ServesCustomer::No)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::brand::LinkStanding;
    use super::super::examples::*;
    use super::*;
    use proptest::prelude::*;

    fn brand(all: &[ServesCustomer]) -> BrandAnswer {
        let candidate = |serves: &ServesCustomer| BrandCandidate {
            vasp: None,
            legal_name: "Entity".to_owned(),
            lei: None,
            country: None,
            standing: LinkStanding::Accepted,
            serves_customer: Some(*serves),
            links: vec![],
        };
        let candidates = all.iter().map(candidate).collect();
        BrandAnswer { group: id(11), kinds: vec![], asks_customer_country: false, candidates, settled_by: vec![] }
    }

    #[test]
    fn each_of_the_four_words_has_its_case() {
        use ServesCustomer::{No, Unknown, Yes};
        let word = |all: &[ServesCustomer], none| CountryMatch::of(&brand(all), none);

        assert_eq!(word(&[Yes, No], false), CountryMatch::Match);
        assert_eq!(word(&[Yes, Unknown], false), CountryMatch::Close);
        assert_eq!(word(&[Unknown], false), CountryMatch::Close);
        assert_eq!(word(&[Unknown], true), CountryMatch::No, "somebody says so, but no register does");
        assert_eq!(word(&[No], true), CountryMatch::No);
        assert_eq!(word(&[No], false), CountryMatch::NotPossible);
        assert_eq!(word(&[], false), CountryMatch::NotPossible);
    }

    proptest! {
        /// One more entity that may serve the customer never makes another one sure.
        #[test]
        fn another_candidate_never_settles(all in proptest::collection::vec(proptest::sample::select(ServesCustomer::ALL.to_vec()), 0..4)) {
            let more: Vec<ServesCustomer> = all.iter().copied().chain([ServesCustomer::Unknown]).collect();

            prop_assert!(CountryMatch::of(&brand(&more), false) != CountryMatch::Match);
        }
    }
}
