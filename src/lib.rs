//! A counterparty VASP directory and discovery registry for the crypto Travel Rule.
//!
//! Rooms and their import rule are drawn in `ARCHITECTURE.md`; `tests/architecture.rs` keeps them true.

pub mod api;
pub mod cli;
pub mod config;
pub mod directory;
pub mod domain;
pub mod jobs;
pub mod service;
pub mod telemetry;
