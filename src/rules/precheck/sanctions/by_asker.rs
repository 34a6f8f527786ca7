//! What the asker screened itself counts for the lists that the registry cannot search, until it is out of date. A hit that it reports holds
//! the transfer, whichever list it is on. The caller is `sanctions`.
//!
//! Source: docs/screening.md, "What you screened yourself".

use super::super::super::asker_screening::{AskerScreening, AskerScreeningOutcome};
use super::super::super::relationship::Track;
use super::super::super::screening::{IL_NBCTF, OFAC_SDN};
use super::super::circumstances::approved;
use super::super::{AccountScreening, CheckCode, Evidence, EvidenceOf, ListAddresses, PrecheckInput, sentences};
use super::{Finding, of_list};

/// The lists that publish addresses, whether or not one of them is loaded.
///
/// Source: OFAC's SDN list ("Digital Currency Address"); Israel's seizure orders, which list wallets.
const WITH_ADDRESSES: [&str; 2] = [OFAC_SDN, IL_NBCTF];

/// Where the asker said so.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    /// In the question: about the counterparty and its address.
    Question,
    /// In its relationship with the counterparty, which knows no address.
    Relationship,
}

/// Iterates over everything that the asker screened.
fn all<'a>(input: &PrecheckInput<'a>) -> impl Iterator<Item = (Said, &'a AskerScreening)> {
    let kept = approved(Track::TravelRule, input).into_iter().flat_map(|kept| &kept.terms.screened);
    let asked = input.screening.by_asker.iter().map(|one| (Said::Question, one));
    asked.chain(kept.map(|one| (Said::Relationship, one)))
}

/// Iterates over what is not out of date.
fn counting<'a>(input: &PrecheckInput<'a>) -> impl Iterator<Item = (Said, &'a AskerScreening)> {
    let (now, limit) = (input.now, input.policy.screening().unknown_after_days);
    all(input).filter(move |(_, one)| one.counts_at(now, limit))
}

/// Iterates over everything that the asker says it screened, wherever it says so.
pub(crate) fn screened_by_asker<'a>(input: &PrecheckInput<'a>) -> impl Iterator<Item = &'a AskerScreening> {
    all(input).map(|(_, one)| one)
}

/// Tells whether the asker screened a list itself, with the address if the list has addresses, and nothing is open.
pub(super) fn covers(list: &str, input: &PrecheckInput<'_>) -> bool {
    let has_addresses =
        || WITH_ADDRESSES.contains(&list) || of_list(input, list).any(|version| version.addresses != ListAddresses::None);
    let names_suffice = || input.screening.account == AccountScreening::NotAsked || !has_addresses();
    counting(input).any(|(said, one)| {
        let counts = one.list == list && one.outcome != AskerScreeningOutcome::Hit;
        counts && (said == Said::Question || names_suffice())
    })
}

/// Returns the finding about hits that nobody has cleared. A later screening of the same list replaces an earlier one if it is done. But people
/// decided what the relationship says, and a program may ask: its question does not replace that. And a relationship knows no address, which a
/// hit in the question may be about.
pub(super) fn hits(input: &PrecheckInput<'_>) -> Option<Finding> {
    let may_replace = |by, of| by == of || by == Said::Relationship && input.screening.account == AccountScreening::NotAsked;
    let is_replaced = |of: Said, hit: &AskerScreening| {
        let mut later = all(input).filter(|(_, other)| other.list == hit.list && other.at > hit.at && other.at <= input.now);
        later.any(|(by, _)| may_replace(by, of))
    };
    let open = all(input).filter(|(said, one)| one.outcome == AskerScreeningOutcome::Hit && !is_replaced(*said, one));
    let lists: Vec<&str> = open.map(|(_, one)| one.list.as_str()).collect();
    let detail = format!("Your own screening has a hit that nobody cleared: {}.", sentences::listed(&lists));
    (!lists.is_empty()).then(|| (CheckCode::SanctionsAskerHit, detail.into()))
}

/// Returns the finding about the lists that only the asker searched.
pub(super) fn told(lists: &[&str], input: &PrecheckInput<'_>) -> Option<Finding> {
    let last = counting(input).filter(|(_, one)| lists.contains(&one.list.as_str())).map(|(_, one)| one.at).min()?;
    let detail = format!("You searched these lists yourself, the earliest on {}: {}.", last.date(), sentences::listed(lists));
    Some((CheckCode::SanctionsScreenedByAsker, detail.into()))
}

/// Returns what the asker screened as evidence. Whoever asks for another organisation does not learn its providers and references.
pub(super) fn evidence(input: &PrecheckInput<'_>) -> impl Iterator<Item = Evidence> {
    let limit = input.policy.screening().unknown_after_days;
    let shows = input.relationship.shows_texts;
    all(input).map(move |(said, one)| Evidence {
        of: EvidenceOf::AskerScreening(one.list.clone().into()),
        source: match said == Said::Question || shows {
            true => format!("{}, reference {}: {}", one.provider, one.reference, one.outcome).into(),
            false => one.outcome.as_str().into(),
        },
        observed_at: Some(one.at),
        valid_until: one.counts_until(limit),
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::super::due_diligence::DueDiligenceStatus;
    use super::super::super::super::policy::{ConditionCode, Recommendation};
    use super::super::super::super::screening::EU_SANCTIONS;
    use super::super::super::examples::{Case, Question, entity};
    use super::super::super::relationship_situations::with;
    use super::super::super::{CheckName, PrecheckOutcome};
    use super::*;

    fn screened(list: &str, at: &str, outcome: AskerScreeningOutcome) -> AskerScreening {
        let (provider, reference) = ("Acme".to_owned(), "S-1".to_owned());
        AskerScreening { list: list.to_owned(), provider, at: at.parse().unwrap(), reference, outcome }
    }

    /// Asks from Germany on 1 May 2026 without the EU's list.
    fn without_the_eus(by_asker: Vec<AskerScreening>) -> PrecheckOutcome {
        let mut case = Case::licensed();
        case.screening.lists.retain(|list| list.family != EU_SANCTIONS);
        case.screening.by_asker = by_asker;
        case.run()
    }

    fn asks_to_screen(answer: &PrecheckOutcome) -> bool {
        answer.conditions.iter().any(|one| one.code == ConditionCode::ScreenYourself)
    }

    #[test]
    fn a_list_that_the_asker_searched_is_not_asked_for_until_that_is_out_of_date() {
        use AskerScreeningOutcome as O;
        for (list, at, outcome, expected) in [
            (EU_SANCTIONS, "2026-04-30T12:00:00Z", O::NoMatch, false),
            (EU_SANCTIONS, "2026-04-30T12:00:00Z", O::Cleared, false),
            (EU_SANCTIONS, "2026-03-31T12:00:00Z", O::NoMatch, true),
            (OFAC_SDN, "2026-04-30T12:00:00Z", O::NoMatch, true),
            (EU_SANCTIONS, "2026-04-30T12:00:00Z", O::Hit, true),
        ] {
            let answer = without_the_eus(vec![screened(list, at, outcome)]);

            assert_eq!(asks_to_screen(&answer), expected, "{list} {at} {outcome}");
            let noted = answer.notes.iter().any(|note| note.code == CheckCode::SanctionsScreenedByAsker);
            assert_eq!(noted, !expected, "{list} {at} {outcome}: {:?}", answer.notes);
            let held = answer.reasons.iter().any(|reason| reason.code == CheckCode::SanctionsAskerHit && reason.confidential);
            assert_eq!(held, outcome == O::Hit);
            assert_eq!(answer.recommendation <= Recommendation::Hold, outcome == O::Hit);
            let check = answer.checks.iter().find(|check| check.check() == CheckName::Sanctions).unwrap();
            let shown = check.evidence.iter().find(|one| one.of == EvidenceOf::AskerScreening(list.into())).unwrap();
            assert_eq!(shown.source.as_str(), format!("Acme, reference S-1: {outcome}"));
        }
        assert!(asks_to_screen(&without_the_eus(vec![])));
    }

    #[test]
    fn a_later_screening_replaces_a_hit_and_an_earlier_or_future_one_does_not() {
        use AskerScreeningOutcome as O;
        let answer = |cleared_at: &str| {
            let hit = screened(EU_SANCTIONS, "2026-05-01T11:00:00Z", O::Hit);
            without_the_eus(vec![hit, screened(EU_SANCTIONS, cleared_at, O::Cleared)])
        };
        assert!(answer("2026-05-01T10:00:00Z").recommendation <= Recommendation::Hold);
        assert!(answer("2026-05-01T12:00:00Z").recommendation > Recommendation::Hold);
        assert!(answer("2026-05-01T12:00:01Z").recommendation <= Recommendation::Hold, "nobody has done it yet");
    }

    /// A relationship knows no address, so what it says clears no hit that may be about one.
    #[test]
    fn a_screening_of_names_takes_back_no_hit_about_the_address() {
        use AskerScreeningOutcome as O;
        let (earlier, later) = ("2026-04-29T12:00:00Z", "2026-04-30T12:00:00Z");
        let is_held = |mut case: Case, in_question: Vec<AskerScreening>, kept: Vec<AskerScreening>| {
            let mut relationship = with(1, DueDiligenceStatus::Approved);
            relationship.terms.screened = kept;
            (case.relationships, case.screening.by_asker) = (vec![relationship], in_question);
            case.run().reasons.iter().any(|reason| reason.code == CheckCode::SanctionsAskerHit)
        };
        let (hit, cleared) = (|at| vec![screened(OFAC_SDN, at, O::Hit)], |at| vec![screened(OFAC_SDN, at, O::Cleared)]);
        let of_name = || Case::about(Question::Vasp(1), vec![entity(1)]);

        assert!(is_held(Case::licensed(), hit(earlier), cleared(later)));
        assert!(!is_held(of_name(), hit(earlier), cleared(later)), "there is no address");
        assert!(is_held(Case::licensed(), cleared(later), hit(earlier)), "two people of the asker said so, a program asks");
        assert!(is_held(Case::licensed(), cleared(earlier), hit(later)));
    }

    #[test]
    fn without_any_list_what_the_asker_searched_is_enough_if_it_is_all() {
        let mut case = Case::licensed();
        let lists: Vec<String> = case.screening.lists.iter().map(|list| list.family.to_string()).collect();
        case.screening.lists.clear();
        let clear = |list: &String| screened(list, "2026-04-30T12:00:00Z", AskerScreeningOutcome::NoMatch);
        case.screening.by_asker = lists.iter().skip(2).map(clear).collect();
        assert!(asks_to_screen(&case.run()));
        case.screening.by_asker = lists.iter().map(clear).collect();
        let answer = case.run();
        assert!(!asks_to_screen(&answer), "{:?}", answer.conditions);
        assert_eq!(answer.checks[5].code, CheckCode::SanctionsNoMatch);
    }
}
