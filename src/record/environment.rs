//! Whether a registry is a real one, a demonstration, or a sandbox, in which everything is invented.

use vasp_words::closed_list::closed_list;

closed_list! {
    /// What a registry is for.
    pub enum Environment {
        /// To try programs out: its firms, people and lists are invented, and its clock can be moved.
        Sandbox = "sandbox",
        /// To show the program: its data is real but may be old, and its policy has no limits of age.
        Demo = "demo",
        /// For real transfers.
        Live = "live",
    }
}

impl Environment {
    /// Returns what answers say: `sandbox` or `demo`. Those of a live registry say nothing.
    #[must_use]
    pub fn said(self) -> Option<Self> {
        (self != Self::Live).then_some(self)
    }
}
