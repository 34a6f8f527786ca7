//! Binds ids and dates to whichever database is connected. The store defines the combined connection, so it also implements here how that
//! connection binds types that are written as text. The text formats are defined beside those types.

use std::fmt::Debug;

use serde::Serialize;

use super::backend::MultiBackend;
use diesel::serialize::{IsNull, Output, Result, ToSql};
use diesel::sql_types::Text;
use vasp_record::answers_access::Sections;
use vasp_record::domain_proof::ProofToken;
use vasp_record::role::Scopes;
use vasp_words::country::Country;
use vasp_words::host::Host;
use vasp_words::ids::{
    AccessRequestId, AlertId, AnswersAccessId, AnswersId, ApiKeyId, ApprovalRuleId, AuthorityAmendmentId, AuthorityId, CaseId,
    CertificateId, ChallengeId, ClientCertificateId, CredentialId, DelegationId, DeliveryId, DisputeId, DocumentId, EvidenceId,
    GrantId, ImportId, LegalHoldId, Maker, MessageKeyId, OrganisationId, PrecheckId, ProposalId, RelationshipId,
    RulebookImportId, ScreeningHitId, SessionId, SubAccountId, UserId, VaspId, WebhookId,
};
use vasp_words::sql::Json;
use vasp_words::time::Date;

/// One implementation for each type that the combined connection binds in a query's condition or in a row.
macro_rules! bound_as_text {
    ($($name:ty),* $(,)?) => {$(
        impl ToSql<Text, MultiBackend> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> Result {
                out.set_value((Text, self));
                Ok(IsNull::No)
            }
        }
    )*};
}

bound_as_text!(
    ApprovalRuleId,
    AccessRequestId,
    AlertId,
    AnswersAccessId,
    AnswersId,
    ApiKeyId,
    AuthorityId,
    CaseId,
    CertificateId
);
bound_as_text!(ClientCertificateId, CredentialId, DelegationId, DeliveryId, DisputeId, DocumentId, EvidenceId, GrantId, Maker);
bound_as_text!(AuthorityAmendmentId, ChallengeId, Country, ImportId, LegalHoldId, ProofToken, Sections);
bound_as_text!(MessageKeyId, OrganisationId, PrecheckId, ProposalId, RelationshipId, RulebookImportId, ScreeningHitId);
bound_as_text!(Date, Host, Scopes, SessionId, SubAccountId, UserId, VaspId, WebhookId);

impl<T: Debug + Serialize + Send + Sync + 'static> ToSql<Text, MultiBackend> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> Result {
        out.set_value((Text, self));
        Ok(IsNull::No)
    }
}
