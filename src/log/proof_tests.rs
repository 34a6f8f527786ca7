//! Tests proofs against published vectors and the definition, and checks that altered proofs fail.

use super::*;
use crate::leaf_hash;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use std::convert::Infallible;

/// Source: transparency-dev/merkle, testonly (the reference leaves of Certificate Transparency).
const LEAVES: [&str; 8] = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

const ROOT_5: &str = "Tju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=";
const ROOT_6: &str = "duZ9rbzfHhDht03cYIq9L5jfsW+851J3tSMqEn8gh+8=";
const ROOT_7: &str = "3bib5AOAnjJXUNPSY814kpwpQreUKjS3fhIslZSnTIw=";
const ROOT_8: &str = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=";

fn hash(text: &str) -> Hash {
    STANDARD.decode(text).unwrap().try_into().unwrap()
}

fn root_by_definition(leaves: &[Hash]) -> Hash {
    match leaves {
        [leaf] => *leaf,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            node_hash(&root_by_definition(&leaves[..split]), &root_by_definition(&leaves[split..]))
        }
    }
}

fn reader(leaves: &[Hash]) -> impl FnMut(u32, u64) -> Result<Hash, Infallible> {
    |height, index| {
        let first = usize::try_from(index << height).unwrap();
        Ok(root_by_definition(&leaves[first..first + (1 << height)]))
    }
}

fn published() -> Vec<Hash> {
    LEAVES.iter().map(|leaf| leaf_hash(&hex::decode(leaf).unwrap())).collect()
}

/// Source: transparency-dev/merkle, testdata/inclusion/{1,2,4}/happy-path.json.
#[test]
fn inclusion_proofs_equal_the_published_ones() {
    for (index, size, root, proof) in [
        (
            0,
            8,
            ROOT_8,
            [
                "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=",
                "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
                "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=",
            ],
        ),
        (
            5,
            8,
            ROOT_8,
            [
                "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
                "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
                "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
            ],
        ),
        (
            1,
            5,
            ROOT_5,
            [
                "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=",
                "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
                "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
            ],
        ),
    ] {
        let expected = proof.map(hash);

        let Ok(made) = inclusion_proof(index, size, &mut reader(&published()));

        assert_eq!(made, expected);
        let leaf = published()[usize::try_from(index).unwrap()];
        assert!(verify_inclusion(&leaf, index, size, &expected, &hash(root)));
    }
}

/// Source: transparency-dev/merkle, testdata/consistency/{2,3,4}/happy-path.json.
#[test]
fn consistency_proofs_equal_the_published_ones() {
    let root_2 = "+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU=";
    for (from, to, old, new, proof) in [
        (
            6,
            8,
            ROOT_6,
            ROOT_8,
            vec![
                "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=",
                "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
                "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
            ],
        ),
        (
            2,
            5,
            root_2,
            ROOT_5,
            vec!["Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=", "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms="],
        ),
        (
            6,
            7,
            ROOT_6,
            ROOT_7,
            vec![
                "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=",
                "sIaT7C5yFZcTBkHoIR5+7cy0wmQTlj7ubB4u0W/7Gl8=",
                "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
            ],
        ),
    ] {
        let expected: Vec<Hash> = proof.into_iter().map(hash).collect();

        let Ok(made) = consistency_proof(from, to, &mut reader(&published()));

        assert_eq!(made, expected, "{from} to {to}");
        assert!(verify_consistency((from, &hash(old)), (to, &hash(new)), &expected));
    }
}

#[test]
fn what_is_out_of_range_is_never_proven() {
    let leaf = leaf_hash(b"");

    assert!(verify_inclusion(&leaf, 0, 1, &[], &leaf));
    assert!(!verify_inclusion(&leaf, 0, 0, &[], &leaf));
    assert!(!verify_inclusion(&leaf, 1, 1, &[], &leaf));
    assert!(!verify_inclusion(&leaf, 0, 1, &[leaf], &leaf));
    assert!(verify_consistency((1, &leaf), (1, &leaf), &[]));
    assert!(!verify_consistency((0, &leaf), (1, &leaf), &[]));
    assert!(!verify_consistency((2, &leaf), (1, &leaf), &[]));
    assert!(!verify_consistency((1, &leaf), (2, &leaf), &[]));
}

/// Returns every proof that differs from this one by one simple alteration.
fn altered(proof: &[Hash], at: prop::sample::Index, bit: u8) -> Vec<Vec<Hash>> {
    let mut all = vec![[proof, &[[7; 32]]].concat(), [&[[7; 32]], proof].concat()];
    if !proof.is_empty() {
        let index = at.index(proof.len());
        let mut flipped = proof.to_vec();
        flipped[index][usize::from(bit / 8)] ^= 1 << (bit % 8);
        let mut without = proof.to_vec();
        without.remove(index);
        all.extend([flipped, without, proof[1..].to_vec(), proof[..proof.len() - 1].to_vec()]);
    }
    all
}

proptest! {
    #[test]
    fn every_inclusion_proof_holds_and_no_altered_one_does(size in 1usize..300, at: prop::sample::Index, bit: u8) {
        let leaves: Vec<Hash> = (0..size).map(|index| leaf_hash(&index.to_be_bytes())).collect();
        let (root, index) = (root_by_definition(&leaves), at.index(size));
        let (place, count) = (u64::try_from(index).unwrap(), u64::try_from(size).unwrap());

        let Ok(proof) = inclusion_proof(place, count, &mut reader(&leaves));

        let Ok(read) = root_of(count, &mut reader(&leaves));
        prop_assert_eq!(read, root);
        prop_assert!(verify_inclusion(&leaves[index], place, count, &proof, &root));
        for other in altered(&proof, at, bit) {
            prop_assert!(!verify_inclusion(&leaves[index], place, count, &other, &root));
        }
        let mut other = leaves[index];
        other[usize::from(bit / 8)] ^= 1 << (bit % 8);
        prop_assert!(!verify_inclusion(&other, place, count, &proof, &root));
        prop_assert!(!verify_inclusion(&leaves[index], place, count, &proof, &other));
        prop_assert!(!verify_inclusion(&leaves[index], place.wrapping_sub(1), count, &proof, &root));
        prop_assert!(!verify_inclusion(&leaves[index], place + 1, count, &proof, &root));
    }

    #[test]
    fn every_consistency_proof_holds_and_no_altered_one_does(to in 1usize..300, at: prop::sample::Index, bit: u8) {
        let leaves: Vec<Hash> = (0..to).map(|index| leaf_hash(&index.to_be_bytes())).collect();
        let from = at.index(to) + 1;
        let (old, new) = (root_by_definition(&leaves[..from]), root_by_definition(&leaves));
        let (small, large) = (u64::try_from(from).unwrap(), u64::try_from(to).unwrap());

        let Ok(proof) = consistency_proof(small, large, &mut reader(&leaves));

        prop_assert!(verify_consistency((small, &old), (large, &new), &proof));
        for other in altered(&proof, at, bit) {
            prop_assert!(!verify_consistency((small, &old), (large, &new), &other), "{:?} {:?}", proof, other);
        }
        let mut flipped = old;
        flipped[usize::from(bit / 8)] ^= 1 << (bit % 8);
        prop_assert!(!verify_consistency((small, &flipped), (large, &new), &proof));
        prop_assert!(!verify_consistency((small, &old), (large, &flipped), &proof));
    }

    #[test]
    fn a_proof_of_any_size_reads_few_hashes(size in 1u64..=1 << 40, at: u64) {
        let mut reads = 0u32;
        let Ok(path) = inclusion_proof(at % size, size, &mut |_, _| { reads += 1; Ok::<_, Infallible>([0; 32]) });
        prop_assert!(path.len() <= 41 && reads <= 82);

        let mut reads = 0u32;
        let Ok(path) = consistency_proof(at % size + 1, size, &mut |_, _| { reads += 1; Ok::<_, Infallible>([0; 32]) });
        prop_assert!(path.len() <= 42 && reads <= 123);
    }
}
