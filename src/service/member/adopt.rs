//! A member asks to keep a record that an import or the registry itself created: a draft with what is known, which counts once two
//! people approved it and the domain of the record's website is proven.

use serde_json::json;

use super::super::{Act, Deed, DuplicateCandidate, Fault, Identity, Reply, ServiceError};
use super::duplicates::named_records;
use super::{MemberRecord, is_registry_kept, own_submission};
use crate::directory::Generation;
use vasp_record::lifecycle::{Step, follow};
use vasp_record::submission::{Submission, SubmittedIdentifier, SubmittedLicence, SubmittedName};
use vasp_record::vasp::{Vasp, VaspStatus};
use vasp_store::{Conn, KeptRecord, Transaction};
use vasp_words::host::Host;
use vasp_words::ids::VaspId;
use vasp_words::sql::Json;

/// Begins a draft for a record that no member keeps.
///
/// # Errors
/// `ServiceError::NotFound` for no such record, `IllegalStep` where it is neither listed nor verified, `Conflict` where the organisation keeps
/// a record already or another asks for this one, `Store`.
pub fn adopt_vasp(act: Act<'_, MemberRecord>, wanted: VaspId) -> Result<Reply, ServiceError> {
    let generation = act.registry.pin(act.now);
    act.run("vasp.adopt", |transaction, identity| {
        let record = generation.records().get(wanted);
        let record = record.ok_or_else(|| ServiceError::NotFound(format!("The directory has no VASP with the id {wanted}.")))?;
        follow(Step::Adopt, record.kind, record.status).map_err(|refused| ServiceError::IllegalStep(refused.to_string()))?;
        let conflict =
            |code, detail: &str| ServiceError::Conflict(Fault { pointer: "/vasp".to_owned(), code, detail: detail.to_owned() });
        if own_submission(transaction.conn(), identity)?.is_some() {
            return Err(conflict("record_exists", "the organisation keeps a record already; withdraw that one first"));
        }
        let before = transaction.lock_submission(record.id)?;
        // A draft that nobody handed in blocks nobody: handing it in takes proof of the website's domain.
        let open = |status| status != VaspStatus::Draft && !super::OVER.contains(&status);
        let given_away = match &before {
            Some(kept) => kept.status == VaspStatus::Verified && is_registry_kept(transaction.conn(), kept)?,
            None => record.status == VaspStatus::Listed,
        };
        if !given_away && before.as_ref().is_none_or(|kept| open(kept.status)) {
            return Err(conflict(
                "adoption_pending",
                "another organisation keeps this record or asked for it; the registry decides whose it is",
            ));
        }
        let kept = draft_in_place(transaction, identity, record, before.as_ref())?;
        Ok(Deed::new(MemberRecord::read(transaction.conn(), kept)?, record.id, json!({})))
    })
}

/// Writes a draft about a record that is there, with what is known, in the place of whatever was handed in about it before.
pub(super) fn draft_in_place(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    record: &Vasp,
    before: Option<&KeptRecord>,
) -> Result<KeptRecord, ServiceError> {
    let now = transaction.now();
    let row = KeptRecord {
        vasp: record.id,
        organisation: identity.organisation,
        status: VaspStatus::Draft,
        version: before.map_or(1, |kept| kept.version + 1),
        said: Json(as_listed(record)),
        approved: None,
        created_at: before.map_or(now, |kept| kept.created_at),
        updated_at: now,
    };
    match before {
        None => transaction.add_submission(&row)?,
        Some(_) => transaction.change_submission(&row)?,
    }
    Ok(row)
}

/// Refuses to go on with an adoption, and with a submission that gives the LEI, website or legal name of a record that waits for its
/// owner as its own, as long as the member has not proven the domain of that record's website: its host, or a domain above it up to
/// the registrable one. What was approved before is not asked for again.
///
/// # Errors
/// `ServiceError::Duplicate`, `Store`.
pub(in crate::service) fn check_control(conn: &mut Conn, generation: &Generation, kept: &KeptRecord) -> Result<(), ServiceError> {
    if is_registry_kept(conn, kept)? {
        return Ok(());
    }
    let records = generation.records();
    let adopted = records.get(kept.vasp).filter(|_| kept.approved.is_none()).map(|record| DuplicateCandidate {
        vasp: record.id,
        legal_name: record.legal_name.clone(),
        score_percent: 100,
        because: "the record to be adopted".to_owned(),
    });
    let before = kept.approved.as_ref().map(|approved| named_records(generation, kept.vasp, approved)).unwrap_or_default();
    let mut asked: Vec<DuplicateCandidate> = adopted.into_iter().collect();
    for named in named_records(generation, kept.vasp, &kept.said) {
        if !before.iter().any(|known| known.vasp == named.vasp) && waits_for_owner(conn, generation, named.vasp)? {
            asked.push(named);
        }
    }
    let proven = super::super::domains::proven_domains(conn, kept.vasp, kept.organisation)?;
    let website = |asked: &DuplicateCandidate| Host::from_website_cell(records.get(asked.vasp)?.website.as_deref()?);
    let is_proven = |host: &Host| host.parents().iter().chain([&host.without_www()]).any(|name| proven.contains(name));
    asked.retain(|asked| !website(asked).is_some_and(|host| is_proven(&host)));
    let Some(first) = asked.first() else { return Ok(()) };
    let (code, detail) = match website(first).map(|host| host.without_www()) {
        None => {
            ("no_website", format!("{} names no website whose domain could be proven; ask the registry to amend it first", first.vasp))
        }
        Some(host) => (
            "domain_not_proven",
            format!("prove the domain {host} first (POST /v1/member/domains): the registers name it as the website of {}", first.vasp),
        ),
    };
    Err(ServiceError::Duplicate { fault: Fault { pointer: "/website".to_owned(), code, detail }, candidates: asked })
}

/// Tells whether a record has no owner yet: an import or the registry keeps it.
fn waits_for_owner(conn: &mut Conn, generation: &Generation, vasp: VaspId) -> Result<bool, ServiceError> {
    if generation.records().get(vasp).is_some_and(|record| record.status == VaspStatus::Listed) {
        return Ok(true);
    }
    conn.submission(vasp)?.map_or(Ok(false), |kept| is_registry_kept(conn, &kept))
}

/// Returns what the registers say, as a draft.
pub(in crate::service) fn as_listed(record: &Vasp) -> Submission {
    let licence = |licence: &vasp_record::licence::Licence| SubmittedLicence {
        authority: licence.authority.id.clone(),
        regime: licence.regime.clone(),
        number: licence.number.clone(),
        activities: licence.activities.iter().map(|activity| activity.activity.clone()).collect(),
        territories: licence.territories.clone(),
        valid_from: licence.valid_from,
        valid_to: licence.valid_to,
        source_url: None,
    };
    Submission {
        legal_name: record.legal_name.clone(),
        other_names: record
            .other_names
            .iter()
            .map(|other| SubmittedName { name: other.name.clone(), name_type: other.name_type.clone() })
            .collect(),
        country: record.country,
        lei: record.lei,
        identifiers: record
            .identifiers
            .iter()
            .map(|known| SubmittedIdentifier { scheme: known.scheme.clone(), value: known.value.clone() })
            .collect(),
        website: record.website.clone(),
        registered_address: record.registered_address.clone(),
        activities: record.activities.clone(),
        contacts: record.contacts.clone(),
        licences: record.licences.iter().map(|known| (known.id, licence(known))).collect(),
        distinct_from: vec![],
    }
}
