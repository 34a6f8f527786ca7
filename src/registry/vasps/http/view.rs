//! The whole record of a VASP.

use serde::Serialize;
use utoipa::ToSchema;

use super::{EntityView, LeiFindingView, LicenceStatusView, NonCompliantView, ThirdPartyView};
use crate::acts::Identity;
use crate::certificates::http::CertificateView;
use crate::endpoints::http::EndpointView;
use crate::http::DirectoryView;
use crate::http::visibility::Viewer;
use crate::message_keys::http::MessageKeyView;
use crate::node::{Silence, ValidUntil};
use crate::vasps::VaspAnswer;
use vasp_record::licence::{Activity, Authority, Licence, LicensedActivity};
use vasp_record::submission::Contact;
use vasp_record::vasp::{Evidence, Identifier, LeiStatus, OtherName, Vasp, VaspDomain, VaspKind, VaspStatus};
use vasp_words::country::Country;
use vasp_words::ids::{LicenceId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::time::{Date, UtcTime};

/// The record of a VASP, as known at one point of record time and true on one day.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Vasp)]
pub(crate) struct VaspView {
    id: VaspId,
    kind: VaspKind,
    status: VaspStatus,
    /// Registered name; of a group its brand.
    legal_name: String,
    other_names: Vec<OtherName>,
    /// Country of incorporation (ISO 3166-1 alpha-2).
    country: Option<Country>,
    lei: Option<Lei>,
    /// Null where no GLEIF file says anything of it: not looked at.
    lei_status: Option<LeiStatus>,
    /// What GLEIF's record of the LEI says for or against this one, worst first.
    lei_findings: Vec<LeiFindingView>,
    identifiers: Vec<Identifier>,
    /// As the source wrote it.
    website: Option<String>,
    /// As the source wrote it.
    registered_address: Option<String>,
    /// What the VASP itself says it does; what it is licensed for stands in `licences`.
    activities: Vec<Activity>,
    /// The group of an entity.
    group: Option<GroupView>,
    /// The entities of a group.
    entities: Vec<EntityView>,
    /// Licences of an entity; those not in force yet are left out.
    licences: Vec<LicenceView>,
    domains: Vec<VaspDomain>,
    /// Travel Rule protocols of its usable endpoints, in order of name.
    #[schema(example = json!(["trp"]))]
    protocols: Vec<String>,
    /// Where it speaks Travel Rule protocols; those that it took back are left out.
    endpoints: Vec<EndpointView>,
    /// What it proves who it is with, revoked and expired ones too; judged for the moment of the answer.
    certificates: Vec<CertificateView>,
    /// With which it signs Travel Rule messages and to which they are encrypted; those that are over stay listed.
    keys: Vec<MessageKeyView>,
    /// Entries of authorities' lists of non-compliant providers that match it or its group, by LEI, host or name. A match by
    /// name alone may be somebody else of that name. Null where no list was imported: then nobody looked.
    non_compliant: Option<Vec<NonCompliantView>>,
    /// What compilations by third parties say of it: unverified, and never what anything here rests on. Null where none was
    /// imported.
    third_party: Option<Vec<ThirdPartyView>>,
    /// Whom to ask; for members and operators, null for everybody else.
    contacts: Option<Vec<Contact>>,
    /// Why each attribute is believed.
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
    authority: Authority,
    #[schema(example = "MiCA")]
    regime: String,
    /// The authority's own number, if it publishes one.
    number: Option<String>,
    /// On the asked day.
    status: LicenceStatusView,
    activities: Vec<LicensedActivity>,
    /// Where it may be used (ISO 3166-1 alpha-2).
    #[schema(example = json!(["BE", "DE"]))]
    territories: Vec<Country>,
    /// First day, if published.
    valid_from: Option<Date>,
    /// First day it no longer holds, if published.
    valid_to: Option<Date>,
    /// File or page of the last look that showed it.
    source: String,
    /// First look at the register that showed it.
    first_seen: Option<Date>,
    /// Last look at the register that showed it.
    last_seen: Option<Date>,
}

/// What makes an attribute believable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AttributeEvidence)]
pub(crate) struct EvidenceView {
    #[schema(example = "legal_name")]
    attribute: String,
    #[schema(example = "register_import")]
    method: String,
    /// File or page.
    source: String,
    /// When the source was last looked at; of a day its beginning.
    verified_at: Option<UtcTime>,
    /// When it stops counting.
    expires_at: Option<UtcTime>,
    /// Whether it stopped counting.
    stale: bool,
}

impl VaspView {
    /// Returns what this viewer may see of a record.
    pub(crate) fn of(answer: &VaspAnswer, identity: Option<&Identity>, silence: Silence) -> Self {
        let viewer = Viewer::of(identity, answer.record.id);
        let (records, day) = (answer.generation.records(), answer.generation.day());
        let vasp: &Vasp = &answer.record;
        let elsewhere = records.judged(vasp.id).map(|judged| &judged.elsewhere);
        let group = vasp.group.and_then(|id| records.get(id));
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
            activities: vasp.activities.clone(),
            group: group.map(|group| GroupView { id: group.id, name: group.legal_name.clone() }),
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

impl LicenceView {
    /// Returns the licence as it stands on a day; none before it is in force.
    fn on(licence: &Licence, day: Date) -> Option<Self> {
        Some(Self {
            id: licence.id,
            authority: licence.authority.clone(),
            regime: licence.regime.clone(),
            number: licence.number.clone(),
            status: LicenceStatusView::of(licence.status_on(day))?,
            activities: licence.activities.clone(),
            territories: licence.territories.clone(),
            valid_from: licence.valid_from,
            valid_to: licence.valid_to,
            source: licence.source.clone(),
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
            source: evidence.source.clone(),
            verified_at: evidence.verified_at,
            expires_at: evidence.expires_at,
            stale: evidence.is_stale(at),
        }
    }
}
