//! Whether both sides have a Travel Rule protocol in common that can be used now. The module `routes` finds the routes; this
//! check judges the best one.
//!
//! Source: wire contract, `protocol`; issue 6.

use super::super::routes::{Caution, Nearest, OurSide, Route, RouteReason, Routes};
use super::{CheckCode, CheckResult, Counterparty, Evidence, PrecheckInput, agreed, sentences};
use vasp_record::vasp::Vasp;

/// Judges the routes to the counterparty.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    match &input.attribution.counterparty {
        Counterparty::Entity(_) if input.attribution.is_asker => {
            let detail = "It is the asker itself: nothing is sent.";
            CheckResult::new(CheckCode::ProtocolSameEntity, detail, vec![Evidence::directory(input.now)])
        }
        Counterparty::Entity(entity) => agreed::route(of_entity(&entity.record, input), input),
        Counterparty::SelfHosted => {
            let detail = "Self-hosted: there is no legal entity.";
            CheckResult::new(CheckCode::ProtocolSelfHosted, detail, vec![Evidence::declaration(input.now)])
        }
        Counterparty::Party { .. } | Counterparty::Nobody { .. } => {
            let detail = "No legal entity is settled on the other side.";
            CheckResult::new(CheckCode::ProtocolNoCounterparty, detail, vec![Evidence::directory(input.now)])
        }
    }
}

fn of_entity(entity: &Vasp, input: &PrecheckInput<'_>) -> CheckResult {
    let Some(routes) = input.routes.filter(|_| !entity.endpoints.is_empty()) else {
        let detail = "No endpoint of a Travel Rule protocol on record.";
        return CheckResult::new(CheckCode::ProtocolNoneOnRecord, detail, vec![Evidence::directory(input.now)]);
    };
    // Prefers a route that certainly works to one for which it is not known whether the asker speaks the protocol.
    let certain = routes.items.iter().find(|route| route.is_usable() && route.caution != Caution::OursUnknown);
    let (code, detail) = match certain.or(routes.best()) {
        Some(best) => usable(best, routes),
        None => none_usable(routes),
    };
    let mut evidence: Vec<Evidence> = routes.items.iter().map(Evidence::endpoint).collect();
    if evidence.is_empty() {
        evidence.push(Evidence::directory(input.now));
    }
    CheckResult::new(code, detail, evidence)
}

fn usable(best: &Route, routes: &Routes) -> (CheckCode, String) {
    let (code, what) = match best.caution {
        Caution::OursUnknown => (
            CheckCode::ProtocolOursUnknown,
            "the counterparty can be reached by it; whether the asker speaks it is not on record",
        ),
        Caution::LastResort => (CheckCode::ProtocolEmailOnly, "nothing better is common"),
        Caution::Degraded => (CheckCode::ProtocolDegraded, "its endpoint answers the registry's probes badly"),
        Caution::HealthUnknown => (CheckCode::ProtocolHealthUnknown, "whether its endpoint answers was not looked at lately"),
        Caution::MaintenanceSoon => (CheckCode::ProtocolMaintenanceSoon, "maintenance of its endpoint begins within the hour"),
        Caution::Superseded => (CheckCode::ProtocolSuperseded, "another protocol took its place"),
        Caution::NotProbed => (CheckCode::ProtocolCommonNotProbed, "it is common; nobody can look at its endpoints from outside"),
        Caution::None => (CheckCode::ProtocolCommon, "both sides speak it and its endpoint answers"),
    };
    let version = best.version.as_ref().map_or_else(String::new, |version| format!(" {version}"));
    let others = routes.items.iter().filter(|route| route.is_usable()).count().saturating_sub(1);
    let more = if others == 0 { String::new() } else { format!(" Other routes that can be used: {others}.") };
    (code, format!("By {}{version}: {what}.{more}", best.protocol))
}

fn none_usable(routes: &Routes) -> (CheckCode, String) {
    let near = routes.nearest.as_ref().map(|near| near.obstacle().detail);
    let foreign = |route: &Route| route.obstacles.iter().any(|obstacle| obstacle.reason == RouteReason::NotSpokenByUs);
    let (code, first) = match (&routes.nearest, routes.items.first()) {
        (Some(Nearest::Bridge { .. }), _) => (CheckCode::ProtocolBridgeOnly, "No protocol is common; a bridge is.".to_owned()),
        (_, None) => (CheckCode::ProtocolNoCommon, "The counterparty took all its endpoints back.".to_owned()),
        _ if routes.ours == OurSide::Known && routes.items.iter().all(foreign) => {
            (CheckCode::ProtocolNoCommon, "The asker speaks no protocol that the counterparty speaks.".to_owned())
        }
        (_, Some(_)) => {
            let reason = |route: &Route| Some(format!("{}: {}", route.protocol, route.obstacles.first()?.detail));
            let reasons: Vec<String> = routes.items.iter().filter_map(reason).collect();
            let first = ["No route can be used now.".to_owned()];
            return (CheckCode::ProtocolNoneUsable, sentences::joined(first.into_iter().chain(near).chain(reasons)));
        }
    };
    (code, sentences::joined(std::iter::once(first).chain(near)))
}
