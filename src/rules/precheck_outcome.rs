//! What became of the transfer that a pre-check was about: which results there are, and which of them one person may record. What two people
//! must decide is a proposal (`precheck/outcome` of the app).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::policy::Recommendation;
use vasp_words::closed_list::closed_list;
use vasp_words::time::{UtcTime, serde_as_text};

closed_list! {
    /// What became of a transfer.
    pub enum TransferResult {
        /// The assets are frozen. Only compliance people may know it.
        Frozen = "frozen",
        /// It was reported to the authority. Only compliance people may know it.
        Reported = "reported",
        /// The assets were sent back.
        Returned = "returned",
        /// The transfer was not made, or not credited.
        Refused = "refused",
        /// The assets were sent, or credited.
        Released = "released",
    }
}

impl TransferResult {
    /// Returns whether only compliance people may know it: a customer, and whoever talks to one, must not learn of it.
    ///
    /// Source: FATF R.21(b); Directive (EU) 2015/849 Art. 39(1).
    #[must_use]
    pub fn is_confidential(self) -> bool {
        matches!(self, Self::Frozen | Self::Reported)
    }

    /// Returns whether the transfer is over with it. Frozen assets are still there, and a report ends nothing.
    #[must_use]
    pub fn ends(self) -> bool {
        !self.is_confidential()
    }
}

/// What is known when a result is to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// What the pre-check recommended.
    pub recommendation: Recommendation,
    /// Whether it was about an address. Otherwise its answer clears no transfer.
    pub clears_transfer: bool,
    /// Until when its answer was valid.
    pub valid_until: UtcTime,
    /// The moment of recording.
    pub now: UtcTime,
    /// Whether it said to freeze the assets and report them.
    pub says_freeze: bool,
    /// The screening list that took up the receiver's address after the answer; `None` if none did.
    pub listed_since: Option<&'a str>,
    /// Ids of its conditions that are not met.
    pub open_conditions: &'a [String],
    /// The results that were recorded before, oldest first.
    pub results: &'a [TransferResult],
}

/// Who may record a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// One person or program.
    One,
    /// Two people, for this reason.
    TwoPeople(String),
    /// Nobody, for this reason.
    Nobody(String),
}

/// How long after its `valid_until` an answer still clears a release. Then the lists of sanctions have changed, so it must be asked again.
///
/// Ours, after Regulation (EU) No 260/2012 Art. 5d(1), which was not read again: payment service providers verify their customers at least
/// once every calendar day.
const CLEARS_FOR_SECS: i64 = 86_400;

impl Standing<'_> {
    /// Returns who may record a result now.
    ///
    /// Source: docs/prechecks.md, "What was then done". That nothing is released before its conditions are met: Regulation (EU)
    /// 2023/1113 Art. 14(8). That assets to be frozen are not sent back: Regulation (EU) 269/2014 Art. 2 and its siblings.
    #[must_use]
    pub fn admits(&self, result: TransferResult) -> Admission {
        use TransferResult::{Frozen, Refused, Released, Reported, Returned};
        let last = self.results.iter().copied().rfind(|result| result.ends());
        match (last, result) {
            (_, Frozen | Reported) => Admission::One,
            (Some(last), _) if last == Returned || result != Returned => {
                Admission::Nobody(format!("The transfer was {last} already. Ask again about another transfer."))
            }
            (_, Refused) => Admission::One,
            (_, Returned | Released) if self.is_listed_since() => Admission::Nobody(format!(
                "The address is on the list {} since the answer. Ask again, and act by the new answer.",
                self.listed_since.unwrap_or_default()
            )),
            (_, Returned) if self.says_freeze => two("the answer says to freeze the assets, and not to return them"),
            // Why is not said: a program that learnt of a freeze could tell the customer.
            (_, Returned) if self.results.contains(&Frozen) => two("compliance has to decide"),
            (_, Returned) => Admission::One,
            (_, Released) => self.admits_release(),
        }
    }

    /// A new answer would know of no freeze, so that after one two people decide.
    fn is_listed_since(&self) -> bool {
        self.listed_since.is_some() && !self.results.contains(&TransferResult::Frozen)
    }

    fn admits_release(&self) -> Admission {
        match self.recommendation {
            Recommendation::Reject | Recommendation::Hold => two(format!("the answer is {}", self.recommendation)),
            _ if !self.clears_transfer => {
                two("the pre-check was about no address, or about the past, so that it clears no transfer")
            }
            // A new answer would know of no freeze. While a condition is open, the reason tells of none.
            _ if self.open_conditions.is_empty() && self.results.contains(&TransferResult::Frozen) => {
                two("compliance has to decide")
            }
            _ if self.now > self.valid_until.plus_secs(CLEARS_FOR_SECS) => Admission::Nobody(format!(
                "The answer was valid until {}, so that it clears no release any more. Ask again, and release by the new answer.",
                self.valid_until
            )),
            _ if !self.open_conditions.is_empty() => {
                two(format!("these conditions are not met: {}", self.open_conditions.join(", ")))
            }
            Recommendation::ProceedWithConditions | Recommendation::Proceed => Admission::One,
        }
    }
}

fn two(why: impl Into<String>) -> Admission {
    Admission::TwoPeople(why.into())
}

/// The id of a transfer on its ledger, or in the organisation's own books: 1 to 256 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionId(String);

/// The text is no id of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of a transaction has 1 to 256 visible ASCII characters, and no spaces")]
pub struct TransactionIdError;

impl FromStr for TransactionId {
    type Err = TransactionIdError;
    fn from_str(text: &str) -> Result<Self, TransactionIdError> {
        let fits = (1..=256).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(text.to_owned())) } else { Err(TransactionIdError) }
    }
}

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(TransactionId);

#[cfg(test)]
mod tests {
    use super::TransferResult::{Frozen, Refused, Released, Reported, Returned};
    use super::*;
    use Recommendation::{Hold, Proceed, ProceedWithConditions, Reject};

    fn after(recommendation: Recommendation, results: &[TransferResult]) -> Standing<'_> {
        let [valid_until, now] = ["2026-06-01T12:01:00Z", "2026-06-01T18:00:00Z"].map(|time| time.parse().unwrap());
        let (clears_transfer, says_freeze) = (true, false);
        Standing {
            recommendation,
            clears_transfer,
            valid_until,
            now,
            says_freeze,
            listed_since: None,
            open_conditions: &[],
            results,
        }
    }

    fn takes_two(admission: Admission) -> bool {
        matches!(admission, Admission::TwoPeople(_))
    }

    /// Source: docs/prechecks.md, "What was then done": nobody may release to an address that a list took up after the answer.
    #[test]
    fn nobody_releases_to_an_address_that_was_listed_after_the_answer() {
        for recommendation in [Proceed, ProceedWithConditions, Hold, Reject] {
            let listed = Standing { listed_since: Some("EU-SANCTIONS"), ..after(recommendation, &[]) };
            for result in [Released, Returned] {
                let Admission::Nobody(why) = listed.admits(result) else { panic!("{recommendation}") };
                assert!(why.contains("EU-SANCTIONS"), "{why}");
            }
            assert_eq!(listed.admits(Refused), Admission::One);
            let frozen = Standing { listed_since: Some("EU-SANCTIONS"), ..after(recommendation, &[Frozen]) };
            assert!(
                takes_two(frozen.admits(Released)) && takes_two(frozen.admits(Returned)),
                "a new answer would know of no freeze"
            );
        }
    }

    #[test]
    fn only_an_answer_that_allows_it_is_released_by_one() {
        for (recommendation, alone) in [(Reject, false), (Hold, false), (ProceedWithConditions, true), (Proceed, true)] {
            let admission = after(recommendation, &[]).admits(Released);
            assert_eq!(admission == Admission::One, alone, "{recommendation}");
            assert_eq!(takes_two(admission), !alone, "{recommendation}");
        }
        assert!(takes_two(Standing { clears_transfer: false, ..after(Proceed, &[]) }.admits(Released)));
    }

    #[test]
    fn an_open_condition_keeps_one_person_from_releasing_and_is_named() {
        let open = ["c2".to_owned()];
        let standing = Standing { open_conditions: &open, ..after(ProceedWithConditions, &[]) };

        assert_eq!(standing.admits(Released), Admission::TwoPeople("these conditions are not met: c2".to_owned()));
        assert_eq!(standing.admits(Refused), Admission::One);
        let frozen = Standing { results: &[Frozen], ..standing };
        assert_eq!(frozen.admits(Released), standing.admits(Released), "the reason tells no program of the freeze");
    }

    /// Source: Regulation (EU) No 260/2012 Art. 5d(1): once every calendar day.
    #[test]
    fn an_answer_clears_a_release_for_a_day_and_then_it_is_asked_again() {
        for (now, clears) in [("2026-06-02T12:01:00Z", true), ("2026-06-02T12:01:01Z", false), ("2029-06-02T12:00:00Z", false)] {
            let late = |recommendation| Standing { now: now.parse().unwrap(), ..after(recommendation, &[]) };

            let admission = late(Proceed).admits(Released);
            assert_eq!(admission == Admission::One, clears, "{now}");
            assert!(clears || matches!(&admission, Admission::Nobody(why) if why.contains("Ask again")), "{admission:?}");
            assert_eq!(late(Proceed).admits(Refused), Admission::One, "{now}");
            assert!(takes_two(late(Hold).admits(Released)), "two people decide against the answer, not by it");
            let frozen = Standing { results: &[Frozen], ..late(Proceed) };
            assert!(takes_two(frozen.admits(Released)), "a new answer would know of no freeze");
        }
    }

    #[test]
    fn what_is_frozen_is_not_released_by_one_and_the_reason_tells_nothing() {
        let Admission::TwoPeople(why) = after(Proceed, &[Frozen, Reported]).admits(Released) else { panic!() };

        assert!(!why.contains("froze") && !why.contains("report"), "{why}");
        assert_eq!(after(Proceed, &[Reported]).admits(Released), Admission::One);
    }

    #[test]
    fn what_must_be_frozen_is_not_returned_by_one() {
        let incoming = Standing { says_freeze: true, ..after(Reject, &[]) };

        assert!(takes_two(incoming.admits(Returned)));
        assert_eq!(after(Reject, &[]).admits(Returned), Admission::One);
        assert_eq!([incoming.admits(Frozen), incoming.admits(Reported)], [Admission::One, Admission::One]);
        assert!(takes_two(after(Proceed, &[Frozen]).admits(Returned)), "whatever the answer said, it was frozen");
    }

    #[test]
    fn a_transfer_ends_once() {
        for (last, next, possible) in [
            (Released, Released, false),
            (Released, Refused, false),
            (Released, Returned, true),
            (Refused, Released, false),
            (Refused, Returned, true),
            (Returned, Released, false),
            (Returned, Refused, false),
            (Returned, Reported, true),
        ] {
            let nobody = matches!(after(Proceed, &[last]).admits(next), Admission::Nobody(_));
            assert_eq!(nobody, !possible, "{last} then {next}");
        }
    }

    #[test]
    fn ids_of_transactions_are_visible_and_short() {
        for (text, fits) in [("0xabc", true), ("", false), ("a b", false), ("ä", false), (&"x".repeat(257), false)] {
            assert_eq!(text.parse::<TransactionId>().is_ok(), fits, "{text}");
        }
    }
}
