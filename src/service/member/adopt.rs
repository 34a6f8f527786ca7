//! A member asks to keep a record that an import or the registry itself created: a draft with what is known, which counts once two
//! people approved it and the domain of the record's website is proven.

use serde_json::json;

use super::super::{Act, Deed, Fault, Identity, Reply, ServiceError};
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

/// Refuses to go on with an adoption as long as the member has not proven the domain of the website that the registers name: its
/// host, or a domain above it up to the registrable one. A record that is nobody's import needs none.
///
/// # Errors
/// `ServiceError::Conflict`, `Store`.
pub(in crate::service) fn check_control(conn: &mut Conn, generation: &Generation, kept: &KeptRecord) -> Result<(), ServiceError> {
    let Some(record) = generation.records().get(kept.vasp).filter(|_| kept.approved.is_none()) else { return Ok(()) };
    if is_registry_kept(conn, kept)? {
        return Ok(());
    }
    let refuse = |code, detail: String| Err(ServiceError::Conflict(Fault { pointer: "/website".to_owned(), code, detail }));
    let Some(host) = record.website.as_deref().and_then(Host::from_website_cell) else {
        let detail = "the record names no website whose domain could be proven; ask the registry to amend it first";
        return refuse("no_website", detail.to_owned());
    };
    let proven = super::super::domains::proven_domains(conn, kept.vasp, kept.organisation)?;
    let mut above = host.parents();
    above.push(host.without_www());
    let shared = generation.documents().platforms.value.covering(&host).is_some();
    if !shared && above.iter().any(|name| proven.contains(name)) {
        return Ok(());
    }
    let host = host.without_www();
    refuse(
        "domain_not_proven",
        format!("prove the domain {host} first (POST /v1/member/domains): the registers name it as the website"),
    )
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
    }
}
