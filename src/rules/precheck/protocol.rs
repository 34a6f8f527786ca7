//! Whether both sides have a Travel Rule protocol in common that can be used now. The module `routes` finds the routes; this
//! check judges the best one.
//!
//! Source: docs/routes.md.

use super::super::routes::{Caution, Nearest, OurSide, Route, RouteReason, Routes};
use super::{CheckCode, CheckResult, Counterparty, Evidence, PrecheckInput, agreed, sentences};
use vasp_record::vasp::Vasp;
use vasp_words::text::Text;

/// Judges the routes to the counterparty.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    match &input.attribution.counterparty {
        Counterparty::Entity(_) if input.attribution.is_asker => {
            let detail = "The counterparty is the asker itself, so nothing is sent.";
            CheckResult::new(CheckCode::ProtocolSameEntity, detail, vec![Evidence::directory(input.now)])
        }
        Counterparty::Entity(entity) => agreed::route(of_entity(&entity.record, input), input),
        Counterparty::SelfHosted => {
            let detail = "The wallet is self-hosted, so there is no legal entity that takes Travel Rule messages.";
            CheckResult::new(CheckCode::ProtocolSelfHosted, detail, vec![Evidence::declaration(input.now)])
        }
        Counterparty::Party { .. } | Counterparty::Nobody { .. } => {
            let detail =
                "The counterparty's legal entity is not known, so no way to send it Travel Rule messages could be checked.";
            CheckResult::new(CheckCode::ProtocolNoCounterparty, detail, vec![Evidence::directory(input.now)])
        }
    }
}

fn of_entity(entity: &Vasp, input: &PrecheckInput<'_>) -> CheckResult {
    let Some(routes) = input.routes.filter(|routes| !entity.endpoints.is_empty() || !routes.items.is_empty()) else {
        let detail = "No Travel Rule endpoint of the counterparty is on record.";
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

fn usable(best: &Route, routes: &Routes) -> (CheckCode, Text) {
    let (code, what) = match best.caution {
        Caution::OursUnknown => {
            (CheckCode::ProtocolOursUnknown, "The counterparty uses it. The registry does not know whether the asker does")
        }
        Caution::LastResort => (CheckCode::ProtocolEmailOnly, "Both sides have no better protocol in common"),
        Caution::Degraded => (CheckCode::ProtocolDegraded, "The registry's probes show that its endpoint is degraded"),
        Caution::HealthUnknown => (CheckCode::ProtocolHealthUnknown, "The registry has not probed its endpoint recently"),
        Caution::MaintenanceSoon => (CheckCode::ProtocolMaintenanceSoon, "Maintenance of its endpoint begins within one hour"),
        Caution::Superseded => (CheckCode::ProtocolSuperseded, "Another protocol has replaced it"),
        Caution::NotProbed => {
            (CheckCode::ProtocolCommonNotProbed, "Both sides use it. Its endpoints cannot be probed from outside")
        }
        Caution::None => (CheckCode::ProtocolCommon, "Both sides use it, and its endpoint answers"),
    };
    let version = best.version.as_ref().map_or_else(String::new, |version| format!(" {version}"));
    let others = routes.items.iter().filter(|route| route.is_usable()).count().saturating_sub(1);
    let more = if others == 0 { String::new() } else { format!(" Other usable routes: {others}.") };
    (code, format!("The best route is {}{version}. {what}.{more}", best.protocol).into())
}

fn none_usable(routes: &Routes) -> (CheckCode, Text) {
    let near = routes.nearest.as_ref().map(|near| near.obstacle().detail);
    let foreign = |route: &Route| route.obstacles.iter().any(|obstacle| obstacle.reason == RouteReason::NotSpokenByUs);
    let (code, first) = match (&routes.nearest, routes.items.first()) {
        (Some(Nearest::Bridge { .. }), _) => {
            (CheckCode::ProtocolBridgeOnly, "Both sides have no protocol in common, but a bridge connects them.".to_owned())
        }
        (_, None) => (CheckCode::ProtocolNoCommon, "The counterparty withdrew all its endpoints.".to_owned()),
        _ if routes.ours == OurSide::Known && routes.items.iter().all(foreign) => {
            (CheckCode::ProtocolNoCommon, "Both sides have no protocol in common.".to_owned())
        }
        (_, Some(_)) => {
            let reason = |route: &Route| Some(format!("{}: {}", route.protocol, route.obstacles.first()?.detail));
            let reasons: Vec<String> = routes.items.iter().filter_map(reason).collect();
            let first = ["No route is usable now.".to_owned()];
            return (CheckCode::ProtocolNoneUsable, sentences::joined(first.into_iter().chain(near).chain(reasons)));
        }
    };
    (code, sentences::joined(std::iter::once(first).chain(near)))
}
