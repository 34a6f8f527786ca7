//! The result of one check of a domain, for each method: what the member sees, what is stored, and the combined result. The
//! functions are pure. Services make it from the answers of `outbound`.

use super::dns_answer::{DnssecStatus, ResolverAnswer};
use super::domain_proof::{Challenge, FileFault, ProofMethod, PublishedFile};
use super::domain_standing::Look;
use serde::{Deserialize, Serialize};

/// The answer of one resolver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolverSaid {
    /// Its address and port.
    pub resolver: String,
    /// `texts`, `nothing`, `bogus`, `failed` or `silent`.
    pub answer: String,
}

/// The result of one method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodLook {
    /// The method.
    pub method: ProofMethod,
    /// Whether it proves the domain.
    pub proves: bool,
    /// `proven`, or the stable code of the fault.
    pub code: String,
    /// The fault in words; empty if the method proves the domain.
    pub detail: String,
    /// Whether the cause of the fault is on the registry's side, so that it says nothing about the domain.
    pub is_ours: bool,
    /// The DNSSEC status of the agreed DNS answer; `None` if there is none.
    pub dnssec: Option<DnssecStatus>,
    /// The answer of each resolver.
    pub resolvers: Vec<ResolverSaid>,
}

/// The result of one check of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainLook {
    /// One result for each method, in order.
    pub methods: Vec<MethodLook>,
}

impl DomainLook {
    /// Judges the resolvers' answers, and the file or the reason why it is missing.
    #[must_use]
    pub fn of(challenge: &Challenge, answers: &[ResolverAnswer], file: Result<PublishedFile<'_>, FileFault>) -> Self {
        let judged = challenge.judge_txt(answers);
        let fault = judged.err();
        let said =
            |given: &ResolverAnswer| ResolverSaid { resolver: given.resolver.clone(), answer: given.answer.as_str().to_owned() };
        let txt = MethodLook {
            method: ProofMethod::DnsTxt,
            proves: fault.is_none(),
            code: fault.map_or("proven", super::domain_proof::TxtFault::code).to_owned(),
            detail: fault.map(|fault| fault.to_string()).unwrap_or_default(),
            is_ours: fault.is_some_and(super::domain_proof::TxtFault::is_ours),
            dnssec: judged.ok(),
            resolvers: answers.iter().map(said).collect(),
        };
        let fault = file.and_then(|file| challenge.judge_file(&file)).err();
        let file = MethodLook {
            method: ProofMethod::WellKnownFile,
            proves: fault.is_none(),
            code: fault.as_ref().map_or("proven", FileFault::code).to_owned(),
            detail: fault.as_ref().map(ToString::to_string).unwrap_or_default(),
            is_ours: fault.as_ref().is_some_and(FileFault::is_ours),
            dnssec: None,
            resolvers: Vec::new(),
        };
        Self { methods: vec![txt, file] }
    }

    /// Returns the combined result.
    #[must_use]
    pub fn verdict(&self) -> Look {
        Look::of(self.methods.iter().map(|method| if method.proves { Ok(()) } else { Err(method.is_ours) }))
    }

    /// Returns the first method that proves the domain.
    #[must_use]
    pub fn proof(&self) -> Option<&MethodLook> {
        self.methods.iter().find(|method| method.proves)
    }
}

impl MethodLook {
    /// Returns the source for the record's evidence: resolvers and DNSSEC status, or the URL.
    #[must_use]
    pub fn source(&self, challenge: &Challenge) -> String {
        match self.method {
            ProofMethod::WellKnownFile => challenge.file_url(),
            ProofMethod::DnsTxt => {
                let agreed = self.resolvers.iter().filter(|said| said.answer == "texts").map(|said| said.resolver.as_str());
                let dnssec = self.dnssec.unwrap_or(DnssecStatus::Unknown).as_str();
                let name = challenge.txt_name();
                format!("{name}, DNSSEC {dnssec}, agreed by {}", agreed.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::dns_answer::TxtAnswer;
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn challenge() -> Challenge {
        Challenge::draw("example.com".parse().unwrap(), vasp_words::time::UtcTime::EPOCH, &mut ChaCha20Rng::seed_from_u64(1))
    }

    fn two(answer: &TxtAnswer) -> Vec<ResolverAnswer> {
        ["192.0.2.1:53", "192.0.2.2:53"].map(|at| ResolverAnswer { resolver: at.to_owned(), answer: answer.clone() }).into()
    }

    #[test]
    fn look_that_proves_says_by_what() {
        let challenge = challenge();
        let texts = TxtAnswer::Texts { texts: [challenge.text()].into(), dnssec: DnssecStatus::Insecure };

        let look = DomainLook::of(&challenge, &two(&texts), Err(FileFault::Missing));

        assert_eq!(look.verdict(), Look::Proves);
        let proof = look.proof().unwrap();
        let source = "_vasp-registry.example.com, DNSSEC insecure, agreed by 192.0.2.1:53, 192.0.2.2:53";
        assert_eq!((proof.method, proof.source(&challenge).as_str()), (ProofMethod::DnsTxt, source));
    }

    #[test]
    fn look_that_fails_says_why_by_each_method_and_reads_back() {
        let challenge = challenge();
        let not_fetched = FileFault::NotFetched { why: "silent".to_owned(), is_ours: true };

        let look = DomainLook::of(&challenge, &two(&TxtAnswer::Nothing), Err(not_fetched));

        assert_eq!(look.verdict(), Look::SaysNothing);
        assert_eq!(look.methods.iter().map(|method| method.code.as_str()).collect::<Vec<_>>(), ["missing", "not_fetched"]);
        let stored = serde_json::to_string(&look).unwrap();
        assert_eq!(serde_json::from_str::<DomainLook>(&stored).unwrap(), look);
        assert_eq!(DomainLook::of(&challenge, &two(&TxtAnswer::Nothing), Err(FileFault::Missing)).verdict(), Look::Fails);
    }
}
