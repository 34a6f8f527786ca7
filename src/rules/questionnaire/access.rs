//! Who may read a member's answers: one grant for one asking organisation, of all sections or some, with or without the ownership
//! chain, until a moment that is set when it is given.

use std::collections::BTreeSet;

use vasp_record::answers_access::OwnershipAccess;
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// Longest time for which access is given, in days: two years.
pub const ACCESS_DAYS_MAX: i64 = 731;

/// What may be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Sections; none: all, also those that come later.
    pub sections: Option<BTreeSet<String>>,
    /// The ownership chain.
    pub ownership: OwnershipAccess,
}

/// Access of one organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Who may read.
    pub organisation: OrganisationId,
    /// What.
    pub extent: Extent,
    /// Until when; it is over at that very moment.
    pub expires_at: UtcTime,
}

impl Extent {
    /// Everything: what a member sees of its own.
    #[must_use]
    pub fn whole() -> Self {
        Self { sections: None, ownership: OwnershipAccess::Granted }
    }

    /// Tells whether a section may be read.
    #[must_use]
    pub fn covers(&self, section: &str) -> bool {
        self.sections.as_ref().is_none_or(|sections| sections.contains(section))
    }

    /// Tells whether the ownership chain may be read.
    #[must_use]
    pub fn covers_ownership(&self) -> bool {
        self.ownership.is_granted()
    }
}

impl Grant {
    /// Returns what an organisation may read at a moment, if anything.
    #[must_use]
    pub fn of(grants: &[Self], organisation: OrganisationId, now: UtcTime) -> Option<&Self> {
        grants.iter().find(|grant| grant.organisation == organisation && now < grant.expires_at)
    }
}
