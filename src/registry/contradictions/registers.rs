//! Compares a snapshot of a public register with an approved record. It finds another name, country or LEI, and a licence that ends, ends
//! sooner, was narrowed, or is no longer shown. Pure: it reads only the plan of the import.

use super::Found;
use super::lists::listed;
use crate::ledger::known::Asked;
use serde_json::json;

use vasp_log::change::FactChange;
use vasp_record::case::{Cause, TriggerKind};
use vasp_record::fact::Attribute;
use vasp_record::platform::PlatformHosts;
use vasp_record::register::{RegisterEntity, RegisterSnapshot};
use vasp_record::timeline::Shown;
use vasp_rules::lei_evidence::fold;
use vasp_rules::non_compliant::{NonCompliantIndex, Sought};
use vasp_words::ids::{LicenceId, VaspId};
use vasp_words::time::Date;

/// Sentences for people, each about one attribute.
pub(crate) type Contradictions = Vec<String>;

/// Compares what a snapshot changed of one VASP (the changes in its history) with the approved record. `approved` returns the approved
/// value of an attribute. `is_new` returns whether a licence was unknown before. Only values that are still valid today are compared: an
/// old snapshot does not contradict a record that was approved later.
pub(crate) fn said_otherwise(
    told: &[FactChange],
    approved: impl Fn(Asked<'_>) -> Option<String>,
    is_new: impl Fn(LicenceId) -> bool,
) -> Contradictions {
    let mut found = Contradictions::new();
    for change in told.iter().filter(|change| change.valid_to.is_none()) {
        let (before, now) = (change.from.clone(), change.to.clone());
        let place = change.pointer.trim_start_matches('/');
        match place.split('/').collect::<Vec<_>>().as_slice() {
            [attribute @ ("legal_name" | "country" | "lei")] => {
                let asked = Attribute::from_text(attribute).map(|attribute| (None, attribute, ""));
                let known = asked.and_then(&approved).or(before);
                if let (Some(known), Some(now)) = (known, now)
                    && differ(attribute, &known, &now)
                {
                    found.push(format!("{attribute} is `{now}` there and `{known}` here"));
                }
            }
            ["licences", id, rest @ ..] => {
                if let Some(licence) = id.parse().ok().filter(|licence| !is_new(*licence)) {
                    found.extend(of_licence(licence, rest, before, now.as_deref(), &approved));
                }
            }
            _ => (),
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Returns whether two values differ. Names agree whatever their case, accents, punctuation, or notation of the legal form.
fn differ(attribute: &str, one: &str, other: &str) -> bool {
    if attribute == "legal_name" { fold(one) != fold(other) } else { one != other }
}

fn of_licence(
    id: LicenceId,
    rest: &[&str],
    before: Option<String>,
    now: Option<&str>,
    approved: impl Fn(Asked<'_>) -> Option<String>,
) -> Option<String> {
    match (rest, now) {
        (["listing"], Some(shown)) if shown == Shown::NotListed.as_str() => Some(format!("{id} is no longer shown")),
        (["valid_to"], Some(end)) => {
            let known = before.or_else(|| approved((Some(id), Attribute::LicenceEnd, "")));
            let known = known.and_then(|day| day.parse().ok());
            ends_sooner(known, end.parse().ok()).map(|end| format!("{id} ends on {end}"))
        }
        (["activities", activity], None) if before.is_some() => Some(format!("{id} no longer allows {activity}")),
        (["activities", activity], Some(now)) => {
            let known = before.or_else(|| approved((Some(id), Attribute::LicenceActivity, activity)));
            let end = |dates: &str| dates.split_once('/').and_then(|(_, end)| end.parse().ok());
            let end = ends_sooner(known.as_deref().map(end)?, end(now));
            end.map(|end| format!("{id} allows {activity} until {end}"))
        }
        _ => None,
    }
}

/// Returns the end if it is new, or earlier than the known end.
fn ends_sooner(known: Option<Date>, now: Option<Date>) -> Option<Date> {
    now.filter(|now| known.is_none_or(|known| *now < known))
}

/// Returns the finding about one VASP; `None` if nothing is contradicted.
pub(crate) fn found(vasp: VaspId, said: &Contradictions, snapshot: &RegisterSnapshot) -> Option<Found> {
    let RegisterSnapshot { register, observed_on, source, .. } = snapshot;
    (!said.is_empty()).then(|| Found {
        vasp,
        by: Cause::Others,
        kind: TriggerKind::Contradiction,
        identity: json!({"register": register, "observed_on": observed_on, "said": said}),
        summary: format!("The register {register} contradicts the approved record: {}.", said.join("; ")),
        detail: json!({"register": register, "source": source, "observed_on": observed_on, "contradictions": said}),
    })
}

/// Returns the list entries that match an entity in a register, using the register's description of it. The entity may be new in the
/// directory.
pub(crate) fn entered(
    vasp: VaspId,
    entity: &RegisterEntity,
    list: &NonCompliantIndex,
    platforms: &PlatformHosts,
    today: Date,
) -> Vec<Found> {
    let names = std::iter::once(&entity.legal_name).chain(&entity.commercial_names).map(String::as_str);
    let domains = entity.domains.iter().map(String::as_str);
    let sought = Sought::new(entity.lei, names, domains, entity.website.as_deref());
    let found = list.matches(&sought, today, platforms, &fold);
    found.iter().filter_map(|found| listed(vasp, &entity.legal_name, found)).collect()
}
