//! What the asking organisation's own terms with the counterparty can settle if the registry knows nothing: a route for the data, and a
//! licence that the organisation saw itself. They never override what the registry does know. Callers: `protocol`, `licence`.
//!
//! Source: docs/relationships.md, "Effect on pre-checks".

use super::super::relationship::Track;
use super::circumstances::approved;
use super::relationship::day_of;
use super::{CheckCode, CheckResult, Evidence, PrecheckInput, sentences};
use vasp_record::licence::LicenceStatus;
use vasp_record::vasp::Vasp;

/// Answers the check `protocol` with the agreed route if the registry knows no usable one.
pub(super) fn route(result: CheckResult, input: &PrecheckInput<'_>) -> CheckResult {
    use CheckCode as C;
    let none =
        matches!(result.code, C::ProtocolNoCommon | C::ProtocolNoneUsable | C::ProtocolNoneOnRecord | C::ProtocolOursUnknown);
    let kept = approved(Track::TravelRule, input).filter(|_| none);
    let Some((kept, route)) = kept.and_then(|kept| Some((kept, kept.terms.route.as_ref()?))) else { return result };
    let mut known = input.routes.into_iter().flat_map(|routes| &routes.items);
    if known.any(|known| known.protocol == route.protocol && !known.is_usable()) {
        return result;
    }
    let way =
        if input.relationship.shows_texts { format!(" to use {}", route.protocol) } else { " on a way to send data".to_owned() };
    let detail = format!("The asking organisation agreed with the counterparty{way}.");
    let mut evidence = vec![Evidence::relationship(kept, Track::TravelRule)];
    evidence.extend(result.evidence);
    CheckResult::new(C::ProtocolByRelationship, detail, evidence)
}

/// Answers the check `licence` with the licence that the organisation saw, if the registry knows none or last observed it too long ago.
pub(super) fn licence(result: CheckResult, entity: &Vasp, input: &PrecheckInput<'_>) -> CheckResult {
    use CheckCode as C;
    let none = matches!(result.code, C::LicenceNoneOnRecord | C::LicenceTransitionalPossible | C::LicenceRegisterTooOld);
    let stands_against = |status| {
        use LicenceStatus as S;
        matches!(status, S::Withdrawn | S::Suspended | S::Ended | S::NotListed)
    };
    let known_against = entity.licences.iter().any(|licence| stands_against(licence.status_on(input.date)));
    let kept = approved(Track::TravelRule, input).filter(|_| none && !known_against);
    let seen = kept.and_then(|kept| Some((kept, kept.terms.licence_seen.as_ref()?)));
    let Some((kept, seen)) = seen.filter(|(_, seen)| seen.counts_on(day_of(input))) else { return result };
    let which = if input.relationship.shows_texts {
        format!("a licence from {} (number {})", seen.authority, seen.number)
    } else {
        "a licence".to_owned()
    };
    let seen_on = format!("The asking organisation saw {which} on {}.", seen.seen_on);
    let detail = match result.code {
        C::LicenceRegisterTooOld => sentences::joined([seen_on.as_str(), &result.detail]),
        _ => seen_on.into(),
    };
    let own = Evidence::relationship(kept, Track::TravelRule);
    let ends = seen.counts_until();
    let own = Evidence { valid_until: Some(own.valid_until.map_or(ends, |until| until.min(ends))), ..own };
    // The last known state of the register still applies.
    let mut codes = result.also.into_iter();
    let (code, detail) = match codes.next() {
        None => (C::LicenceSeenByAsker, detail),
        Some(worse) => (worse, sentences::joined([&result.detail, &detail])),
    };
    let evidence = std::iter::once(own).chain(result.evidence).collect();
    CheckResult::new(code, detail, evidence).with(codes.collect())
}
