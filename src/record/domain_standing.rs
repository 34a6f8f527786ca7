//! How long the proof of a domain is valid: when the registry checks it again, the effect of failed checks, and when the domain
//! is lost. The functions are pure. The callers are the re-check service and a member's own request for a check.

use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

/// The interval between checks of a proven domain, in seconds: daily.
pub const RECHECK_SECS: i64 = 86_400;
/// The delay before a failed or inconclusive check is repeated, in seconds.
pub const RETRY_SECS: i64 = 6 * 3_600;
/// How long checks may fail before the domain is lost, in seconds: a week, because somebody may have to repair a name server.
pub const GRACE_SECS: i64 = 7 * 86_400;
/// The maximum age of the last successful check, in seconds. It applies for any reason: if the registry cannot check, that is no
/// proof either.
pub const PROOF_AGE_MAX_SECS: i64 = 30 * 86_400;
/// Checks are delayed by up to one part in this number of their interval, so that domains proven together are not checked
/// together.
const SPREAD_PART: i64 = 10;

closed_list! {
    /// The state of a domain, worst first. A failing domain still counts as proven, and is lost a week after its first failed
    /// check.
    pub enum DomainState as "MemberDomainState" {
        /// It was proven before, but is not proven now.
        Lost = "lost",
        /// The member withdrew it.
        Withdrawn = "withdrawn",
        /// Nobody has met the challenge yet.
        Pending = "pending",
        /// It was proven; the last checks failed, and the grace period has not ended.
        Failing = "failing",
        /// It is proven.
        Proven = "proven",
    }
}

/// The result of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// At least one method proves the domain.
    Proves,
    /// No method proves the domain.
    Fails,
    /// No method proves the domain, but one was inconclusive for a reason on our side.
    SaysNothing,
}

/// The state of a domain and the time of its next check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The state.
    pub state: DomainState,
    /// The last check that proved the domain; `None` if there is none.
    pub proven_at: Option<UtcTime>,
    /// The first failed check since then; `None` if none failed.
    pub failing_since: Option<UtcTime>,
    /// The time of the next check; `None` if checks happen only on request.
    pub next_look_at: Option<UtcTime>,
}

impl DomainState {
    /// Tells whether the domain counts as the VASP's own, which includes the grace period.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Self::Failing | Self::Proven)
    }
}

impl Look {
    /// Combines the results of a check's methods. Each result is a proof, or a failure with a flag that tells whether the reason
    /// is on our side.
    pub fn of(methods: impl IntoIterator<Item = Result<(), bool>>) -> Self {
        methods.into_iter().fold(Self::Fails, |look, method| match (look, method) {
            (Self::Proves, _) | (_, Ok(())) => Self::Proves,
            (Self::SaysNothing, _) | (_, Err(true)) => Self::SaysNothing,
            (Self::Fails, Err(false)) => Self::Fails,
        })
    }
}

impl Standing {
    /// A challenge that nobody has met yet.
    pub const PENDING: Self = Self { state: DomainState::Pending, proven_at: None, failing_since: None, next_look_at: None };

    /// Returns the standing of the domain after a check. Only a proof changes a domain that is lost, withdrawn or was never
    /// proven. `spread`, from 0 to `u16::MAX`, delays the next check by up to a tenth of its interval.
    #[must_use]
    pub fn after(self, look: Look, now: UtcTime, spread: u16) -> Self {
        let later = |secs: i64| Some(now.plus_secs(secs + secs / SPREAD_PART * i64::from(spread) / i64::from(u16::MAX)));
        if look == Look::Proves {
            let next_look_at = later(RECHECK_SECS);
            return Self { state: DomainState::Proven, proven_at: Some(now), failing_since: None, next_look_at };
        }
        if !self.state.counts() {
            return Self { next_look_at: None, ..self };
        }
        let failing_since = match look {
            Look::Fails => Some(self.failing_since.map_or(now, |since| since.min(now))),
            _ => self.failing_since,
        };
        let since = |start: Option<UtcTime>, secs: i64| start.is_some_and(|start| now >= start.plus_secs(secs));
        // Only a failed check ends the grace period. If our own resolvers are silent, nobody loses a domain.
        let is_over = look == Look::Fails && since(failing_since, GRACE_SECS);
        if is_over || since(self.proven_at, PROOF_AGE_MAX_SECS) {
            return Self { state: DomainState::Lost, failing_since, next_look_at: None, ..self };
        }
        let state = if failing_since.is_some() { DomainState::Failing } else { self.state };
        Self { state, failing_since, next_look_at: later(RETRY_SECS), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: i64 = 86_400;

    fn start() -> UtcTime {
        "2026-06-01T12:00:00Z".parse().unwrap()
    }

    fn proven() -> Standing {
        Standing::PENDING.after(Look::Proves, start(), 0)
    }

    #[test]
    fn proven_domain_is_looked_at_again_after_a_day_and_a_tenth_at_most() {
        assert_eq!(proven().state, DomainState::Proven);
        assert_eq!(proven().next_look_at, Some(start().plus_secs(DAY)));
        assert_eq!(
            Standing::PENDING.after(Look::Proves, start(), u16::MAX).next_look_at,
            Some(start().plus_secs(DAY + DAY / 10))
        );
    }

    #[test]
    fn looks_that_fail_for_a_week_lose_the_domain_and_one_good_look_mends_it() {
        let first = proven().after(Look::Fails, start().plus_secs(DAY), 0);
        assert_eq!((first.state, first.failing_since), (DomainState::Failing, Some(start().plus_secs(DAY))));
        assert!(first.state.counts());

        let last = first.after(Look::Fails, start().plus_secs(8 * DAY - 1), 0);
        assert_eq!(last.state, DomainState::Failing);
        let mended = last.after(Look::Proves, start().plus_secs(8 * DAY), 0);
        assert_eq!((mended.state, mended.failing_since), (DomainState::Proven, None));
        let lost = last.after(Look::Fails, start().plus_secs(8 * DAY), 0);
        assert_eq!((lost.state, lost.next_look_at), (DomainState::Lost, None));
        assert!(!lost.state.counts());
    }

    #[test]
    fn looks_that_say_nothing_start_no_grace_but_do_not_stand_in_for_a_proof() {
        let unseen = proven().after(Look::SaysNothing, start().plus_secs(8 * DAY), 0);
        assert_eq!((unseen.state, unseen.failing_since), (DomainState::Proven, None));

        let failing = proven().after(Look::Fails, start().plus_secs(DAY), 0);
        assert_eq!(failing.after(Look::SaysNothing, start().plus_secs(20 * DAY), 0).state, DomainState::Failing);
        assert_eq!(unseen.after(Look::SaysNothing, start().plus_secs(30 * DAY - 1), 0).state, DomainState::Proven);
        assert_eq!(unseen.after(Look::SaysNothing, start().plus_secs(30 * DAY), 0).state, DomainState::Lost);
    }

    #[test]
    fn what_is_not_proven_changes_by_a_proof_only() {
        for state in [DomainState::Pending, DomainState::Lost, DomainState::Withdrawn] {
            let standing = Standing { state, ..Standing::PENDING };
            for look in [Look::Fails, Look::SaysNothing] {
                assert_eq!(standing.after(look, start(), 0), standing);
            }
            assert_eq!(standing.after(Look::Proves, start(), 0).state, DomainState::Proven);
        }
    }

    #[test]
    fn one_method_is_enough_and_a_reason_of_ours_is_no_failure() {
        assert_eq!(Look::of([Err(false), Ok(())]), Look::Proves);
        assert_eq!(Look::of([Err(true), Ok(())]), Look::Proves);
        assert_eq!(Look::of([Err(true), Err(false)]), Look::SaysNothing);
        assert_eq!(Look::of([Err(false), Err(false)]), Look::Fails);
    }

    #[test]
    fn stored_texts_read_back() {
        for state in DomainState::ALL {
            assert_eq!(DomainState::from_text(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert_eq!(DomainState::from_text("Proven"), None);
    }

    fn look() -> impl Strategy<Value = Look> {
        prop_oneof![Just(Look::Proves), Just(Look::Fails), Just(Look::SaysNothing)]
    }

    proptest! {
        /// In every case, a domain counts only while its last proof is less than 30 days old, and then it has a next check.
        #[test]
        fn no_domain_counts_without_a_recent_proof(looks in prop::collection::vec((look(), 1i64..40 * DAY, any::<u16>()), 1..30)) {
            let (mut now, mut standing, mut last_proof) = (start(), Standing::PENDING, None);
            for (look, wait, spread) in looks {
                now = now.plus_secs(wait);
                standing = standing.after(look, now, spread);
                if look == Look::Proves {
                    last_proof = Some(now);
                }
                prop_assert_eq!(standing.state.counts(), standing.next_look_at.is_some());
                if standing.state.counts() {
                    let proof = last_proof.unwrap();
                    prop_assert!(now < proof.plus_secs(PROOF_AGE_MAX_SECS));
                    prop_assert!(standing.next_look_at.unwrap() > now);
                }
            }
        }

        #[test]
        fn a_failing_look_never_betters_the_state(looks in prop::collection::vec((look(), 1i64..3 * DAY), 1..20)) {
            let (mut now, mut standing) = (start(), Standing::PENDING);
            for (look, wait) in looks {
                now = now.plus_secs(wait);
                let next = standing.after(look, now, 0);
                prop_assert!(look == Look::Proves || next.state <= standing.state);
                standing = next;
            }
        }
    }
}
