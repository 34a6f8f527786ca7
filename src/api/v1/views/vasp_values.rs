//! The closed lists of values in the record of a VASP, worst first; those of a search, which decide nothing, best first.

use vasp_record::licence::LicenceStatus;
use vasp_record::search::{MatchKind, MatchedField};
use vasp_record::submission::ContactRole;
use vasp_record::vasp::{DomainStatus, LeiStatus, VaspKind, VaspStatus};

mirrored! { "snake_case":
    /// A legal entity, or the brand or parent above entities. Licences belong to entities, address labels name groups.
    #[schema(as = VaspKind)]
    VaspKindView of VaspKind { Group, Entity }

    /// Where a record stands in its life. `listed` is imported from a public register and not adopted: never verified.
    #[schema(as = VaspStatus)]
    VaspStatusView of VaspStatus {
        Revoked, Suspended, Rejected, Withdrawn, Retired, Draft, Submitted, InReview, Listed, Verified,
    }

    /// What a contact is for.
    #[schema(as = ContactRole)]
    ContactRoleView of ContactRole { Compliance, TravelRule, Technical, Legal, Security, Other }

    /// How far a domain is proven.
    #[schema(as = DomainStatus)]
    DomainStatusView of DomainStatus { Lost, Unproven, Proven }

    /// What of a record matched a search; of equally good matches the first in this order.
    #[schema(as = MatchedField)]
    MatchedFieldView of MatchedField { LegalName, OtherName, GroupName, Domain, Website, Lei, Identifier, Id }

    /// How a text matched. `exact`: the same but for case, accents, script, punctuation, spacing and the spelling of its legal
    /// form. `prefix`: it begins with `q`, or is the same without its legal form or public suffix. `words`: every word of `q`
    /// is one of its words or begins one, in any order; or `q` is its legal form. `similar`: much the same letters, or another
    /// legal form, or an LEI with a typing error.
    #[schema(as = MatchKind)]
    MatchKindView of MatchKind { Exact, Prefix, Words, Similar }
}

mirrored! { "SCREAMING_SNAKE_CASE":
    /// Status of an LEI's registration (GLEIF).
    #[schema(as = LeiStatus)]
    LeiStatusView of LeiStatus {
        Annulled, Duplicate, Retired, Merged, Cancelled, Transferred, Lapsed, PendingValidation, PendingArchival,
        PendingTransfer, Issued,
    }
}

/// Status of a licence on the asked day. `not_listed`: missing from the newest look at its register, not the same as ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = LicenceStatus)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LicenceStatusView {
    Withdrawn,
    Suspended,
    Ended,
    NotListed,
    InForce,
}

impl LicenceStatusView {
    /// Returns the status as shown; a licence that is not in force yet is not shown at all.
    pub(crate) fn of(status: LicenceStatus) -> Option<Self> {
        match status {
            LicenceStatus::Withdrawn => Some(Self::Withdrawn),
            LicenceStatus::Suspended => Some(Self::Suspended),
            LicenceStatus::Ended => Some(Self::Ended),
            LicenceStatus::NotListed => Some(Self::NotListed),
            LicenceStatus::NotYetInForce => None,
            LicenceStatus::InForce => Some(Self::InForce),
        }
    }
}
