//! A member edits its record: it creates a draft, changes it or withdraws it. Readers see the content that was approved last until a
//! change is approved too.

use serde::{Deserialize, Deserializer};
use serde_json::json;
use utoipa::ToSchema;

use super::{Keeper, MemberRecord, change_kept, check, lock_kept, refuse_duplicates, step, write_kept};
use crate::acts::{Act, Deed, Reply};
use crate::node::ServiceError;
use vasp_record::licence::Activity;
use vasp_record::lifecycle::Step;
use vasp_record::role::OrganisationKind;
use vasp_record::submission::{Contact, Submission, SubmittedIdentifier, SubmittedName};
use vasp_record::vasp::VaspStatus;
use vasp_store::KeptRecord;
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::sql::Json;

/// The changes to a record. `None` leaves a value as it is, and `Some(None)` empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemberVaspChange)]
pub struct SubmissionPatch {
    /// Registered name.
    #[schema(example = "Lagoon Exchange GmbH")]
    pub legal_name: Option<String>,
    /// Other names.
    pub other_names: Option<Vec<SubmittedName>>,
    /// Country of incorporation (ISO 3166-1 alpha-2).
    #[serde(default, deserialize_with = "given_parsed")]
    #[schema(value_type = Option<String>, example = "DE")]
    pub country: Option<Option<Country>>,
    /// Its LEI.
    #[serde(default, deserialize_with = "given_parsed")]
    #[schema(value_type = Option<String>, example = "529900HNOAA1KXQJUQ27")]
    pub lei: Option<Option<Lei>>,
    /// Identifiers by scheme.
    pub identifiers: Option<Vec<SubmittedIdentifier>>,
    /// Website.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "https://www.example.org")]
    pub website: Option<Option<String>>,
    /// Registered address.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub registered_address: Option<Option<String>>,
    /// What the VASP does: MiCA's ten services (`custody` …), FATF's points (`fatf:i` to `fatf:v`) or `other:<text>`.
    #[serde(default, deserialize_with = "activities")]
    #[schema(value_type = Option<Vec<String>>, example = json!(["custody", "transfer"]))]
    pub activities: Option<Vec<Activity>>,
    /// Whom to ask.
    pub contacts: Option<Vec<Contact>>,
    /// Records named by a 409 `possible_duplicate` that are other VASPs.
    pub distinct_from: Option<Vec<VaspId>>,
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
    crate::http::extract::parsed(value).map(Some)
}

/// Reads activities as members write them.
pub(super) fn activities<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Vec<Activity>>, D::Error> {
    let texts: Vec<String> = Vec::deserialize(value)?;
    let read = |text: &String| Activity::from_input(text).map_err(serde::de::Error::custom);
    texts.iter().map(read).collect::<Result<_, _>>().map(Some)
}

impl SubmissionPatch {
    /// Returns the content of the record after the change.
    #[must_use]
    pub fn apply(self, to: &Submission) -> Submission {
        let Self { legal_name, other_names, country, lei, identifiers, website, registered_address, .. } = self;
        let Self { activities, contacts, distinct_from, .. } = self;
        let to = to.clone();
        Submission {
            legal_name: legal_name.unwrap_or(to.legal_name),
            other_names: other_names.unwrap_or(to.other_names),
            country: country.unwrap_or(to.country),
            lei: lei.unwrap_or(to.lei),
            identifiers: identifiers.unwrap_or(to.identifiers),
            website: website.unwrap_or(to.website),
            registered_address: registered_address.unwrap_or(to.registered_address),
            activities: activities.unwrap_or(to.activities),
            contacts: contacts.unwrap_or(to.contacts),
            licences: to.licences,
            distinct_from: distinct_from.unwrap_or(to.distinct_from),
        }
    }
}

/// Creates a draft: the caller's own, or as an operator one that the registry keeps.
///
/// # Errors
/// `ServiceError::Conflict` if a member keeps a record already; `Refused` for a possible duplicate; `Invalid`, `Store`.
pub fn create_vasp(act: Act<'_, MemberRecord>, patch: SubmissionPatch) -> Result<Reply, ServiceError> {
    let said = patch.apply(&Submission::default());
    let generation = act.registry.pin(act.now);
    check(&said, &Submission::default(), &generation.documents().authorities.value.table)?;
    let found = refuse_duplicates(&generation, None, &said);
    act.run("vasp.create", |transaction, identity| {
        let keeps_one = identity.kind != OrganisationKind::Operator;
        if keeps_one && transaction.conn().kept_record_of(identity.organisation)?.is_some() {
            return Err(ServiceError::Conflict(crate::node::Fault {
                pointer: String::new(),
                code: "record_exists",
                detail: "the organisation already keeps a record; change that record".to_owned(),
            }));
        }
        found?;
        let now = transaction.now();
        let vasp = VaspId::new(now, transaction.conn_and_rng().1);
        let row = KeptRecord {
            vasp,
            organisation: identity.organisation,
            status: VaspStatus::Draft,
            version: 1,
            said: Json(said),
            approved: None,
            created_at: now,
            updated_at: now,
        };
        transaction.add_submission(&row)?;
        Ok(Deed::new(MemberRecord::read(transaction.conn(), row)?, vasp, json!({})))
    })
}

/// Changes the record.
pub fn amend_vasp(
    act: Act<'_, MemberRecord>,
    keeper: Keeper,
    expected: &dyn Fn(&str) -> bool,
    patch: SubmissionPatch,
) -> Result<Reply, ServiceError> {
    let generation = act.registry.pin(act.now);
    act.run("vasp.amend", |transaction, identity| {
        let mut kept = lock_kept(transaction, identity, keeper, expected)?;
        let next = patch.apply(&kept.said);
        let found = |said: &Submission| (said.lei, said.country, said.legal_name.clone(), said.website.clone());
        let is_found_otherwise = found(&next) != found(&kept.said);
        change_kept(transaction, identity, &mut kept, next, &keeper.says("changed its record"))?;
        if is_found_otherwise {
            refuse_duplicates(&generation, Some(kept.vasp), &kept.said)?;
        }
        let (vasp, version) = (kept.vasp, kept.version);
        Ok(Deed::new(MemberRecord::read(transaction.conn(), kept)?, vasp, json!({"version": version})))
    })
}

/// Withdraws the record before it is verified.
pub fn withdraw_vasp(act: Act<'_, MemberRecord>, keeper: Keeper, expected: &dyn Fn(&str) -> bool) -> Result<Reply, ServiceError> {
    act.run("vasp.withdraw", |transaction, identity| {
        let mut kept = lock_kept(transaction, identity, keeper, expected)?;
        // A draft has no case. The VASP's open case is about what readers see, or about another organisation's submission.
        if kept.stands() {
            crate::cases::close_open(transaction, kept.vasp, "withdrawn", Some(identity.user))?;
        }
        step(&mut kept, Step::Withdraw)?;
        write_kept(transaction, &mut kept)?;
        crate::domains::give_up_domains(transaction, kept.vasp, kept.organisation)?;
        let vasp = kept.vasp;
        Ok(Deed::new(MemberRecord::read(transaction.conn(), kept)?, vasp, json!({})))
    })
}
