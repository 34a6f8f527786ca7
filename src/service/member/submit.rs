//! A member hands its draft in: that opens a case.

use serde_json::json;

use super::super::cases::{Trigger, open_or_join};
use super::super::domains::is_host_proven;
use super::super::{Act, Deed, Fault, Reply, ServiceError};
use super::{Kept, MemberRecord};
use crate::domain::case::TriggerKind;
use crate::domain::host::Host;
use crate::domain::lifecycle::Step;
use crate::domain::vasp::Vasp;
use crate::store::Transaction;

/// Hands the record in.
///
/// # Errors
/// `ServiceError::NotFound`, `Changed`, `IllegalStep`, `Invalid` where something is missing that nobody could verify, `Store`.
pub fn submit_vasp(act: Act<'_, MemberRecord>, expected: &dyn Fn(&str) -> bool) -> Result<Reply, ServiceError> {
    let generation = act.registry.pin(act.now);
    act.run("vasp.submit", |transaction, identity| {
        let mut kept = Kept::own(transaction, identity, expected)?;
        if kept.said.country.is_none() {
            return Err(ServiceError::Invalid(Fault {
                pointer: "/country".to_owned(),
                code: "missing_member",
                detail: "a record needs its country of incorporation before it is handed in".to_owned(),
            }));
        }
        let adopts = transaction.conn().vasp_number(&kept.row.vasp)?.is_some();
        if adopts {
            check_control(transaction, &kept, generation.records().get(kept.vasp).map(AsRef::as_ref))?;
        }
        kept.step(Step::Submit)?;
        kept.write(transaction)?;
        let (kind, summary) = match adopts {
            true => (TriggerKind::Adoption, "a member wants to keep a record that an import created"),
            false => (TriggerKind::Submission, "a member handed its record in"),
        };
        let trigger = Trigger { kind, detail: json!({"summary": summary}), actor: Some(identity.user.to_string()) };
        let case = open_or_join(transaction, kept.vasp, &trigger)?;
        let vasp = kept.vasp;
        Ok(Deed::new(MemberRecord::read(transaction.conn(), kept)?, vasp, json!({"case": case.id})))
    })
}

/// Refuses to take a listed record over from whoever does not control the website that the registers name: not the one that the
/// draft names, which its member writes itself. Where they name none, the case decides by other evidence.
///
/// Source: design, "Adopt a record".
fn check_control(transaction: &mut Transaction<'_>, kept: &Kept, record: Option<&Vasp>) -> Result<(), ServiceError> {
    let website = record.and_then(|record| record.website.as_deref()).and_then(Host::from_website_cell);
    let Some(host) = website else { return Ok(()) };
    if is_host_proven(transaction.conn(), (&kept.row.vasp, &kept.row.organisation), &host)? {
        return Ok(());
    }
    let detail =
        format!("Prove {} first (POST /v1/member/domains): it is the website that the registers name.", host.without_www());
    Err(ServiceError::Conflict(Fault { pointer: "/website".to_owned(), code: "domain_unproven", detail }))
}
