//! Operators open cases themselves, about records that they want to have reviewed.

use serde_json::json;

use super::facts::Current;
use super::read::CaseRecord;
use crate::acts::{Act, Deed, Reply};
use crate::cases::{Trigger, open_or_join};
use crate::node::ServiceError;
use vasp_record::case::TriggerKind;
use vasp_record::proposal::Reason;
use vasp_words::ids::VaspId;

/// Opens a case about a record of the directory, or joins the open one.
pub fn open_case(act: Act<'_, CaseRecord>, vasp: VaspId, reason: &Reason) -> Result<Reply, ServiceError> {
    act.run("case.open", |transaction, identity| {
        if Current::read(transaction.conn(), vasp)?.is_none() {
            return Err(ServiceError::NotFound(format!("The directory has no VASP with the id {vasp}.")));
        }
        let detail = json!({"summary": reason});
        let trigger = Trigger { kind: TriggerKind::OperatorChange, detail, actor: Some(identity.user) };
        let case = open_or_join(transaction, vasp, &trigger)?;
        let record = CaseRecord::read(transaction.conn(), case)?;
        let id = record.case.id;
        Ok(Deed::new(record, id, json!({"vasp": vasp})))
    })
}
