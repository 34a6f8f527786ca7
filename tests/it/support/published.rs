//! What a VASP published, written as the registry writes it, for tests that are about reading it.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::certificate::PublishedCertificate;
use vasp_record::endpoint::{Endpoint, Location};
use vasp_record::fact::{FactValue, MEMBER, REGISTRY};
use vasp_registry::node::ServiceError;
use vasp_registry::publishing::{Published, Publisher};

use super::Registry;

/// An endpoint as it is kept, active, without limits.
pub(crate) fn endpoint(number: u8, protocol: &str, versions: &[&str], location: Value) -> Endpoint {
    serde_json::from_value(json!({
        "id": format!("end_000000000000000000000000{number:02}"), "version": 1, "protocol": protocol, "versions": versions,
        "location": location, "required_fields": {"incoming": [], "outgoing": []}, "networks": [], "assets": [], "regions": [],
        "maintenance": [], "status": "active", "published_at": "2026-05-01T00:00:00Z", "changed_at": "2026-05-01T00:00:00Z",
    }))
    .unwrap()
}

/// A member's place in a protocol's own network.
pub(crate) fn member_of(number: u8, protocol: &str) -> Endpoint {
    endpoint(
        number,
        protocol,
        &[],
        json!({"kind": "identifier", "scheme": format!("{protocol}_id"), "value": format!("{protocol}-{number}")}),
    )
}

/// A good certificate of web PKI, from January 2026 to January 2027.
pub(crate) fn certificate(number: u8, common_name: &str) -> PublishedCertificate {
    serde_json::from_value(json!({
        "id": format!("crt_000000000000000000000000{number:02}"), "version": 1, "use": "tls_server",
        "sha256": sha256(number), "spki_sha256": sha256(number), "common_name": common_name, "organisation": null,
        "organisation_identifier": null, "lei": null, "country": null, "issuer": "CN=Issuer", "serial": "01",
        "not_before": "2026-01-01T00:00:00Z", "not_after": "2026-12-31T23:59:59Z", "chain_not_after": "2026-12-31T23:59:59Z",
        "dns_names": [common_name], "key": "EC P-256", "root_set": "web_pki", "findings": [], "status": "active",
        "revoked_at": null, "revocation_reason": null, "issued_by_registry": false, "published_at": "2026-05-01T00:00:00Z",
    }))
    .unwrap()
}

/// The fingerprint of certificate `number`.
pub(crate) fn sha256(number: u8) -> String {
    format!("{:02x}", 0xa0 | number).repeat(32)
}

impl Registry {
    /// Has a record publish something, or put it in the place of what stands under its id. An identifier counts as confirmed.
    pub(crate) fn publish<T: Published>(&self, vasp: &str, said: &T) {
        self.publish_as(vasp, said, true);
    }

    /// As [`Self::publish`], but nobody confirmed the identifier.
    pub(crate) fn publish_unconfirmed<T: Published>(&self, vasp: &str, said: &T) {
        self.publish_as(vasp, said, false);
    }

    fn publish_as<T: Published>(&self, vasp: &str, said: &T, is_confirmed: bool) {
        let vasp = vasp.parse().unwrap();
        let store = self.registry.store();
        store
            .write::<_, ServiceError>(self.clock.now(), &mut self.random.fork(), |transaction| {
                let publisher = Publisher::by_registry(transaction, vasp)?.unwrap();
                publisher.tell(transaction, said, "test");
                if let FactValue::Endpoint(_, endpoint) = said.said()
                    && is_confirmed
                    && let Location::Identifier { scheme, value } = &endpoint.location
                {
                    let fact = super::said(REGISTRY, publisher.number, ("identifier", scheme, value));
                    let change = super::change(vasp_log::change::ChangeKind::VaspChanged, Some(publisher.number));
                    transaction.record(change, vec![fact]);
                }
                Ok(())
            })
            .unwrap();
        self.registry.directory().catch_up().unwrap();
    }

    /// Has a record bear a domain that it proved, with what lies below it.
    pub(crate) fn prove_domain(&self, vasp: &str, domain: &str) {
        self.say_from(MEMBER, vasp.parse().unwrap(), &[("domain", domain, "proven"), ("domain_scope", domain, "subdomains")]);
    }
}
