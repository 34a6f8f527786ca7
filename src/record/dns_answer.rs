//! The answers of several DNS resolvers to one TXT query, and their combined result: they must agree. The functions are pure.
//! `outbound` sends the queries, and `domain_proof` judges the agreed answer. The member sees each resolver's answer.

use std::collections::BTreeSet;

use vasp_words::closed_list::closed_list;

/// The minimum number of resolvers that must give the same answer; the others may be silent.
pub const AGREEING_MIN: usize = 2;

closed_list! {
    /// The DNSSEC status of an answer, worst first.
    ///
    /// Source: RFC 4033, section 5. A bogus answer is no answer, so it is not in this list.
    pub enum DnssecStatus {
        /// The resolver gave no status.
        Unknown = "unknown",
        /// The zone is proven to be unsigned.
        Insecure = "insecure",
        /// The answer is signed, with a complete chain from the root.
        Secure = "secure",
    }
}

/// The answer of one resolver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TxtAnswer {
    /// TXT records; the strings of each record are joined.
    Texts {
        /// The texts of all records.
        texts: BTreeSet<String>,
        /// Their DNSSEC status.
        dnssec: DnssecStatus,
    },
    /// The name does not exist, or has no such record.
    Nothing,
    /// The answer fails validation: it was changed in transit, or the zone is signed incorrectly.
    Bogus,
    /// The resolver reported that it cannot look the name up.
    Failed,
    /// The resolver did not answer in time.
    Silent,
}

/// An answer together with its resolver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolverAnswer {
    /// The resolver's address and port.
    pub resolver: String,
    /// Its answer.
    pub answer: TxtAnswer,
}

/// The combined result of all answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TxtOutcome {
    /// Enough resolvers answered, and all gave these texts.
    Agreed {
        /// The texts.
        texts: BTreeSet<String>,
        /// The worst DNSSEC status among the answers.
        dnssec: DnssecStatus,
    },
    /// Enough resolvers answered, and all report that there is no record.
    Nothing,
    /// The resolvers gave different answers.
    Disagree,
    /// At least one answer fails validation.
    Bogus,
    /// Too few answered, and one reported that it cannot look the name up.
    Failed,
    /// Too few answered.
    Unreachable,
}

impl TxtAnswer {
    /// Returns the answer's name in reports.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Texts { .. } => "texts",
            Self::Nothing => "nothing",
            Self::Bogus => "bogus",
            Self::Failed => "failed",
            Self::Silent => "silent",
        }
    }

    /// Returns the part of an answer that is compared; `None` if the resolver gave no usable answer.
    fn content(&self) -> Option<Option<&BTreeSet<String>>> {
        match self {
            Self::Texts { texts, .. } => Some(Some(texts)),
            Self::Nothing => Some(None),
            Self::Bogus | Self::Failed | Self::Silent => None,
        }
    }
}

/// Returns the combined result of the answers. One failed validation makes the whole result bogus, because either that resolver's
/// network or the zone is not trustworthy now.
#[must_use]
pub fn outcome(answers: &[ResolverAnswer]) -> TxtOutcome {
    let has = |answer: &TxtAnswer| answers.iter().any(|given| given.answer == *answer);
    if has(&TxtAnswer::Bogus) {
        return TxtOutcome::Bogus;
    }
    let contents: Vec<_> = answers.iter().filter_map(|given| given.answer.content()).collect();
    let Some(first) = contents.first() else {
        return if has(&TxtAnswer::Failed) { TxtOutcome::Failed } else { TxtOutcome::Unreachable };
    };
    if contents.iter().any(|content| content != first) {
        return TxtOutcome::Disagree;
    }
    if contents.len() < AGREEING_MIN {
        return if has(&TxtAnswer::Failed) { TxtOutcome::Failed } else { TxtOutcome::Unreachable };
    }
    match first {
        None => TxtOutcome::Nothing,
        Some(texts) => TxtOutcome::Agreed { texts: (*texts).clone(), dnssec: worst_status(answers) },
    }
}

fn worst_status(answers: &[ResolverAnswer]) -> DnssecStatus {
    let statuses = answers.iter().filter_map(|given| match &given.answer {
        TxtAnswer::Texts { dnssec, .. } => Some(*dnssec),
        _ => None,
    });
    statuses.min().unwrap_or(DnssecStatus::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(list: &[&str], dnssec: DnssecStatus) -> TxtAnswer {
        TxtAnswer::Texts { texts: list.iter().map(|text| (*text).to_owned()).collect(), dnssec }
    }

    fn given(answers: &[TxtAnswer]) -> Vec<ResolverAnswer> {
        let resolver = |index| format!("192.0.2.{index}:53");
        answers.iter().enumerate().map(|(i, answer)| ResolverAnswer { resolver: resolver(i), answer: answer.clone() }).collect()
    }

    fn judged(answers: &[TxtAnswer]) -> TxtOutcome {
        outcome(&given(answers))
    }

    #[test]
    fn two_that_answer_alike_agree_and_the_silent_do_not_count() {
        let a = texts(&["a", "b"], DnssecStatus::Secure);
        let b = texts(&["b", "a"], DnssecStatus::Insecure);
        let both = || ["a", "b"].map(str::to_owned).into();

        assert_eq!(judged(&[a.clone(), a.clone()]), TxtOutcome::Agreed { texts: both(), dnssec: DnssecStatus::Secure });
        let mixed = [a.clone(), TxtAnswer::Silent, b, TxtAnswer::Failed];
        assert_eq!(judged(&mixed), TxtOutcome::Agreed { texts: both(), dnssec: DnssecStatus::Insecure });
        assert_eq!(judged(&[TxtAnswer::Nothing, TxtAnswer::Nothing, TxtAnswer::Silent]), TxtOutcome::Nothing);
    }

    #[test]
    fn one_answer_alone_is_none() {
        let a = texts(&["a"], DnssecStatus::Secure);

        assert_eq!(judged(std::slice::from_ref(&a)), TxtOutcome::Unreachable);
        assert_eq!(judged(&[a.clone(), TxtAnswer::Silent, TxtAnswer::Silent]), TxtOutcome::Unreachable);
        assert_eq!(judged(&[a, TxtAnswer::Failed]), TxtOutcome::Failed);
        assert_eq!(judged(&[TxtAnswer::Nothing, TxtAnswer::Silent]), TxtOutcome::Unreachable);
        assert_eq!(judged(&[]), TxtOutcome::Unreachable);
    }

    #[test]
    fn any_difference_is_a_disagreement_and_any_bogus_answer_spoils_all() {
        let a = texts(&["a"], DnssecStatus::Secure);

        assert_eq!(judged(&[a.clone(), a.clone(), texts(&["a", "x"], DnssecStatus::Secure)]), TxtOutcome::Disagree);
        assert_eq!(judged(&[a.clone(), a.clone(), TxtAnswer::Nothing]), TxtOutcome::Disagree);
        assert_eq!(judged(&[a.clone(), a, TxtAnswer::Bogus]), TxtOutcome::Bogus);
    }

    fn any_answer() -> impl Strategy<Value = TxtAnswer> {
        let status = prop_oneof![Just(DnssecStatus::Unknown), Just(DnssecStatus::Insecure), Just(DnssecStatus::Secure)];
        let texts =
            (prop::collection::btree_set("[ab]", 1..3), status).prop_map(|(texts, dnssec)| TxtAnswer::Texts { texts, dnssec });
        let others = [TxtAnswer::Nothing, TxtAnswer::Bogus, TxtAnswer::Failed, TxtAnswer::Silent];
        prop_oneof![3 => texts, 2 => prop::sample::select(others.to_vec())]
    }

    proptest! {
        #[test]
        fn order_does_not_matter(answers in prop::collection::vec(any_answer(), 0..5).prop_shuffle(), turn in 0usize..5) {
            let mut turned = answers.clone();
            turned.rotate_left(turn.min(answers.len()));
            prop_assert_eq!(judged(&turned), judged(&answers));
        }

        #[test]
        fn no_single_resolver_can_have_its_own_texts_agreed_on(honest in prop::collection::vec(any_answer(), 0..5)) {
            let lie = texts(&["lie"], DnssecStatus::Secure);
            let answers = [honest, vec![lie]].concat();

            let outcome = judged(&answers);
            let agreed = matches!(outcome, TxtOutcome::Agreed { .. });
            prop_assert!(!agreed, "{:?}", outcome);
        }
    }
}
