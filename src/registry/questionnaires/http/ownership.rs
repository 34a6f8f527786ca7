//! The chain of owners in requests and answers. `vasp_rules::ownership` decides which chains are valid.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use vasp_rules::ownership::{Control, End, Link, Owners, OwnershipChain, Party, PartyId, PartyKind};
use vasp_rules::questionnaire::answers::DocumentDigest;
use vasp_words::country::Country;
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// The chain of owners up to the natural persons, as it was on a day.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OwnershipChain)]
pub(crate) struct OwnershipBody {
    /// The day on which the chain was as described.
    as_of: Date,
    /// All parties except the VASP itself; at most 200.
    parties: Vec<PartyBody>,
    /// Who owns or controls whom; at most 500.
    links: Vec<LinkBody>,
}

/// A party in a chain of owners.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OwnershipParty)]
pub(crate) struct PartyBody {
    /// Id of the party within this chain: 1 to 40 characters from a-z, 0-9 and `_`.
    #[schema(value_type = String, example = "holding")]
    id: PartyId,
    /// `natural_person` or `legal_entity`.
    #[schema(value_type = String, example = "legal_entity")]
    kind: PartyKind,
    name: String,
    /// Former names, and names in another script.
    #[serde(default)]
    other_names: Vec<String>,
    /// Country of residence or seat.
    country: Country,
    #[serde(default)]
    lei: Option<Lei>,
    /// Why the chain ends at a legal entity: `listed_company`, `state` or `dispersed_ownership`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "listed_company")]
    ends: Option<End>,
    /// SHA-256 of a document of yours that proves it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    document: Option<DocumentDigest>,
}

/// A link of the chain: who owns or controls whom.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OwnershipLink)]
pub(crate) struct LinkBody {
    /// The owner.
    #[schema(value_type = String, example = "holding")]
    owner: PartyId,
    /// The party that is owned or controlled; `self` is the VASP.
    #[schema(value_type = String, example = "self")]
    owned: PartyId,
    /// The share, in hundredths of a percent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10_000, example = 7_500)]
    basis_points: Option<u32>,
    /// Control by other means: `voting_rights`, `appointment`, `agreement`, `senior_managing_official` or `other`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    control: Option<Control>,
    #[serde(default)]
    from: Option<Date>,
    /// The first day on which the link no longer exists; null if it still does.
    #[serde(default)]
    to: Option<Date>,
    /// SHA-256 of a document of yours that proves it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    document: Option<DocumentDigest>,
}

/// What follows from a chain of owners.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Owners)]
pub(crate) struct OwnersView {
    /// The beneficial owners.
    beneficial: Vec<BeneficialOwnerView>,
    /// How much of the VASP the chain traces to natural persons or to a reason why the chain ends, in hundredths of a percent.
    accounted_basis_points: u32,
    /// Whether the part of the VASP that is not accounted for is below the threshold of 25 %.
    complete: bool,
}

/// A natural person who ultimately owns or controls the VASP.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BeneficialOwner)]
pub(crate) struct BeneficialOwnerView {
    /// Id of the person within the chain.
    party: String,
    /// The effective share, in hundredths of a percent.
    basis_points: u32,
    /// The means of control other than shares; null if there is none.
    #[schema(value_type = Option<String>)]
    control: Option<Control>,
}

impl From<OwnershipBody> for OwnershipChain {
    fn from(body: OwnershipBody) -> Self {
        let party = |party: PartyBody| {
            let PartyBody { id, kind, name, other_names, country, lei, ends, document } = party;
            let other_names = other_names.into_iter().map(|name| name.trim().to_owned()).collect();
            Party { id, kind, name: name.trim().to_owned(), other_names, country, lei, ends, document }
        };
        let link = |link: LinkBody| {
            let LinkBody { owner, owned, basis_points, control, from, to, document } = link;
            Link { owner, owned, basis_points, control, from, to, document }
        };
        Self {
            as_of: body.as_of,
            parties: body.parties.into_iter().map(party).collect(),
            links: body.links.into_iter().map(link).collect(),
        }
    }
}

impl From<&OwnershipChain> for OwnershipBody {
    fn from(chain: &OwnershipChain) -> Self {
        let party = |party: &Party| {
            let Party { id, kind, name, other_names, country, lei, ends, document } = party.clone();
            PartyBody { id, kind, name, other_names, country, lei, ends, document }
        };
        let link = |link: &Link| {
            let Link { owner, owned, basis_points, control, from, to, document } = link.clone();
            LinkBody { owner, owned, basis_points, control, from, to, document }
        };
        Self {
            as_of: chain.as_of,
            parties: chain.parties.iter().map(party).collect(),
            links: chain.links.iter().map(link).collect(),
        }
    }
}

impl From<&Owners> for OwnersView {
    fn from(owners: &Owners) -> Self {
        let owner = |owner: &vasp_rules::ownership::BeneficialOwner| BeneficialOwnerView {
            party: owner.party.to_string(),
            basis_points: owner.basis_points,
            control: owner.control,
        };
        Self {
            beneficial: owners.beneficial.iter().map(owner).collect(),
            accounted_basis_points: owners.accounted_basis_points,
            complete: owners.is_whole(),
        }
    }
}
