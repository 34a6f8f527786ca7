//! The record of a VASP: a legal entity or a group, as the registry knows it at one sequence, for one valid date.

use std::borrow::Cow;
use std::sync::Arc;

use super::authority::Registration;
use super::certificate::{CertificateStatus, PublishedCertificate};
use super::delegation::{DelegatedPath, DelegationStatus};
use super::endpoint::{Endpoint, EndpointStatus};
use super::licence::{Activity, Licence};
use super::message_key::MessageKey;
use super::submission::Contact;
use serde::Serialize;
use vasp_words::closed_list::closed_list;
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::time::{Date, UtcTime};

closed_list! {
    /// A legal entity, or a group: the brand or parent above entities. Licences belong to entities, and address labels name
    /// groups.
    pub enum VaspKind {
        /// A brand or parent above entities; published address labels name groups.
        Group = "group" / 2,
        /// A legal entity; licences belong to entities.
        Entity = "entity" / 1,
    }

    /// The lifecycle status of a record. `listed` means imported from a public register and not adopted by the VASP, which is
    /// never the same as verified.
    pub enum VaspStatus {
        /// Revoked by two people of the registry.
        Revoked = "revoked",
        /// Suspended until two people end the suspension.
        Suspended = "suspended",
        /// The registry did not accept it.
        Rejected = "rejected",
        /// Withdrawn by its member.
        Withdrawn = "withdrawn",
        /// A group that is no longer used.
        Retired = "retired",
        /// A member is still writing it.
        Draft = "draft",
        /// Submitted.
        Submitted = "submitted",
        /// Under review.
        InReview = "in_review",
        /// Imported from a public register and not yet adopted; never the same as verified.
        Listed = "listed",
        /// Verified by two people.
        Verified = "verified",
    }

    /// Status of an LEI's registration (GLEIF).
    ///
    /// Source: GLEIF LEI-CDF 3.1, RegistrationStatusEnum.
    pub enum LeiStatus {
        /// Void from the start.
        Annulled = "ANNULLED",
        /// Issued twice for one entity.
        Duplicate = "DUPLICATE",
        /// The entity no longer exists.
        Retired = "RETIRED",
        /// Merged into another entity (older files).
        Merged = "MERGED",
        /// Abandoned before issue.
        Cancelled = "CANCELLED",
        /// Transferred to another issuer.
        Transferred = "TRANSFERRED",
        /// Not renewed in time.
        Lapsed = "LAPSED",
        /// Not yet validated.
        PendingValidation = "PENDING_VALIDATION",
        /// The transfer to another issuer is in progress.
        PendingArchival = "PENDING_ARCHIVAL",
        /// The transfer to another issuer is in progress.
        PendingTransfer = "PENDING_TRANSFER",
        /// In good standing.
        Issued = "ISSUED",
    }
}

impl VaspStatus {
    /// Tells whether the registry has halted it: suspended or revoked.
    #[must_use]
    pub fn is_halted(self) -> bool {
        matches!(self, Self::Suspended | Self::Revoked)
    }

    /// Tells whether readers can find it: it has not ended and was not merged into another record.
    #[must_use]
    pub fn is_live(self) -> bool {
        !matches!(self, Self::Withdrawn | Self::Retired | Self::Rejected)
    }
}

/// Another name of a VASP, with its kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OtherName {
    /// The name.
    pub name: String,
    /// Kind, such as `commercial`, `brand`, `label`.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "schema", schema(example = "commercial"))]
    pub name_type: String,
}

/// An identifier in a scheme.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Identifier {
    /// Scheme, such as `entity_key`.
    #[cfg_attr(feature = "schema", schema(example = "entity_key"))]
    pub scheme: String,
    /// Value in that scheme.
    pub value: String,
}

/// An entry in a register of an authority that is no licence, such as that of a money services business.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegisterEntry {
    /// Id of the authority.
    pub authority: String,
    /// What the entry is; `None` until the directory says it.
    pub registration: Option<Registration>,
    /// Its number there; `None` if the register shows none.
    pub number: Option<String>,
    /// The register's file or page.
    pub source: Arc<str>,
    /// The day of the last snapshot that shows it.
    pub last_seen: Option<Date>,
}

impl RegisterEntry {
    /// Returns the country of the authority, with which its id begins.
    #[must_use]
    pub fn country(&self) -> Option<Country> {
        self.authority.split_once('-')?.0.parse().ok()
    }
}

/// A domain that a VASP states as its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = Domain))]
pub struct VaspDomain {
    /// Host name as IDNA A-labels, lower case.
    pub domain: String,
    /// Proof status of the domain.
    pub status: DomainStatus,
    /// Whether hosts below the domain are covered too.
    pub covers_subdomains: bool,
    /// Whether many VASPs share the host.
    pub platform: bool,
}

closed_list! {
    /// The proof status of a domain.
    pub enum DomainStatus {
        /// It was proven, but is no longer.
        Lost = "lost",
        /// It is stated, but nobody has proven it.
        Unproven = "unproven",
        /// It is proven by DNS or a well-known file.
        Proven = "proven",
    }

    /// Whether a domain also covers the hosts below it.
    pub enum DomainScope {
        /// It covers only the host itself.
        Host = "host",
        /// It also covers the hosts below it.
        Subdomains = "subdomains",
    }
}

/// The evidence method for values that only the member states.
pub(super) const MEMBER_STATEMENT: &str = "member_statement";

/// The evidence for an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Evidence {
    /// The attribute of the record, such as `legal_name`.
    pub attribute: Cow<'static, str>,
    /// The method by which the registry obtained it, such as `register_import`.
    pub method: Cow<'static, str>,
    /// Source file or page.
    pub source: Arc<str>,
    /// When the source was checked; if only the day is known, its start.
    pub verified_at: Option<UtcTime>,
    /// When it expires; `None` if it does not.
    pub expires_at: Option<UtcTime>,
}

impl Evidence {
    /// Tells whether it has expired at a moment.
    #[must_use]
    pub fn is_stale(&self, at: UtcTime) -> bool {
        self.expires_at.is_some_and(|end| end <= at)
    }
}

impl Vasp {
    /// Tells whether an attribute has evidence other than the member's own statement, valid or expired.
    #[must_use]
    pub fn is_evidenced(&self, attribute: &str) -> bool {
        self.evidence.iter().any(|evidence| evidence.attribute == attribute && evidence.method != MEMBER_STATEMENT)
    }

    /// Tells whether all evidence for an attribute has expired at a moment; false if it never had evidence.
    #[must_use]
    pub fn is_stale(&self, attribute: &str, at: UtcTime) -> bool {
        let mut standing = self.evidence.iter().filter(|evidence| evidence.attribute == attribute).peekable();
        standing.peek().is_some() && standing.all(|evidence| evidence.is_stale(at))
    }

    /// Returns the moments at which the published data change automatically: endpoint maintenance or a certificate begins or
    /// ends.
    pub fn published_moments(&self) -> impl Iterator<Item = UtcTime> {
        let windows = self.endpoints.iter().filter(|endpoint| endpoint.status == EndpointStatus::Active);
        let windows = windows.flat_map(|endpoint| &endpoint.maintenance).flat_map(|window| [window.from, window.to]);
        let certificates = self.certificates.iter().filter(|known| known.status == CertificateStatus::Active);
        // The last second of a certificate is still valid (RFC 5280, section 4.1.2.5).
        let ends = |known: &PublishedCertificate| [known.not_after.plus_secs(1), known.chain_not_after.plus_secs(1)];
        let moments = certificates.flat_map(move |known| ends(known).into_iter().chain([known.not_before]));
        windows.chain(moments)
    }
}

/// A VASP as the registry knows it at one sequence, for one valid date. Links to other records are ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vasp {
    /// Public id.
    pub id: VaspId,
    /// Entity or group.
    pub kind: VaspKind,
    /// Lifecycle.
    pub status: VaspStatus,
    /// Registered name; for a group, its brand.
    pub legal_name: String,
    /// Commercial and former names, labels.
    pub other_names: Vec<OtherName>,
    /// Country of incorporation.
    pub country: Option<Country>,
    /// LEI; `None` if unknown or malformed.
    pub lei: Option<Lei>,
    /// Status in GLEIF's files; `None` if no such file has been imported.
    pub lei_status: Option<LeiStatus>,
    /// Identifiers by scheme.
    pub identifiers: Vec<Identifier>,
    /// Activities of the VASP itself, independent of its licences.
    pub activities: Vec<Activity>,
    /// Contacts; only for members and operators.
    pub contacts: Vec<Contact>,
    /// Website as the source wrote it.
    pub website: Option<String>,
    /// Registered address as the source wrote it.
    pub registered_address: Option<String>,
    /// The group that an entity belongs to.
    pub group: Option<VaspId>,
    /// Licences of an entity.
    pub licences: Vec<Licence>,
    /// Entries in registers whose entries are no licences.
    pub entries: Vec<RegisterEntry>,
    /// Domains that it states as its own.
    pub domains: Vec<VaspDomain>,
    /// Paths on shared hosts that are stated to be its own, and which sides confirmed them.
    pub delegations: Vec<(DelegatedPath, DelegationStatus)>,
    /// Travel Rule endpoints, including withdrawn ones.
    pub endpoints: Vec<Endpoint>,
    /// Certificates that it published, including expired and revoked ones.
    pub certificates: Vec<PublishedCertificate>,
    /// Message keys that it published, including ended ones.
    pub keys: Vec<MessageKey>,
    /// Evidence for the attributes, in order. Records that a register shows with the same attributes share it.
    pub evidence: Arc<[Evidence]>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_stored_by_the_word_that_is_sent() {
        for status in VaspStatus::ALL {
            let word = status.as_str();
            assert_eq!(serde_json::to_value(status).unwrap(), word);
            assert_eq!((status.as_str(), VaspStatus::from_text(word)), (word, Some(status)));
        }
    }
}
