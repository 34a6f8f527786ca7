//! The obstacles to the use of one endpoint: on their side, on our side, and between both.

use std::collections::BTreeSet;

use super::super::endpoint_health::{EndpointHealth, HealthState};
use super::super::protocol::{ProbeKind, Protocol, ProtocolState, VersionRule};
use super::super::rulebook::{FieldCode, PersonType};
use super::certificate::{CertificateJudgement, CertificateStanding, for_calling};
use super::nearest::{crosses, limited};
use super::obstacle::{Obstacle, RouteReason};
use super::{DataDirection, ListedPlace, OurSide, RouteInput};
use crate::protocol::Bridge;
use crate::vasp_list::Over;
use vasp_addresses::asset::{is_same_asset, is_same_ledger};
use vasp_record::endpoint::{Endpoint, EndpointStatus, Location};
use vasp_record::vasp::{Vasp, VaspStatus};
use vasp_words::country::Country;

/// Returns whether our side needs an endpoint of its own to use theirs. E-mail needs none.
pub(super) fn needs_our_own(endpoint: &Endpoint) -> bool {
    !matches!(endpoint.location, Location::Email { .. })
}

/// What was found about the use of one of their endpoints.
pub(super) struct Found {
    /// The obstacles.
    pub obstacles: Vec<Obstacle>,
    /// The newest version that both sides speak.
    pub version: Option<String>,
    /// The data that the receiver needs and that are not available.
    pub missing_fields: Vec<FieldCode>,
}

/// Returns every obstacle to the use of one of their endpoints, and the newest version that both sides speak.
pub(super) fn obstacles(
    input: &RouteInput<'_>,
    ours: OurSide,
    theirs: &Endpoint,
    listed: Option<&ListedPlace>,
    protocol: Option<&Protocol>,
    health: &EndpointHealth,
    certificates: &CertificateJudgement,
) -> Found {
    let Some(protocol) = protocol else {
        let detail = format!("The registry does not know the protocol `{}`.", theirs.protocol);
        let obstacles = vec![Obstacle::new(RouteReason::ProtocolUnknown, detail)];
        return Found { obstacles, version: None, missing_fields: vec![] };
    };
    let mut found = of_protocol(input, protocol);
    found.extend(of_side(input, input.theirs, listed.is_some(), theirs, input.transfer.our_country, "The counterparty"));
    found.extend(of_certificates(input, certificates));
    found.extend(of_health(input, protocol, health.state));
    let bridge = match listed.map(|listed| over(input, protocol, &listed.over)).transpose() {
        Ok(bridge) => bridge.flatten(),
        Err(obstacle) => {
            found.push(obstacle);
            None
        }
    };
    let speaks =
        |own: &Vasp| own.endpoints.iter().any(|one| one.protocol == theirs.protocol && one.status != EndpointStatus::Withdrawn);
    let is_spoken = input.spoken.contains(&theirs.protocol);
    let own = input.ours.filter(|own| ours == OurSide::Known && needs_our_own(theirs) && (!is_spoken || speaks(own)));
    // What the server itself took decides over what is published.
    let spoken = health.spoken.as_ref().map_or(theirs.versions.as_slice(), std::slice::from_ref);
    let mut version = newest(protocol, spoken);
    let mut our_endpoint = None;
    if let Some(own) = own {
        let (obstacles, common, endpoint) = our_side(input, own, theirs, spoken, protocol);
        found.extend(obstacles);
        (version, our_endpoint) = (common, endpoint);
    }
    let missing_fields = missing(input, protocol, bridge, theirs, our_endpoint);
    found.extend(of_data(&missing_fields));
    Found { obstacles: found, version, missing_fields }
}

/// Returns the bridge over which a protocol reaches a listed place; `None` if it needs none.
///
/// # Errors
/// Why no bridge leads there.
fn over<'a>(input: &RouteInput<'_>, protocol: &'a Protocol, over: &Over) -> Result<Option<&'a Bridge>, Obstacle> {
    let name = &protocol.name;
    let to = match over {
        Over::Itself => return Ok(None),
        Over::Unknown(written) => {
            let detail = format!("The list reaches the counterparty over `{written}`, which the registry does not know.");
            return Err(Obstacle::new(RouteReason::BridgeNotDocumented, detail));
        }
        Over::Bridge(to) => to,
    };
    let all: Vec<&Bridge> = protocol.bridges.iter().filter(|bridge| bridge.to == *to).collect();
    match (all.iter().find(|bridge| crosses(input, bridge)), all.first()) {
        (Some(open), _) => Ok(Some(*open)),
        (None, Some(closed)) => {
            let detail = format!("The bridge between {name} and {to} is open only to VASPs of {}.", names(&closed.countries));
            Err(Obstacle::new(RouteReason::BridgeCountryLimited, detail))
        }
        (None, None) => {
            let detail = format!("The list reaches the counterparty over {to}; no public document says that {name} leads there.");
            Err(Obstacle::new(RouteReason::BridgeNotDocumented, detail))
        }
    }
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
/// A provider vouches for a listed place, so nothing needs to be proven about it.
fn of_side(
    input: &RouteInput<'_>,
    vasp: &Vasp,
    is_listed: bool,
    endpoint: &Endpoint,
    other: Option<Country>,
    whose: &str,
) -> Vec<Obstacle> {
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
    if let Some(reason) = (input.unproven)(vasp, endpoint).filter(|_| !is_listed) {
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
        && !endpoint.networks.iter().any(|one| is_same_ledger(one, network))
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
        HealthState::Present => (
            RouteReason::HealthUnknown,
            "requires a client certificate, so its protocol was not seen, and the policy requires that",
        ),
        HealthState::Responsive => return None,
    };
    (state < input.policy.min_health).then(|| Obstacle::new(reason, format!("The counterparty's endpoint {what}.")))
}

/// Returns the obstacles on our side, the newest common version, and the endpoint of ours that would be used.
fn our_side<'a>(
    input: &RouteInput<'_>,
    own: &'a Vasp,
    theirs: &Endpoint,
    spoken: &[String],
    protocol: &Protocol,
) -> (Vec<Obstacle>, Option<String>, Option<&'a Endpoint>) {
    let candidates =
        own.endpoints.iter().filter(|one| one.protocol == theirs.protocol && one.status != EndpointStatus::Withdrawn);
    let judged = candidates.map(|endpoint| {
        let mut found = of_side(input, own, false, endpoint, input.transfer.their_country, "The asker");
        let common = common_version(protocol, spoken, &endpoint.versions);
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
    // A list of VASPs names no versions.
    if protocol.version_rule == VersionRule::Any || theirs.is_empty() {
        return Some(None);
    }
    let common: Vec<String> = theirs.iter().filter(|their| ours.iter().any(|our| fits(their, our))).cloned().collect();
    newest(protocol, &common).map(Some)
}

fn newest(protocol: &Protocol, versions: &[String]) -> Option<String> {
    let rank = |version: &&String| (protocol.place_of(version), (*version).clone());
    if protocol.version_rule == VersionRule::Any { None } else { versions.iter().max_by_key(rank).cloned() }
}

/// Returns the data that the receiver needs and that are not available. None if the asker did not say which data it has.
fn missing(
    input: &RouteInput<'_>,
    protocol: &Protocol,
    bridge: Option<&Bridge>,
    theirs: &Endpoint,
    ours: Option<&Endpoint>,
) -> Vec<FieldCode> {
    let Some(provided) = input.provided_fields else { return vec![] };
    let receiver = match input.transfer.direction {
        DataDirection::ToThem => Some(theirs),
        DataDirection::ToUs => ours,
    };
    let own = receiver.into_iter().flat_map(|endpoint| &endpoint.required_fields.incoming);
    let of_person = match input.transfer.originator {
        PersonType::Natural => &protocol.required_of_person.natural_person,
        PersonType::Legal => &protocol.required_of_person.legal_person,
    };
    let over = bridge.into_iter().flat_map(|bridge| &bridge.required_fields);
    let needed = own.chain(&protocol.required_fields.incoming).chain(of_person).chain(over);
    lacking(needed, provided, &input.transfer.told)
}

/// Returns the fields that are neither provided nor told by the transfer, in order. The date of birth is part of `originator.birth`.
pub(super) fn lacking<'a>(
    needed: impl Iterator<Item = &'a FieldCode>,
    provided: &BTreeSet<FieldCode>,
    told: &BTreeSet<FieldCode>,
) -> Vec<FieldCode> {
    let is_part = |field: &FieldCode| {
        let whole = match field.as_str() {
            "originator.date_of_birth" | "originator.place_of_birth" => "originator.birth",
            "originator.account" => "originator.dlt_address",
            "beneficiary.account" => "beneficiary.dlt_address",
            _ => return false,
        };
        provided.iter().any(|one| one.as_str() == whole)
    };
    let lacks = |field: &&FieldCode| !provided.contains(*field) && !told.contains(*field) && !is_part(field);
    let missing: BTreeSet<&FieldCode> = needed.filter(lacks).collect();
    missing.into_iter().cloned().collect()
}

fn of_data(missing: &[FieldCode]) -> Option<Obstacle> {
    let codes: Vec<&str> = missing.iter().map(FieldCode::as_str).collect();
    let detail = || format!("The receiver requires data that is not available: {}.", codes.join(", "));
    (!codes.is_empty()).then(|| Obstacle::new(RouteReason::RequiredDataMissing, detail()))
}
