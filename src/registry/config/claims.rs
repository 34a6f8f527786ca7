//! The numeric limits under which members' claims are accepted.

use std::num::NonZeroU16;

use super::ServerOptions;
use vasp_record::allowance::Allowance;

/// The limits in effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimSettings {
    /// Number of days after which a member's claim ends automatically.
    pub lifetime_days: NonZeroU16,
    /// How many contradictions a member's unproven claims may cause without a reviewer.
    pub allowance: Allowance,
}

impl ClaimSettings {
    /// Takes the given values first, then the file's, then the defaults.
    pub(super) fn settle(given: &ServerOptions, file: &ServerOptions) -> Self {
        let default = Allowance::default();
        Self {
            lifetime_days: given
                .claim_lifetime_days
                .or(file.claim_lifetime_days)
                .or(NonZeroU16::new(365))
                .unwrap_or(NonZeroU16::MIN),
            allowance: Allowance {
                a_day: given.claim_conflicts_a_day.or(file.claim_conflicts_a_day).unwrap_or(default.a_day),
                open: given.claim_conflicts_open.or(file.claim_conflicts_open).unwrap_or(default.open),
                after_days: given.claim_conflicts_after_days.or(file.claim_conflicts_after_days).unwrap_or(default.after_days),
                undisputed_days: given.claim_undisputed_days.or(file.claim_undisputed_days).unwrap_or(default.undisputed_days),
                waiting: default.waiting,
            },
        }
    }
}
