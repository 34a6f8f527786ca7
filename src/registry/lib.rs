//! A counterparty VASP directory and discovery registry for the crypto Travel Rule.
//!
//! A folder is a capability: its types, reads, writes, routes and jobs. `ARCHITECTURE.md` draws them; `tests/architecture.rs` keeps
//! its import rule.

#![cfg_attr(not(feature = "describe"), expect(dead_code, unused_imports, reason = "only the description names some types"))]

/// The attributes of utoipa, which are empty in a program that does not describe itself.
#[cfg(not(feature = "describe"))]
extern crate vasp_routing as utoipa;

pub mod acts;
pub mod alerts;
mod assemble;
pub mod audit;
pub mod authorities;
pub mod brands;
pub mod bundles;
pub mod ca;
pub mod cases;
pub mod certificates;
pub mod challenges;
pub mod claims;
pub mod cli;
pub mod config;
mod console;
pub mod contradictions;
pub mod coverage;
pub mod decisions;
pub mod directory;
pub mod documents;
pub mod domains;
pub mod due_diligence;
pub mod endpoints;
pub mod enumeration;
pub mod health;
pub mod http;
pub mod imported;
pub mod imports;
pub mod integrity;
pub mod ledger;
pub mod message_keys;
pub mod node;
pub mod organisations;
pub(crate) mod picker;
pub mod policies;
pub mod precheck;
pub mod probes;
pub mod proposals;
pub mod publishing;
pub mod questionnaires;
pub mod registers;
pub mod relationships;
pub mod resolve;
pub mod review;
pub mod rulebook;
pub mod sandbox;
pub mod screening;
pub mod serve;
pub mod sign_in;
pub mod sources;
pub mod submissions;
pub mod telemetry;
pub mod transparency;
pub mod vasp_lists;
pub mod vasps;
pub mod watch;
pub mod webhooks;
