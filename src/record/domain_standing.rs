//! How long a proof of a domain lasts: when it is looked at again, how looks that fail count, and when the domain is lost.
//! Pure; the caller is the service that re-checks, and the member's own request for a look.

use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

/// How often a proven domain is looked at again, in seconds: daily.
pub const RECHECK_SECS: i64 = 86_400;
/// How soon a look that failed, or that said nothing, is repeated.
pub const RETRY_SECS: i64 = 6 * 3_600;
/// How long looks may fail before the domain is lost: a week, for a name server that somebody has to mend.
pub const GRACE_SECS: i64 = 7 * 86_400;
/// How old the last good look may be whatever the reason: the registry being unable to look is no proof either.
pub const PROOF_AGE_MAX_SECS: i64 = 30 * 86_400;
/// Looks are spread by up to this part of their interval, so that domains proven together are not looked at together.
const SPREAD_PART: i64 = 10;

closed_list! {
    /// Where a domain stands, worst first. A failing one counts, and is lost a week after the first look that failed.
    pub enum DomainState as "MemberDomainState" {
        /// It was proven and is no longer.
        Lost = "lost",
        /// The member took it back.
        Withdrawn = "withdrawn",
        /// Nobody met the challenge.
        Pending = "pending",
        /// It was proven; the last looks failed, and the grace runs.
        Failing = "failing",
        /// It is proven.
        Proven = "proven",
    }
}

/// What one look said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// At least one method proves it.
    Proves,
    /// No method proves it.
    Fails,
    /// No method proves it, but one said nothing for a reason of ours.
    SaysNothing,
}

/// Where a domain stands and when it is looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The state.
    pub state: DomainState,
    /// The last look that proved it.
    pub proven_at: Option<UtcTime>,
    /// The first of the looks that failed since then.
    pub failing_since: Option<UtcTime>,
    /// When it is looked at again; `None` where nobody looks but on request.
    pub next_look_at: Option<UtcTime>,
}

impl DomainState {
    /// Tells whether the domain counts as the VASP's own: also in the grace.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Self::Failing | Self::Proven)
    }
}

impl Look {
    /// Tells what a look says from what its methods said: whether each proves, and if not, whether for a reason of ours.
    pub fn of(methods: impl IntoIterator<Item = Result<(), bool>>) -> Self {
        methods.into_iter().fold(Self::Fails, |look, method| match (look, method) {
            (Self::Proves, _) | (_, Ok(())) => Self::Proves,
            (Self::SaysNothing, _) | (_, Err(true)) => Self::SaysNothing,
            (Self::Fails, Err(false)) => Self::Fails,
        })
    }
}

impl Standing {
    /// A challenge that nobody met yet.
    pub const PENDING: Self = Self { state: DomainState::Pending, proven_at: None, failing_since: None, next_look_at: None };

    /// Returns where the domain stands after a look. What was lost, withdrawn or never proven changes by a proof only.
    /// `spread` of 0 to `u16::MAX` puts the next look later by up to a tenth of its interval.
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
        // Only a look that fails ends the grace: silence of our own resolvers is nobody's loss.
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
        /// Whatever happens, a domain counts only while its last proof is less than 30 days old, and is looked at again then.
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
