//! A reviewer's work on a case: taking it, notes, questions to the member, evidence. Each leaves an entry, and none decides the case.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::read::CaseRecord;
use crate::acts::{Act, Deed, Identity, Reply};
use crate::cases::{enter, vasp_of};
use crate::node::{Fault, ServiceError, invalid_value};
use crate::submissions::{check_text, step, write_kept};
use vasp_pki::sha256;
use vasp_record::case::CaseStatus;
use vasp_record::client_certificate::Sha256Hex;
use vasp_record::lifecycle::Step;
use vasp_record::proposal::ProposalKind;
use vasp_record::role::{GrantState, Role, UserState};
use vasp_record::vasp::VaspStatus;
use vasp_store::{Case, CaseEntry, Conn, Evidence, KeptRecord, RoleGrantRow, Transaction};
use vasp_words::ids::{CaseId, EvidenceId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// A locked case. The submission about its VASP, if there is one, was locked before it.
pub struct Held {
    pub(crate) case: Case,
    pub(crate) kept: Option<KeptRecord>,
}

impl Held {
    /// Locks an open case.
    ///
    /// # Errors
    /// `ServiceError::NotFound`, `IllegalStep` if it is closed, `Store`.
    pub(crate) fn open(transaction: &mut Transaction<'_>, id: CaseId) -> Result<Self, ServiceError> {
        let missing = || ServiceError::NotFound("There is no case with this id.".to_owned());
        let seen = transaction.conn().case(id)?.ok_or_else(missing)?;
        let kept = match seen.vasp {
            Some(vasp) => transaction.lock_submission(vasp)?,
            None => None,
        };
        let case = transaction.lock_case(id)?.ok_or_else(missing)?;
        if case.closed_at.is_some() {
            return Err(ServiceError::IllegalStep(format!("The case is closed ({}).", case.outcome.unwrap_or_default())));
        }
        Ok(Self { case, kept })
    }

    /// Reads a case without locking it.
    pub(crate) fn look(conn: &mut Conn, id: CaseId) -> Result<Self, ServiceError> {
        let case = conn.case(id)?;
        let case = case.ok_or_else(|| ServiceError::NotFound("There is no case with this id.".to_owned()))?;
        Ok(Self { kept: conn.submission(vasp_of(&case)?)?, case })
    }

    /// Writes the case as its next version.
    pub(crate) fn write(&mut self, transaction: &mut Transaction<'_>) -> Result<(), ServiceError> {
        self.case.version += 1;
        transaction.change_case(&self.case).map_err(ServiceError::Store)
    }

    /// Adds an entry.
    pub(crate) fn enter(
        &self,
        transaction: &mut Transaction<'_>,
        kind: &str,
        actor: Option<UserId>,
        body: &Value,
    ) -> Result<CaseEntry, ServiceError> {
        enter(transaction, self.case.id, kind, actor, body)
    }

    /// Withdraws the pending proposal, because something new came up that it does not cover.
    pub(crate) fn unpropose(&mut self, transaction: &mut Transaction<'_>) -> Result<(), ServiceError> {
        if self.case.status == CaseStatus::Proposed {
            self.case.status = CaseStatus::Taken;
        }
        transaction.supersede_proposal(ProposalKind::Case, &self.case.id.to_string()).map_err(ServiceError::Store)
    }
}

/// Evidence for one attribute of a record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(as = EvidenceInput)]
#[serde(deny_unknown_fields)]
pub struct NewEvidence {
    /// Attribute of the record, such as `legal_name` or `licences/lic_…`; the checklist names them.
    #[schema(example = "legal_name")]
    pub attribute: String,
    /// `register_look_up`, `document`, `dns`, `call_back`, `certificate`, `gleif`, `website` or `authority_confirmation`.
    #[schema(example = "register_look_up")]
    pub method: String,
    /// The file, page or person that it comes from.
    pub source: String,
    /// The source's own reference; null if there is none.
    pub reference: Option<String>,
    /// Id of a submitted document; null if there is none.
    pub document: Option<String>,
    /// When the source was looked at; now, if you leave it out.
    pub verified_at: Option<UtcTime>,
    /// When the evidence stops counting; null if it does not.
    pub expires_at: Option<UtcTime>,
}

/// How a reviewer can obtain evidence.
const METHODS: [&str; 8] =
    ["register_look_up", "document", "dns", "call_back", "certificate", "gleif", "website", "authority_confirmation"];

/// Takes a case.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep` if it is closed, `Conflict` if another reviewer has it, `Store`.
pub fn take_case(act: Act<'_, CaseRecord>, id: CaseId) -> Result<Reply, ServiceError> {
    act.run("case.take", |transaction, identity| {
        let mut held = Held::open(transaction, id)?;
        if let Some(other) = held.case.assignee.filter(|other| *other != identity.user)
            && still_reviews(transaction.conn(), other)?
        {
            let detail = "another reviewer has already taken the case".to_owned();
            return Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "case_taken", detail }));
        }
        if let Some(kept) = held.kept.as_mut().filter(|kept| kept.status == VaspStatus::Submitted) {
            step(kept, Step::Take)?;
            write_kept(transaction, kept)?;
        }
        if held.case.status == CaseStatus::Open {
            held.case.status = CaseStatus::Taken;
        }
        held.case.assignee = Some(identity.user);
        held.enter(transaction, "taken", Some(identity.user), &json!({}))?;
        held.write(transaction)?;
        let about = json!({"vasp": held.case.vasp});
        Ok(Deed::new(CaseRecord::read(transaction.conn(), held.case)?, id, about))
    })
}

/// Returns whether a user can still work on the cases that it took. If not, another reviewer may take them over.
fn still_reviews(conn: &mut Conn, user: UserId) -> Result<bool, ServiceError> {
    let acts = conn.user(user)?.is_some_and(|row| row.state == UserState::Active);
    let reviews = |grant: &RoleGrantRow| grant.role == Role::Reviewer && grant.state == GrantState::Active;
    Ok(acts && conn.open_grants_of(&[user])?.iter().any(reviews))
}

/// Adds a note for other operators.
pub fn note_case(act: Act<'_, CaseEntry>, id: CaseId, text: &str) -> Result<Reply, ServiceError> {
    check_text("/text", text)?;
    act.run("case.note", |transaction, identity| {
        let held = Held::open(transaction, id)?;
        let entry = held.enter(transaction, "note", Some(identity.user), &json!({"text": text}))?;
        Ok(Deed::new(entry, id, json!({})))
    })
}

/// Sends the member a message. The case then waits for the member's answer, and a pending proposal is withdrawn.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep` if no member keeps the record, `Invalid`, `Store`.
pub fn ask_member(act: Act<'_, CaseEntry>, id: CaseId, text: &str) -> Result<Reply, ServiceError> {
    check_text("/text", text)?;
    act.run("case.message", |transaction, identity| {
        let mut held = Held::open(transaction, id)?;
        if held.kept.is_none() {
            return Err(ServiceError::IllegalStep("No member keeps this record, so there is nobody to write to.".to_owned()));
        }
        held.unpropose(transaction)?;
        held.case.status = CaseStatus::Waiting;
        let entry = held.enter(transaction, "message", Some(identity.user), &json!({"text": text}))?;
        held.write(transaction)?;
        Ok(Deed::new(entry, id, json!({})))
    })
}

/// Records evidence for an attribute of the record. The evidence counts publicly once the case is decided. A pending proposal, made
/// without this evidence, is withdrawn.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep`, `Invalid` if the record does not have the attribute, `Store`.
pub fn record_evidence(act: Act<'_, CaseEntry>, id: CaseId, new: NewEvidence) -> Result<Reply, ServiceError> {
    check_evidence(&new, act.now)?;
    let generation = act.registry.pin(act.now);
    act.run("case.evidence", |transaction, identity| {
        let mut held = Held::open(transaction, id)?;
        let vasp = vasp_of(&held.case)?;
        let places = super::check::places(&held, &generation);
        let value = places.get(&new.attribute).ok_or_else(|| {
            let known: Vec<&str> = places.keys().map(String::as_str).collect();
            invalid_value("/attribute", format!("the record has no such attribute; it has {}", known.join(", ")))
        })?;
        if let Some(document) = &new.document
            && document.parse().map_or(Ok(None), |id| transaction.conn().member_document(id))?.is_none()
        {
            return Err(invalid_value("/document", "there is no document with this id".to_owned()));
        }
        let now = transaction.now();
        let evidence = EvidenceId::new(now, transaction.conn_and_rng().1);
        let row = evidence_row(evidence, &held, vasp, identity, &new, value, now);
        transaction.add_evidence(&row)?;
        held.unpropose(transaction)?;
        let body = json!({"evidence": evidence, "attribute": new.attribute, "method": new.method, "source": new.source,
                          "reference": new.reference, "document": new.document, "expires_at": new.expires_at});
        let entry = held.enter(transaction, "evidence", Some(identity.user), &body)?;
        held.write(transaction)?;
        Ok(Deed::new(entry, evidence, json!({"case": id, "attribute": new.attribute, "method": new.method})))
    })
}

fn evidence_row(
    id: EvidenceId,
    held: &Held,
    vasp: VaspId,
    identity: &Identity,
    new: &NewEvidence,
    value: &Value,
    now: UtcTime,
) -> Evidence {
    Evidence {
        id,
        vasp,
        attribute: new.attribute.clone(),
        value_digest: Some(value_digest(value)),
        method: new.method.clone(),
        source: new.source.clone(),
        reference: new.reference.clone(),
        document: new.document.clone(),
        verifier: Some(identity.user),
        case_id: Some(held.case.id),
        verified_at: new.verified_at.unwrap_or(now),
        expires_at: new.expires_at,
        expiry_noted: None,
        seq_from: None,
        seq_to: None,
    }
}

/// Returns the digest by which evidence refers to the value that was looked at: SHA-256 of its RFC 8785 form.
pub(crate) fn value_digest(value: &Value) -> Sha256Hex {
    let text = serde_json_canonicalizer::to_vec(value).unwrap_or_default();
    Sha256Hex(sha256(&text))
}

fn check_evidence(new: &NewEvidence, now: UtcTime) -> Result<(), ServiceError> {
    if !METHODS.contains(&new.method.as_str()) {
        return Err(invalid_value(
            "/method",
            format!("`{}` is not a known method; the known methods are {}", new.method, METHODS.join(", ")),
        ));
    }
    for (pointer, text) in [("/source", Some(&new.source)), ("/reference", new.reference.as_ref())] {
        let length = text.map_or(1, |text| text.chars().count());
        if length == 0 || length > 1000 || text.is_some_and(|text| text.chars().any(char::is_control)) {
            return Err(invalid_value(pointer, "must have 1 to 1000 characters and no control characters".to_owned()));
        }
    }
    if new.method == "document" && new.document.is_none() {
        return Err(invalid_value("/document", "the method `document` requires the id of a document".to_owned()));
    }
    if new.verified_at.is_some_and(|at| at > now) {
        return Err(invalid_value("/verified_at", "the time of the check is in the future".to_owned()));
    }
    if new.expires_at.is_some_and(|at| at <= now) {
        return Err(invalid_value("/expires_at", "the end is in the past; give a later time".to_owned()));
    }
    Ok(())
}
