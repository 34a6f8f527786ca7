//! What the registry signs, looked at by a reader who trusts nothing but the published keys: receipts of pre-checks, checkpoints,
//! tiles, entries and proofs of the log, and the public changes.

mod changes;
mod command_line;
mod log;
mod nodes;
mod payloads;
mod reader;
mod receipts;
