//! Cases: pieces of operator work about one VASP, or about an authority that a register names. This module has their triggers, risks, due dates and possible decisions.

use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

const DAY_SECS: i64 = 86_400;

closed_list! {
    /// The event that opened a case, highest risk first.
    pub enum TriggerKind as "CaseTriggerKind" with (i16, i64) {
        /// The VASP is on a list of providers that break the law.
        NonCompliantListed = "non_compliant_listed" => (95, 1),
        /// A person suspended the VASP.
        Suspension = "suspension" => (90, 3),
        /// A screening list has an entry similar to the VASP.
        ScreeningHit = "screening_hit" => (90, 1),
        /// An import contradicts the approved record.
        Contradiction = "contradiction" => (80, 3),
        /// A proven domain is no longer proven.
        DomainLost = "domain_lost" => (75, 3),
        /// Two parties claim the same thing.
        Dispute = "dispute" => (70, 5),
        /// A member's claims contradict other parties' claims beyond its allowance, and wait.
        PendingClaims = "pending_claims" => (65, 2),
        /// A register's file names an authority that the registry does not know, so some of its rows wait.
        UnknownAuthority = "unknown_authority" => (62, 5),
        /// The registry's operators want to change the record.
        OperatorChange = "operator_change" => (60, 5),
        /// Two records may be one VASP.
        Duplicate = "duplicate" => (55, 7),
        /// A brand seems to be run by the VASP.
        BrandLink = "brand_link" => (52, 14),
        /// A member changed an approved attribute.
        Amendment = "amendment" => (50, 7),
        /// A member replaced keys or endpoints, and the change took effect immediately.
        KeyRotation = "key_rotation" => (50, 5),
        /// Evidence is no longer valid.
        Expiry = "expiry" => (45, 14),
        /// A member wants to keep a record that an import created.
        Adoption = "adoption" => (40, 10),
        /// A member submitted a new record.
        Submission = "submission" => (30, 10),
        /// Somebody without an account says that a field of the record is wrong.
        PublicChallenge = "public_challenge" => (25, 14),
    }
}

impl TriggerKind {
    /// Returns the risk of waiting, 0 to 100. This is our own scale: a wrong "yes" in the directory is worse than a customer who
    /// waits.
    #[must_use]
    pub fn risk(self) -> i16 {
        self.with().0
    }

    /// Returns the number of days until the case is due; for pending claims these are working days. The other numbers are our
    /// own.
    #[must_use]
    pub fn due_days(self) -> i64 {
        self.with().1
    }

    /// Tells whether this trigger withdraws an earlier proposal. `by` is the party that caused the trigger, and `proposed` is the
    /// decision that waits for approval. A VASP must not be able to withdraw its own revocation by another action of its own. The
    /// approver sees a trigger that withdraws nothing.
    #[must_use]
    pub fn takes_back(self, by: Cause, proposed: Decision) -> bool {
        match self {
            // It comes from outside or from a person of the registry, so the approver must look at it first.
            Self::NonCompliantListed
            | Self::Suspension
            | Self::ScreeningHit
            | Self::UnknownAuthority
            | Self::OperatorChange
            | Self::Duplicate => true,
            // Either a register contradicts the record, or the VASP's own domain or endpoint does. The VASP can cause a
            // contradiction of its own domain or endpoint at will.
            Self::Contradiction | Self::DomainLost => by == Cause::Others || !proposed.rests_on_others_alone(),
            // These are its own claims, and no decision rests on them.
            Self::PendingClaims => false,
            // Anybody can say anything: nobody must be able to stop a decision of two people that way.
            Self::PublicChallenge => false,
            // It only adds to which brand the record belongs.
            Self::BrandLink => false,
            Self::Dispute => by == Cause::Others,
            // A revocation or merge does not rest on what the VASP itself states, publishes and proves, nor on the dates of
            // these.
            Self::Amendment | Self::KeyRotation | Self::Expiry | Self::Adoption | Self::Submission => {
                !proposed.rests_on_others_alone()
            }
        }
    }
}

/// The party that caused a trigger, which opens a case or joins one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The VASP of the case.
    Itself,
    /// Any other party, or the registry.
    Others,
}

closed_list! {
    /// The decision of a case, worst first. `suspend`, `request_information` and `dismiss` take effect immediately; the others wait
    /// for a second person.
    ///
    /// Source: docs/vetting.md. `merge` has a route of its own.
    pub enum Decision as "CaseDecision" {
        /// Nobody should deal with the VASP any more.
        Revoke = "revoke",
        /// The VASP is suspended; this takes effect immediately.
        Suspend = "suspend",
        /// The registry does not accept the submission.
        Reject = "reject",
        /// The registry asks the member for information; this takes effect immediately.
        RequestInformation = "request_information",
        /// This record is a duplicate of another record.
        Merge = "merge",
        /// The record stays as it is.
        Keep = "keep",
        /// The public challenges show nothing that is wrong. Only for a case that has nothing else; this takes effect immediately.
        Dismiss = "dismiss",
        /// The VASP is no longer suspended.
        Reinstate = "reinstate",
        /// The record is correct as submitted.
        Verify = "verify",
    }
}

impl Decision {
    /// Returns whether one person is enough; the decision then takes effect when it is proposed.
    ///
    /// Source: docs/vetting.md: a proposed `suspend` takes effect at once. A question to the member, and a dismissed challenge, change no
    /// data that anybody relies on. If two people had to dismiss each challenge, anybody could keep them busy.
    #[must_use]
    pub fn acts_at_once(self) -> bool {
        matches!(self, Self::Suspend | Self::RequestInformation | Self::Dismiss)
    }

    /// Tells whether the decision does not depend on what the case's own VASP states or does: a revocation or a merge. Changes by
    /// the VASP are then no reason to decide again.
    #[must_use]
    pub fn rests_on_others_alone(self) -> bool {
        matches!(self, Self::Revoke | Self::Merge)
    }
}

closed_list! {
    /// The status of a case.
    pub enum CaseStatus {
        /// No reviewer has taken it yet.
        Open = "open",
        /// A reviewer works on it.
        Taken = "taken",
        /// The registry asked the member and waits for the reply.
        Waiting = "waiting",
        /// A proposed decision waits for a second person.
        Proposed = "proposed",
        /// Decided.
        Closed = "closed",
    }
}

closed_list! {
    /// The order in which cases are listed.
    pub enum CaseOrder as "SortInput" default Risk {
        /// Highest risk first, then earliest due date.
        Risk = "risk",
        /// Earliest due date first.
        Due = "due",
        /// Earliest opening date first.
        Opened = "opened",
    }
}

/// Returns the due time of a case that a trigger of this kind opens or joins.
#[must_use]
pub fn due_at(kind: TriggerKind, now: UtcTime) -> UtcTime {
    if kind != TriggerKind::PendingClaims {
        return now.plus_secs(kind.due_days() * DAY_SECS);
    }
    // Working days. Source: docs/claims.md, "Allowance".
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
        let outside = [NonCompliantListed, Suspension, ScreeningHit, UnknownAuthority, OperatorChange, Duplicate].as_slice();

        for decision in [Decision::Revoke, Decision::Merge] {
            assert_eq!(voids(Cause::Itself, decision), outside);
        }
        for decision in Decision::ALL {
            assert!(Dispute.takes_back(Cause::Others, decision) && Contradiction.takes_back(Cause::Others, decision));
            for own in [Dispute, PendingClaims] {
                assert!(!own.takes_back(Cause::Itself, decision), "its claims take nothing back");
            }
        }
        // Verification depends on what the VASP itself states and proves.
        assert!(Amendment.takes_back(Cause::Itself, Decision::Verify) && Expiry.takes_back(Cause::Others, Decision::Verify));
    }

    /// Source: docs/vetting.md: `suspend` takes effect at once; the decisions below require two people.
    #[test]
    fn what_vouches_for_a_vasp_never_acts_at_once() {
        assert!(Decision::Suspend.acts_at_once());
        for decision in [Decision::Verify, Decision::Revoke, Decision::Reinstate, Decision::Reject, Decision::Merge] {
            assert!(!decision.acts_at_once(), "{decision:?}");
        }
    }
}
