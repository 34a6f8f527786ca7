//! Who may read a member's answers. A grant gives one organisation access to all sections or some, with or without the ownership chain. The
//! member sets the end of the grant when it gives it.

use std::collections::BTreeSet;

use vasp_record::answers_access::OwnershipAccess;
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// Longest time for which a member may give access, in days: two years.
pub const ACCESS_DAYS_MAX: i64 = 731;

/// What an organisation may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The sections; `None` for all sections, including those that a later version adds.
    pub sections: Option<BTreeSet<String>>,
    /// The ownership chain.
    pub ownership: OwnershipAccess,
}

/// The access of one organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The organisation that may read.
    pub organisation: OrganisationId,
    /// What it may read.
    pub extent: Extent,
    /// End of the access; at this moment the access has already ended.
    pub expires_at: UtcTime,
}

impl Extent {
    /// Returns the extent that covers everything: a member sees all of its own answers.
    #[must_use]
    pub fn whole() -> Self {
        Self { sections: None, ownership: OwnershipAccess::Granted }
    }

    /// Tells whether the organisation may read a section.
    #[must_use]
    pub fn covers(&self, section: &str) -> bool {
        self.sections.as_ref().is_none_or(|sections| sections.contains(section))
    }

    /// Tells whether the organisation may read the ownership chain.
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
