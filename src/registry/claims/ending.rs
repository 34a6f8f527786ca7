//! Tells members that their claims end: 30 and 7 days before, and on the day after. One alert a day for each, whatever the number of claims.
//!
//! Source: docs/claims.md, "When a claim ends".

use rand_core::RngCore;

use crate::alerts::{NewAlert, raise};
use crate::node::{Registry, ServiceError};
use vasp_record::alert::{AlertBody, Severity};
use vasp_record::claim::ClaimNumber;
use vasp_record::resolution::REMEMBERED_DAYS;
use vasp_words::time::UtcTime;

const DAY_SECS: i64 = 86_400;
/// How many days without a server are made up for.
const MISSED_MAX: i64 = 30;

/// How many days before the end members are told, and the kind of the alert.
const ENDS: [(i64, &str); 3] = [(30, "own.claims_end_within_30"), (7, "own.claims_end_within_7"), (-1, "own.claims_ended")];

/// Alerts members, once a day, whose claims end on the days that are told today. Whichever node comes first does it for all.
pub fn tell_ends(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    let (generation, today) = (registry.pin(now), now.date());
    let number = today.days_since(UtcTime::EPOCH.date());
    let written = registry.store().write::<_, ServiceError>(now, rng, |transaction| {
        // The counter is the last day that was told.
        let told = transaction.take_numbers("claim_ends_told", 0)? - 1;
        if number <= told {
            return Ok(());
        }
        transaction.take_numbers("claim_ends_told", number - told)?;
        // On days on which nothing ran nobody was told; at the very first start there was no such day.
        let missed = if told > 0 { (number - told - 1).min(MISSED_MAX) } else { 0 };
        for (days, kind) in (0..=missed).rev().flat_map(|ago| ENDS.map(|(days, kind)| (days - ago, kind))) {
            let from = today.start().plus_secs(days * DAY_SECS);
            for ending in transaction.conn().claims_ending(from, from.plus_secs(DAY_SECS))? {
                let Some(vasp) = generation.vasp_of(ending.vasp) else { continue };
                let first = registry.directory().claim_ids().public_id(ClaimNumber(ending.first));
                let detail = format!(
                    "{} of your claims ({first} is the first) have {} as their last day. Claim again, or sign again what you proved: within \
                     {REMEMBERED_DAYS} days you keep their age.",
                    ending.count,
                    from.date()
                );
                let count = u64::try_from(ending.count).unwrap_or_default();
                let body = AlertBody { detail, count, ..AlertBody::counting([first].into_iter()) };
                let (kind, vasp) = (kind.to_owned(), Some(vasp));
                let new = NewAlert { kind, severity: Severity::Medium, vasp, body, not_to: None };
                raise(transaction, registry, ending.organisation, new)?;
            }
        }
        Ok(())
    });
    written.map(drop)
}
