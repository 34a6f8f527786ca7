//! Hand-made endpoints for the tests of routes and pre-checks, and the ways in which they get worse.

use std::collections::{BTreeMap, BTreeSet};

use super::super::endpoint_health::{EndpointHealth, HealthState};
use super::super::policy::{Policy, ProtocolPolicy};
use super::super::precheck::examples::{certificate, entity};
use super::super::protocol::{ProtocolId, Protocols};
use super::super::rulebook::{FieldCode, PersonType};
use super::{DataDirection, ListedPlace, RouteInput, RouteReason, RouteTransfer, Routes, routes};
use vasp_record::certificate::{CertificateFinding, CertificateStatus, CertificateUse, PublishedCertificate, Severity};
use vasp_record::endpoint::{Endpoint, EndpointStatus, Location, MaintenanceWindow, RequiredFields};
use vasp_record::vasp::Vasp;
use vasp_words::ids::EndpointId;
use vasp_words::time::UtcTime;

pub(crate) fn at(text: &str) -> UtcTime {
    text.parse().unwrap()
}

pub(crate) fn end_id(number: u8) -> EndpointId {
    format!("end_000000000000000000000000{number:02}").parse().unwrap()
}

/// An endpoint of a protocol, with the kind of location that the protocol has.
pub(crate) fn endpoint(number: u8, protocol: &str) -> Endpoint {
    let location = match protocol {
        "trp" => Location::Url { url: "https://trp.example.com/in".into() },
        "trisa" => Location::HostPort { host: "trp.example.com".parse().unwrap(), port: 443 },
        "email" => Location::Email { address: "desk@example.com".into() },
        other => Location::Identifier { scheme: other.into(), value: format!("member-{number}") },
    };
    let versions = match protocol {
        "trp" => vec!["3.2.1".to_owned()],
        "trisa" => vec!["v1beta1".to_owned()],
        "sygna_bridge" => vec!["2".to_owned()],
        _ => vec![],
    };
    Endpoint {
        id: end_id(number),
        version: 1,
        protocol: protocol.parse().unwrap(),
        versions,
        location,
        required_fields: RequiredFields::default(),
        networks: vec![],
        assets: vec![],
        regions: vec![],
        maintenance: vec![],
        status: EndpointStatus::Active,
        published_at: at("2026-01-01T00:00:00Z"),
        changed_at: at("2026-01-01T00:00:00Z"),
    }
}

fn never_seen() -> EndpointHealth {
    EndpointHealth::default()
}

fn seen(state: HealthState, sampled_at: Option<UtcTime>) -> EndpointHealth {
    let mut health = never_seen();
    (health.state, health.sampled_at) = (state, sampled_at);
    health
}

/// Everything that routes depend on, as owned values: from Germany to Ireland on 1 May 2026, noon.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub ours: Option<Vasp>,
    pub theirs: Vasp,
    pub policy: ProtocolPolicy,
    pub transfer: RouteTransfer,
    pub provided: Option<BTreeSet<FieldCode>>,
    pub health: BTreeMap<EndpointId, EndpointHealth>,
    pub unproven: BTreeSet<EndpointId>,
    pub listed: Vec<ListedPlace>,
    pub spoken: BTreeSet<ProtocolId>,
    pub now: UtcTime,
}

pub(crate) fn fields(codes: &[&str]) -> BTreeSet<FieldCode> {
    codes.iter().map(|code| serde_json::from_value(serde_json::json!(code)).unwrap()).collect()
}

impl Scene {
    /// Both sides with endpoints of these protocols. Our endpoints are numbered from 51, theirs from 1. All answer.
    pub(crate) fn of(ours: &[&str], theirs: &[&str]) -> Self {
        let speaking = |record: Vasp, first: u8, protocols: &[&str]| Vasp {
            endpoints: protocols.iter().zip(first..).map(|(protocol, number)| endpoint(number, protocol)).collect(),
            ..record
        };
        let healthy = seen(HealthState::Responsive, Some(at("2026-05-01T11:59:00Z")));
        let mut own = speaking(entity(8), 51, ours);
        own.country = Some("DE".parse().unwrap());
        Self {
            ours: Some(own),
            theirs: Vasp { certificates: vec![certificate(1)], ..speaking(entity(1), 1, theirs) },
            policy: Policy::embedded().unwrap().protocols().clone(),
            transfer: RouteTransfer {
                direction: DataDirection::ToThem,
                network: Some("eip155:1".parse().unwrap()),
                asset: None,
                our_country: Some("DE".parse().unwrap()),
                their_country: Some("IE".parse().unwrap()),
                originator: PersonType::Natural,
                told: fields(&["transfer.network"]),
            },
            provided: None,
            health: (1..=9).map(|number| (end_id(number), healthy.clone())).collect(),
            unproven: BTreeSet::new(),
            listed: vec![],
            spoken: BTreeSet::new(),
            now: at("2026-05-01T12:00:00Z"),
        }
    }

    pub(crate) fn routes_to(&self, theirs: &Vasp) -> Routes {
        let protocols = Protocols::embedded().unwrap();
        routes(&RouteInput {
            ours: self.ours.as_ref(),
            theirs,
            protocols: &protocols,
            policy: &self.policy,
            listed: &self.listed,
            spoken: &self.spoken,
            transfer: &self.transfer,
            provided_fields: self.provided.as_ref(),
            health: &|id| self.health.get(&id).cloned().unwrap_or_default(),
            unproven: &|_, endpoint| self.unproven.contains(&endpoint.id).then_some(RouteReason::DomainNotProven),
            now: self.now,
        })
    }

    pub(crate) fn routes(&self) -> Routes {
        self.routes_to(&self.theirs)
    }

    pub(crate) fn set_health(&mut self, number: u8, state: HealthState) {
        self.health.insert(end_id(number), seen(state, None));
    }
}

/// The number of ways in which something gets worse; the first `OF_ENDPOINT` of them change one of their endpoints.
pub(crate) const WORSE: u8 = 19;
pub(crate) const OF_ENDPOINT: u8 = 7;

/// Makes one thing of a scene worse, for `theirs`; `None` if the way does not apply.
pub(crate) fn worsen(scene: &mut Scene, theirs: &mut Vasp, way: u8, which: usize) -> Option<()> {
    let count = theirs.endpoints.len();
    let certificates = theirs.certificates.len();
    if (way <= 7 || way == 14) && count == 0 || (8..=12).contains(&way) && certificates == 0 {
        return None;
    }
    match way {
        0..=7 | 14 => worsen_endpoint(scene, &mut theirs.endpoints[which % count], way),
        8..=12 => worsen_certificate(&mut theirs.certificates[which % certificates], way, scene.now),
        _ => return worsen_ours(scene, way, which),
    }
    Some(())
}

fn worsen_endpoint(scene: &mut Scene, one: &mut Endpoint, way: u8) {
    let now = scene.now;
    match way {
        0 => one.status = one.status.min(EndpointStatus::Paused),
        1 => {
            let window = MaintenanceWindow { from: now.plus_secs(-60), to: now.plus_secs(600), reason: None };
            one.maintenance.push(window);
        }
        2 => {
            let known = scene.health.entry(one.id).or_default();
            known.state = match known.state {
                HealthState::Responsive => HealthState::Present,
                HealthState::Present => HealthState::Unknown,
                HealthState::Unknown => HealthState::Degraded,
                HealthState::Degraded | HealthState::Down => HealthState::Down,
            };
        }
        3 => one.regions = vec!["JP".parse().unwrap()],
        4 => one.networks = vec!["eip155:137".parse().unwrap()],
        5 => {
            scene.unproven.insert(one.id);
        }
        6 => one.required_fields.incoming.extend(fields(&["originator.lei"])),
        7 => one.status = EndpointStatus::Withdrawn,
        _ => one.versions = vec!["0.9".to_owned()],
    }
}

fn worsen_certificate(one: &mut PublishedCertificate, way: u8, now: UtcTime) {
    match way {
        8 => one.status = CertificateStatus::Revoked,
        9 => one.chain_not_after = now.plus_secs(-1),
        10 => one.chain_not_after = one.chain_not_after.min(now.plus_secs(3 * 86_400)),
        _ => {
            let severity = if way == 11 { Severity::Error } else { Severity::Warning };
            one.findings.push(CertificateFinding { severity, code: "x".into(), detail: "x".into() });
        }
    }
}

fn worsen_ours(scene: &mut Scene, way: u8, which: usize) -> Option<()> {
    match way {
        13 => {
            let lost = scene.provided.as_ref()?.iter().nth(which % 4)?.clone();
            scene.provided.as_mut()?.remove(&lost);
        }
        15 => {
            let own = scene.ours.as_mut()?;
            let count = own.endpoints.len().max(1);
            own.endpoints.get_mut(which % count)?.status = EndpointStatus::Paused;
        }
        16 => scene.policy.require_certificate = true,
        17 => scene.policy.min_health = HealthState::Responsive.max(scene.policy.min_health),
        _ => {
            let own = scene.ours.as_mut()?;
            let calling = |known: &&mut PublishedCertificate| known.certificate_use == CertificateUse::TlsClient;
            own.certificates.iter_mut().find(calling)?.status = CertificateStatus::Revoked;
        }
    }
    Some(())
}
