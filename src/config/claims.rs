//! By which numbers members' claims are taken.

use std::num::NonZeroU16;

use serde::Deserialize;
use vasp_record::allowance::Allowance;

/// What may be set, as an option, a variable or in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args, Deserialize)]
pub struct ClaimOptions {
    /// Days after which a member's claim ends unless it says when or says it again [default: 365]
    #[arg(long, env = "VASP_REGISTRY_CLAIM_LIFETIME_DAYS")]
    pub claim_lifetime_days: Option<NonZeroU16>,
    /// A member's unproven claims that contradict other parties' and count at once, in 24 hours; what is beyond waits for a reviewer
    /// [default: 10]
    #[arg(long, env = "VASP_REGISTRY_CLAIM_CONFLICTS_A_DAY")]
    pub claim_conflicts_a_day: Option<u32>,
    /// Such claims that may stand undecided at the same time [default: 50]
    #[arg(long, env = "VASP_REGISTRY_CLAIM_CONFLICTS_OPEN")]
    pub claim_conflicts_open: Option<u32>,
    /// Days after its verification in which a member's claims contradict nobody without a reviewer [default: 30]
    #[arg(long, env = "VASP_REGISTRY_CLAIM_CONFLICTS_AFTER_DAYS")]
    pub claim_conflicts_after_days: Option<u16>,
    /// Days after which a claim that no other contradicted is contradicted by none without a reviewer [default: 90]
    #[arg(long, env = "VASP_REGISTRY_CLAIM_UNDISPUTED_DAYS")]
    pub claim_undisputed_days: Option<u16>,
}

/// What is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimSettings {
    /// Days after which a member's claim ends by itself.
    pub lifetime_days: NonZeroU16,
    /// What a member's unproven claims may contradict without a reviewer.
    pub allowance: Allowance,
}

impl ClaimOptions {
    /// Takes what is given, then the file's, then the defaults.
    #[must_use]
    pub fn settle(&self, file: &Self) -> ClaimSettings {
        let default = Allowance::default();
        ClaimSettings {
            lifetime_days: self
                .claim_lifetime_days
                .or(file.claim_lifetime_days)
                .or(NonZeroU16::new(365))
                .unwrap_or(NonZeroU16::MIN),
            allowance: Allowance {
                a_day: self.claim_conflicts_a_day.or(file.claim_conflicts_a_day).unwrap_or(default.a_day),
                open: self.claim_conflicts_open.or(file.claim_conflicts_open).unwrap_or(default.open),
                after_days: self.claim_conflicts_after_days.or(file.claim_conflicts_after_days).unwrap_or(default.after_days),
                undisputed_days: self.claim_undisputed_days.or(file.claim_undisputed_days).unwrap_or(default.undisputed_days),
                waiting: default.waiting,
            },
        }
    }
}
