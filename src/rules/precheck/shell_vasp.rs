//! The check `shell_vasp`: is the counterparty a VASP without decision-makers where it is licensed, and in no group that is
//! supervised as a whole? The check computes three facts from the record: where it is licensed, whether it is incorporated or
//! seated there, and whether its group has licensed entities. Whether decision-makers work there only the VASP itself can
//! answer (level B). Silence is neither a pass nor a fail.

use std::collections::BTreeSet;

use super::super::questionnaire::standing::ItemFact;
use super::super::shared_diligence::{Currency, DiligenceFacts, SharedDiligence};
use super::facts_missing::{Missing, answer};
use super::{CheckCode as C, CheckName, CheckResult, Counterparty, Evidence, PrecheckInput};
use vasp_record::licence::LicenceStatus;
use vasp_record::vasp::Vasp;
use vasp_words::country::Country;

/// The questionnaire item on whether it is present.
const PRESENCE: &str = "presence.mind_and_management";
/// The questionnaire item on whether its group is supervised as a whole.
const GROUP: &str = "presence.supervised_group";

const MISSING: Missing = Missing {
    entity: C::ShellVaspPresenceNotOnRecord,
    nobody: C::ShellVaspNoCounterparty,
    self_hosted: C::ShellVaspSelfHosted,
    detail: "Nothing is on record about its presence where it is licensed or about a supervised group.",
};

/// Answers the check.
///
/// Source: SFC AML Guideline 12.6.6–7 and 12.13.13; FATF Recommendations, Glossary, "Shell bank": presence means meaningful
/// mind and management in a country; a local agent or low-level staff is not presence.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    let Counterparty::Entity(vasp) = &input.attribution.counterparty else { return answer(&MISSING, input) };
    let computed = Computed::of(&vasp.record, input);
    match input.shared {
        SharedDiligence::Readable(facts) => answered(facts, &computed, input),
        SharedDiligence::NoAccess => {
            without(C::ShellVaspPresenceNoAccess, "The asker may not read its answer on presence.", &computed, input)
        }
        SharedDiligence::Nothing => {
            without(C::ShellVaspPresenceNotOnRecord, "It has not answered on its presence.", &computed, input)
        }
    }
}

/// What the record says.
struct Computed {
    licensed_in: BTreeSet<Country>,
    at_home: bool,
    licensed_group: bool,
}

impl Computed {
    fn of(vasp: &Vasp, input: &PrecheckInput<'_>) -> Self {
        let in_force = vasp.licences.iter().filter(|licence| licence.status_on(input.date) == LicenceStatus::InForce);
        let licensed_in: BTreeSet<Country> = in_force.map(|licence| licence.authority.country).collect();
        Self {
            at_home: vasp.country.is_some_and(|country| licensed_in.contains(&country)),
            licensed_in,
            licensed_group: vasp.group.is_some(),
        }
    }

    fn detail(&self, end: &str) -> String {
        let home = if self.at_home { "and incorporated there" } else { "but not incorporated there" };
        let licensed = match self.licensed_in.len() {
            0 => "No licence in force is on record".to_owned(),
            _ => format!("Licensed in {}, {home}", self.licensed_in.iter().map(Country::as_str).collect::<Vec<_>>().join(", ")),
        };
        let group = if self.licensed_group { "Its group is on record" } else { "No group is on record" };
        format!("{licensed}. {group}. {end}")
    }
}

fn without(code: C, end: &str, computed: &Computed, input: &PrecheckInput<'_>) -> CheckResult {
    CheckResult::new(code, computed.detail(end), vec![Evidence::directory(input.now)])
}

fn answered(facts: &DiligenceFacts, computed: &Computed, input: &PrecheckInput<'_>) -> CheckResult {
    let today = input.now.date();
    let evidence = || {
        let used = facts.of_check(CheckName::ShellVasp).filter(|fact| fact.verdict.is_some());
        used.map(|fact| Evidence::answer(facts, fact)).collect::<Vec<_>>()
    };
    let Some(presence) = facts.item(PRESENCE) else {
        let withheld = facts.withheld.contains(&CheckName::ShellVasp);
        return match withheld {
            true => without(C::ShellVaspPresenceNoAccess, "The asker may not read its answer on presence.", computed, input),
            false => without(C::ShellVaspPresenceNotOnRecord, "It has not answered on its presence.", computed, input),
        };
    };
    if presence.is_adverse() {
        let counts = |fact: &&ItemFact| fact.currency(today).is_some_and(|currency| currency != Currency::Expired);
        // A yes expires with its validity; a no remains an adverse answer.
        let group = facts.item(GROUP).filter(|fact| !fact.affirmed || counts(fact));
        let (code, end) = match (group, computed.licensed_group) {
            (Some(group), _) if group.affirmed => {
                (C::ShellVaspSupervisedGroup, "Its decision-makers do not work there, but its group is supervised as a whole.")
            }
            (None, true) => (
                C::ShellVaspGroupUnconfirmed,
                "Its decision-makers do not work there. There is no valid answer on the supervision of its group.",
            ),
            _ => (
                C::ShellVaspNoPresence,
                "Its decision-makers do not work there, and it is in no group that is supervised as a whole.",
            ),
        };
        return CheckResult::new(code, computed.detail(end), evidence());
    }
    let (code, end) = match presence.currency(today) {
        Some(Currency::Expired) | None => {
            (C::ShellVaspPresenceExpired, "Its answer that its decision-makers work there has expired.")
        }
        Some(Currency::ExpiresSoon) => {
            (C::ShellVaspPresenceExpiresSoon, "Its decision-makers work there. This answer expires within thirty days.")
        }
        Some(Currency::Current) => (C::ShellVaspPresent, "Its decision-makers work there."),
    };
    CheckResult::new(code, computed.detail(end), evidence())
}
