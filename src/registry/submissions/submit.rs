//! A member submits its draft, or the registry submits one for a record that it keeps itself. This opens a case.

use serde_json::json;

use super::adopt::check_free;
use super::{Keeper, MemberRecord, check_control, lock_kept, refuse_duplicates, step, write_kept};
use crate::acts::{Act, Deed, Reply};
use crate::cases::{Trigger, open_or_join};
use crate::node::{ServiceError, invalid};
use vasp_record::case::TriggerKind;
use vasp_record::lifecycle::Step;

/// Submits the record.
///
/// # Errors
/// `ServiceError::NotFound`, `Changed`, `IllegalStep`; `Invalid` if the country of incorporation is missing; `Refused`
/// for a duplicate or a possible duplicate; `Store`.
pub fn submit_vasp(act: Act<'_, MemberRecord>, keeper: Keeper, expected: &dyn Fn(&str) -> bool) -> Result<Reply, ServiceError> {
    let generation = act.registry.pin(act.now);
    act.run("vasp.submit", |transaction, identity| {
        let mut kept = lock_kept(transaction, identity, keeper, expected)?;
        if kept.said.country.is_none() {
            return Err(invalid(
                "/country",
                "missing_member",
                "the country of incorporation is missing; add it before you submit the record",
            ));
        }
        step(&mut kept, Step::Submit)?;
        check_free(transaction.conn(), kept.vasp, kept.organisation)?;
        check_control(transaction.conn(), &generation, &kept)?;
        refuse_duplicates(&generation, Some(kept.vasp), &kept.said)?;
        write_kept(transaction, &mut kept)?;
        let adopts = transaction.conn().vasp_number(&kept.vasp.to_string())?.is_some();
        let (kind, summary) = match adopts {
            _ if keeper != Keeper::Member => {
                (TriggerKind::OperatorChange, "the registry submitted a record that it keeps itself")
            }
            true => (TriggerKind::Adoption, "a member wants to adopt a record that an import created"),
            false => (TriggerKind::Submission, "a member submitted its record"),
        };
        let trigger = Trigger { kind, detail: json!({"summary": summary}), actor: Some(identity.user) };
        let case = open_or_join(transaction, kept.vasp, &trigger)?;
        let vasp = kept.vasp;
        Ok(Deed::new(MemberRecord::read(transaction.conn(), kept)?, vasp, json!({"case": case.id})))
    })
}
