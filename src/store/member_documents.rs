//! Rows about documents that members submitted. The files themselves are in `document_files`.

use super::backend::written;
use super::edge::*;
use super::schema::member_documents;
use super::{Conn, StoreError, Transaction};
use vasp_record::client_certificate::Sha256Hex;
use vasp_record::document::{DocumentType, MediaType};
use vasp_words::ids::{DocumentId, OrganisationId, UserId};
use vasp_words::time::{Date, UtcTime};

/// A document without its content.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = member_documents, treat_none_as_default_value = false)]
pub struct MemberDocument {
    /// Its id.
    pub id: DocumentId,
    /// The organisation that owns it.
    pub organisation: OrganisationId,
    /// Type of document.
    pub kind: DocumentType,
    /// Type of file.
    pub media_type: MediaType,
    /// SHA-256 of the content.
    pub sha256: Sha256Hex,
    /// Size of the content.
    pub size_bytes: i64,
    /// Day of issue.
    pub issued_on: Option<Date>,
    /// Day on which it expires.
    pub expires_on: Option<Date>,
    /// Name and issuer, sealed under the organisation's data key.
    pub sealed_about: Vec<u8>,
    /// The user who submitted it.
    pub created_by: UserId,
    /// When it was submitted.
    pub created_at: UtcTime,
}

impl Conn {
    /// Returns a document.
    pub fn member_document(&mut self, id: DocumentId) -> Result<Option<MemberDocument>, StoreError> {
        let query = member_documents::table.find(id).select(MemberDocument::as_select());
        query.first(self).optional().map_err(StoreError::on("member_documents"))
    }

    /// Returns the documents of an organisation after `after`, oldest first.
    pub fn member_documents(
        &mut self,
        organisation: OrganisationId,
        after: &str,
        limit: i64,
    ) -> Result<Vec<MemberDocument>, StoreError> {
        member_documents::table
            .filter(member_documents::organisation.eq(organisation))
            .filter(member_documents::id.gt(after))
            .order(member_documents::id)
            .limit(limit)
            .select(MemberDocument::as_select())
            .load(self)
            .map_err(StoreError::on("member_documents"))
    }

    /// Returns how many documents an organisation submitted.
    pub fn member_document_count(&mut self, organisation: OrganisationId) -> Result<i64, StoreError> {
        let query = member_documents::table.filter(member_documents::organisation.eq(organisation)).count();
        query.get_result(self).map_err(StoreError::on("member_documents"))
    }

    /// Returns the organisation and SHA-256 of every file that a row refers to, each once.
    pub fn all_document_files(&mut self) -> Result<Vec<(OrganisationId, Sha256Hex)>, StoreError> {
        let query = member_documents::table.select((member_documents::organisation, member_documents::sha256));
        query.distinct().load(self).map_err(StoreError::on("member_documents"))
    }

    /// Returns the SHA-256 of the files that an organisation's rows refer to, each once.
    pub fn member_document_files(&mut self, organisation: OrganisationId) -> Result<Vec<Sha256Hex>, StoreError> {
        let query = member_documents::table.filter(member_documents::organisation.eq(organisation));
        query.select(member_documents::sha256).distinct().load(self).map_err(StoreError::on("member_documents"))
    }
}

impl Transaction<'_> {
    /// Adds a document. Its file must be on disk.
    pub fn add_member_document(&mut self, row: &MemberDocument) -> Result<(), StoreError> {
        written(self.conn(), "member_documents", diesel::insert_into(member_documents::table).values(row)).map(drop)
    }
}
