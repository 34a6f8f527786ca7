//! Links from brands to entities that two people ruled out: by what the sources said then, the entity is not behind the brand. Such a link
//! no longer keeps a pre-check open. A source that says something new is not covered, so better evidence always brings the entity back.
//!
//! Source: docs/brands.md, "Ruled out".

use serde::{Deserialize, Serialize};

use super::brand_links::BrandLink;
use vasp_words::time::Date;

/// A link that two people ruled out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrandRuling {
    /// The link, as they saw it.
    pub link: BrandLink,
    /// The day on which the second person approved.
    pub ruled_on: Date,
}

/// All links that are ruled out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrandRulings {
    /// The rulings, oldest first.
    pub rulings: Vec<BrandRuling>,
}

impl BrandRuling {
    /// Returns whether the ruling applies to a link: the same brand and entity, by evidence that both people saw. A find of the registry
    /// counts as seen if it is no more alike than theirs; a link that people typed, if it names the same document.
    #[must_use]
    pub fn covers(&self, link: &BrandLink) -> bool {
        let seen = &self.link;
        let same_entity = match (seen.entity.vasp, link.entity.vasp) {
            (Some(seen), Some(now)) => seen == now,
            _ => seen.entity == link.entity,
        };
        let same_evidence = match (seen.likeness, link.likeness) {
            (Some(seen), Some(now)) => now <= seen,
            (None, None) => {
                let document =
                    |link: &BrandLink| (link.evidence.kind, link.evidence.source.clone(), link.evidence.sha256.clone());
                document(seen) == document(link)
            }
            _ => false,
        };
        same_entity && same_evidence && seen.keys.iter().any(|key| link.keys.contains(key))
    }
}

impl BrandRulings {
    /// Reads rulings.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn from_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// Returns the ruling about a link; `None` if the link counts.
    #[must_use]
    pub fn about(&self, link: &BrandLink) -> Option<&BrandRuling> {
        self.rulings.iter().find(|ruling| ruling.covers(link))
    }

    /// Returns the rulings with these links ruled out, too.
    #[must_use]
    pub fn with(mut self, links: &[BrandLink], ruled_on: Date) -> Self {
        self.rulings.extend(links.iter().map(|link| BrandRuling { link: link.clone(), ruled_on }));
        self
    }

    /// Returns the rulings without those that are about one of these links.
    #[must_use]
    pub fn without(mut self, links: &[BrandLink]) -> Self {
        self.rulings.retain(|ruling| !links.iter().any(|link| ruling.covers(link)));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brand_links::tests::link;
    use crate::brand_links::{LinkEvidence, LinkEvidenceKind, Served};
    use proptest::prelude::*;

    fn ruling(link: &BrandLink) -> BrandRuling {
        BrandRuling { link: link.clone(), ruled_on: "2026-11-25".parse().unwrap() }
    }

    fn find(likeness: u8) -> BrandLink {
        let vasp = "vasp_01k2z8q4p8w0q6m4v3c1b5n7x9".parse().ok();
        let base = link(LinkEvidenceKind::Register, Served::Unknown);
        BrandLink { entity: crate::linked_entity::LinkedEntity { vasp, ..base.entity.clone() }, likeness: Some(likeness), ..base }
    }

    #[test]
    fn a_ruling_covers_the_document_that_was_seen_and_no_other() {
        let seen = link(LinkEvidenceKind::ThirdPartyList, Served::Unknown);
        let with = |change: &dyn Fn(&mut LinkEvidence)| {
            let mut evidence = seen.evidence.clone();
            change(&mut evidence);
            BrandLink { evidence, ..seen.clone() }
        };
        let seen_again = with(&|evidence| evidence.seen_on = "2026-12-24".parse().unwrap());
        let other_text = with(&|evidence| evidence.sha256 = Some("ab".repeat(32)));
        let other_page = with(&|evidence| evidence.source = "https://brand.example/imprint".to_owned());
        let register = with(&|evidence| evidence.kind = LinkEvidenceKind::Register);
        let other_brand = BrandLink { keys: vec!["other".to_owned()], ..seen.clone() };
        let mut other_entity = seen.clone();
        other_entity.entity.legal_name = "Brand Holding Limited".to_owned();

        let ruling = ruling(&seen);

        assert!(ruling.covers(&seen) && ruling.covers(&seen_again));
        for link in [other_text, other_page, register, other_brand, other_entity, find(60)] {
            assert!(!ruling.covers(&link), "{link:?}");
        }
    }

    #[test]
    fn rulings_that_are_lifted_are_gone_and_others_stay() {
        let (one, other) = (link(LinkEvidenceKind::ThirdPartyList, Served::Unknown), find(60));
        let rulings = BrandRulings::default().with(&[one.clone(), other.clone()], "2026-11-25".parse().unwrap());

        let lifted = rulings.without(std::slice::from_ref(&one));

        assert!(lifted.about(&one).is_none() && lifted.about(&other).is_some());
        assert_eq!(BrandRulings::from_json(&serde_json::to_string(&lifted).unwrap()), Ok(lifted));
    }

    proptest! {
        /// Better evidence always brings the entity back.
        #[test]
        fn a_find_that_is_more_alike_is_never_covered(seen in 0_u8..=100, now in 0_u8..=100) {
            prop_assert_eq!(ruling(&find(seen)).covers(&find(now)), now <= seen);
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,200}") {
            prop_assert!(BrandRulings::from_json(&text).is_err());
        }
    }
}
