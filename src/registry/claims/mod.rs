//! Members' claims on their own addresses. A member submits one claim or a file of claims. It changes a claim by ending it and beginning
//! another. A claim can be proven by the address's own key, and withdrawn at once. If others claim the same address, a dispute follows. A
//! claim's id names one version of the claim: the claim that replaces it has another id, and the old claim names it.
//!
//! How a claim is written:
//! - `claimant` requires a verified VASP, refuses a record that was merged into another, and locks submission, case and claims in this
//!   order.
//! - `plan` decides under that lock what is new, the same, renewed or contradicted.
//! - `write` writes one batch, and the ends of the claims that it replaces, as one change.
//! - `dispute` opens disputes and the case.
//!
//! `usage` counts in memory how often claims were asked for; a timer writes the counts.

pub(crate) mod batch;
pub mod bulk;
pub(crate) mod groups;
pub(crate) mod http;
pub use bulk::{ClaimOptions, discard_abandoned_imports, import_claims};
mod ahead;
mod allowance;
mod attest;
mod challenge;
mod change;
mod claimant;
mod classes;
mod count_unopposed;
mod count_waiting;
mod decide_sub_account;
mod dispute;
mod end;
mod end_many;
mod end_with_record;
mod ended;
mod ending;
mod import;
mod lifted;
mod parts;
mod plan;
mod prove;
mod read;
mod refuse_sub_account;
mod said_anew;
mod shown_sub_account;
mod standings;
mod sub_accounts;
mod usage;
mod write;

pub use attest::{Attested, NewAttestation, attest};
pub use challenge::{IssuedChallenge, issue_challenge};
pub use change::{ClaimChange, change_claim, withdraw_claim};
pub use classes::keep_controllers;
pub use count_unopposed::count_unopposed;
pub use count_waiting::{
    AllRows, CountedClaims, CountedRows, PendingClaim, PendingClaims, count_waiting, list_pending, read_pending,
};
pub use decide_sub_account::{DecisionGround, DisputedMemo, NewDecision, SubAccountDecision};
pub use dispute::{NewDispute, OpenedDispute, report_dispute};
pub use end::{ClaimDecision, Dispute, DisputedClaim, DisputedRow, EndDecision, EndGround, dismiss_dispute, list_disputes};
pub use end_many::{EndedClaims, EndsDecision, SELECTION_MAX, Which, Whole};
pub use end_with_record::RevokedClaims;
pub use ending::tell_ends;
pub use import::{ImportOutcome, ImportRows, ImportedRow, MemberImport, import_own_claims, read_rows};
pub use parts::{LargeImports, PART_ROWS};
pub use prove::prove_claim;
pub use read::{ClaimState, MemberClaim, MemberClaimQuery, list_member_claims, read_member_claim};
pub use refuse_sub_account::refuse_sub_account;
pub use shown_sub_account::{ShownSubAccount, list_sub_accounts};
pub use sub_accounts::{NewSubAccount, confirm_sub_account, end_sub_account, name_sub_account};
pub use usage::{FEWEST_TOLD, UsageDay, read_usage};
pub use vasp_ingest::member_claims::RowForm;

pub(crate) use end_with_record::end_with_record;
pub(crate) use lifted::{hold_back_lifted, part_from_group};
pub(crate) use usage::flush_usage;
