//! Selects the endpoints to probe: endpoints in use of verified and suspended VASPs, if they name a host and the protocols document
//! has a kind of probe.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;

use crate::directory::Records;
use vasp_addresses::inquiry_url::InquiryUrl;
use vasp_record::certificate::{CertificateStatus, CertificateUse};
use vasp_record::endpoint::{Endpoint, EndpointStatus, Location};
use vasp_record::vasp::{Vasp, VaspStatus};
use vasp_rules::probe::{Pin, ProbeKind, ProbeTarget};
use vasp_rules::protocol::Protocols;

/// Returns the endpoints to probe, in order of VASP.
#[must_use]
pub fn probe_targets(records: &Records, protocols: &Protocols) -> Vec<ProbeTarget> {
    records
        .iter()
        .filter(|vasp| is_probed(vasp))
        .flat_map(|vasp| vasp.endpoints.iter().filter_map(|endpoint| target(vasp, endpoint, protocols)))
        .collect()
}

/// Returns whether the endpoints of a VASP are probed.
pub(super) fn is_probed(vasp: &Vasp) -> bool {
    matches!(vasp.status, VaspStatus::Verified | VaspStatus::Suspended)
}

/// Returns what to probe at an endpoint; `None` if it is not in use, or if it names nothing that can be called.
#[must_use]
pub fn target(vasp: &Vasp, endpoint: &Endpoint, protocols: &Protocols) -> Option<ProbeTarget> {
    if endpoint.status != EndpointStatus::Active {
        return None;
    }
    let kind = protocols.get(&endpoint.protocol).map_or(ProbeKind::None, |protocol| protocol.probe);
    if kind == ProbeKind::None {
        return None;
    }
    let (host, port, path) = match &endpoint.location {
        Location::Url { url } => {
            let url: InquiryUrl = url.parse().ok()?;
            (url.host().clone(), url.port(), url.path_and_query().to_owned())
        }
        Location::HostPort { host, port } => (host.clone(), Some(*port), String::new()),
        Location::Identifier { .. } | Location::Email { .. } => return None,
    };
    let serves = vasp.certificates.iter().filter(|certificate| certificate.certificate_use == CertificateUse::TlsServer);
    let pins = serves.filter(|certificate| certificate.status == CertificateStatus::Active);
    let pin = |sha256: &String, spki: &String| Pin { sha256: sha256.to_lowercase(), spki_sha256: spki.to_lowercase() };
    let mut names = vec![vasp.legal_name.clone()];
    names.extend(vasp.other_names.iter().map(|other| other.name.clone()));
    Some(ProbeTarget {
        endpoint: endpoint.id,
        vasp: vasp.id,
        kind,
        host,
        port,
        path,
        versions: endpoint.versions.clone(),
        pins: pins.map(|certificate| pin(&certificate.sha256, &certificate.spki_sha256)).collect(),
        names,
        lei: vasp.lei,
        maintenance: endpoint.maintenance.clone(),
    })
}

/// Returns the place that is called, in its stored form. A result for one place says nothing about another.
pub(super) fn place(target: &ProbeTarget) -> String {
    let kind = match target.kind {
        ProbeKind::Trp => "trp",
        ProbeKind::Trisa => "trisa",
        ProbeKind::Tls | ProbeKind::None => "https",
    };
    let port = target.port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("{kind}://{}{port}{}", target.host, target.path)
}

/// Returns a digest of what is published about the endpoint. If it changes, the endpoint is probed again.
pub(super) fn published(target: &ProbeTarget) -> String {
    let pins: Vec<_> = target.pins.iter().map(|pin| [&pin.sha256, &pin.spki_sha256]).collect();
    let said = json!([target.versions, pins, target.names, target.lei.map(|lei| lei.to_string())]);
    hex::encode(digest(&SHA256, said.to_string().as_bytes()).as_ref())
}
