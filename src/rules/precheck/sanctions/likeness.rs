//! The finding about a name, LEI or host that an entry of a list has too, or nearly has, and the sentence that tells it. The caller is
//! `sanctions`, which knows which lists bind.

use super::super::super::policy::ScreeningPolicy;
use super::super::super::screening::{Beside, Hit, HitDecision, Matched};
use super::super::{CheckCode, sentences};

/// Returns the finding about a name, LEI or host that an entry has too, or nearly has.
pub(super) fn of_name(hit: &Hit, decision: HitDecision, policy: &ScreeningPolicy) -> CheckCode {
    match decision {
        HitDecision::TrueMatch(_) => CheckCode::SanctionsNameListed,
        _ if hit.score >= policy.name_score.sure => CheckCode::SanctionsNameListed,
        _ if hit.score >= policy.name_score.possible => CheckCode::SanctionsPossibleMatch,
        _ => CheckCode::SanctionsFaintLikeness,
    }
}

pub(super) fn told_of_name(hit: &Hit, decision: HitDecision, code: CheckCode, listed: &str) -> String {
    let (what, named) = (what(&hit.matched), named(&hit.matched));
    match (decision, code) {
        (HitDecision::TrueMatch(day), _) => {
            let whose = if hit.own == decision { "Two of your people" } else { "Two people of the registry" };
            format!("{whose} decided on {day} that this entry means {named}: {listed}.")
        }
        (_, CheckCode::SanctionsNameListed) => format!("The {what} {named} is listed: {listed}."),
        _ => {
            let beside = match hit.beside {
                Beside::Silent => String::new(),
                Beside::Confirms(what) => format!(" The name is short, but the {} is the same.", what.as_str()),
                Beside::Contradicts(what) => format!(" The {} differs.", what.as_str()),
            };
            let score = hit.score;
            let decided = match hit.decision {
                HitDecision::FalsePositive(_) => "The registry's people say that it means somebody else; yours have not decided.",
                _ => "Your people have not decided on it yet.",
            };
            format!("The {what} {named} is similar to an entry (score {score} of 100): {listed}.{beside} {decided}")
        }
    }
}

pub(super) fn faint(hit: &Hit, listed: &str) -> String {
    let beside = match hit.beside {
        Beside::Contradicts(what) => format!("The {} differs.", what.as_str()),
        Beside::Silent | Beside::Confirms(_) => "Compare a second identifier.".to_owned(),
    };
    format!("{} is slightly similar to {} (score {} of 100): {listed}. {beside}", hit.matched.text(), hit.listed, hit.score)
}

pub(super) fn named(matched: &Matched) -> String {
    sentences::cut(&matched.text(), 40)
}

fn what(matched: &Matched) -> &'static str {
    match matched {
        Matched::Lei(_) => "LEI",
        Matched::Host(_) => "host",
        Matched::Name(_) | Matched::Address(_) | Matched::AddressButForCase(_) => "name",
    }
}
