//! Cases: pieces of operator work about one VASP. What opens them, how risky that is, when they are due, and what may be decided.

use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

const DAY_SECS: i64 = 86_400;

closed_list! {
    /// What opened a case, riskiest first.
    pub enum TriggerKind as "CaseTriggerKind" with (i16, i64) {
        /// It stands on a list of providers that break the law.
        NonCompliantListed = "non_compliant_listed" => (95, 1),
        /// A person suspended it.
        Suspension = "suspension" => (90, 3),
        /// A screening list has something like it.
        ScreeningHit = "screening_hit" => (90, 1),
        /// An import says something else than what was approved.
        Contradiction = "contradiction" => (80, 3),
        /// A domain that was proven no longer is.
        DomainLost = "domain_lost" => (75, 3),
        /// Two parties say that something is theirs.
        Dispute = "dispute" => (70, 5),
        /// Claims of a member contradict other parties' beyond its allowance and wait.
        PendingClaims = "pending_claims" => (65, 2),
        /// The registry's own operators want it changed.
        OperatorChange = "operator_change" => (60, 5),
        /// Two records may be one VASP.
        Duplicate = "duplicate" => (55, 7),
        /// A member changed an attribute that was approved.
        Amendment = "amendment" => (50, 7),
        /// A member replaced keys or endpoints, which acted at once.
        KeyRotation = "key_rotation" => (50, 5),
        /// Evidence stopped to be good.
        Expiry = "expiry" => (45, 14),
        /// A member wants to keep a record that an import created.
        Adoption = "adoption" => (40, 10),
        /// A member handed in a new record.
        Submission = "submission" => (30, 10),
    }
}

impl TriggerKind {
    /// Returns how much harm waiting may do, 0 to 100. Our own scale: a wrong "yes" that stands comes before a customer who
    /// waits.
    #[must_use]
    pub fn risk(self) -> i16 {
        self.with().0
    }

    /// Returns within how many days it should be decided, of pending claims working days. Our own scale but for these.
    #[must_use]
    pub fn due_days(self) -> i64 {
        self.with().1
    }

    /// Tells whether a proposal that was made before this trigger came is withdrawn. `by` is whose act the trigger is, and `proposed` the
    /// decision that waits for approval. A VASP must not be able to withdraw its own revocation by one more act of its own. A trigger that
    /// withdraws nothing is shown to the person who approves.
    #[must_use]
    pub fn takes_back(self, by: Cause, proposed: Decision) -> bool {
        match self {
            // From outside, or a person of the registry: whoever approves must have looked at it.
            Self::NonCompliantListed | Self::Suspension | Self::ScreeningHit | Self::OperatorChange | Self::Duplicate => true,
            // A register says otherwise; or its own domain or endpoint does, which it can do at will.
            Self::Contradiction | Self::DomainLost => by == Cause::Others || !proposed.rests_on_others_alone(),
            // Its own claims: what is decided rests on none of them.
            Self::PendingClaims => false,
            Self::Dispute => by == Cause::Others,
            // What it says, publishes and proves itself, and the time of that: a revocation or merge does not rest on it.
            Self::Amendment | Self::KeyRotation | Self::Expiry | Self::Adoption | Self::Submission => {
                !proposed.rests_on_others_alone()
            }
        }
    }
}

/// By whom something came about that opens a case, or joins it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// By the case's own VASP.
    Itself,
    /// By anybody else, or the registry.
    Others,
}

closed_list! {
    /// What is decided, worst first. `suspend` and `request_information` act at once; the rest waits for another person.
    ///
    /// Source: wire contract, `cases/{id}/propose`; `merge` comes from its own route.
    pub enum Decision as "CaseDecision" {
        /// No longer to be dealt with.
        Revoke = "revoke",
        /// Held back; acts at once.
        Suspend = "suspend",
        /// Not accepted.
        Reject = "reject",
        /// The member is asked; acts at once.
        RequestInformation = "request_information",
        /// This record is another one's.
        Merge = "merge",
        /// Nothing is to be changed.
        Keep = "keep",
        /// No longer held back.
        Reinstate = "reinstate",
        /// The record is right as it was handed in.
        Verify = "verify",
    }
}

impl Decision {
    /// Returns whether one person is enough, so that the decision takes effect when it is proposed.
    ///
    /// Source: wire contract: a proposed `suspend` needs no approval. Asking the member changes nothing that anybody relies on.
    #[must_use]
    pub fn acts_at_once(self) -> bool {
        matches!(self, Self::Suspend | Self::RequestInformation)
    }

    /// Tells whether the decision rests on nothing that the case's own VASP says or does: a revocation or a merge. What the VASP changes
    /// meanwhile is then no reason to decide anew.
    #[must_use]
    pub fn rests_on_others_alone(self) -> bool {
        matches!(self, Self::Revoke | Self::Merge)
    }
}

closed_list! {
    /// Where a case stands.
    pub enum CaseStatus {
        /// Nobody took it yet.
        Open = "open",
        /// A reviewer works on it.
        Taken = "taken",
        /// The member was asked.
        Waiting = "waiting",
        /// A decision waits for another person.
        Proposed = "proposed",
        /// Decided.
        Closed = "closed",
    }
}

closed_list! {
    /// In which order cases come.
    pub enum CaseOrder as "SortInput" default Risk {
        /// Riskiest first, then the one due first.
        Risk = "risk",
        /// Due first.
        Due = "due",
        /// Opened first.
        Opened = "opened",
    }
}

/// Returns when a case should be decided that is opened, or joined, by such a trigger.
#[must_use]
pub fn due_at(kind: TriggerKind, now: UtcTime) -> UtcTime {
    if kind != TriggerKind::PendingClaims {
        return now.plus_secs(kind.due_days() * DAY_SECS);
    }
    // Working days. Source: wire contract, "Whose word counts", *Allowance*.
    let (mut at, mut left) = (now, kind.due_days());
    while left > 0 {
        at = at.plus_secs(DAY_SECS);
        left -= i64::from(!is_weekend(at));
    }
    at
}

/// Tells whether an instant lies on a Saturday or Sunday (UTC). The epoch was a Thursday.
fn is_weekend(at: UtcTime) -> bool {
    matches!(at.micros().div_euclid(DAY_SECS * 1_000_000).rem_euclid(7), 2 | 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pending_claims_are_due_in_two_working_days() {
        let due = |now: &str| due_at(TriggerKind::PendingClaims, now.parse().unwrap()).to_string();

        assert_eq!(due("2026-11-17T09:00:00Z"), "2026-11-19T09:00:00Z", "a Tuesday");
        assert_eq!(due("2026-11-19T09:00:00Z"), "2026-11-23T09:00:00Z", "a Thursday");
        assert_eq!(due("2026-11-20T09:00:00Z"), "2026-11-24T09:00:00Z", "a Friday");
        assert_eq!(due("2026-11-21T09:00:00Z"), "2026-11-24T09:00:00Z", "a Saturday");
    }

    #[test]
    fn kinds_stand_riskiest_first_and_read_back() {
        assert!(TriggerKind::ALL.windows(2).all(|pair| pair[0].risk() >= pair[1].risk()));
        for kind in TriggerKind::ALL {
            assert_eq!(TriggerKind::from_text(kind.as_str()), Some(kind));
        }
    }

    #[test]
    fn a_vasp_takes_back_by_its_own_acts_neither_its_revocation_nor_its_merge() {
        use TriggerKind::*;
        let voids = |by, decision| TriggerKind::ALL.into_iter().filter(|kind| kind.takes_back(by, decision)).collect::<Vec<_>>();
        let outside = [NonCompliantListed, Suspension, ScreeningHit, OperatorChange, Duplicate].as_slice();

        for decision in [Decision::Revoke, Decision::Merge] {
            assert_eq!(voids(Cause::Itself, decision), outside);
        }
        for decision in Decision::ALL {
            assert!(Dispute.takes_back(Cause::Others, decision) && Contradiction.takes_back(Cause::Others, decision));
            for own in [Dispute, PendingClaims] {
                assert!(!own.takes_back(Cause::Itself, decision), "its claims take nothing back");
            }
        }
        // What is verified is what it says and proves.
        assert!(Amendment.takes_back(Cause::Itself, Decision::Verify) && Expiry.takes_back(Cause::Others, Decision::Verify));
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
