//! View of the complete record of a VASP.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::{EntityView, LeiFindingView, LicenceStatusView, NonCompliantView, ThirdPartyView};
use crate::acts::Identity;
use crate::certificates::http::CertificateView;
use crate::directory::Records;
use crate::endpoints::http::EndpointView;
use crate::http::DirectoryView;
use crate::http::visibility::Viewer;
use crate::message_keys::http::MessageKeyView;
use crate::node::{Silence, ValidUntil};
use crate::vasps::VaspAnswer;
use vasp_record::licence::{Activity, Authority, Licence, LicensedActivity};
use vasp_record::submission::Contact;
use vasp_record::vasp::{Evidence, Identifier, LeiStatus, OtherName, Vasp, VaspDomain, VaspKind, VaspStatus};
use vasp_rules::ivms101::IvmsPerson;
use vasp_words::country::Country;
use vasp_words::ids::{LicenceId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::time::{Date, UtcTime};

/// The record of a VASP, as the registry knew it at one point of time and as it was true on one day.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Vasp)]
pub(crate) struct VaspView {
    id: VaspId,
    kind: VaspKind,
    status: VaspStatus,
    /// The registered name; for a group it is the brand.
    legal_name: String,
    other_names: Vec<OtherName>,
    /// Country of incorporation (ISO 3166-1 alpha-2).
    country: Option<Country>,
    lei: Option<Lei>,
    /// The status of the LEI; null if no GLEIF file has an entry for it, so that it is unchecked.
    lei_status: Option<LeiStatus>,
    /// Findings of GLEIF's record of the LEI that support or contradict this record, worst first.
    lei_findings: Vec<LeiFindingView>,
    identifiers: Vec<Identifier>,
    /// The website, as the source wrote it.
    website: Option<String>,
    /// The address, as the source wrote it.
    registered_address: Option<String>,
    /// The entity as a person of IVMS 101, to be put into a document as it is; null for a group, and for an entity without LEI and address,
    /// which the standard does not allow.
    ivms101: Option<IvmsPerson>,
    /// What the VASP itself states that it does. `licences` shows what it is licensed for.
    activities: Vec<Activity>,
    /// The group of an entity; null if it has none.
    group: Option<GroupView>,
    /// The entities of a group; empty for an entity.
    entities: Vec<EntityView>,
    /// The licences of an entity. Those that are not in force yet are left out.
    licences: Vec<LicenceView>,
    domains: Vec<VaspDomain>,
    /// The Travel Rule protocols of its usable endpoints, sorted by name.
    #[schema(example = json!(["trp"]))]
    protocols: Vec<String>,
    /// Its endpoints for Travel Rule protocols. Endpoints that it withdrew are left out.
    endpoints: Vec<EndpointView>,
    /// The certificates with which it proves its identity, also revoked and expired ones. Their status is as of the moment of the
    /// answer.
    certificates: Vec<CertificateView>,
    /// The keys with which it signs Travel Rule messages, and those to which senders encrypt them. Keys that are no longer in use stay
    /// listed.
    keys: Vec<MessageKeyView>,
    /// Entries of authorities' lists of non-compliant providers that match the VASP or its group, by LEI, host or name. A match by name
    /// alone may be another provider with the same name. Null if no list was imported, so that nobody checked.
    non_compliant: Option<Vec<NonCompliantView>>,
    /// What compilations by third parties say about the VASP. They are unverified, and nothing here depends on them. Null if none was
    /// imported.
    third_party: Option<Vec<ThirdPartyView>>,
    /// Contacts for questions; null unless you are a member or an operator.
    contacts: Option<Vec<Contact>>,
    /// The evidence for each attribute.
    evidence: Vec<EvidenceView>,
    directory: DirectoryView,
    /// Until when the answer may be used.
    valid_until: ValidUntil,
}

/// The group that an entity belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Group)]
pub(crate) struct GroupView {
    id: VaspId,
    name: String,
}

/// One permission by one authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Licence)]
pub(crate) struct LicenceView {
    id: LicenceId,
    #[schema(value_type = Authority)]
    authority: Arc<Authority>,
    #[schema(example = "MiCA")]
    #[schema(value_type = String)]
    regime: Arc<str>,
    /// The authority's own number; null if it publishes none.
    number: Option<String>,
    /// The status on the requested day.
    status: LicenceStatusView,
    activities: Vec<LicensedActivity>,
    /// The countries in which it may be used (ISO 3166-1 alpha-2).
    #[schema(example = json!(["BE", "DE"]))]
    territories: Vec<Country>,
    /// The first day of validity; null if it is not published.
    valid_from: Option<Date>,
    /// The first day on which it is no longer valid; null if it is not published.
    valid_to: Option<Date>,
    /// The file or page of the newest copy of the register that contained it.
    #[schema(value_type = String)]
    source: Arc<str>,
    /// The day of the first copy of the register that contained it; null if unknown.
    first_seen: Option<Date>,
    /// The day of the newest copy of the register that contained it; null if unknown.
    last_seen: Option<Date>,
}

/// The evidence for an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AttributeEvidence)]
pub(crate) struct EvidenceView {
    #[schema(example = "legal_name")]
    attribute: Cow<'static, str>,
    #[schema(example = "register_import")]
    method: Cow<'static, str>,
    /// The source file or page.
    #[schema(value_type = String)]
    source: Arc<str>,
    /// When the source was last checked. If only the day is known, it is the start of that day.
    verified_at: Option<UtcTime>,
    /// When the evidence expires; null if it does not.
    expires_at: Option<UtcTime>,
    /// Whether the evidence has expired.
    stale: bool,
}

impl VaspView {
    /// Returns the view of a record for this caller.
    pub(crate) fn of(answer: &VaspAnswer, identity: Option<&Identity>, silence: Silence) -> Self {
        let viewer = Viewer::of(identity, answer.record.id);
        let (records, day) = (answer.generation.records(), answer.generation.day());
        let vasp: &Vasp = &answer.record;
        let elsewhere = records.judged(vasp.id).map(|judged| &judged.elsewhere);
        Self {
            id: vasp.id,
            kind: vasp.kind,
            status: vasp.status,
            legal_name: vasp.legal_name.clone(),
            other_names: vasp.other_names.clone(),
            country: vasp.country,
            lei: vasp.lei,
            lei_status: vasp.lei_status,
            lei_findings: elsewhere.and_then(|said| said.lei.as_ref()).map_or_else(Vec::new, |word| all(&word.findings)),
            identifiers: vasp.identifiers.clone(),
            website: vasp.website.clone(),
            registered_address: vasp.registered_address.clone(),
            ivms101: IvmsPerson::of(vasp),
            activities: vasp.activities.clone(),
            group: GroupView::of(vasp, records),
            entities: EntityView::of_group(vasp, records),
            licences: vasp.licences.iter().filter_map(|licence| LicenceView::on(licence, day)).collect(),
            domains: vasp.domains.clone(),
            protocols: answer.generation.usable_protocols(vasp, answer.at).iter().map(ToString::to_string).collect(),
            endpoints: EndpointView::of_record(&answer.generation, &answer.record, answer.at, viewer),
            certificates: vasp.certificates.iter().map(|known| CertificateView::at(known, answer.at)).collect(),
            keys: vasp.keys.iter().map(|key| MessageKeyView::at(key, answer.at)).collect(),
            non_compliant: elsewhere.and_then(|said| said.non_compliant.as_deref().map(all)),
            third_party: elsewhere.and_then(|said| said.third_party.as_deref().map(all)),
            contacts: viewer.sees("Vasp", "contacts").then(|| vasp.contacts.clone()),
            evidence: vasp.evidence.iter().map(|evidence| EvidenceView::at(evidence, answer.at)).collect(),
            directory: answer.generation.as_ref().into(),
            valid_until: silence.shortens(answer.holds),
        }
    }
}

fn all<'a, T, V: From<&'a T>>(found: &'a [T]) -> Vec<V> {
    found.iter().map(V::from).collect()
}

impl GroupView {
    /// Returns the group of a record. `None` if it has none.
    pub(super) fn of(vasp: &Vasp, records: &Records) -> Option<Self> {
        let group = records.get(vasp.group?)?;
        Some(Self { id: group.id, name: group.legal_name.clone() })
    }
}

impl LicenceView {
    /// Returns the licence on a day. `None` if it is not in force yet.
    fn on(licence: &Licence, day: Date) -> Option<Self> {
        Some(Self {
            id: licence.id,
            authority: Arc::clone(&licence.authority),
            regime: Arc::clone(&licence.regime),
            number: licence.number.clone(),
            status: LicenceStatusView::of(licence.status_on(day))?,
            activities: licence.activities.clone(),
            territories: licence.territories.clone(),
            valid_from: licence.valid_from,
            valid_to: licence.valid_to,
            source: Arc::clone(&licence.source),
            first_seen: licence.first_seen,
            last_seen: licence.last_seen,
        })
    }
}

impl EvidenceView {
    fn at(evidence: &Evidence, at: UtcTime) -> Self {
        Self {
            attribute: evidence.attribute.clone(),
            method: evidence.method.clone(),
            source: Arc::clone(&evidence.source),
            verified_at: evidence.verified_at,
            expires_at: evidence.expires_at,
            stale: evidence.is_stale(at),
        }
    }
}
