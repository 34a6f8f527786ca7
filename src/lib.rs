//! A counterparty VASP directory and discovery registry for the crypto Travel Rule.
//!
//! Rooms and their import rule are drawn in `ARCHITECTURE.md`; `tests/architecture.rs` keeps them true.

pub mod api;
pub mod cli;
pub mod clock;
pub mod config;
pub mod directory;
pub mod domain;
pub mod ingest;
pub mod jobs;
pub mod outbound;
pub mod pki;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod transparency;
