//! Finds records by what VASPs publish: fingerprints and common names of certificates, and identifiers by scheme. Only exact matches. The
//! callers decide whether a match is still valid.

use super::Records;
use super::shared::{Ids, SharedMap, Table, put, take};
use std::sync::Arc;
use vasp_addresses::subject::{CertificateSha256, CommonName, NamedIdentifier};
use vasp_record::certificate::PublishedCertificate;
use vasp_record::endpoint::{EndpointStatus, Location};
use vasp_record::vasp::Vasp;
use vasp_rules::endpoint_rules::standing::Bearers;

/// The index of one day's records.
#[derive(Clone, Debug, Default)]
pub(super) struct PublishedIndex {
    by_sha256: Table<String, Ids>,
    by_common_name: Table<String, Ids>,
    by_identifier: SharedMap<String, Table<String, Ids>>,
}

impl PublishedIndex {
    /// Adds a record.
    pub(super) fn add(&mut self, record: &Vasp) {
        for certificate in &record.certificates {
            put(&mut self.by_sha256, certificate.sha256.clone(), record.id);
            if let Some(name) = &certificate.common_name {
                put(&mut self.by_common_name, name.to_ascii_lowercase(), record.id);
            }
        }
        for (scheme, value) in identifiers(record) {
            put(self.by_identifier.entry(scheme.clone()).or_default(), value.clone(), record.id);
        }
    }

    /// Removes a record.
    pub(super) fn remove(&mut self, record: &Vasp) {
        for certificate in &record.certificates {
            take(&mut self.by_sha256, &certificate.sha256, record.id);
            if let Some(name) = &certificate.common_name {
                take(&mut self.by_common_name, &name.to_ascii_lowercase(), record.id);
            }
        }
        for (scheme, value) in identifiers(record) {
            let Some(values) = self.by_identifier.get_mut(scheme) else { continue };
            take(values, value, record.id);
            if values.is_empty() {
                self.by_identifier.remove(scheme);
            }
        }
    }
}

/// Returns the identifiers of a record, and those by which its endpoints are reached.
fn identifiers(record: &Vasp) -> impl Iterator<Item = (&String, &String)> {
    let own = record.identifiers.iter().map(|identifier| (&identifier.scheme, &identifier.value));
    let reached = record.endpoints.iter().filter(|endpoint| endpoint.status != EndpointStatus::Withdrawn);
    let reached = reached.filter_map(|endpoint| match &endpoint.location {
        Location::Identifier { scheme, value } => Some((scheme, value)),
        Location::Url { .. } | Location::HostPort { .. } | Location::Email { .. } => None,
    });
    own.chain(reached)
}

impl Records {
    fn those<'a>(&'a self, ids: Option<&'a Ids>) -> impl Iterator<Item = &'a Arc<Vasp>> {
        ids.into_iter().flatten().filter_map(|id| self.get(*id))
    }

    /// Returns the certificates with this fingerprint, in any state, each with the record that published it.
    pub fn with_certificate<'a>(
        &'a self,
        wanted: &'a CertificateSha256,
    ) -> impl Iterator<Item = (&'a Arc<Vasp>, &'a PublishedCertificate)> {
        let records = self.those(self.published().by_sha256.get(wanted.as_str()));
        records
            .flat_map(|record| record.certificates.iter().map(move |certificate| (record, certificate)))
            .filter(|(_, certificate)| certificate.sha256 == wanted.as_str())
    }

    /// Returns the certificates with this common name, in any state, each with the record that published it.
    pub fn with_common_name<'a>(
        &'a self,
        wanted: &'a CommonName,
    ) -> impl Iterator<Item = (&'a Arc<Vasp>, &'a PublishedCertificate)> {
        let is_it = |name: &String| name.eq_ignore_ascii_case(wanted.as_str());
        let records = self.those(self.published().by_common_name.get(wanted.as_str()));
        records
            .flat_map(|record| record.certificates.iter().map(move |certificate| (record, certificate)))
            .filter(move |(_, certificate)| certificate.common_name.as_ref().is_some_and(is_it))
    }

    /// Returns the records with this identifier, as their own or as the location of an endpoint.
    pub fn with_identifier(&self, wanted: &NamedIdentifier) -> impl Iterator<Item = &Arc<Vasp>> {
        self.bearing(wanted.scheme(), wanted.value())
    }

    fn bearing(&self, scheme: &str, value: &str) -> impl Iterator<Item = &Arc<Vasp>> {
        self.those(self.published().by_identifier.get(scheme).and_then(|values| values.get(value)))
    }

    /// Returns whether any record has an identifier of this scheme.
    #[must_use]
    pub fn knows_scheme(&self, scheme: &str) -> bool {
        self.published().by_identifier.contains_key(scheme)
    }
}

impl Bearers for Records {
    fn bearers(&self, scheme: &str, value: &str) -> Vec<&Vasp> {
        self.bearing(scheme, value).map(AsRef::as_ref).filter(|record| record.status.is_live()).collect()
    }
}
