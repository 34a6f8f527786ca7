//! Approval of many: two people approve a rule, and with it everybody whom it covers now. The proposal lists them, and its digest covers the
//! list. Each of them gets the ordinary decision (`relationships::decide`).
//!
//! `judge` judges the rules whenever a decision is read. `coverage` says whom a rule covers and whom it leaves out, and why. `decide` is the
//! decision of two people. `job` notices who left a rule, and proposes who newly meets it; nobody signed such a proposal, so it takes two
//! people. `end` ends a rule: one person is enough. `read` shows the rules.

mod coverage;
mod decide;
mod end;
mod file;
pub(crate) mod http;
mod job;
mod judge;
mod read;

pub(crate) use decide::RuleDecision;
pub use job::{ApprovalRuleJob, follow_approval_rules};
pub(crate) use judge::{Judge, OwnersFrom};
