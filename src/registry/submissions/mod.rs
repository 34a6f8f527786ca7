//! A member's own record: what its services share. `vasp_record::lifecycle` defines the steps. Readers see facts, and only an
//! approval creates facts.
//!
//! What a member wants its record to be is a row of `submissions`, which no reader sees. Submitting it, or changing what was
//! approved, opens or joins the VASP's one case. If no member keeps a record, a reviewer writes it (`registry_kept`). It then needs
//! the same submission, the same case and two people, but no proof of a domain. Once a member's adoption is approved, the registry's
//! own submission is withdrawn.

mod adopt;
mod duplicates;
mod edit;
pub(crate) mod http;
mod licences;
mod messages;
mod read;
mod registry_kept;
mod submit;

pub use adopt::adopt_vasp;
pub(crate) use adopt::{as_listed, check_control, tell_others};
pub(crate) use duplicates::refuse_duplicates;
use edit::activities;
pub use edit::{SubmissionPatch, amend_vasp, create_vasp, withdraw_vasp};
pub use licences::{LicenceOfMember, add_licence, change_licence, end_licence};
pub(crate) use messages::check_text;
pub use messages::{CaseMessage, read_messages, send_message};
pub use read::{MemberRecord, read_draft};
pub(crate) use registry_kept::is_registry_kept;
pub use registry_kept::{draft_record, list_records};
pub use submit::submit_vasp;

use serde_json::json;

use crate::acts::Identity;
use crate::cases::{Trigger, open_or_join};
use crate::directory::known_authorities;
use crate::node::{ServiceError, no_vasp};
use vasp_record::authority::Authorities;
use vasp_record::case::TriggerKind;
use vasp_record::lifecycle::{Step, follow};
use vasp_record::submission::Submission;
use vasp_record::vasp::{VaspKind, VaspStatus};
use vasp_store::{KeptRecord, Transaction};
use vasp_words::ids::VaspId;
use vasp_words::sql::Json;

/// Whose record a request changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// The caller's own organisation.
    Member,
    /// The registry itself, which keeps this record.
    Registry(VaspId),
}

impl Keeper {
    /// Returns who changed the record, in words for reviewers.
    fn says(self, what: &str) -> String {
        match self {
            Self::Member => format!("the member {what}"),
            Self::Registry(_) => format!("the registry {what}"),
        }
    }
}

/// Locks and reads the caller's own record, or one that the registry keeps. `expected` tests its version.
///
/// # Errors
/// `Refused` if there is none, `Changed` if its version is not the expected one, `Store`.
pub(crate) fn lock_kept(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    keeper: Keeper,
    expected: &dyn Fn(&str) -> bool,
) -> Result<KeptRecord, ServiceError> {
    let kept = match keeper {
        Keeper::Registry(vasp) => registry_kept::lock(transaction, vasp)?,
        Keeper::Member => {
            let own = transaction.conn().kept_record_of(identity.organisation)?.ok_or_else(no_vasp)?;
            let known = transaction.lock_submissions(own.vasp)?;
            known.into_iter().find(|kept| kept.organisation == own.organisation).ok_or_else(no_vasp)?
        }
    };
    if expected(&kept.version.to_string()) {
        return Ok(kept);
    }
    let detail = format!("The record is now at version {}; read it again and repeat the change.", kept.version);
    Err(ServiceError::Changed(detail))
}

/// Takes a step in the lifecycle of a record.
pub(crate) fn step(kept: &mut KeptRecord, step: Step) -> Result<(), ServiceError> {
    let rule = follow(step, VaspKind::Entity, kept.status).map_err(|refused| ServiceError::IllegalStep(refused.to_string()))?;
    kept.status = rule.to;
    Ok(())
}

/// Writes a record as its next version.
pub(crate) fn write_kept(transaction: &mut Transaction<'_>, kept: &mut KeptRecord) -> Result<(), ServiceError> {
    kept.version += 1;
    kept.updated_at = transaction.now();
    transaction.change_submission(kept).map_err(ServiceError::Store)
}

/// Changes the content of a record. A draft changes without a case. A change of any other record opens a case or joins the open one.
fn change_kept(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    kept: &mut KeptRecord,
    next: Submission,
    summary: &str,
) -> Result<(), ServiceError> {
    check(&next, &kept.said, &*known_authorities(transaction.conn())?)?;
    let verified = kept.status == VaspStatus::Verified;
    step(kept, if verified { Step::Amend } else { Step::Edit })?;
    let changed: Vec<String> = differences(&kept.said, &next);
    kept.said = Json(next);
    write_kept(transaction, kept)?;
    if kept.status != VaspStatus::Draft && !changed.is_empty() {
        let detail = json!({"summary": summary, "attributes": changed});
        let trigger = Trigger { kind: TriggerKind::Amendment, detail, actor: Some(identity.user) };
        open_or_join(transaction, kept.vasp, &trigger)?;
    }
    Ok(())
}

/// Returns the attributes in which two submissions differ.
fn differences(before: &Submission, after: &Submission) -> Vec<String> {
    let (before, after) = (before.attributes(), after.attributes());
    let places: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    places.into_iter().filter(|place| before.get(*place) != after.get(*place)).cloned().collect()
}

/// Refuses content that cannot be a record. Names that the record already had `before` are accepted as they are.
fn check(said: &Submission, before: &Submission, known: &Authorities) -> Result<(), ServiceError> {
    let refused = |pointer, code, detail| ServiceError::Invalid(crate::node::Fault { pointer, code, detail });
    let sound = said.check().and_then(|()| said.check_names(before));
    sound.map_err(|fault| refused(fault.pointer, fault.code, fault.detail))?;
    for (id, licence) in &said.licences {
        if let Some(detail) = unknown_authority(&licence.authority, known) {
            return Err(refused(format!("/licences/{id}/authority"), "invalid_value", detail));
        }
    }
    Ok(())
}

/// Returns what is wrong with the authority of a licence; `None` if the registry knows it.
fn unknown_authority(id: &str, known: &Authorities) -> Option<String> {
    let detail = || format!("the registry does not know the authority `{id}`; a valid id is, for example, DE-BAFIN");
    known.get(id).is_none().then(detail)
}
