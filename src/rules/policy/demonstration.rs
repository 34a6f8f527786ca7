//! The policy of a demonstration, whose data age and nobody refreshes them.

use super::{FreshnessLimits, Policy};

/// Its name.
const NAME: &str = "demo";

impl Policy {
    /// Returns the policy as a demonstration uses it: under the name `demo`, and without age limits, because its data age and nobody
    /// refreshes them. Each pre-check says so (`freshness.age_limits_lifted`).
    #[must_use]
    pub fn for_demonstrations(mut self) -> Self {
        NAME.clone_into(&mut self.name);
        let FreshnessLimits { register, screening_list, jurisdiction_list, rulebook } = &mut self.freshness_days;
        [register, screening_list, jurisdiction_list, rulebook].into_iter().for_each(|limit| limit.unknown_after = None);
        self.screening.unknown_after_days = None;
        self
    }

    /// Returns whether this is the policy of a demonstration.
    #[must_use]
    pub fn is_for_demonstrations(&self) -> bool {
        self.name == NAME
    }
}
