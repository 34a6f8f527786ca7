//! Proofs of control: challenges, and proof objects from outside.

use vasp_addresses::network::NetworkTable;
use vasp_addresses::proof;
use vasp_addresses::proof::{Challenge, Proof};

use crate::target::{Outcome, Target, accepted, refused_file, round_trip, text};

/// The targets of this file.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "challenge", examples: challenges, run: |input| round_trip::<Challenge>(&text(input)) },
    Target { name: "proof", examples: proofs, run: proof },
];

/// Every file of `docs/examples/proofs`.
fn proofs() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/examples/proofs");
    let files = std::fs::read_dir(folder).expect("the folder is there").map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

fn challenges() -> Vec<Vec<u8>> {
    let challenge = |proof: &Vec<u8>| serde_json::from_slice::<Proof>(proof).unwrap().challenge.into_bytes();
    proofs().iter().take(3).map(challenge).collect()
}

/// Whatever is handed in, only the texts that the examples' keys signed hold.
fn proof(input: &[u8]) -> Outcome {
    let proof: Proof = match serde_json::from_slice(input) {
        Ok(proof) => proof,
        Err(error) => return refused_file(&error),
    };
    match proof::verify(NetworkTable::embedded(), &proof, "2026-06-01T12:05:00Z".parse().unwrap()) {
        Ok(verified) => {
            let signed = proofs()
                .iter()
                .map(|proof| serde_json::from_slice::<Proof>(proof).unwrap())
                .any(|p| p.challenge == proof.challenge);
            assert!(signed, "nobody signed {:?}", proof.challenge);
            assert_eq!(verified.challenge.to_string(), proof.challenge);
            accepted(proof.scheme.as_str())
        }
        Err(error) => refused_file(&error),
    }
}
