//! A member asks to keep a record that an import or the registry itself created. It gets a draft with what is known. The adoption
//! takes effect once two people have approved it and the member has proven the domain of the record's website. If several members
//! ask, each has its own draft.

use serde_json::json;

use super::duplicates::named_records;
use super::{MemberRecord, is_registry_kept, write_kept};
use crate::acts::{Act, Deed, Reply};
use crate::alerts::{NewAlert, raise};
use crate::directory::Generation;
use crate::node::{DuplicateCandidate, Fault, ProblemCode, Refusal, Registry, ServiceError};
use vasp_record::alert::{AlertBody, Severity};
use vasp_record::lifecycle::{Step, follow};
use vasp_record::submission::{Submission, SubmittedIdentifier, SubmittedLicence, SubmittedName};
use vasp_record::vasp::{Vasp, VaspStatus};
use vasp_store::{Conn, KeptRecord, Transaction};
use vasp_words::host::Host;
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::sql::Json;

/// Starts a draft for a record that no member keeps.
///
/// # Errors
/// `ServiceError::NotFound` if there is no such record; `IllegalStep` if it is neither listed nor verified; `Conflict` if the
/// organisation keeps a record already, or if another organisation keeps or has submitted this one; `Store`.
pub fn adopt_vasp(act: Act<'_, MemberRecord>, wanted: VaspId) -> Result<Reply, ServiceError> {
    let generation = act.registry.pin(act.now);
    act.run("vasp.adopt", |transaction, identity| {
        let record = generation.records().get(wanted);
        let record = record.ok_or_else(|| ServiceError::NotFound(format!("The directory has no VASP with the id {wanted}.")))?;
        follow(Step::Adopt, record.kind, record.status).map_err(|refused| ServiceError::IllegalStep(refused.to_string()))?;
        let conflict =
            |code, detail: &str| ServiceError::Conflict(Fault { pointer: "/vasp".to_owned(), code, detail: detail.to_owned() });
        if transaction.conn().kept_record_of(identity.organisation)?.is_some() {
            return Err(conflict("record_exists", "the organisation already keeps a record; withdraw that record first"));
        }
        let known = transaction.lock_submissions(record.id)?;
        check_free(transaction.conn(), record.id, identity.organisation)?;
        if !known.iter().any(KeptRecord::stands) && record.status != VaspStatus::Listed {
            return Err(conflict("adoption_pending", "the record belongs to another organisation"));
        }
        let before = known.iter().find(|kept| kept.organisation == identity.organisation);
        let kept = draft(transaction, identity.organisation, record, before)?;
        Ok(Deed::new(MemberRecord::read(transaction.conn(), kept)?, record.id, json!({})))
    })
}

/// Refuses to submit a draft about a record that another organisation keeps or has submitted. A draft that is not submitted blocks
/// nobody, because submitting takes proof of the website's domain. A record that the registry itself keeps can be adopted.
pub(super) fn check_free(conn: &mut Conn, vasp: VaspId, organisation: OrganisationId) -> Result<(), ServiceError> {
    let Some(other) = conn.submission(vasp)?.filter(|other| other.organisation != organisation) else { return Ok(()) };
    if other.status == VaspStatus::Verified && is_registry_kept(conn, &other)? {
        return Ok(());
    }
    let detail = match (other.approved.is_some(), conn.organisation(other.organisation)?) {
        (true, Some(keeper)) => format!("the record was adopted by {}", keeper.name),
        _ => "another organisation asked for this record and proved its domain; the registry decides who keeps the record"
            .to_owned(),
    };
    Err(ServiceError::Conflict(Fault { pointer: "/vasp".to_owned(), code: "adoption_pending", detail }))
}

/// Ends what other organisations hold of a record that a member adopted. The registry's own submission is withdrawn, and
/// organisations with a draft of the record get an alert.
pub(crate) fn tell_others(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    adopted: &KeptRecord,
) -> Result<(), ServiceError> {
    let keeper = transaction.conn().organisation(adopted.organisation)?.map(|keeper| keeper.name).unwrap_or_default();
    for mut other in transaction.conn().submissions_about(adopted.vasp)? {
        if other.organisation == adopted.organisation || !other.status.is_live() {
            continue;
        }
        if is_registry_kept(transaction.conn(), &other)? {
            other.status = VaspStatus::Withdrawn;
            write_kept(transaction, &mut other)?;
            continue;
        }
        let (name, vasp) = (&adopted.said.legal_name, adopted.vasp);
        let detail = format!(
            "{keeper} adopted the record of {name} ({vasp}), because it proved the domain first. Your draft is kept; withdraw \
             it to start another record."
        );
        let body = AlertBody { detail, ..AlertBody::default() };
        let kind = "own.adopted_by_another".to_owned();
        let new = NewAlert { kind, severity: Severity::Medium, vasp: Some(vasp), body, not_to: None };
        raise(transaction, registry, other.organisation, new)?;
    }
    Ok(())
}

/// Writes an organisation's draft about an existing record, with what is known about it. The draft replaces `before`, the
/// organisation's earlier submission about this record.
pub(super) fn draft(
    transaction: &mut Transaction<'_>,
    organisation: OrganisationId,
    record: &Vasp,
    before: Option<&KeptRecord>,
) -> Result<KeptRecord, ServiceError> {
    let now = transaction.now();
    let row = KeptRecord {
        vasp: record.id,
        organisation,
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

/// Refuses an adoption until the member has proven the domain of the record's website. A submission may also give the LEI, website or
/// legal name of another record that has no owner yet. It is refused until the member has proven the domain of that record's website.
/// The domain is the website's host, or a domain above it up to the registrable one. What was approved before is not checked again.
pub(crate) fn check_control(conn: &mut Conn, generation: &Generation, kept: &KeptRecord) -> Result<(), ServiceError> {
    if is_registry_kept(conn, kept)? {
        return Ok(());
    }
    let records = generation.records();
    let adopted = records.get(kept.vasp).filter(|_| kept.approved.is_none()).map(|record| DuplicateCandidate {
        vasp: record.id,
        legal_name: record.legal_name.clone(),
        score_percent: 100,
        because: "the record to adopt".to_owned(),
    });
    let before = kept.approved.as_ref().map(|approved| named_records(generation, kept.vasp, approved)).unwrap_or_default();
    let mut asked: Vec<DuplicateCandidate> = adopted.into_iter().collect();
    for named in named_records(generation, kept.vasp, &kept.said) {
        if !before.iter().any(|known| known.vasp == named.vasp) && waits_for_owner(conn, generation, named.vasp)? {
            asked.push(named);
        }
    }
    let proven = crate::domains::proven_domains(conn, kept.vasp, kept.organisation)?;
    let website = |asked: &DuplicateCandidate| Host::from_website_cell(records.get(asked.vasp)?.website.as_deref()?);
    // The party that proved a shared host speaks for the host, not for a firm on it.
    let is_shared = |host: &Host| generation.documents().platforms.value.covering(host).is_some();
    let is_proven =
        |host: &Host| !is_shared(host) && host.parents().iter().chain([&host.without_www()]).any(|name| proven.contains(name));
    asked.retain(|asked| !website(asked).is_some_and(|host| is_proven(&host)));
    let Some(first) = asked.first() else { return Ok(()) };
    let (code, detail) = match website(first).map(|host| host.without_www()) {
        None => (
            "no_website",
            format!(
                "the record {} has no website, so no domain can be proven; ask the registry to correct the record first",
                first.vasp
            ),
        ),
        Some(host) => (
            "domain_not_proven",
            format!(
                "prove the domain {host} first (POST /v1/vasps/mine/domains), because the registers show it as the website of {}",
                first.vasp
            ),
        ),
    };
    {
        let fault = Fault { pointer: "/website".to_owned(), code, detail };
        Err(Refusal::at(ProblemCode::Duplicate, fault).with_candidates(asked).into())
    }
}

/// Returns whether a record has no owner yet: only an import or the registry describes it. This includes suspended records.
fn waits_for_owner(conn: &mut Conn, generation: &Generation, vasp: VaspId) -> Result<bool, ServiceError> {
    let is_listed = generation.records().get(vasp).is_some_and(|record| record.status == VaspStatus::Listed);
    Ok(is_listed || conn.organisation_speaking_for(vasp)?.is_none())
}

/// Returns what the registers say about a VASP, as the content of a draft.
pub(crate) fn as_listed(record: &Vasp) -> Submission {
    let licence = |licence: &vasp_record::licence::Licence| SubmittedLicence {
        authority: licence.authority.id.clone(),
        regime: licence.regime.to_string(),
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
