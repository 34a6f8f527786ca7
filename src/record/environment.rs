//! Whether a registry is a real one or a sandbox, in which everything is invented.

use vasp_words::closed_list::closed_list;

closed_list! {
    /// What a registry is for.
    pub enum Environment {
        /// To try programs out: its firms, people and lists are invented, and its clock can be moved.
        Sandbox = "sandbox",
        /// For real transfers.
        Live = "live",
    }
}

impl Environment {
    /// Returns `sandbox` in a sandbox; answers of a live registry do not say so.
    #[must_use]
    pub fn said(self) -> Option<Self> {
        (self == Self::Sandbox).then_some(self)
    }
}
