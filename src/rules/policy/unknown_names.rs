//! Finds what a policy names that does not exist: a rule about it would never be reached, and nobody would notice.

use vasp_addresses::asset::read_id;

use super::{Policy, ProtocolPolicy};
use crate::protocol::ProtocolId;

impl Policy {
    /// Returns the place and the reason of the first name that nothing can ever match: an asset of no known network, or a protocol that is
    /// not known.
    #[must_use]
    pub fn names_nothing(&self, is_known: impl Fn(&ProtocolId) -> bool) -> Option<(&'static str, String)> {
        let assets = self.assets.anonymity_enhanced.iter();
        let mut wrong = assets.filter_map(|asset| Some(format!("{asset}: {}", read_id(&asset.to_string()).err()?)));
        if let Some(says) = wrong.next() {
            return Some(("/assets/anonymity_enhanced", says));
        }
        let ProtocolPolicy { order, last_resort, .. } = &self.protocols;
        let unknown = order.iter().chain(last_resort).find(|id| !is_known(id))?;
        Some(("/protocols", format!("no protocol is called `{unknown}`; GET /v1/protocols lists them")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If one digit of a network were wrong, coins that nobody can trace would pass without a word.
    #[test]
    fn what_a_policy_names_exists() {
        let known = crate::protocol::Protocols::embedded().unwrap();
        let faults = |from: &str, to: &str| {
            let text = include_str!("../../../seed/policy.json");
            assert!(text.contains(from), "{from}");
            Policy::from_json(&text.replace(from, to)).unwrap().names_nothing(|id| known.get(id).is_some())
        };

        assert_eq!(faults("", ""), None);
        let (place, says) = faults("15d/slip44:133", "15e/slip44:133").unwrap();
        assert!(place == "/assets/anonymity_enhanced" && says.contains("is not known"), "{says}");
        let (place, says) = faults("\"last_resort\": [\"email\"]", "\"last_resort\": [\"emial\"]").unwrap();
        assert_eq!((place, says.contains("`emial`")), ("/protocols", true));
    }
}
