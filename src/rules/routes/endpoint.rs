//! The obstacles to the use of one endpoint: on their side, on our side, and between both.

use super::super::endpoint_health::{EndpointHealth, HealthState};
use super::super::protocol::{ProbeKind, Protocol, ProtocolState, VersionRule};
use super::super::rulebook::FieldCode;
use super::certificate::{CertificateJudgement, CertificateStanding, for_calling};
use super::nearest::limited;
use super::obstacle::{Obstacle, RouteReason};
use super::{DataDirection, OurSide, RouteInput};
use vasp_addresses::asset::is_same_asset;
use vasp_record::endpoint::{Endpoint, EndpointStatus, Location};
use vasp_record::vasp::{Vasp, VaspStatus};
use vasp_words::country::Country;

/// Returns whether our side needs an endpoint of its own to use theirs. E-mail needs none.
pub(super) fn needs_our_own(endpoint: &Endpoint) -> bool {
    !matches!(endpoint.location, Location::Email { .. })
}

/// Returns every obstacle to the use of one of their endpoints, and the newest version that both sides speak.
pub(super) fn obstacles(
    input: &RouteInput<'_>,
    ours: OurSide,
    theirs: &Endpoint,
    protocol: Option<&Protocol>,
    (health, certificates): (&EndpointHealth, &CertificateJudgement),
) -> (Vec<Obstacle>, Option<String>) {
    let Some(protocol) = protocol else {
        let detail = format!("The registry does not know the protocol `{}`.", theirs.protocol);
        return (vec![Obstacle::new(RouteReason::ProtocolUnknown, detail)], None);
    };
    let mut found = of_protocol(input, protocol);
    found.extend(of_side(input, input.theirs, theirs, input.transfer.our_country, "The counterparty"));
    found.extend(of_certificates(input, certificates));
    found.extend(of_health(input, protocol, health.state));
    let own = input.ours.filter(|_| ours == OurSide::Known && needs_our_own(theirs));
    let mut version = newest(protocol, &theirs.versions);
    let mut our_endpoint = None;
    if let Some(own) = own {
        let (obstacles, common, endpoint) = our_side(input, own, theirs, protocol);
        found.extend(obstacles);
        (version, our_endpoint) = (common, endpoint);
    }
    found.extend(of_data(input, protocol, theirs, our_endpoint));
    (found, version)
}

fn of_protocol(input: &RouteInput<'_>, protocol: &Protocol) -> Vec<Obstacle> {
    let mut found = vec![];
    if protocol.status == ProtocolState::Retired {
        found.push(Obstacle::new(RouteReason::ProtocolRetired, format!("{} is retired.", protocol.name)));
    }
    if let Some(countries) = &protocol.countries
        && !both_in(input, countries)
    {
        let detail = format!("{} is open only to VASPs of {}.", protocol.name, names(countries));
        found.push(Obstacle::new(RouteReason::ProtocolCountryLimited, detail));
    }
    found
}

/// Returns whether both sides are in these countries; an unknown country is in none.
pub(super) fn both_in(input: &RouteInput<'_>, countries: &[Country]) -> bool {
    let within = |country: Option<Country>| country.is_some_and(|country| countries.contains(&country));
    within(input.transfer.our_country) && within(input.transfer.their_country)
}

pub(super) fn names(countries: &[Country]) -> String {
    countries.iter().map(|country| country.as_str()).collect::<Vec<_>>().join(", ")
}

/// Returns the obstacles from one endpoint's own data, on either side. `other` is the country of the other side.
fn of_side(input: &RouteInput<'_>, vasp: &Vasp, endpoint: &Endpoint, other: Option<Country>, whose: &str) -> Vec<Obstacle> {
    let mut found = vec![];
    let mut add = |reason: RouteReason, detail: String| found.push(Obstacle::new(reason, detail));
    if !matches!(vasp.status, VaspStatus::Verified | VaspStatus::Listed) {
        add(RouteReason::VaspHeldBack, format!("{whose} is {}.", vasp.status.as_str()));
    }
    if endpoint.status != EndpointStatus::Active {
        add(RouteReason::EndpointPaused, format!("{whose} paused its endpoint."));
    }
    if let Some(window) = endpoint.maintenance_at(input.now) {
        add(RouteReason::Maintenance, format!("{whose} announced that its endpoint is in maintenance until {}.", window.to));
    }
    if let Some(reason) = (input.unproven)(vasp, endpoint) {
        add(
            reason,
            match reason {
                RouteReason::Declared => format!("{whose} published an identifier that the registry has not confirmed."),
                RouteReason::IdentifierConflicted => format!("{whose} published an identifier that belongs to another VASP."),
                _ => format!("{whose} has not proven that the endpoint's host or address is its own."),
            },
        );
    }
    let served = |country: Country| endpoint.regions.contains(&country);
    if !endpoint.regions.is_empty() && !other.is_some_and(served) {
        let detail = match other {
            Some(country) => format!("{whose} does not offer its endpoint to VASPs of {country}."),
            None => format!("{whose} offers its endpoint to some countries only, and the country of the other side is unknown."),
        };
        add(RouteReason::RegionNotServed, detail);
    }
    if let Some(network) = &input.transfer.network
        && !endpoint.networks.is_empty()
        && !endpoint.networks.contains(network)
    {
        add(RouteReason::NetworkNotServed, format!("{whose} does not offer its endpoint for {}.", network.as_str()));
    }
    if let Some(asset) = &input.transfer.asset
        && !endpoint.assets.is_empty()
        && !endpoint.assets.iter().any(|one| is_same_asset(one, asset))
    {
        add(RouteReason::AssetNotServed, format!("{whose} does not offer its endpoint for {asset}."));
    }
    found
}

fn of_certificates(input: &RouteInput<'_>, found: &CertificateJudgement) -> Option<Obstacle> {
    let (reason, what) = match found.standing {
        CertificateStanding::Revoked => (RouteReason::CertificateRevoked, "was revoked"),
        CertificateStanding::Expired => (RouteReason::CertificateExpired, "has expired"),
        CertificateStanding::Faulty => (RouteReason::CertificateFindings, "has faults"),
        CertificateStanding::NotYetValid => (RouteReason::CertificateNotYetValid, "is not valid yet"),
        CertificateStanding::Missing if input.policy.require_certificate => {
            (RouteReason::CertificateMissing, "is not published, and the policy requires one")
        }
        _ => return None,
    };
    Some(Obstacle::new(reason, format!("The counterparty's certificate for the protocol {what}.")))
}

fn of_health(input: &RouteInput<'_>, protocol: &Protocol, state: HealthState) -> Option<Obstacle> {
    // An endpoint that nobody can probe is not held against its VASP.
    if protocol.probe == ProbeKind::None && state == HealthState::Unknown {
        return None;
    }
    let (reason, what) = match state {
        HealthState::Down => (RouteReason::EndpointDown, "does not answer the registry's probes"),
        HealthState::Degraded => {
            (RouteReason::EndpointDegraded, "does not answer the registry's probes reliably, and the policy requires more")
        }
        HealthState::Unknown => (RouteReason::HealthUnknown, "was not probed recently, and the policy requires a recent probe"),
        HealthState::Responsive => return None,
    };
    (state < input.policy.min_health).then(|| Obstacle::new(reason, format!("The counterparty's endpoint {what}.")))
}

/// Returns the obstacles on our side, the newest common version, and the endpoint of ours that would be used.
fn our_side<'a>(
    input: &RouteInput<'_>,
    own: &'a Vasp,
    theirs: &Endpoint,
    protocol: &Protocol,
) -> (Vec<Obstacle>, Option<String>, Option<&'a Endpoint>) {
    let spoken = own.endpoints.iter().filter(|one| one.protocol == theirs.protocol && one.status != EndpointStatus::Withdrawn);
    let judged = spoken.map(|endpoint| {
        let mut found = of_side(input, own, endpoint, input.transfer.their_country, "The asker");
        let common = common_version(protocol, &theirs.versions, &endpoint.versions);
        if common.is_none() {
            let detail = format!("The two sides have no version of {} in common.", protocol.name);
            found.push(Obstacle::new(RouteReason::NoCommonVersion, detail));
        }
        found.sort();
        (found, common.flatten(), endpoint)
    });
    let place = |version: &Option<String>| version.as_deref().and_then(|version| protocol.place_of(version));
    let best = judged
        .min_by_key(|(found, common, endpoint)| (found.len(), found.clone(), std::cmp::Reverse(place(common)), endpoint.id));
    let Some((mut found, common, endpoint)) = best else {
        let detail = format!("The asker has no endpoint of {}.", protocol.name);
        let foreign = Obstacle::new(RouteReason::NotSpokenByUs, detail);
        return (limited(input, &theirs.protocol).into_iter().chain([foreign]).collect(), None, None);
    };
    if let Some(calling) = for_calling(own, protocol.certificates.as_ref(), input.now)
        && let Some(mut obstacle) = of_certificates(input, &calling)
    {
        obstacle.detail = obstacle.detail.replace("The counterparty's certificate", "The asker's own client certificate");
        found.push(obstacle);
    }
    (found, common, Some(endpoint))
}

/// Returns the newest version in `theirs` that fits one in `ours`; `None` if no version fits. If versions do not matter, it
/// returns `Some(None)`.
fn common_version(protocol: &Protocol, theirs: &[String], ours: &[String]) -> Option<Option<String>> {
    let major = |version: &str| version.split('.').next().unwrap_or_default().to_owned();
    let fits = |their: &str, our: &str| match protocol.version_rule {
        VersionRule::Exact => their == our,
        VersionRule::SameMajor => major(their) == major(our),
        VersionRule::Any => true,
    };
    if protocol.version_rule == VersionRule::Any {
        return Some(None);
    }
    let common: Vec<String> = theirs.iter().filter(|their| ours.iter().any(|our| fits(their, our))).cloned().collect();
    newest(protocol, &common).map(Some)
}

fn newest(protocol: &Protocol, versions: &[String]) -> Option<String> {
    let rank = |version: &&String| (protocol.place_of(version), (*version).clone());
    if protocol.version_rule == VersionRule::Any { None } else { versions.iter().max_by_key(rank).cloned() }
}

/// Returns the obstacle for data that the receiver needs and that is not available. `None` if the asker did not say which data it has.
fn of_data(input: &RouteInput<'_>, protocol: &Protocol, theirs: &Endpoint, ours: Option<&Endpoint>) -> Option<Obstacle> {
    let provided = input.provided_fields?;
    let receiver = match input.transfer.direction {
        DataDirection::ToThem => Some(theirs),
        DataDirection::ToUs => ours,
    };
    let own = receiver.into_iter().flat_map(|endpoint| &endpoint.required_fields.incoming);
    let mut missing: Vec<&FieldCode> =
        own.chain(&protocol.required_fields.incoming).filter(|field| !provided.contains(*field)).collect();
    missing.sort();
    missing.dedup();
    let codes: Vec<&str> = missing.iter().map(|field| field.as_str()).collect();
    let detail = || format!("The receiver requires data that is not available: {}.", codes.join(", "));
    (!codes.is_empty()).then(|| Obstacle::new(RouteReason::RequiredDataMissing, detail()))
}
