//! Licences that a member declares. They count once a case has approved them, next to what the authority's own register says.

use serde_json::json;

use super::{Keeper, change_kept, lock_kept, unknown_authority};
use crate::acts::{Act, Deed, Reply};
use crate::directory::known_authorities;
use crate::node::{Fault, ServiceError, invalid_value};
use vasp_record::submission::SubmittedLicence;
use vasp_store::{KeptRecord, Transaction};
use vasp_words::ids::LicenceId;
use vasp_words::time::Date;

/// A licence, as a member declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenceOfMember {
    /// Its id.
    pub id: LicenceId,
    /// Its content.
    pub said: SubmittedLicence,
    /// Version of the record that it belongs to.
    pub version: i64,
}

/// Refuses a licence of an authority that the registry does not know.
fn check_authority(transaction: &mut Transaction<'_>, said: &SubmittedLicence) -> Result<(), ServiceError> {
    let known = known_authorities(transaction.conn())?;
    let detail = unknown_authority(&said.authority, &known);
    detail.map_or(Ok(()), |detail| Err(invalid_value("/authority", detail)))
}

/// Adds a licence.
///
/// # Errors
/// `ServiceError::Refused` if the organisation keeps no record; `Conflict` if the record already has a licence by this authority
/// under this regime; `IllegalStep`, `Invalid`, `Store`.
pub fn add_licence(act: Act<'_, LicenceOfMember>, keeper: Keeper, said: SubmittedLicence) -> Result<Reply, ServiceError> {
    act.run("licence.add", |transaction, identity| {
        let mut kept = lock_kept(transaction, identity, keeper, &|_| true)?;
        check_authority(transaction, &said)?;
        let same = |known: &SubmittedLicence| (&known.authority, &known.regime) == (&said.authority, &said.regime);
        if let Some((id, _)) = kept.said.licences.iter().find(|(_, known)| same(known)) {
            let detail =
                format!("the record already has a licence of this authority under this regime, {id}; change that licence");
            return Err(ServiceError::Conflict(Fault { pointer: "/authority".to_owned(), code: "licence_exists", detail }));
        }
        let now = transaction.now();
        let shown = shown_licence(transaction, &kept, &said)?;
        let id = shown.unwrap_or_else(|| LicenceId::new(now, transaction.conn_and_rng().1));
        put(transaction, identity, &mut kept, id, said, &keeper.says("added a licence"))
    })
}

/// Changes a licence.
pub fn change_licence(
    act: Act<'_, LicenceOfMember>,
    keeper: Keeper,
    id: LicenceId,
    expected: &dyn Fn(&str) -> bool,
    said: SubmittedLicence,
) -> Result<Reply, ServiceError> {
    act.run("licence.change", |transaction, identity| {
        let mut kept = lock_kept(transaction, identity, keeper, expected)?;
        let known = kept.said.licences.get(&id).ok_or_else(missing)?;
        if (&known.authority, &known.regime) != (&said.authority, &said.regime) {
            return Err(invalid_value(
                "/authority",
                "the authority and regime of a licence cannot be changed; end this licence and add another",
            ));
        }
        put(transaction, identity, &mut kept, id, said, &keeper.says("changed a licence"))
    })
}

/// Ends a licence. The licence stays in the record with its last day, and readers see it as ended once the change is approved.
pub fn end_licence(
    act: Act<'_, LicenceOfMember>,
    keeper: Keeper,
    id: LicenceId,
    expected: &dyn Fn(&str) -> bool,
    on: Option<Date>,
) -> Result<Reply, ServiceError> {
    act.run("licence.end", |transaction, identity| {
        let mut kept = lock_kept(transaction, identity, keeper, expected)?;
        let said = kept.said.licences.get(&id).cloned().ok_or_else(missing)?;
        let end = on.unwrap_or_else(|| transaction.now().date());
        let ended = SubmittedLicence { valid_to: Some(said.valid_to.map_or(end, |known| known.min(end))), ..said };
        put(transaction, identity, &mut kept, id, ended, &keeper.says("ended a licence"))
    })
}

/// Returns the licence by the same authority under the same regime that a register already showed; `None` if there is none.
fn shown_licence(
    transaction: &mut Transaction<'_>,
    kept: &KeptRecord,
    said: &SubmittedLicence,
) -> Result<Option<LicenceId>, ServiceError> {
    let Some(number) = transaction.conn().vasp_number(&kept.vasp.to_string())? else { return Ok(None) };
    let known = transaction.conn().licence_anchors(Some(&[number]))?;
    let same = |row: &&vasp_store::LicenceRow| (&row.authority, &row.regime) == (&said.authority, &said.regime);
    Ok(known.iter().find(same).map(|row| row.id))
}

fn put(
    transaction: &mut Transaction<'_>,
    identity: &crate::acts::Identity,
    kept: &mut KeptRecord,
    id: LicenceId,
    said: SubmittedLicence,
    summary: &str,
) -> Result<Deed<LicenceOfMember>, ServiceError> {
    let mut next = kept.said.0.clone();
    next.licences.insert(id, said.clone());
    change_kept(transaction, identity, kept, next, summary)?;
    Ok(Deed::new(LicenceOfMember { id, said, version: kept.version }, id, json!({"vasp": kept.vasp})))
}

fn missing() -> ServiceError {
    ServiceError::NotFound("The record has no licence with this id.".to_owned())
}
