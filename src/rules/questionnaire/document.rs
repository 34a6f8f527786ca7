//! The document that a member signs: its answers and ownership chain, the digest of the document, and the short statement under the
//! signature. Also the differences between two submissions.

use std::collections::BTreeSet;

use super::super::ownership::OwnershipChain;
use super::ItemId;
use super::answers::{Answers, DocumentDigest};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vasp_words::closed_list::closed_list;
use vasp_words::ids::{OrganisationId, VaspId};

/// Largest document that the registry accepts, in bytes of its canonical form.
pub const DOCUMENT_BYTES_MAX: usize = 512 * 1024;

/// Answers together with the VASP, organisation and questionnaire that they belong to. The signature covers the digest of its canonical
/// form (RFC 8785).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswersDocument {
    /// The form: `vasp-registry-answers/1`.
    #[serde(rename = "type")]
    pub form: DocumentForm,
    /// The VASP that the answers are about.
    pub vasp: VaspId,
    /// The organisation that answers for it.
    pub organisation: OrganisationId,
    /// Number of the submission, from 1.
    pub number: i64,
    /// The questionnaire, `id@version`.
    pub questionnaire: String,
    /// 32 random bytes in hex, so that nobody can find out answers by trying digests.
    pub nonce: String,
    /// The answers.
    pub answers: Answers,
    /// The owners; `None` if the member did not name them.
    pub ownership: Option<OwnershipChain>,
}

closed_list! {
    /// The form of a document of answers.
    pub enum DocumentForm {
        /// The first form.
        First = "vasp-registry-answers/1",
    }
}

/// One place in which two submissions differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The item; `None` for the ownership chain.
    pub item: Option<ItemId>,
    /// The earlier value; null if there was none.
    pub from: Value,
    /// The new value; null if there is none.
    pub to: Value,
}

impl AnswersDocument {
    /// Returns the statement that the member signs for the document with this SHA-256.
    #[must_use]
    pub fn statement(&self, sha256: &str) -> String {
        format!(
            "vasp-registry questionnaire answers\nvasp: {}\nquestionnaire: {}\nsubmission: {}\nsha256: {sha256}",
            self.vasp, self.questionnaire, self.number
        )
    }

    /// Returns every document that the answers and the chain name.
    #[must_use]
    pub fn evidence(&self) -> BTreeSet<DocumentDigest> {
        let beside = self.answers.values().flat_map(|answer| answer.evidence.iter().cloned());
        let answered = self.answers.values().filter_map(|answer| match &answer.value {
            super::answers::AnswerValue::Text(text) => DocumentDigest::try_from(text.clone()).ok(),
            _ => None,
        });
        let owners = self.ownership.iter().flat_map(OwnershipChain::documents);
        beside.chain(answered).chain(owners).collect()
    }

    /// Returns the differences from an earlier document, in the order of the items; the ownership chain comes last. An answer that was only
    /// confirmed on a later day is not a difference.
    pub fn differences(&self, earlier: Option<&Self>) -> Result<Vec<Difference>, serde_json::Error> {
        let none = Answers::new();
        let before = earlier.map_or(&none, |earlier| &earlier.answers);
        let shown = |answers: &Answers, id: &ItemId| {
            answers
                .get(id)
                .map_or(Value::Null, |answer| json!({"value": answer.value, "evidence": answer.evidence, "note": answer.note}))
        };
        let items: BTreeSet<&ItemId> = before.keys().chain(self.answers.keys()).collect();
        let mut found: Vec<Difference> = items
            .into_iter()
            .map(|id| Difference { item: Some(id.clone()), from: shown(before, id), to: shown(&self.answers, id) })
            .filter(|difference| difference.from != difference.to)
            .collect();
        let from = serde_json::to_value(earlier.and_then(|earlier| earlier.ownership.as_ref()))?;
        let to = serde_json::to_value(&self.ownership)?;
        if from != to {
            found.push(Difference { item: None, from, to });
        }
        Ok(found)
    }
}
