//! `/v1/documents`: documents that members submit. Content is served as a download, never as something
//! that a browser would execute.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{NewDocument, OpenedDocument};
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::headers::PRIVATE;
use crate::http::listing::{ListQuery, id_in_path, page, pages};
use crate::http::permission::{DraftRead, MemberEdit, MemberRead};
use crate::http::upload::Upload;
use crate::http::write::{Answer, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use vasp_record::document::{DocumentName, DocumentType, MediaType};
use vasp_routing::{get, post};
use vasp_words::ids::DocumentId;
use vasp_words::time::{Date, UtcTime};

const MISSING: &str = "There is no such document.";

/// The description of a document.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DocumentQuery {
    /// A name for the document, 1 to 200 characters.
    #[param(value_type = String, example = "Licence of 2026")]
    name: DocumentName,
    /// `licence`, `extract` (of a commercial register), `audit_report`, `policy` or `other`.
    #[param(value_type = String, example = "licence")]
    r#type: DocumentType,
    /// The issuer's name.
    #[param(value_type = Option<String>, example = "FMA")]
    issuer: Option<DocumentName>,
    /// The day of issue.
    issued_on: Option<Date>,
    /// The day on which the document expires.
    expires_on: Option<Date>,
}

/// A document, without its content.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MemberDocument)]
pub(crate) struct DocumentView {
    #[schema(example = "doc_01jz5v8e4x0000000000000000")]
    id: String,
    /// Id of the organisation that owns it.
    organisation: String,
    #[schema(value_type = String)]
    name: DocumentName,
    /// `licence`, `extract`, `audit_report`, `policy` or `other`.
    #[schema(value_type = String, example = "licence")]
    r#type: DocumentType,
    #[schema(value_type = Option<String>)]
    issuer: Option<DocumentName>,
    issued_on: Option<Date>,
    expires_on: Option<Date>,
    /// `application/pdf`, `image/png`, `image/jpeg` or `text/plain`, as recognised from the content.
    #[schema(value_type = String, example = "application/pdf")]
    media_type: MediaType,
    /// SHA-256 of the content, hex.
    sha256: String,
    size_bytes: u64,
    created_by: String,
    created_at: UtcTime,
}

pages! {
    /// A page of documents, oldest first.
    DocumentListView as MemberDocumentList of DocumentView;
}

impl From<OpenedDocument> for DocumentView {
    fn from(OpenedDocument { row, name, issuer }: OpenedDocument) -> Self {
        Self {
            id: row.id.to_string(),
            organisation: row.organisation.to_string(),
            name,
            r#type: row.kind,
            issuer,
            issued_on: row.issued_on,
            expires_on: row.expires_on,
            media_type: row.media_type,
            sha256: row.sha256.to_string(),
            size_bytes: row.size_bytes.unsigned_abs(),
            created_by: row.created_by.to_string(),
            created_at: row.created_at,
        }
    }
}

fn rendered(status: StatusCode) -> impl FnOnce(&OpenedDocument) -> Reply + Send {
    move |document| reply(status, Some(document.row.sha256.to_string()), DocumentView::from(document.clone()))
}

/// Upload a document.
///
/// The body is the file itself: PDF, PNG, JPEG or plain text in UTF-8. `Content-Type` must match the type recognised from the content.
/// If you submit the same content again, that is another document, but the file is stored only once.
#[utoipa::path(
    tag = "member",
    params(DocumentQuery),
    request_body(content((String = "application/pdf"), (String = "image/png"), (String = "image/jpeg"), (String = "text/plain"))),
    responses((status = 201, description = "The document.", body = DocumentView), Problems)
)]
#[post("/v1/documents")]
pub(crate) async fn create_document(
    who: Caller<MemberEdit>,
    query: Query<DocumentQuery>,
    sent: Upload,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let DocumentQuery { name, r#type, issuer, issued_on, expires_on } = query.0;
    let new = NewDocument { name, kind: r#type, issuer, issued_on, expires_on, media_type: sent.media_type };
    let content = sent.content;
    let keep = move |act: crate::acts::Act<'_, OpenedDocument>| super::keep_document(act, new, &content);
    act(&app, who.known()?, sent.once, rendered(StatusCode::CREATED), keep).await
}

/// List your documents, oldest first.
#[utoipa::path(tag = "member", params(ListQuery), responses((status = 200, description = "A page of documents.", body = DocumentListView), Problems))]
#[get("/v1/documents")]
pub(crate) async fn list_documents(who: Caller<MemberRead>, query: Query<ListQuery>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, (after, limit)) = (who.known()?, query.0.part());
    let found = blocking(move || {
        let mut rng = app.random.fork();
        super::list_documents(&app.registry, &identity, &after, limit, app.clock.now(), &mut rng)
    });
    Ok(page::<_, DocumentView>(found.await?))
}

/// Get a document, without its content: one of your own, or as an operator any.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The document's id.")), responses((status = 200, description = "The document.", body = DocumentView), Problems))]
#[get("/v1/documents/{id}")]
pub(crate) async fn get_document(who: Caller<DraftRead>, path: Path<String>, app: Data<App>) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let id: DocumentId = id_in_path(&path, MISSING)?;
    let found = blocking(move || {
        let mut rng = app.random.fork();
        super::read_document(&app.registry, &identity, id, app.clock.now(), &mut rng)
    });
    Ok(Answer(rendered(StatusCode::OK)(&found.await?)))
}

/// Download the content of a document: one of your own, or as an operator any.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The document's id.")), responses((status = 200, description = "The file.", body = String, content_type = "application/octet-stream"), Problems))]
#[get("/v1/documents/{id}/content")]
pub(crate) async fn get_document_content(
    who: Caller<DraftRead>,
    path: Path<String>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let identity = who.known()?;
    let id: DocumentId = id_in_path(&path, MISSING)?;
    let (document, content) = blocking(move || {
        let mut rng = app.random.fork();
        super::read_document_content(&app.registry, &identity, id, app.clock.now(), &mut rng)
    })
    .await?;
    // The header uses our own file name: a member's name for a document is free text, unsafe in a header.
    let name = format!("attachment; filename=\"{}.{}\"", document.row.id, document.row.media_type.extension());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/octet-stream"))
        .insert_header((CONTENT_DISPOSITION, name))
        .insert_header((CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; frame-ancestors 'none'"))
        .insert_header(PRIVATE)
        .body(content))
}
