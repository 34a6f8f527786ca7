//! View of the brand of a group that owns an address.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::Generation;
use crate::resolve::brand_of;
use vasp_pki::receipt::CanonicalText;
use vasp_rules::brand_links::LinkRole;
use vasp_rules::policy::StepCode;
use vasp_rules::precheck::{BrandAnswer, BrandCandidate, Customers, LinkStanding};
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;

/// The member of a pre-check's request that tells candidates apart.
const QUESTION: &str = "beneficiary.customer_country";

/// Which legal entities may be behind the brand of a group, and what would settle which. A pre-check shows the evidence.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnerBrand)]
pub(crate) struct OwnerBrandView {
    /// The entities that may be behind the brand; accepted ones come first.
    candidates: Vec<OwnerCandidateView>,
    /// The member of a pre-check that would tell the candidates apart; null if there are none. Incoming, it is
    /// `originator.customer_country`.
    #[schema(required, value_type = Option<String>, example = "beneficiary.customer_country")]
    question: Option<&'static str>,
    /// Next steps that would settle which entity it is.
    settled_by: Vec<StepCode>,
}

/// An entity that may be behind a brand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnerCandidate)]
pub(crate) struct OwnerCandidateView {
    /// Country of incorporation; null if not known.
    #[schema(required)]
    country: Option<Country>,
    /// The countries of the customers whom it may serve, by its record and the sources.
    customer_countries: BTreeSet<Country>,
    /// Id of its record; null if the directory has none.
    #[schema(required)]
    id: Option<VaspId>,
    legal_name: String,
    #[schema(required)]
    lei: Option<Lei>,
    /// Whether it may serve customers of other countries, too: a source names all countries or none, or its own country is not known.
    other_countries: bool,
    /// What it does for the brand, by the sources; empty if only the directory's own group links it.
    roles: BTreeSet<LinkRole>,
    standing: LinkStanding,
}

impl OwnerBrandView {
    /// Returns the view as text, made once for a generation.
    pub(super) fn written(generation: &Generation, group: VaspId) -> CanonicalText {
        let write = || -> Option<CanonicalText> {
            let (answer, customers) = brand_of(generation, group)?;
            Some(CanonicalText::of(&Self::of(answer, customers)))
        };
        let place = generation.records().kept_brand(group);
        place.and_then(|place| place.value((generation.sequence(), generation.day()), write)).unwrap_or_default()
    }

    fn of(answer: BrandAnswer, customers: Vec<Customers>) -> Self {
        let candidates = answer.candidates.into_iter().zip(customers);
        Self {
            candidates: candidates.map(|(one, whom)| OwnerCandidateView::of(one, whom)).collect(),
            question: answer.asks_customer_country.then_some(QUESTION),
            settled_by: answer.settled_by,
        }
    }
}

impl OwnerCandidateView {
    fn of(one: BrandCandidate, whom: Customers) -> Self {
        Self {
            country: one.country,
            customer_countries: whom.countries,
            id: one.vasp,
            legal_name: one.legal_name,
            lei: one.lei,
            other_countries: whom.others,
            roles: one.links.iter().map(|link| link.role).collect(),
            standing: one.standing,
        }
    }
}
