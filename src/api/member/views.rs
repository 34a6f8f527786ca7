//! The shapes of a member's own record, in and out.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::service::member::{CaseMessage, LicenceOfMember, MemberRecord, SubmissionPatch};
use vasp_record::licence::Activity;
use vasp_record::submission::{Contact, Submission, SubmittedIdentifier, SubmittedLicence, SubmittedName};
use vasp_record::vasp::VaspStatus;
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::time::{Date, UtcTime};

/// Another name of a VASP.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = MemberOtherName)]
#[serde(deny_unknown_fields)]
pub(crate) struct OtherNameInput {
    #[schema(min_length = 1, max_length = 500)]
    name: String,
    /// Kind of name, such as `commercial` or `former`.
    #[schema(example = "commercial")]
    r#type: String,
}

/// An identifier by scheme.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = MemberIdentifier)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentifierInput {
    #[schema(example = "commercial_register:DE")]
    scheme: String,
    #[schema(example = "HRB 12345")]
    value: String,
}

/// Whom to ask; seen by members and operators only.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = MemberContact)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactInput {
    /// `compliance`, `travel_rule`, `technical`, `legal`, `security` or `other`.
    #[schema(value_type = String, example = "compliance")]
    role: vasp_record::submission::ContactRole,
    /// A person or a desk.
    name: String,
    email: Option<String>,
    phone: Option<String>,
}

/// Reads a member that may be absent (stays as it is) or null (emptied).
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(value).map(Some)
}

/// Reads a member that may be absent and that null empties, by its type's own parser.
fn given_parsed<'de, D, T>(value: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    crate::api::extract::parsed(value).map(Some)
}

fn activities<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Vec<Activity>>, D::Error> {
    let texts: Vec<String> = Vec::deserialize(value)?;
    let read = |text: &String| Activity::from_input(text).map_err(serde::de::Error::custom);
    texts.iter().map(read).collect::<Result<_, _>>().map(Some)
}

/// What the record of a VASP is to be. Members that are absent stay as they are, null empties.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemberVaspChange)]
pub(crate) struct VaspInput {
    /// Registered name.
    #[schema(example = "Lagoon Exchange GmbH")]
    legal_name: Option<String>,
    other_names: Option<Vec<OtherNameInput>>,
    /// Country of incorporation (ISO 3166-1 alpha-2).
    #[serde(default, deserialize_with = "given_parsed")]
    #[schema(value_type = Option<String>, example = "DE")]
    country: Option<Option<Country>>,
    #[serde(default, deserialize_with = "given_parsed")]
    #[schema(value_type = Option<String>, example = "529900HNOAA1KXQJUQ27")]
    lei: Option<Option<Lei>>,
    identifiers: Option<Vec<IdentifierInput>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "https://www.example.org")]
    website: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    registered_address: Option<Option<String>>,
    /// What it does: MiCA's ten (`custody` …), FATF's points (`fatf:i` to `fatf:v`) or `other:<text>`.
    #[serde(default, deserialize_with = "activities")]
    #[schema(value_type = Option<Vec<String>>, example = json!(["custody", "transfer"]))]
    activities: Option<Vec<Activity>>,
    contacts: Option<Vec<ContactInput>>,
}

/// A new record.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = NewMemberVasp)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewVaspInput {
    /// Registered name.
    #[schema(example = "Lagoon Exchange GmbH")]
    legal_name: String,
    #[serde(default)]
    other_names: Vec<OtherNameInput>,
    /// Country of incorporation (ISO 3166-1 alpha-2).
    #[serde(default, deserialize_with = "crate::api::extract::parsed")]
    #[schema(value_type = Option<String>, example = "DE")]
    country: Option<Country>,
    #[serde(default, deserialize_with = "crate::api::extract::parsed")]
    #[schema(value_type = Option<String>, example = "529900HNOAA1KXQJUQ27")]
    lei: Option<Lei>,
    #[serde(default)]
    identifiers: Vec<IdentifierInput>,
    #[schema(example = "https://www.example.org")]
    website: Option<String>,
    registered_address: Option<String>,
    /// What it does: MiCA's ten (`custody` …), FATF's points (`fatf:i` to `fatf:v`) or `other:<text>`.
    #[serde(default, deserialize_with = "activities")]
    #[schema(value_type = Option<Vec<String>>, example = json!(["custody", "transfer"]))]
    activities: Option<Vec<Activity>>,
    #[serde(default)]
    contacts: Vec<ContactInput>,
    /// Records named by a 409 `possible_duplicate` that are other VASPs.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub(crate) distinct_from: Vec<VaspId>,
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
    /// What it allows: MiCA's ten, FATF's points or `other:<text>`.
    #[serde(deserialize_with = "activities")]
    #[schema(value_type = Vec<String>, example = json!(["custody"]))]
    activities: Option<Vec<Activity>>,
    /// Where (ISO 3166-1 alpha-2).
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["DE", "AT"]))]
    territories: Vec<Country>,
    #[schema(value_type = Option<String>, format = Date)]
    valid_from: Option<Date>,
    /// First day it no longer holds.
    #[schema(value_type = Option<String>, format = Date)]
    valid_to: Option<Date>,
    /// Page of the authority's register.
    source_url: Option<String>,
}

/// What is said of a VASP.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SaidOfVasp)]
pub(crate) struct SaidView {
    legal_name: String,
    other_names: Vec<OtherNameInput>,
    country: Option<String>,
    lei: Option<String>,
    identifiers: Vec<IdentifierInput>,
    website: Option<String>,
    registered_address: Option<String>,
    activities: Vec<String>,
    contacts: Vec<ContactInput>,
    licences: Vec<SaidLicenceView>,
}

/// What is said of a licence.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SaidOfLicence)]
pub(crate) struct SaidLicenceView {
    id: String,
    authority: String,
    regime: String,
    number: Option<String>,
    activities: Vec<String>,
    territories: Vec<String>,
    #[schema(value_type = Option<String>, format = Date)]
    valid_from: Option<Date>,
    #[schema(value_type = Option<String>, format = Date)]
    valid_to: Option<Date>,
    source_url: Option<String>,
}

/// The open case about a record.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MemberCase)]
pub(crate) struct OpenCaseView {
    id: String,
    /// `open`, `taken`, `waiting` (the registry asked something) or `proposed`.
    status: String,
    #[schema(value_type = String, format = DateTime)]
    opened_at: UtcTime,
}

/// A member's own record.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MemberVasp)]
pub(crate) struct MemberVaspView {
    /// Id of the VASP.
    id: String,
    status: VaspStatus,
    /// Rises with every change; also the `ETag`.
    version: i64,
    /// What the record is to be.
    said: SaidView,
    /// What was approved last, which readers see; null before the first approval.
    approved: Option<SaidView>,
    /// The open case about it.
    case: Option<OpenCaseView>,
    #[schema(value_type = String, format = DateTime)]
    created_at: UtcTime,
    #[schema(value_type = String, format = DateTime)]
    updated_at: UtcTime,
}

/// A licence of the member's record.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MemberLicence)]
pub(crate) struct MemberLicenceView {
    #[serde(flatten)]
    said: SaidLicenceView,
    /// Version of the record that it belongs to; also the `ETag`.
    version: i64,
}

/// The messages about the open case, oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CaseMessageList)]
pub(crate) struct MessageListView {
    items: Vec<CaseMessage>,
    /// Always null: all of them are in the answer.
    next_cursor: Option<String>,
}

fn names(names: Vec<OtherNameInput>) -> Vec<SubmittedName> {
    names.into_iter().map(|given| SubmittedName { name: given.name, name_type: given.r#type }).collect()
}

fn identifiers(identifiers: Vec<IdentifierInput>) -> Vec<SubmittedIdentifier> {
    identifiers.into_iter().map(|given| SubmittedIdentifier { scheme: given.scheme, value: given.value }).collect()
}

fn contacts(contacts: Vec<ContactInput>) -> Vec<Contact> {
    let read = |ContactInput { role, name, email, phone }| Contact { role, name, email, phone };
    contacts.into_iter().map(read).collect()
}

impl From<VaspInput> for SubmissionPatch {
    fn from(given: VaspInput) -> Self {
        Self {
            legal_name: given.legal_name,
            other_names: given.other_names.map(names),
            country: given.country,
            lei: given.lei,
            identifiers: given.identifiers.map(identifiers),
            website: given.website,
            registered_address: given.registered_address,
            activities: given.activities,
            contacts: given.contacts.map(contacts),
        }
    }
}

impl From<NewVaspInput> for SubmissionPatch {
    fn from(given: NewVaspInput) -> Self {
        Self {
            legal_name: Some(given.legal_name),
            other_names: Some(names(given.other_names)),
            country: Some(given.country),
            lei: Some(given.lei),
            identifiers: Some(identifiers(given.identifiers)),
            website: Some(given.website),
            registered_address: Some(given.registered_address),
            activities: given.activities,
            contacts: Some(contacts(given.contacts)),
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
        let text = |activity: &Activity| activity.to_string();
        let contact = |known: &Contact| ContactInput {
            role: known.role,
            name: known.name.clone(),
            email: known.email.clone(),
            phone: known.phone.clone(),
        };
        let name = |known: &SubmittedName| OtherNameInput { name: known.name.clone(), r#type: known.name_type.clone() };
        let identifier =
            |known: &SubmittedIdentifier| IdentifierInput { scheme: known.scheme.clone(), value: known.value.clone() };
        Self {
            legal_name: said.legal_name.clone(),
            other_names: said.other_names.iter().map(name).collect(),
            country: said.country.map(|country| country.to_string()),
            lei: said.lei.map(|lei| lei.to_string()),
            identifiers: said.identifiers.iter().map(identifier).collect(),
            website: said.website.clone(),
            registered_address: said.registered_address.clone(),
            activities: said.activities.iter().map(text).collect(),
            contacts: said.contacts.iter().map(contact).collect(),
            licences: said.licences.iter().map(|(id, licence)| SaidLicenceView::of(id, licence)).collect(),
        }
    }
}

impl SaidLicenceView {
    fn of(id: impl ToString, licence: &SubmittedLicence) -> Self {
        Self {
            id: id.to_string(),
            authority: licence.authority.clone(),
            regime: licence.regime.clone(),
            number: licence.number.clone(),
            activities: licence.activities.iter().map(ToString::to_string).collect(),
            territories: licence.territories.iter().map(ToString::to_string).collect(),
            valid_from: licence.valid_from,
            valid_to: licence.valid_to,
            source_url: licence.source_url.clone(),
        }
    }
}

impl From<&MemberRecord> for MemberVaspView {
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

impl From<&LicenceOfMember> for MemberLicenceView {
    fn from(licence: &LicenceOfMember) -> Self {
        Self { said: SaidLicenceView::of(licence.id, &licence.said), version: licence.version }
    }
}

impl From<Vec<CaseMessage>> for MessageListView {
    fn from(items: Vec<CaseMessage>) -> Self {
        Self { items, next_cursor: None }
    }
}
