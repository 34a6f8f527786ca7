//! Documents that members submit. The content is a file, sealed under the organisation's data key and named by its SHA-256. The file is on
//! disk before the row that needs it. Only its owner and the registry's own people can read it; for others it does not exist.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::acts::{Act, Deed, Identity, Reply};
use crate::node::{Fault, Page, ProblemCode, Refusal, Registry, ServiceError, invalid};
use rand_core::RngCore;
use vasp_pki::{DataKey, sha256};
use vasp_record::client_certificate::Sha256Hex;
use vasp_record::document::{DocumentName, DocumentType, MediaType};
use vasp_record::role::OrganisationKind;
use vasp_store::{Conn, DocumentFolder, MemberDocument, StoreError};
use vasp_words::error_chain::error_chain;
use vasp_words::ids::{DocumentId, OrganisationId};
use vasp_words::time::{Date, UtcTime};

/// The maximum number of documents of one organisation. Together with the maximum size, it limits the disk space of an organisation.
const DOCUMENTS_MAX: i64 = 1_000;

/// How old a draft must be before the sweep looks for its row, in seconds: it may be about to be written.
const ORPHAN_SECS: i64 = 3_600;

const MISSING: &str = "There is no such document.";

/// A document to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDocument {
    /// The sender's name for it.
    pub name: DocumentName,
    /// The type of document.
    pub kind: DocumentType,
    /// The issuer's name; `None` if not given.
    pub issuer: Option<DocumentName>,
    /// The day of issue; `None` if not given.
    pub issued_on: Option<Date>,
    /// The day on which it expires; `None` if not given.
    pub expires_on: Option<Date>,
    /// The media type that the sender states.
    pub media_type: MediaType,
}

/// A document without its content, with its name and issuer opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedDocument {
    /// The stored row.
    pub row: MemberDocument,
    /// The sender's name for it.
    pub name: DocumentName,
    /// The issuer's name; `None` if not given.
    pub issuer: Option<DocumentName>,
}

/// The sealed part of a row.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    name: DocumentName,
    issuer: Option<DocumentName>,
}

fn about_purpose(id: DocumentId) -> String {
    format!("document-about:{id}")
}

pub(crate) fn file_purpose(sha256: &str) -> String {
    format!("document:{sha256}")
}

/// Stores a document. A refused document leaves no file behind. If it is refused only under the lock (another request was faster), its draft
/// stays until the sweep.
///
/// # Errors
/// `ServiceError::Invalid` if the content is not of the stated type, or the days are out of order; `Conflict` if the organisation has too
/// many; `UnsupportedOption` if this server stores none; `Store` if the disk is full, `Key`; and those of [`Act::run`].
pub fn keep_document(mut act: Act<'_, OpenedDocument>, new: NewDocument, content: &[u8]) -> Result<Reply, ServiceError> {
    check(&new, content)?;
    let folder = folder(act.registry)?;
    if let Some(kept) = act.kept()? {
        return Ok(kept);
    }
    let owner = act.identity.organisation;
    act.registry.store().read(|conn| check_room(conn, owner))?;
    let key = act.registry.data_key(owner, act.now, act.rng)?;
    let (hash, id) = (Sha256Hex(sha256(content)), DocumentId::new(act.now, act.rng));
    let file = hash.to_string();
    let sealed = key.seal(&file_purpose(&file), content, act.rng).map_err(ServiceError::Key)?;
    // The file is written before the row: a crash in between leaves a draft that nobody needs, but never a row without its file.
    let draft = folder.draft(&owner.to_string(), &file, &sealed, &id.to_string())?;
    let kept = act.run("document.create", |transaction, identity| {
        check_room(transaction.conn(), owner)?;
        let about = About { name: new.name, issuer: new.issuer };
        let plain = serde_json::to_vec(&about)?;
        let rng = transaction.conn_and_rng().1;
        let row = MemberDocument {
            sealed_about: key.seal(&about_purpose(id), &plain, rng).map_err(ServiceError::Key)?,
            id,
            organisation: identity.organisation,
            kind: new.kind,
            media_type: new.media_type,
            sha256: hash,
            size_bytes: i64::try_from(content.len()).unwrap_or(i64::MAX),
            issued_on: new.issued_on,
            expires_on: new.expires_on,
            created_by: identity.user,
            created_at: transaction.now(),
        };
        transaction.add_member_document(&row)?;
        let details = json!({"type": row.kind, "sha256": file, "size_bytes": row.size_bytes});
        Ok(Deed::new(document(row, &key)?, id, details))
    })?;
    // Without its name it is found too, and the sweep gives it one.
    if let Err(error) = folder.complete(&owner.to_string(), &draft, &file) {
        tracing::warn!(error.chain = error_chain(&error), "a document's file still has the name of a draft");
    }
    Ok(kept)
}

fn check(new: &NewDocument, content: &[u8]) -> Result<(), ServiceError> {
    let known = MediaType::of_bytes(content);
    if known != Some(new.media_type) {
        let found = known.map_or("none of the accepted types", MediaType::as_str);
        let detail = format!("Content-Type says {}, but the content is {found}", new.media_type);
        return Err(invalid("", "content_mismatch", detail));
    }
    match (new.issued_on, new.expires_on) {
        (Some(issued), Some(expires)) if expires < issued => {
            Err(invalid("?expires_on", "invalid_value", format!("the last day of validity is before the day of issue, {issued}")))
        }
        _ => Ok(()),
    }
}

/// Refuses a document beyond the organisation's maximum.
fn check_room(conn: &mut Conn, organisation: OrganisationId) -> Result<(), ServiceError> {
    if conn.member_document_count(organisation)? < DOCUMENTS_MAX {
        return Ok(());
    }
    let detail = format!("an organisation may keep at most {DOCUMENTS_MAX} documents");
    Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "too_many_documents", detail }))
}

fn folder(registry: &Registry) -> Result<&DocumentFolder, ServiceError> {
    registry.documents().ok_or_else(|| {
        let detail = "this server stores no documents, because it was started without --documents DIR".to_owned();
        Refusal::at(ProblemCode::UnsupportedOption, Fault { pointer: String::new(), code: "no_document_folder", detail }).into()
    })
}

fn document(row: MemberDocument, key: &DataKey) -> Result<OpenedDocument, ServiceError> {
    let plain = key.open(&about_purpose(row.id), &row.sealed_about).map_err(ServiceError::Key)?;
    let About { name, issuer } = serde_json::from_slice(&plain).map_err(ServiceError::unreadable("document"))?;
    Ok(OpenedDocument { row, name, issuer })
}

/// Returns the row of a document, if the caller is its owner or one of the registry's own people.
fn readable(conn: &mut Conn, identity: &Identity, id: DocumentId) -> Result<MemberDocument, ServiceError> {
    let own = |row: &MemberDocument| row.organisation == identity.organisation;
    let may = |row: &MemberDocument| identity.kind == OrganisationKind::Operator || own(row);
    let found = conn.member_document(id)?.filter(may);
    found.ok_or_else(|| ServiceError::NotFound(MISSING.to_owned()))
}

/// Returns a document without its content.
///
/// # Errors
/// `ServiceError::NotFound` for an unknown document, and for callers other than its owner and operators; `Store`, `Key`.
pub fn read_document(
    registry: &Registry,
    identity: &Identity,
    id: DocumentId,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<OpenedDocument, ServiceError> {
    let row = registry.store().read(|conn| readable(conn, identity, id))?;
    let key = registry.data_key(row.organisation, now, rng)?;
    document(row, &key)
}

/// Returns a document with its content, after checking the content against its SHA-256.
///
/// # Errors
/// Those of [`read_document`]; `Store` if the file is missing or was changed.
pub fn read_document_content(
    registry: &Registry,
    identity: &Identity,
    id: DocumentId,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<(OpenedDocument, Vec<u8>), ServiceError> {
    let found = read_document(registry, identity, id, now, rng)?;
    let lost = || StoreError::impossible("member_documents", format!("no file has the SHA-256 of the document {id}"));
    let (organisation, file) = (found.row.organisation, found.row.sha256.to_string());
    let sealed = folder(registry)?.read(&organisation.to_string(), &file)?.ok_or_else(lost)?;
    let key = registry.data_key(organisation, now, rng)?;
    let content = key.open(&file_purpose(&file), &sealed).map_err(ServiceError::Key)?;
    if sha256(&content) != found.row.sha256.0 {
        return Err(lost().into());
    }
    Ok((found, content))
}

/// Lists the documents of the caller's organisation, oldest first.
pub fn list_documents(
    registry: &Registry,
    identity: &Identity,
    after: &str,
    limit: usize,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Page<OpenedDocument, String>, ServiceError> {
    let (own, wanted) = (identity.organisation, Page::wanted(limit));
    let rows = registry.store().read::<_, ServiceError>(|conn| Ok(conn.member_documents(own, after, wanted)?))?;
    let key = registry.data_key(identity.organisation, now, rng)?;
    let items = rows.into_iter().map(|row| document(row, &key)).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::of(items.into_iter(), limit, |item| item.row.id.to_string()))
}

/// Removes drafts that no row needs, left by a crash or a refusal, and gives the others their names. Returns how many it removed. Other nodes
/// may write at the same time. What is of organisations that are not here is another registry's, and so is a file that has its name: a copy
/// of this database on the same folder does not know what the original took since.
pub fn sweep_documents(registry: &Registry, now: UtcTime) -> Result<usize, ServiceError> {
    let Some(folder) = registry.documents() else { return Ok(0) };
    let before = now.micros().div_euclid(1_000_000).saturating_sub(ORPHAN_SECS);
    let mut removed = 0;
    for file in folder.list()?.into_iter().filter(|file| file.written_at_secs < before) {
        let (Ok(id), draft_of) = (file.organisation.parse(), file.draft_of()) else { continue };
        if !file.is_part() && draft_of.is_none() {
            continue;
        }
        let of_ours = registry
            .store()
            .read::<_, StoreError>(|conn| conn.organisation(id)?.map(|_| conn.member_document_files(id)).transpose());
        let Some(needed) = of_ours? else { continue };
        match draft_of.filter(|name| needed.iter().any(|hash| hash.to_string() == *name)) {
            Some(name) => folder.complete(&file.organisation, &file.file, name)?,
            None => {
                folder.remove(&file)?;
                removed += 1;
            }
        }
    }
    Ok(removed)
}
