//! A member's statements about its own addresses: how long they are valid, when two of them are the same, and who may see them.
//! The functions are pure. The callers are the services for members' claims.

use super::claim::{AddressRole, Strength, Visibility};
use vasp_words::closed_list::closed_list;
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// The longest validity of a claim before the member must repeat it, in seconds: five years. This is our own rule: a claim that
/// nobody repeats becomes out of date.
pub const LONGEST_SECS: i64 = 5 * 365 * 86_400;

/// The maximum number of rows in one import.
///
/// Source: docs/bulk-claims.md, "By members".
pub const IMPORT_ROWS_MAX: usize = 100_000;

/// The maximum number of organisations that one claim names.
pub const NAMED_MAX: usize = 100;

/// The method in claims that a member attested.
pub const ATTESTED_BY_MEMBER: &str = "member_attestation";

/// The method in claims that have a proof of control.
pub const PROVEN_BY_SIGNATURE: &str = "proof_of_control";

closed_list! {
    /// Why a claim ended.
    pub enum EndReason {
        /// Its member withdrew it.
        Withdrawn = "withdrawn",
        /// Another version replaced it.
        Replaced = "replaced",
        /// The key of its address signed; the proven claim replaced it.
        Proven = "proven",
        /// Two people of the registry decided this.
        Decided = "decided",
    }
}

closed_list! {
    /// What starts a dispute about a claim.
    pub enum DisputeKind {
        /// A member claims an address that another claim assigns to another party.
        Conflict = "conflict",
        /// A member reports that a claim is wrong.
        Report = "report",
    }
}

/// Why a claim cannot end at the requested time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpiryError {
    /// The time is in the past.
    #[error("it must be in the future")]
    Past,
    /// The time is too far in the future.
    #[error("it must be within five years from now")]
    TooFar,
}

impl ExpiryError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Past => "in_the_past",
            Self::TooFar => "too_far",
        }
    }
}

/// Returns the time at which a claim made at `now` ends automatically: the member's wish, otherwise after `lifetime_secs`.
pub fn expiry(wanted: Option<UtcTime>, lifetime_secs: i64, now: UtcTime) -> Result<UtcTime, ExpiryError> {
    let at = wanted.unwrap_or_else(|| now.plus_secs(lifetime_secs.clamp(1, LONGEST_SECS)));
    if at <= now {
        Err(ExpiryError::Past)
    } else if at > now.plus_secs(LONGEST_SECS) {
        Err(ExpiryError::TooFar)
    } else {
        Ok(at)
    }
}

/// Who may see a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The class of readers.
    pub visibility: Visibility,
    /// The named organisations, in order, each once; empty unless the visibility is `named`.
    pub named: Vec<OrganisationId>,
}

/// Why the list of named organisations is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeenError {
    /// No organisation is named, or more than a claim may name.
    #[error("the visibility `named` requires 1 to {NAMED_MAX} organisations")]
    Count,
    /// Organisations are named although the visibility is a whole class.
    #[error("only the visibility `named` may name organisations")]
    NotNamed,
}

impl Seen {
    /// Makes the visibility from a member's input. The member itself can always see its own claims.
    pub fn new(visibility: Visibility, named: &[OrganisationId], own: OrganisationId) -> Result<Self, SeenError> {
        match visibility {
            Visibility::Named if named.is_empty() || named.len() > NAMED_MAX => Err(SeenError::Count),
            Visibility::Named => {
                let mut named = named.to_vec();
                named.push(own);
                named.sort_unstable();
                named.dedup();
                Ok(Self { visibility, named })
            }
            _ if !named.is_empty() => Err(SeenError::NotNamed),
            _ => Ok(Self { visibility, named: vec![] }),
        }
    }
}

/// The properties of a member's claim other than its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What the address is used for.
    pub role: AddressRole,
    /// Who may see it.
    pub seen: Seen,
    /// The strength of the claim.
    pub strength: Strength,
    /// When it ends automatically; `None` if it does not.
    pub expires_at: Option<UtcTime>,
}

/// What to do with a statement about an account on which the same VASP already has a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// The statement is the same as the claim.
    Same,
    /// The statement replaces the claim.
    Renews,
    /// The statement would weaken a claim that the address's key proved; such a claim must be changed separately.
    Proven,
}

impl Standing {
    /// Compares a new statement with the existing claim. A statement without an end time keeps the existing one, so that sending
    /// a list twice changes nothing.
    #[must_use]
    pub fn again(&self, role: AddressRole, seen: &Seen, expires_at: Option<UtcTime>) -> Again {
        let same = self.role == role && self.seen == *seen && (expires_at.is_none() || expires_at == self.expires_at);
        match self.strength {
            _ if same => Again::Same,
            Strength::Proven => Again::Proven,
            _ => Again::Renews,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcTime {
        text.parse().unwrap()
    }

    fn standing(strength: Strength) -> Standing {
        let seen = Seen { visibility: Visibility::Gateways, named: vec![] };
        Standing { role: AddressRole::Hot, seen, strength, expires_at: Some(at("2027-06-01T00:00:00Z")) }
    }

    #[test]
    fn a_claim_ends_when_it_says_or_after_its_lifetime() {
        let now = at("2026-06-01T00:00:00Z");
        let days = |days: i64| now.plus_secs(days * 86_400);

        assert_eq!(expiry(None, 365 * 86_400, now), Ok(days(365)));
        assert_eq!(expiry(Some(days(2)), 86_400, now), Ok(days(2)));
        assert_eq!(expiry(Some(now), 86_400, now), Err(ExpiryError::Past));
        assert_eq!(expiry(Some(days(1826)), 86_400, now), Err(ExpiryError::TooFar));
        assert_eq!(expiry(Some(days(1825)), 86_400, now), Ok(days(1825)));
    }

    #[test]
    fn a_saying_without_an_end_of_its_own_is_the_same_again() {
        let stands = standing(Strength::Attested);
        let seen = stands.seen.clone();

        assert_eq!(stands.again(AddressRole::Hot, &seen, None), Again::Same);
        assert_eq!(stands.again(AddressRole::Hot, &seen, stands.expires_at), Again::Same);
        assert_eq!(stands.again(AddressRole::Hot, &seen, Some(at("2028-01-01T00:00:00Z"))), Again::Renews);
        assert_eq!(stands.again(AddressRole::Cold, &seen, None), Again::Renews);
        assert_eq!(standing(Strength::Proven).again(AddressRole::Cold, &seen, None), Again::Proven);
    }

    #[test]
    fn only_named_claims_name_and_the_member_sees_its_own() {
        let [own, friend]: [OrganisationId; 2] =
            ["org_01jx00000000000000000000aa", "org_01jx00000000000000000000ab"].map(|id| id.parse().unwrap());

        assert_eq!(Seen::new(Visibility::Named, &[friend, friend], own).unwrap().named, [own, friend]);
        assert_eq!(Seen::new(Visibility::Named, &[], own), Err(SeenError::Count));
        assert_eq!(Seen::new(Visibility::Named, &[friend; 101], own), Err(SeenError::Count));
        assert_eq!(Seen::new(Visibility::Public, &[friend], own), Err(SeenError::NotNamed));
    }
}
