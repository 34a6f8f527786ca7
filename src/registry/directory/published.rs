//! Finds records by what VASPs publish: fingerprints and common names of certificates, and identifiers by scheme. Only exact matches. The
//! callers decide whether a match is still valid.

use std::collections::HashMap;

use super::Records;
use std::sync::Arc;
use vasp_addresses::subject::{CertificateSha256, CommonName, NamedIdentifier};
use vasp_record::certificate::PublishedCertificate;
use vasp_record::endpoint::{EndpointStatus, Location};
use vasp_record::vasp::Vasp;
use vasp_rules::endpoint_rules::standing::Bearers;
use vasp_words::ids::VaspId;

/// The index of one day's records.
#[derive(Clone, Debug, Default)]
pub(super) struct PublishedIndex {
    by_sha256: HashMap<String, Vec<VaspId>>,
    by_common_name: HashMap<String, Vec<VaspId>>,
    by_identifier: HashMap<String, HashMap<String, Vec<VaspId>>>,
}

impl PublishedIndex {
    /// Adds a record; records must be added in order of id.
    pub(super) fn add(&mut self, record: &Vasp) {
        for certificate in &record.certificates {
            put(self.by_sha256.entry(certificate.sha256.clone()).or_default(), record.id);
            if let Some(name) = &certificate.common_name {
                put(self.by_common_name.entry(name.to_ascii_lowercase()).or_default(), record.id);
            }
        }
        let own = record.identifiers.iter().map(|identifier| (&identifier.scheme, &identifier.value));
        let reached = record.endpoints.iter().filter(|endpoint| endpoint.status != EndpointStatus::Withdrawn);
        let reached = reached.filter_map(|endpoint| match &endpoint.location {
            Location::Identifier { scheme, value } => Some((scheme, value)),
            Location::Url { .. } | Location::HostPort { .. } | Location::Email { .. } => None,
        });
        for (scheme, value) in own.chain(reached) {
            let values = self.by_identifier.entry(scheme.clone()).or_default();
            put(values.entry(value.clone()).or_default(), record.id);
        }
    }
}

fn put(ids: &mut Vec<VaspId>, id: VaspId) {
    if let Err(place) = ids.binary_search(&id) {
        ids.insert(place, id);
    }
}

impl Records {
    fn those<'a>(&'a self, ids: Option<&'a Vec<VaspId>>) -> impl Iterator<Item = &'a Arc<Vasp>> {
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
