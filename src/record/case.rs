//! Cases: pieces of operator work about one VASP. What opens them, how risky that is, when they are due, and what may be decided.

use serde::{Deserialize, Serialize};

use vasp_words::time::UtcTime;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal, risk $risk:literal, days $days:literal;)*) => {
        /// What opens a case, or joins the one that is open.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum TriggerKind { $($(#[$doc])* $name,)* }

        impl TriggerKind {
            /// Every kind, riskiest first.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Returns the stored text.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Returns how much harm waiting may do, 0 to 100. Our own scale: a wrong "yes" that stands comes before a
            /// customer who waits.
            #[must_use]
            pub fn risk(self) -> i16 {
                match self { $(Self::$name => $risk,)* }
            }

            /// Returns within how many days it should be decided. Our own scale.
            #[must_use]
            pub fn due_days(self) -> i64 {
                match self { $(Self::$name => $days,)* }
            }

            /// Returns the kind of a stored text.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)* _ => None }
            }
        }
    };
}

kinds! {
    /// It stands on a list of providers that break the law.
    NonCompliantListed = "non_compliant_listed", risk 95, days 1;
    /// A person suspended it.
    Suspension = "suspension", risk 90, days 3;
    /// A screening list has something like it.
    ScreeningHit = "screening_hit", risk 90, days 1;
    /// An import says something else than what was approved.
    Contradiction = "contradiction", risk 80, days 3;
    /// A domain that was proven no longer is.
    DomainLost = "domain_lost", risk 75, days 3;
    /// Two parties say that something is theirs.
    Dispute = "dispute", risk 70, days 5;
    /// The registry's own operators want it changed.
    OperatorChange = "operator_change", risk 60, days 5;
    /// Two records may be one VASP.
    Duplicate = "duplicate", risk 55, days 7;
    /// A member changed an attribute that was approved.
    Amendment = "amendment", risk 50, days 7;
    /// A member replaced keys or endpoints, which acted at once.
    KeyRotation = "key_rotation", risk 50, days 5;
    /// Evidence stopped to be good.
    Expiry = "expiry", risk 45, days 14;
    /// A member wants to keep a record that an import created.
    Adoption = "adoption", risk 40, days 10;
    /// A member handed in a new record.
    Submission = "submission", risk 30, days 10;
}

/// What is decided about a case.
///
/// Source: wire contract, `cases/{id}/propose`; `merge` comes from its own route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// No longer to be dealt with.
    Revoke,
    /// Held back; acts at once.
    Suspend,
    /// Not accepted.
    Reject,
    /// The member is asked; acts at once.
    RequestInformation,
    /// This record is another one's.
    Merge,
    /// Nothing is to be changed.
    Keep,
    /// No longer held back.
    Reinstate,
    /// The record is right as it was handed in.
    Verify,
}

impl Decision {
    /// Returns the stored text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revoke => "revoke",
            Self::Suspend => "suspend",
            Self::Reject => "reject",
            Self::RequestInformation => "request_information",
            Self::Merge => "merge",
            Self::Keep => "keep",
            Self::Reinstate => "reinstate",
            Self::Verify => "verify",
        }
    }

    /// Tells whether it acts as soon as one person proposes it.
    ///
    /// Source: wire contract: a proposed `suspend` needs no approval. Asking the member changes nothing that anybody relies on.
    #[must_use]
    pub fn acts_at_once(self) -> bool {
        matches!(self, Self::Suspend | Self::RequestInformation)
    }
}

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseStatus {
    /// Nobody took it yet.
    Open,
    /// A reviewer works on it.
    Taken,
    /// The member was asked.
    Waiting,
    /// A decision waits for another person.
    Proposed,
    /// Decided.
    Closed,
}

impl CaseStatus {
    /// Returns the stored text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Taken => "taken",
            Self::Waiting => "waiting",
            Self::Proposed => "proposed",
            Self::Closed => "closed",
        }
    }

    /// Returns the status of a stored text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Open, Self::Taken, Self::Waiting, Self::Proposed, Self::Closed].into_iter().find(|s| s.as_str() == text)
    }
}

/// Returns when a case should be decided that is opened, or joined, by such a trigger.
#[must_use]
pub fn due_at(kind: TriggerKind, now: UtcTime) -> UtcTime {
    now.plus_secs(kind.due_days() * 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stand_riskiest_first_and_read_back() {
        assert!(TriggerKind::ALL.windows(2).all(|pair| pair[0].risk() >= pair[1].risk()));
        for kind in TriggerKind::ALL {
            assert_eq!(TriggerKind::from_text(kind.as_str()), Some(*kind));
        }
    }

    /// Source: wire contract: "a proposed `suspend` acts at once and needs no approval".
    #[test]
    fn what_vouches_for_a_vasp_never_acts_at_once() {
        assert!(Decision::Suspend.acts_at_once());
        for decision in [Decision::Verify, Decision::Revoke, Decision::Reinstate, Decision::Reject, Decision::Merge] {
            assert!(!decision.acts_at_once(), "{decision:?}");
        }
    }
}
