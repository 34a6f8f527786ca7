//! Use cases, one file each; a use case owns its transaction. Callers are `api`, `jobs` and `cli`; HTTP is unknown here.

mod act;
pub mod answers;
mod audit;
mod authenticate;
pub mod ca;
pub mod cases;
pub mod certificates;
mod claim_batch;
pub mod clock;
mod condition;
mod contradictions;
mod credentials;
mod data_keys;
pub mod documents_of;
pub mod domains;
pub mod due_diligence;
pub mod endpoints;
pub mod enrolment;
mod error;
mod find_vasp;
mod flush;
mod four_eyes;
mod groups;
mod host_owner;
mod import_claims;
mod import_documents;
mod import_file;
mod import_lei;
mod import_links;
mod import_register;
mod import_report;
mod key_uses;
mod ledger;
mod list_networks;
mod list_sources;
mod list_vasps;
pub mod member;
pub mod member_claims;
mod member_documents;
pub mod message_keys;
mod moment;
mod not_found_budget;
mod obligations;
pub mod organisations;
mod page;
mod parse_address;
pub mod path_delegations;
pub mod policies;
mod precheck;
pub mod probes;
pub mod proposals;
mod protocols;
pub mod published;
mod read_metrics;
mod read_rules;
mod read_vasp;
mod refusals;
mod registry;
pub mod relationships;
mod resolve;
mod resolve_published;
mod roles_and_scopes;
pub mod rulebook_imports;
mod same_database;
pub mod screening;
mod sealed_traces;
mod seed;
mod session_keys;
pub mod sign_in;
mod similar_names;
pub mod trust;
mod valid_until;
mod vasp_history;
pub mod verification;
pub mod watch;
pub mod webhooks;
mod write_watch;

pub use act::{Act, Deed, Flights, Once, Reply};
pub use audit::{AuditExport, AuditQuestion, AuditRow, begin_audit_export, list_audit, list_own_audit};
pub use authenticate::{Claimed, Identity, WrongConnection, api_key_text, authenticate, authenticate_certificate};
pub use condition::{Condition, DegradedCause, DegradedReason};
pub use credentials::{
    NewApiKey, NewUser, Reset, create_api_key, create_organisation, create_user, invite_user, reset_user, revoke_api_key,
};
pub use error::{DuplicateCandidate, Fault, ImportError, ServiceError};
pub use find_vasp::{find_vasp, named_by_lei};
pub use flush::flush_lossy;
use four_eyes::check_two_people;
pub use import_claims::{ClaimOptions, ClaimRowResult, discard_abandoned_imports, import_claims};
pub use import_documents::{DocumentKind, import_document};
pub use import_file::{ImportFormat, ImportJob, import_file, import_file_by, import_together};
pub use import_lei::import_lei_records;
pub use import_links::import_group_links;
pub use import_register::{RegisterOptions, import_register};
pub use import_report::ImportReport;
pub use key_uses::{KeyUses, keep_key_uses};
pub use list_networks::{list_networks, read_network};
pub use list_sources::{HeldSourceKind, SourceAge, list_sources};
pub use list_vasps::{ListedVasp, VaspFilter, VaspMatch, VaspPosition, VaspPositionError, list_vasps};
pub use member_documents::{
    NewDocument, OpenedDocument, keep_document, list_documents, read_document, read_document_content, sweep_documents,
};
pub use moment::{AsOf, pin_around, pin_at};
pub use not_found_budget::{Asker, BudgetSpent, NotFoundBudget};
pub use obligations::{ObligationsAnswer, ObligationsQuestion, answer_obligations};
pub use page::Page;
pub use parse_address::{WrittenAddress, parse_address};
pub use precheck::{
    Alternative, Asking, Declaration, Destination, ENGINE, Erased, Extras, Instead, Kept, KeptPrecheck, KeyedPrecheck, OwnPlace,
    OwnSide, PrecheckAnswer, PrecheckQuestion, PrecheckRecord, PrecheckSelection, Recording, Replay, RetentionSetting,
    SampledHealth, SealedPrecheck, Sender, Transfer, Way, erase_due_prechecks, erase_precheck, explain_recorded, list_prechecks,
    not_recorded, precheck, read_precheck, read_precheck_record, read_recording, read_retention, replay_precheck, seal_precheck,
    set_retention,
};
pub use protocols::{ProtocolAnswer, list_protocols, read_protocol};
pub use read_metrics::read_metrics;
pub use read_rules::{
    ComparedColumn, ComparisonAnswer, JurisdictionAnswer, ListAnswer, compare_jurisdictions, list_jurisdictions,
    read_jurisdiction, read_list,
};
pub use read_vasp::{VaspAnswer, VaspQuestion, read_vasp};
pub use refusals::{Refusal, note_refusal};
pub use registry::Registry;
pub use resolve::{Effort, ResolveAnswer, ResolveQuestion, may_ask_store, read_question, resolve};
pub use resolve_published::known_scheme;
pub use same_database::{lost_database, note_rollback};
pub use screening::import_screening_list;
pub use seed::{is_seeded, load_seed};
pub use session_keys::RevokedKey;
pub use valid_until::{Holds, Silence, ValidUntil};
pub use vasp_history::{HistoryChange, HistoryItem, HistoryPosition, HistoryPositionError, vasp_history};
pub use write_watch::WriteWatch;
