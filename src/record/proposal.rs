//! Types of proposals that two people decide: the kinds, the states, and the reason that each person gives. `vasp_registry::proposals`
//! has the mechanism. `four_eyes` checks that the two people are different.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_words::closed_list::closed_list;
use vasp_words::time::serde_as_text;

closed_list! {
    /// What a proposal is about.
    pub enum ProposalKind {
        /// The decision of a case.
        Case = "case",
        /// Whether a VASP is the party that a screening list means.
        Screening = "screening",
        /// The same, as an organisation decides it for itself alone.
        OwnScreening = "own_screening",
        /// A new rulebook.
        Rulebook = "rulebook",
        /// An amendment of the table of authorities.
        Authorities = "authorities",
        /// A less strict policy of an organisation.
        Policy = "policy",
        /// An organisation's decision about a counterparty.
        Relationship = "relationship",
        /// The grant of a role to a user.
        RoleGrant = "role_grant",
        /// The end of a disputed claim.
        ClaimEnd = "claim_end",
        /// The end of many claims.
        ClaimEnds = "claim_ends",
        /// The statement that a memo of an address belongs to another VASP.
        SubAccount = "sub_account",
        /// The group whose brand an entity uses.
        Brand = "brand",
        /// Whether an entity is ruled out for a brand.
        BrandCandidate = "brand_candidate",
        /// The release of an invited person's enrolment link.
        Enrolment = "enrolment",
        /// The release of a transfer that the pre-check does not clear.
        Override = "override",
        /// A shorter time of keeping recorded pre-checks.
        Retention = "retention",
        /// The end of a legal hold.
        LegalHold = "legal_hold",
        /// The erasure of a recorded pre-check's contents.
        Erasure = "erasure",
        /// How many of its own unproven addresses a member may ask about in a day.
        AddressBudget = "address_budget",
        /// A rule by which an organisation approves many counterparties, or the firms that newly meet one.
        ApprovalRule = "approval_rule",
    }

    /// The state of a proposal. `superseded`: its subject changed, or another proposal replaced it.
    pub enum ProposalState {
        /// Its subject changed, or another proposal replaced it.
        Superseded = "superseded",
        /// Its proposer withdrew it.
        Withdrawn = "withdrawn",
        /// A second person declined it.
        Declined = "declined",
        /// It waits for a second person.
        Pending = "pending",
        /// A second person approved it, or one person was enough.
        Approved = "approved",
    }
}

impl ProposalKind {
    /// Returns whether its contents are sealed under the organisation's data key, so that nobody else can read them.
    #[must_use]
    pub fn is_sealed(self) -> bool {
        use ProposalKind::{ApprovalRule, Erasure, LegalHold, Override, OwnScreening, Relationship, Retention};
        matches!(self, Relationship | OwnScreening | Override | Retention | LegalHold | Erasure | ApprovalRule)
    }
}

serde_as_text!(Reason);

/// The reason for a proposal or a refusal: 1 to 4,000 characters, trimmed. Line ends and tabs are the only control characters
/// allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

/// The text is not a valid reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reason must have 1 to {most} characters, and no control characters other than line ends and tabs", most = Reason::MOST)]
pub struct ReasonError;

impl Reason {
    /// The maximum number of characters.
    pub const MOST: usize = 4_000;

    /// Makes the registry's own reason, if no person is asked for one.
    #[must_use]
    pub fn stated(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Reason {
    type Err = ReasonError;

    fn from_str(text: &str) -> Result<Self, ReasonError> {
        let text = text.trim();
        let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
        // A character has at most four bytes, so a text that is far too long is refused without counting.
        let fits = text.len() <= Self::MOST * 4 && text.chars().count() <= Self::MOST;
        if text.is_empty() || !fits || !text.chars().all(plain) { Err(ReasonError) } else { Ok(Self(text.to_owned())) }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_reason_has_one_to_four_thousand_characters() {
        for (text, fits) in [
            ("", false),
            (" \n", false),
            ("x", true),
            (&"ä".repeat(4_000), true),
            (&"ä".repeat(4_001), false),
            (&"𝄞".repeat(4_000), true),
            ("line\nline\ttab", true),
            ("bell\u{7}", false),
            ("nul\0", false),
        ] {
            assert_eq!(text.parse::<Reason>().is_ok(), fits, "{} characters", text.chars().count());
        }
        assert_eq!(" why \n".parse::<Reason>().unwrap().as_str(), "why");
    }

    #[test]
    fn words_read_back() {
        for kind in ProposalKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        for state in ProposalState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
    }

    proptest! {
        #[test]
        fn a_reason_reads_back_and_nothing_panics(text in "\\PC{0,50}") {
            if let Ok(reason) = text.parse::<Reason>() {
                prop_assert_eq!(reason.as_str().parse::<Reason>(), Ok(reason.clone()));
            }
        }
    }
}
