//! How pre-checks judge a VASP's answers about presence and data protection. The expectations follow the definitions of a shell
//! VASP (SFC 12.6.6–7, 12.13.13) and of the data to protect (FATF §196, §291).

use super::super::policy::Recommendation;
use super::super::questionnaire::standing::{ItemFact, Verdict};
use super::super::shared_diligence::{DiligenceFacts, SharedDiligence};
use super::CheckCode as C;
use super::examples::*;
use super::*;
use proptest::prelude::*;

/// An answer to an item, valid until a day. All cases ask on 1 May 2026.
fn fact(check: CheckName, item: &str, verdict: Option<Verdict>, affirmed: bool, until: &str) -> ItemFact {
    ItemFact {
        item: item.parse().unwrap(),
        section: item.split('.').next().unwrap().to_owned(),
        check,
        verdict,
        affirmed,
        answered_on: verdict.map(|_| date("2025-06-01")),
        valid_until: verdict.map(|_| date(until)),
    }
}

fn presence(verdict: Verdict, until: &str) -> ItemFact {
    fact(CheckName::ShellVasp, "presence.mind_and_management", Some(verdict), verdict == Verdict::Good, until)
}

fn group(affirmed: bool, until: &str) -> ItemFact {
    fact(CheckName::ShellVasp, "presence.supervised_group", Some(Verdict::Good), affirmed, until)
}

fn protection(item: &str, verdict: Option<Verdict>, until: &str) -> ItemFact {
    fact(CheckName::DataProtection, item, verdict, false, until)
}

fn readable(items: Vec<ItemFact>, withheld: Vec<CheckName>) -> SharedDiligence {
    let (questionnaire, submission) = ("counterparty@1".to_owned(), "ans_1".to_owned());
    SharedDiligence::Readable(DiligenceFacts { questionnaire, submission, items, withheld })
}

fn found(shared: SharedDiligence, change: impl FnOnce(&mut Case)) -> (C, C, Recommendation) {
    let mut case = Case { shared, ..Case::licensed() };
    change(&mut case);
    let answer = case.run();
    assert!(answer.checks.iter().all(|check| check.detail.ends_with('.') && !check.evidence.is_empty()));
    let code = |name| answer.checks.iter().find(|check| check.check() == name).unwrap().code;
    (code(CheckName::ShellVasp), code(CheckName::DataProtection), answer.recommendation)
}

/// Returns the result of the answers on data protection if no law is sufficient.
fn outside_the_area(shared: SharedDiligence) -> (C, C, Recommendation) {
    found(shared, |case| case.entity().country = Some(country("SG")))
}

fn shell(items: Vec<ItemFact>) -> C {
    found(readable(items, vec![]), |_| ()).0
}

const LONG: &str = "2027-01-01";
const SOON: &str = "2026-05-31";
const OVER: &str = "2026-05-01";

#[test]
fn a_shell_is_one_without_presence_and_without_a_supervised_group() {
    assert_eq!(shell(vec![presence(Verdict::Good, LONG)]), C::ShellVaspPresent);
    assert_eq!(shell(vec![presence(Verdict::Good, SOON)]), C::ShellVaspPresenceExpiresSoon);
    assert_eq!(shell(vec![presence(Verdict::Good, OVER)]), C::ShellVaspPresenceExpired);
    assert_eq!(shell(vec![presence(Verdict::Adverse, LONG)]), C::ShellVaspNoPresence);
    assert_eq!(shell(vec![presence(Verdict::Adverse, LONG), group(true, LONG)]), C::ShellVaspSupervisedGroup);
    assert_eq!(shell(vec![presence(Verdict::Adverse, LONG), group(false, LONG)]), C::ShellVaspNoPresence);
    // That a group was supervised in the past says nothing about today. That nobody works there remains valid.
    assert_eq!(shell(vec![presence(Verdict::Adverse, OVER), group(true, OVER)]), C::ShellVaspNoPresence);
    assert_eq!(shell(vec![group(true, LONG)]), C::ShellVaspPresenceNotOnRecord);

    let without = readable(vec![presence(Verdict::Adverse, LONG)], vec![]);
    let in_group = found(without.clone(), |case| case.entity().group = Some(id(11)));
    assert_eq!(in_group.0, C::ShellVaspGroupUnconfirmed);
    assert_eq!(found(without, |_| ()).2, Recommendation::Reject);
    // The answer that its group is not supervised remains valid after its expiry, whatever the record says about a group.
    let said = readable(vec![presence(Verdict::Adverse, OVER), group(false, OVER)], vec![]);
    assert_eq!(found(said, |case| case.entity().group = Some(id(11))).0, C::ShellVaspNoPresence);
    let over = readable(vec![presence(Verdict::Adverse, OVER), group(true, OVER)], vec![]);
    assert_eq!(found(over, |case| case.entity().group = Some(id(11))).0, C::ShellVaspGroupUnconfirmed);
}

#[test]
fn the_three_computed_questions_are_said() {
    let detail = |change: &dyn Fn(&mut Case)| {
        let mut case = Case::licensed();
        change(&mut case);
        case.run().checks[6].detail.clone()
    };
    assert_eq!(
        detail(&|_| ()),
        "Licensed in IE, and incorporated there. No group is on record. It has not answered on its presence."
    );
    let abroad = detail(&|case| case.entity().country = Some(country("KY")));
    assert!(abroad.starts_with("Licensed in IE, but not incorporated there."), "{abroad}");
    assert!(detail(&|case| case.entity().licences.clear()).starts_with("No licence in force is on record."));
}

#[test]
fn data_protection_is_what_every_answer_says_together() {
    let judge = |items: Vec<ItemFact>| outside_the_area(readable(items, vec![])).1;
    let good = |item| protection(item, Some(Verdict::Good), LONG);
    let (a, b) = ("data_protection.secure", "data_protection.encryption");

    assert_eq!(judge(vec![good(a), good(b)]), C::DataProtectionAnswered);
    assert_eq!(judge(vec![good(a), protection(b, Some(Verdict::Warning), LONG)]), C::DataProtectionPartial);
    assert_eq!(judge(vec![good(a), protection(b, Some(Verdict::Good), SOON)]), C::DataProtectionExpiresSoon);
    assert_eq!(judge(vec![good(a), protection(b, Some(Verdict::Good), OVER)]), C::DataProtectionExpired);
    assert_eq!(judge(vec![good(a), protection(b, None, LONG)]), C::DataProtectionIncomplete);
    assert_eq!(judge(vec![]), C::DataProtectionIncomplete);
    assert_eq!(
        judge(vec![protection(a, Some(Verdict::Adverse), OVER), protection(b, None, LONG)]),
        C::DataProtectionCannotProtect
    );
    let held = found(readable(vec![protection(a, Some(Verdict::Adverse), LONG)], vec![]), |_| ());
    assert_eq!(held.2, Recommendation::Hold);
}

/// Source: docs/due-diligence.md, "Checks of a pre-check": an asker in the EEA, and the counterparty there or where the Commission found the
/// law adequate (GDPR Art. 45), on the day.
#[test]
fn law_that_protects_the_data_alike_passes_except_for_who_says_that_it_cannot() {
    let between = |from: &str, to: &str, day: &str, shared: SharedDiligence| {
        let change = |case: &mut Case| {
            case.originator.country = country(from);
            case.entity().country = Some(country(to));
            case.date = date(day);
        };
        found(shared, change).1
    };
    let silent = |from: &str, to: &str, day: &str| between(from, to, day, SharedDiligence::Nothing);
    for to in ["IE", "NO", "LI", "CH", "JP", "GB", "BR", "CA"] {
        assert_eq!(silent("DE", to, "2026-05-01"), C::DataProtectionRegimeEquivalent, "{to}");
    }
    for (from, to, day) in [
        ("DE", "US", "2026-05-01"),
        ("DE", "KR", "2026-05-01"),
        ("DE", "SG", "2026-05-01"),
        ("DE", "GB", "2031-12-28"),
        ("DE", "BR", "2026-01-26"),
        ("GB", "IE", "2026-05-01"),
        ("CH", "IE", "2026-05-01"),
        ("US", "US", "2026-05-01"),
    ] {
        assert_eq!(silent(from, to, day), C::DataProtectionNoAssessment, "{from} to {to}, {day}");
    }
    let says = |verdict| readable(vec![protection("data_protection.secure", Some(verdict), LONG)], vec![]);
    assert_eq!(between("DE", "IE", "2026-05-01", SharedDiligence::NoAccess), C::DataProtectionRegimeEquivalent);
    assert_eq!(between("DE", "IE", "2026-05-01", says(Verdict::Warning)), C::DataProtectionRegimeEquivalent);
    assert_eq!(between("DE", "IE", "2026-05-01", says(Verdict::Good)), C::DataProtectionAnswered);
    assert_eq!(between("DE", "IE", "2026-05-01", says(Verdict::Adverse)), C::DataProtectionCannotProtect);
}

#[test]
fn without_access_nothing_is_known_but_that_there_is_something() {
    assert_eq!(found(SharedDiligence::NoAccess, |_| ()).0, C::ShellVaspPresenceNoAccess);
    assert_eq!(outside_the_area(SharedDiligence::NoAccess).1, C::DataProtectionNoAccess);
    let partly = readable(vec![presence(Verdict::Good, LONG)], vec![CheckName::DataProtection]);
    assert_eq!(outside_the_area(partly).1, C::DataProtectionNoAccess);
    let other = readable(vec![], vec![CheckName::ShellVasp]);
    assert_eq!(found(other, |_| ()).0, C::ShellVaspPresenceNoAccess);
    // Nobody is settled, so no answers can be used.
    let unsettled = Case { shared: SharedDiligence::NoAccess, ..Case::unknown_address(Declared::SelfHosted) }.run();
    assert_eq!((unsettled.checks[6].code, unsettled.checks[9].code), (C::ShellVaspSelfHosted, C::DataProtectionSelfHosted));
}

#[test]
fn answers_are_cited_by_questionnaire_item_and_day() {
    let case = Case { shared: readable(vec![presence(Verdict::Good, LONG)], vec![]), ..Case::licensed() };
    let evidence = &case.run().checks[6].evidence[0];
    assert_eq!(evidence.of.id().as_deref(), Some("counterparty@1/presence.mind_and_management"));
    assert_eq!((evidence.of.kind(), evidence.source.as_str()), ("questionnaire_item", "answered by the VASP, submission ans_1"));
    assert_eq!((evidence.observed_at, evidence.valid_until), (Some(date("2025-06-01").start()), Some(date(LONG).start())));
}

fn verdicts() -> impl Strategy<Value = Option<Verdict>> {
    prop_oneof![Just(None), Just(Some(Verdict::Adverse)), Just(Some(Verdict::Warning)), Just(Some(Verdict::Good))]
}

proptest! {
    /// One answer made worse (`None` is no answer) never improves the recommendation.
    #[test]
    fn a_worse_answer_never_improves_the_recommendation(
        first in verdicts(), second in verdicts(), presence_is in verdicts(), group_is in any::<bool>(), days in 0usize..3,
    ) {
        let until = [OVER, SOON, LONG][days];
        let run = |first, presence_is: Option<Verdict>, group_is| {
            let presence = presence_is.map(|verdict| presence(verdict, until));
            let items = presence.into_iter().chain([group(group_is, until), protection("data_protection.secure", first, until),
                protection("data_protection.encryption", second, until)]);
            found(readable(items.collect(), vec![]), |_| ()).2
        };
        let base = run(first, presence_is, group_is);
        prop_assert!(run(Some(Verdict::Adverse), presence_is, group_is) <= base);
        prop_assert!(run(first, presence_is, false) <= base);
        if presence_is.is_some() {
            prop_assert!(run(first, Some(Verdict::Adverse), false) <= base);
        }
    }
}
