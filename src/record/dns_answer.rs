//! What several DNS resolvers answered to one question for texts, and what that is worth: they must agree. Pure; `outbound`
//! asks, `domain_proof` judges what was agreed on, the member is shown what each resolver said.

use std::collections::BTreeSet;

use vasp_words::closed_list::closed_list;

/// How many resolvers must have answered alike; the others may have been silent.
pub const AGREEING_MIN: usize = 2;

closed_list! {
    /// What the signatures of a DNS answer prove, worst first.
    ///
    /// Source: RFC 4033, section 5. A bogus answer is none, so it is not among these.
    pub enum DnssecStatus {
        /// Nothing was said about it.
        Unknown = "unknown",
        /// The zone is proven to be unsigned.
        Insecure = "insecure",
        /// Signed, all the way from the root.
        Secure = "secure",
    }
}

/// What one resolver answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TxtAnswer {
    /// These texts; the strings of a record are joined.
    Texts {
        /// The texts of all records.
        texts: BTreeSet<String>,
        /// What their signatures prove.
        dnssec: DnssecStatus,
    },
    /// The name does not exist, or has no such record.
    Nothing,
    /// The answer fails validation: it was changed on the way, or the zone is signed wrongly.
    Bogus,
    /// The resolver answered that it cannot tell.
    Failed,
    /// The resolver did not answer in time.
    Silent,
}

/// What one resolver answered, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolverAnswer {
    /// The resolver's address and port.
    pub resolver: String,
    /// What it said.
    pub answer: TxtAnswer,
}

/// What all answers together are worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TxtOutcome {
    /// All that answered gave these texts, and enough did.
    Agreed {
        /// The texts.
        texts: BTreeSet<String>,
        /// The worst status among them.
        dnssec: DnssecStatus,
    },
    /// All that answered say that there is nothing, and enough did.
    Nothing,
    /// They gave different answers.
    Disagree,
    /// At least one answer fails validation.
    Bogus,
    /// Too few answered, and one said that it cannot tell.
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

    /// What counts when answers are compared; `None` where the resolver said nothing of the matter.
    fn content(&self) -> Option<Option<&BTreeSet<String>>> {
        match self {
            Self::Texts { texts, .. } => Some(Some(texts)),
            Self::Nothing => Some(None),
            Self::Bogus | Self::Failed | Self::Silent => None,
        }
    }
}

/// Tells what the answers are worth together. A validation that fails anywhere spoils all: either that resolver's network or
/// the zone is not to be believed at this moment.
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
