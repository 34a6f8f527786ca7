//! Whether the law of the asker's side bans transactions with the counterparty, because it is a provider that the law names or one that
//! is established in a country that the law names. As long as it is not settled which entity it is, everybody counts who may serve the
//! customer: if the law bans all of them, the answer is the same as for a settled entity.
//!
//! Source: docs/screening.md, "Bans on providers".

use super::super::super::elsewhere::JudgedVasp;
use super::super::super::provider_ban::{BannedAs, ProviderBan};
use super::super::super::sanctions_by_law::SanctionsByLaw;
use super::super::{BrandAnswer, BrandCandidate, CheckCode, Counterparty, Evidence, EvidenceOf, PrecheckInput, sentences};
use super::Finding;
use vasp_record::vasp::Vasp;
use vasp_words::country::Country;

/// A ban together with why it concerns somebody.
type Banned = (&'static ProviderBan, BannedAs<'static>);

/// The bans that bind the asker's side on the day of the transfer.
type Bans<'b> = &'b [&'static ProviderBan];

/// Somebody who is or may be the counterparty, with the ban on him.
struct Candidate {
    name: String,
    banned: Option<Banned>,
}

/// Returns the finding about bans with its evidence; `None` if no ban concerns anybody who may be the counterparty.
pub(super) fn judge(input: &PrecheckInput<'_>) -> Option<(Finding, Vec<Evidence>)> {
    let (jurisdiction, own) = (&input.own_side.jurisdiction, input.own_side.country);
    let bans: Vec<_> = SanctionsByLaw::embedded().provider_bans(jurisdiction, own, input.date).collect();
    if bans.is_empty() {
        return None;
    }
    let mut candidates = candidates(&bans, input);
    let is_certain = !candidates.is_empty() && candidates.iter().all(|one| one.banned.is_some());
    // Whom the claims contradict can make the finding worse, never better.
    candidates.extend(of_records(input.attribution.contradicted.filter(|_| !is_certain), &bans));
    let banned: Vec<(&str, Banned)> = candidates.iter().filter_map(|one| Some((one.name.as_str(), one.banned?))).collect();
    let (_, first) = *banned.first()?;
    let evidence = evidence(&banned);
    if banned.len() == candidates.len() {
        return Some(((CheckCode::SanctionsProviderBanned, sentence(first, input).into()), evidence));
    }
    let names: Vec<&str> = banned.iter().map(|(name, _)| *name).collect();
    let detail = format!(
        "The law of {} bans transactions with some of those who may be the counterparty: {}.",
        input.own_side.jurisdiction,
        sentences::listed(&names)
    );
    Some(((CheckCode::SanctionsProviderMayBeBanned, detail.into()), evidence))
}

/// Returns the bans, each once.
fn evidence(banned: &[(&str, Banned)]) -> Vec<Evidence> {
    let mut found: Vec<Evidence> = vec![];
    for (_, (ban, why)) in banned {
        let of = EvidenceOf::ProviderBan(match why {
            BannedAs::EstablishedIn(country) => country.as_str().to_owned().into(),
            BannedAs::Named(name) => (*name).to_owned().into(),
        });
        if found.iter().all(|known| known.of != of) {
            let valid_until = ban.until.map(|last| last.next().start());
            found.push(Evidence { of, source: ban.source().into(), observed_at: None, valid_until });
        }
    }
    found
}

fn sentence((ban, why): Banned, input: &PrecheckInput<'_>) -> String {
    let whom = match why {
        BannedAs::EstablishedIn(country) => format!("providers established in {}", country.name()),
        BannedAs::Named(name) => sentences::cut(name, 40),
    };
    format!(
        "The law of {} has banned transactions with {whom} since {}: {}.",
        input.own_side.jurisdiction,
        ban.since,
        ban.source()
    )
}

fn banned<'n>(names: impl Iterator<Item = &'n str> + Clone, country: Option<Country>, bans: Bans<'_>) -> Option<Banned> {
    bans.iter().find_map(|ban| ban.concerns(names.clone(), country).map(|why| (*ban, why)))
}

fn of_record(vasp: &Vasp, bans: Bans<'_>) -> Candidate {
    let names = std::iter::once(vasp.legal_name.as_str()).chain(vasp.other_names.iter().map(|other| other.name.as_str()));
    Candidate { name: vasp.legal_name.clone(), banned: banned(names, vasp.country, bans) }
}

fn of_records<'v>(all: impl IntoIterator<Item = &'v JudgedVasp>, bans: Bans<'_>) -> Vec<Candidate> {
    all.into_iter().map(|vasp| of_record(&vasp.record, bans)).collect()
}

/// Returns everybody who may be the counterparty; exactly one if it is settled. A brand that the law names is the counterparty, whichever
/// entity runs it.
fn candidates(bans: Bans<'_>, input: &PrecheckInput<'_>) -> Vec<Candidate> {
    let attribution = input.attribution;
    let brand = attribution.brand.into_iter().chain(attribution.counterparty.group());
    let settled = of_records(brand, bans).into_iter().find(|one| one.banned.is_some());
    match (settled, &attribution.counterparty) {
        (Some(brand), _) => vec![brand],
        (None, Counterparty::Entity(entity)) => of_records([*entity], bans),
        (None, Counterparty::Party { named, entities }) => of_party(named, entities, bans, input),
        (None, Counterparty::SelfHosted) => of_records(attribution.label.no_vasp, bans),
        (None, Counterparty::Nobody { candidates, country: None }) => of_records(candidates.iter().copied(), bans),
        (None, Counterparty::Nobody { country: Some(seat), .. }) => {
            vec![Candidate { name: seat.name().to_owned(), banned: banned(std::iter::empty(), Some(*seat), bans) }]
        }
    }
}

/// Returns the entities of a party. Of a brand those that may serve the customer, with those that only a link names; all if none may.
fn of_party(named: &[&JudgedVasp], entities: &[&JudgedVasp], bans: Bans<'_>, input: &PrecheckInput<'_>) -> Vec<Candidate> {
    let [group] = named else { return of_records(entities.iter().copied(), bans) };
    let answer = BrandAnswer::open(group, entities, vec![], input.customer_country, input.date);
    let judge = |one: &BrandCandidate| {
        let record = entities.iter().find(|vasp| Some(vasp.record.id) == one.vasp);
        record.map_or_else(
            || Candidate {
                banned: banned(std::iter::once(one.legal_name.as_str()), one.country, bans),
                name: one.legal_name.clone(),
            },
            |vasp| of_record(&vasp.record, bans),
        )
    };
    answer.serving().map(judge).collect()
}

#[cfg(test)]
mod tests;
