//! Client of the VASP registry: who owns an address, and may this transfer go out? Anything but a clear, signed and current yes is a no:
//! see [`Verdict::proceed`]. Calls block the thread. What every client does is in `clients/conformance/cases.json`; the types are those of
//! the registry's own crates.

mod ask;
mod batch;
mod builder;
mod cache;
mod clearance;
mod client;
mod config;
mod error;
mod exchange;
#[cfg(test)]
mod garbage_tests;
mod keys;
mod log;
mod pages;
mod prechecks;
mod receipts;
mod reply;
mod resolved;
mod settings;
mod subjects;
mod transport;
mod verdict;
mod webhook;
mod world;

pub use ask::{Party, PrecheckRequest, ResolveItem};
pub use builder::ClientBuilder;
pub use clearance::{Clearance, Facts};
pub use client::Client;
pub use config::Environment;
pub use error::{
    ConfigurationCode, ConfigurationError, Error, InvalidSubject, InvalidSubjectCode, NotCleared, NotClearedCode, NotVerified,
    NotVerifiedCode, ProblemError, Unavailable, UnavailableCode,
};
pub use log::{verify_change, verify_checkpoint, verify_inclusion};
pub use pages::Pages;
pub use receipts::{Expected, Receipt, verify_receipt};
pub use resolved::{Owner, Resolved};
pub use settings::{Event, Failure, OnEvent, Settings, Traceparent};
pub use subjects::redacted;
pub use verdict::{Condition, Verdict};
pub use webhook::{WebhookMessage, verify_webhook};
pub use world::{SystemWorld, World};

pub use ureq::http::Method;
pub use vasp_clock::Clock;
pub use vasp_log::Checkpoint;
pub use vasp_pki::receipt::PublishedKeys;
pub use vasp_record::resolution::ResolutionStatus;
pub use vasp_rules::policy::{ConditionCode, Recommendation};
pub use vasp_words as words;

/// The worked example of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
