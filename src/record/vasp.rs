//! The record of a VASP: a legal entity or a group, as known at one sequence, for one valid date.

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
use vasp_words::time::UtcTime;

closed_list! {
    /// A legal entity, or the brand or parent above entities. Licences belong to entities, address labels name groups.
    pub enum VaspKind {
        /// A brand or parent above entities; address labels in the wild name groups.
        Group = "group" / 2,
        /// A legal entity; licences belong to entities.
        Entity = "entity" / 1,
    }

    /// Where a record stands in its life. `listed` is imported from a public register and not adopted: never verified.
    pub enum VaspStatus {
        /// Taken off by the registry, by two people.
        Revoked = "revoked",
        /// Held back until two people lift it.
        Suspended = "suspended",
        /// Not accepted.
        Rejected = "rejected",
        /// Withdrawn by its member.
        Withdrawn = "withdrawn",
        /// A group that is no longer used.
        Retired = "retired",
        /// Being written by a member.
        Draft = "draft",
        /// Handed in.
        Submitted = "submitted",
        /// Under review.
        InReview = "in_review",
        /// Imported from a public register and not adopted yet; never the same as verified.
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
        /// The entity ceased to exist.
        Retired = "RETIRED",
        /// Merged into another entity (older files).
        Merged = "MERGED",
        /// Abandoned before issue.
        Cancelled = "CANCELLED",
        /// Handed to another issuer.
        Transferred = "TRANSFERRED",
        /// Renewal missed.
        Lapsed = "LAPSED",
        /// Not yet validated.
        PendingValidation = "PENDING_VALIDATION",
        /// Being handed over.
        PendingArchival = "PENDING_ARCHIVAL",
        /// Being handed over.
        PendingTransfer = "PENDING_TRANSFER",
        /// In good standing.
        Issued = "ISSUED",
    }
}

impl VaspStatus {
    /// Tells whether the registry holds it back: suspended, or revoked.
    #[must_use]
    pub fn is_halted(self) -> bool {
        matches!(self, Self::Suspended | Self::Revoked)
    }

    /// Tells whether readers find it: it neither ended nor turned out to be another.
    #[must_use]
    pub fn is_live(self) -> bool {
        !matches!(self, Self::Withdrawn | Self::Retired | Self::Rejected)
    }
}

/// Another name and what kind of name it is.
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

/// An identifier by scheme.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Identifier {
    /// Scheme, such as `entity_key`.
    #[cfg_attr(feature = "schema", schema(example = "entity_key"))]
    pub scheme: String,
    /// Value in that scheme.
    pub value: String,
}

/// A domain that a VASP names as its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = Domain))]
pub struct VaspDomain {
    /// Host name as IDNA A-labels, lower case.
    pub domain: String,
    /// How far it is proven.
    pub status: DomainStatus,
    /// Whether hosts below it count.
    pub covers_subdomains: bool,
    /// Whether the host is shared by many VASPs.
    pub platform: bool,
}

closed_list! {
    /// How far a domain is proven.
    pub enum DomainStatus {
        /// Was proven, no longer is.
        Lost = "lost",
        /// Named, nobody proved it.
        Unproven = "unproven",
        /// Proven by DNS or a well-known file.
        Proven = "proven",
    }

    /// Whether a domain stands for the hosts below it.
    pub enum DomainScope {
        /// It does not.
        Host = "host",
        /// It does.
        Subdomains = "subdomains",
    }
}

/// The method of what nobody but its member says.
pub(super) const MEMBER_STATEMENT: &str = "member_statement";

/// What makes an attribute believable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// Which attribute of the record, such as `legal_name`.
    pub attribute: String,
    /// How it was learnt, such as `register_import`.
    pub method: String,
    /// Source file or page.
    pub source: String,
    /// When the source was looked at; of a day its beginning.
    pub verified_at: Option<UtcTime>,
    /// When it stops counting, if it does.
    pub expires_at: Option<UtcTime>,
}

impl Evidence {
    /// Tells whether it no longer counts at a moment.
    #[must_use]
    pub fn is_stale(&self, at: UtcTime) -> bool {
        self.expires_at.is_some_and(|end| end <= at)
    }
}

impl Vasp {
    /// Tells whether something else than a statement of its member stands, or stood, for an attribute.
    #[must_use]
    pub fn is_evidenced(&self, attribute: &str) -> bool {
        self.evidence.iter().any(|evidence| evidence.attribute == attribute && evidence.method != MEMBER_STATEMENT)
    }

    /// Tells whether all that stood for an attribute has expired at a moment; false where nothing ever stood for it.
    #[must_use]
    pub fn is_stale(&self, attribute: &str, at: UtcTime) -> bool {
        let mut standing = self.evidence.iter().filter(|evidence| evidence.attribute == attribute).peekable();
        standing.peek().is_some() && standing.all(|evidence| evidence.is_stale(at))
    }

    /// Iterates over the moments at which what it published counts otherwise by itself: maintenance of endpoints that begins or
    /// ends, certificates that begin or end.
    pub fn published_moments(&self) -> impl Iterator<Item = UtcTime> {
        let windows = self.endpoints.iter().filter(|endpoint| endpoint.status == EndpointStatus::Active);
        let windows = windows.flat_map(|endpoint| &endpoint.maintenance).flat_map(|window| [window.from, window.to]);
        let certificates = self.certificates.iter().filter(|known| known.status == CertificateStatus::Active);
        // The last second of a certificate still counts (RFC 5280, section 4.1.2.5).
        let ends = |known: &PublishedCertificate| [known.not_after.plus_secs(1), known.chain_not_after.plus_secs(1)];
        let moments = certificates.flat_map(move |known| ends(known).into_iter().chain([known.not_before]));
        windows.chain(moments)
    }
}

/// A VASP as known at one sequence, for one valid date. Links to other records are ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vasp {
    /// Public id.
    pub id: VaspId,
    /// Entity or group.
    pub kind: VaspKind,
    /// Lifecycle.
    pub status: VaspStatus,
    /// Registered name; of a group its brand.
    pub legal_name: String,
    /// Commercial and former names, labels.
    pub other_names: Vec<OtherName>,
    /// Country of incorporation.
    pub country: Option<Country>,
    /// LEI, if known and well formed.
    pub lei: Option<Lei>,
    /// What GLEIF's files say of it; none where no such file has been imported.
    pub lei_status: Option<LeiStatus>,
    /// Identifiers by scheme.
    pub identifiers: Vec<Identifier>,
    /// What it does, apart from what its licences allow.
    pub activities: Vec<Activity>,
    /// Whom to ask; for members and operators only.
    pub contacts: Vec<Contact>,
    /// Website as the source wrote it.
    pub website: Option<String>,
    /// Registered address as the source wrote it.
    pub registered_address: Option<String>,
    /// The group an entity belongs to.
    pub group: Option<VaspId>,
    /// Licences of an entity.
    pub licences: Vec<Licence>,
    /// Domains it names.
    pub domains: Vec<VaspDomain>,
    /// Paths on shared hosts that are said to be its own, and how far both sides said so.
    pub delegations: Vec<(DelegatedPath, DelegationStatus)>,
    /// Where it speaks Travel Rule protocols, also what it took back.
    pub endpoints: Vec<Endpoint>,
    /// Certificates that it published, also those that are over.
    pub certificates: Vec<PublishedCertificate>,
    /// Keys for messages that it published, also those that are over.
    pub keys: Vec<MessageKey>,
    /// Why each attribute is believed.
    pub evidence: Vec<Evidence>,
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
