//! A member's own record: what its services share. The steps are `domain::lifecycle`'s; what readers see are facts, which only an
//! approval makes.

mod adopt;
mod duplicates;
mod edit;
mod licences;
mod messages;
mod read;
mod registry_kept;
mod submit;

pub use adopt::adopt_vasp;
pub(in crate::service) use adopt::{as_listed, check_control};
pub use duplicates::duplicates;
pub use edit::{SubmissionPatch, amend_vasp, create_vasp, withdraw_vasp};
pub use licences::{LicenceOfMember, add_licence, change_licence, end_licence};
pub(in crate::service) use messages::check_text;
pub use messages::{CaseMessage, read_messages, send_message};
pub use read::{MemberRecord, OpenCase, read_own_vasp};
pub(in crate::service) use registry_kept::is_registry_kept;
pub use registry_kept::{create_record, draft_record, read_record};
pub use submit::submit_vasp;

use serde_json::json;

use super::cases::{Trigger, open_or_join};
use super::{Identity, ServiceError};
use vasp_record::case::TriggerKind;
use vasp_record::lifecycle::{Step, follow};
use vasp_record::submission::Submission;
use vasp_record::vasp::{VaspKind, VaspStatus};
use vasp_store::{Conn, StoreError, SubmissionRow, Transaction};
use vasp_words::ids::VaspId;

/// Statuses in which a record is not kept any more; another can be begun.
const OVER: [&str; 3] = ["rejected", "withdrawn", "retired"];

/// Returns the record that the caller's organisation keeps, if it keeps one.
///
/// # Errors
/// `ServiceError::Store`.
pub fn own_submission(conn: &mut Conn, identity: &Identity) -> Result<Option<SubmissionRow>, ServiceError> {
    let kept = conn.submissions_of(&identity.organisation.to_string())?;
    Ok(kept.into_iter().rfind(|row| !OVER.contains(&row.status.as_str())))
}

/// Whose record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// The caller's own organisation.
    Member,
    /// The registry itself; which record.
    Registry(VaspId),
}

impl Keeper {
    /// Returns who changed the record, for those who look at the change.
    fn says(self, what: &str) -> String {
        match self {
            Self::Member => format!("the member {what}"),
            Self::Registry(_) => format!("the registry {what}"),
        }
    }
}

/// A member's record under its lock, read.
pub(in crate::service) struct Kept {
    /// The row.
    pub row: SubmissionRow,
    /// Its VASP.
    pub vasp: VaspId,
    /// Where it stands.
    pub status: VaspStatus,
    /// What it is to be.
    pub said: Submission,
}

impl Kept {
    /// Locks and reads the caller's own record, or one that the registry keeps; `expected` tests its version.
    ///
    /// # Errors
    /// `ServiceError::NotFound` where there is none, `Changed`, `Store`.
    pub(in crate::service) fn by(
        transaction: &mut Transaction<'_>,
        identity: &Identity,
        keeper: Keeper,
        expected: &dyn Fn(&str) -> bool,
    ) -> Result<Self, ServiceError> {
        let kept = match keeper {
            Keeper::Registry(vasp) => registry_kept::lock(transaction, vasp)?,
            Keeper::Member => {
                let own = own_submission(transaction.conn(), identity)?.ok_or_else(no_record)?;
                Self::of(transaction, &own.vasp)?.ok_or_else(no_record)?
            }
        };
        if expected(&kept.row.version.to_string()) {
            return Ok(kept);
        }
        let detail = format!("The record is at version {}; read it again and repeat the change on that.", kept.row.version);
        Err(ServiceError::Changed(detail))
    }

    /// Locks and reads the record of a VASP, if a member keeps it.
    ///
    /// # Errors
    /// `ServiceError::Store`.
    pub(in crate::service) fn of(transaction: &mut Transaction<'_>, vasp: &str) -> Result<Option<Self>, ServiceError> {
        transaction.lock_submission(vasp)?.map(Self::read).transpose()
    }

    /// Reads a row.
    ///
    /// # Errors
    /// `ServiceError::Store` for what the program cannot have written.
    pub(in crate::service) fn read(row: SubmissionRow) -> Result<Self, ServiceError> {
        let wrong = |column| StoreError::Inconsistent { table: "submissions", column, id: row.vasp.clone() };
        let vasp = row.vasp.parse().map_err(|_| wrong("vasp"))?;
        let status = VaspStatus::from_text(&row.status).ok_or_else(|| wrong("status"))?;
        let said = serde_json::from_str(&row.body).map_err(|_| wrong("body"))?;
        Ok(Self { vasp, status, said, row })
    }

    /// Returns what was approved last.
    ///
    /// # Errors
    /// `ServiceError::Store` for what the program cannot have written.
    pub(in crate::service) fn approved(&self) -> Result<Option<Submission>, ServiceError> {
        let wrong = |_| StoreError::Inconsistent { table: "submissions", column: "approved", id: self.row.vasp.clone() };
        self.row.approved.as_deref().map(serde_json::from_str).transpose().map_err(wrong).map_err(ServiceError::Store)
    }

    /// Takes a step of the life of the record.
    ///
    /// # Errors
    /// `ServiceError::IllegalStep`.
    pub(in crate::service) fn step(&mut self, step: Step) -> Result<(), ServiceError> {
        let rule =
            follow(step, VaspKind::Entity, self.status).map_err(|refused| ServiceError::IllegalStep(refused.to_string()))?;
        self.status = rule.to;
        Ok(())
    }

    /// Writes the record as its next version.
    ///
    /// # Errors
    /// `ServiceError::Store`.
    pub(in crate::service) fn write(&mut self, transaction: &mut Transaction<'_>) -> Result<(), ServiceError> {
        self.row.version += 1;
        self.row.status = self.status.as_str().to_owned();
        self.row.body = body_text(&self.said);
        self.row.updated_at = transaction.now().micros();
        transaction.change_submission(&self.row).map_err(ServiceError::Store)
    }

    /// Changes what the record is to be: a draft quietly, a record that is being looked at with its case told, an approved one
    /// by a case of its own.
    ///
    /// # Errors
    /// `ServiceError::Invalid`, `IllegalStep`, `Store`.
    pub(in crate::service) fn change(
        &mut self,
        transaction: &mut Transaction<'_>,
        identity: &Identity,
        next: Submission,
        summary: &str,
    ) -> Result<(), ServiceError> {
        check(&next)?;
        let verified = self.status == VaspStatus::Verified;
        self.step(if verified { Step::Amend } else { Step::Edit })?;
        let changed: Vec<String> = differences(&self.said, &next);
        self.said = next;
        self.write(transaction)?;
        if self.status != VaspStatus::Draft && !changed.is_empty() {
            let detail = json!({"summary": summary, "attributes": changed});
            let trigger = Trigger { kind: TriggerKind::Amendment, detail, actor: Some(identity.user.to_string()) };
            open_or_join(transaction, self.vasp, &trigger)?;
        }
        Ok(())
    }
}

/// Returns the places in which two submissions differ.
fn differences(before: &Submission, after: &Submission) -> Vec<String> {
    let (before, after) = (before.attributes(), after.attributes());
    let places: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    places.into_iter().filter(|place| before.get(*place) != after.get(*place)).cloned().collect()
}

/// Refuses what cannot be a record.
pub(in crate::service) fn check(said: &Submission) -> Result<(), ServiceError> {
    let invalid =
        |pointer: String, detail: String| ServiceError::Invalid(super::Fault { pointer, code: "invalid_value", detail });
    said.check().map_err(|fault| invalid(fault.pointer, fault.detail))?;
    let known = crate::directory::authorities().map_err(ServiceError::Directory)?;
    for (id, licence) in &said.licences {
        if known.get(&licence.authority).is_none() {
            let detail = format!("`{}` is no authority that is known here; known ids look like DE-BAFIN", licence.authority);
            return Err(invalid(format!("/licences/{id}/authority"), detail));
        }
    }
    Ok(())
}

/// Writes what a record is to be, as it is stored.
pub(in crate::service) fn body_text(said: &Submission) -> String {
    // Made of texts, lists and dates: it always has a JSON form.
    serde_json::to_string(said).unwrap_or_default()
}

/// The organisation keeps no record.
pub(in crate::service) fn no_record() -> ServiceError {
    ServiceError::NotFound("The organisation keeps no record yet; POST /v1/member/vasp begins one.".to_owned())
}
