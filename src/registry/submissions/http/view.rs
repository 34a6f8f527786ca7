//! Request and response bodies of a member's own record.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::listing::pages;
use crate::submissions::{CaseMessage, LicenceOfMember, MemberRecord, SubmissionPatch};
use vasp_record::licence::Activity;
use vasp_record::submission::{Contact, Submission, SubmittedIdentifier, SubmittedLicence, SubmittedName};
use vasp_record::vasp::VaspStatus;
use vasp_words::country::Country;
use vasp_words::ids::{LicenceId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::time::{Date, UtcTime};

/// A new record.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = NewMemberVasp)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewVaspInput {
    /// Registered name.
    #[schema(example = "Lagoon Exchange GmbH")]
    legal_name: String,
    #[serde(default)]
    other_names: Vec<SubmittedName>,
    /// Country of incorporation (ISO 3166-1 alpha-2).
    #[serde(default, deserialize_with = "crate::http::extract::parsed")]
    country: Option<Country>,
    #[serde(default, deserialize_with = "crate::http::extract::parsed")]
    lei: Option<Lei>,
    #[serde(default)]
    identifiers: Vec<SubmittedIdentifier>,
    #[schema(example = "https://www.example.org")]
    website: Option<String>,
    registered_address: Option<String>,
    /// What the VASP does: MiCA's ten services (`custody` …), FATF's points (`fatf:i` to `fatf:v`) or `other:<text>`.
    #[serde(default, deserialize_with = "crate::submissions::activities")]
    #[schema(value_type = Option<Vec<String>>, example = json!(["custody", "transfer"]))]
    activities: Option<Vec<Activity>>,
    #[serde(default)]
    contacts: Vec<Contact>,
    /// Records named by a 409 `possible_duplicate` that are other VASPs.
    #[serde(default)]
    distinct_from: Vec<VaspId>,
}

/// A licence.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = MemberLicenceInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct LicenceInput {
    /// Id of the authority.
    #[schema(example = "DE-BAFIN")]
    authority: String,
    #[schema(example = "MiCA")]
    regime: String,
    /// The authority's own number.
    number: Option<String>,
    /// What the licence allows: MiCA's ten services, FATF's points or `other:<text>`.
    #[serde(deserialize_with = "crate::submissions::activities")]
    #[schema(value_type = Vec<String>, example = json!(["custody"]))]
    activities: Option<Vec<Activity>>,
    /// The countries in which the licence is valid (ISO 3166-1 alpha-2).
    #[serde(default)]
    #[schema(example = json!(["DE", "AT"]))]
    territories: Vec<Country>,
    valid_from: Option<Date>,
    /// First day on which it is no longer valid.
    valid_to: Option<Date>,
    /// Page of the licence in the authority's register.
    source_url: Option<String>,
}

/// The content of a VASP's record.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SaidOfVasp)]
pub(crate) struct SaidView {
    legal_name: String,
    other_names: Vec<SubmittedName>,
    country: Option<Country>,
    lei: Option<Lei>,
    identifiers: Vec<SubmittedIdentifier>,
    website: Option<String>,
    registered_address: Option<String>,
    #[schema(value_type = Vec<String>)]
    activities: Vec<Activity>,
    contacts: Vec<Contact>,
    licences: Vec<SaidLicenceView>,
    /// Records that may seem to be the same VASP but are other VASPs.
    distinct_from: Vec<VaspId>,
}

/// The content of a licence.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SaidOfLicence)]
pub(crate) struct SaidLicenceView {
    id: LicenceId,
    #[serde(flatten)]
    said: SubmittedLicence,
}

/// The open case about a record.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MemberCase)]
pub(crate) struct OpenCaseView {
    id: String,
    /// `open`, `taken`, `waiting` (the registry asked something) or `proposed`.
    status: String,
    opened_at: UtcTime,
}

/// What the keeper of a record wants it to be.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Draft)]
pub(crate) struct DraftView {
    /// Id of the VASP.
    id: String,
    status: VaspStatus,
    /// Version number, which rises with every change; also the `ETag`.
    version: i64,
    /// The content that the keeper of the record submits.
    said: SaidView,
    /// The content that was approved last, which readers see; null before the first approval.
    approved: Option<SaidView>,
    /// The open case about it; null if there is none.
    case: Option<OpenCaseView>,
    created_at: UtcTime,
    updated_at: UtcTime,
}

pages! {
    /// A page of drafts of records that the registry keeps itself, in order of their ids.
    DraftListView as DraftList of DraftView;
}

/// A licence of the member's record.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MemberLicence)]
pub(crate) struct MemberLicenceView {
    #[serde(flatten)]
    said: SaidLicenceView,
    /// Version of the record that the licence belongs to; also the `ETag`.
    version: i64,
}

/// The licences of a record.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MemberLicenceList)]
pub(crate) struct LicenceListView {
    items: Vec<MemberLicenceView>,
    /// Always null, because the answer has all licences.
    next_cursor: Option<String>,
}

/// The messages about the open case, oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CaseMessageList)]
pub(crate) struct MessageListView {
    items: Vec<CaseMessage>,
    /// Always null, because the answer has all messages.
    next_cursor: Option<String>,
}

impl From<NewVaspInput> for SubmissionPatch {
    fn from(given: NewVaspInput) -> Self {
        Self {
            legal_name: Some(given.legal_name),
            other_names: Some(given.other_names),
            country: Some(given.country),
            lei: Some(given.lei),
            identifiers: Some(given.identifiers),
            website: Some(given.website),
            registered_address: Some(given.registered_address),
            activities: given.activities,
            contacts: Some(given.contacts),
            distinct_from: Some(given.distinct_from),
        }
    }
}

impl From<LicenceInput> for SubmittedLicence {
    fn from(given: LicenceInput) -> Self {
        let LicenceInput { authority, regime, number, activities, territories, valid_from, valid_to, source_url } = given;
        let activities = activities.unwrap_or_default();
        Self { authority, regime, number, activities, territories, valid_from, valid_to, source_url }
    }
}

impl From<&Submission> for SaidView {
    fn from(said: &Submission) -> Self {
        let Submission { legal_name, other_names, country, lei, identifiers, website, registered_address, .. } = said.clone();
        let Submission { activities, contacts, licences, distinct_from, .. } = said;
        Self {
            legal_name,
            other_names,
            country,
            lei,
            identifiers,
            website,
            registered_address,
            activities: activities.clone(),
            contacts: contacts.clone(),
            licences: licences.iter().map(|(id, said)| SaidLicenceView { id: *id, said: said.clone() }).collect(),
            distinct_from: distinct_from.clone(),
        }
    }
}

impl From<&MemberRecord> for DraftView {
    fn from(record: &MemberRecord) -> Self {
        let case = record.case.as_ref().map(|case| OpenCaseView {
            id: case.id.to_string(),
            status: case.status.to_string(),
            opened_at: case.opened_at,
        });
        let kept = &record.kept;
        Self {
            id: kept.vasp.to_string(),
            status: kept.status,
            version: kept.version,
            said: SaidView::from(&kept.said.0),
            approved: kept.approved.as_ref().map(|approved| SaidView::from(&approved.0)),
            case,
            created_at: kept.created_at,
            updated_at: kept.updated_at,
        }
    }
}

impl From<MemberRecord> for DraftView {
    fn from(record: MemberRecord) -> Self {
        Self::from(&record)
    }
}

impl From<&LicenceOfMember> for MemberLicenceView {
    fn from(licence: &LicenceOfMember) -> Self {
        Self { said: SaidLicenceView { id: licence.id, said: licence.said.clone() }, version: licence.version }
    }
}

impl From<&MemberRecord> for LicenceListView {
    fn from(record: &MemberRecord) -> Self {
        let version = record.kept.version;
        let view = |(id, said): (&LicenceId, &SubmittedLicence)| MemberLicenceView {
            said: SaidLicenceView { id: *id, said: said.clone() },
            version,
        };
        Self { items: record.kept.said.0.licences.iter().map(view).collect(), next_cursor: None }
    }
}

impl From<Vec<CaseMessage>> for MessageListView {
    fn from(items: Vec<CaseMessage>) -> Self {
        Self { items, next_cursor: None }
    }
}
