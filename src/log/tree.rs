//! The Merkle tree of RFC 6962, stored as its frontier: the roots of its perfect subtrees, largest first. An append needs only a few
//! hashes, and the frontier alone gives the root.

use aws_lc_rs::digest::{Context, SHA256};

/// A SHA-256 hash.
pub(crate) type Hash = [u8; 32];

/// The error for a stored frontier that does not fit the size of the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a frontier of {bytes} bytes is wrong for a tree of {size} leaves")]
pub struct FrontierError {
    /// Length of the stored frontier.
    pub bytes: usize,
    /// Number of leaves that it should cover.
    pub size: u64,
}

/// Returns the SHA-256 of the concatenated parts.
pub(crate) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0u8; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// Returns the hash of a leaf: SHA-256(0x00 ‖ entry).
///
/// Source: RFC 6962 section 2.1.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> [u8; 32] {
    sha256(&[&[0x00], entry])
}

/// Source: RFC 6962 section 2.1.
pub(super) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[0x01], left, right])
}

/// The roots of the perfect subtrees of a tree, largest first; one for every set bit of the size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// Reads a stored frontier of a tree with `size` leaves.
    ///
    /// # Errors
    /// `FrontierError` if its length does not fit the size.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Result<Self, FrontierError> {
        let (roots, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() || u64::try_from(roots.len()) != Ok(u64::from(size.count_ones())) {
            return Err(FrontierError { bytes: bytes.len(), size });
        }
        Ok(Self { size, roots: roots.to_vec() })
    }

    /// Returns the bytes to store.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.roots.concat()
    }

    /// Appends one leaf by its hash.
    pub fn append(&mut self, leaf: Hash) {
        let mut root = leaf;
        // Every trailing one bit of the size is a perfect subtree as large as the new one: merge them.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.roots.pop() {
                root = node_hash(&left, &root);
            }
        }
        self.roots.push(root);
        self.size += 1;
    }

    /// Returns the root of the whole tree; for an empty tree, the SHA-256 of nothing.
    ///
    /// Source: RFC 6962 section 2.1.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        let mut roots = self.roots.iter().rev();
        match roots.next() {
            None => sha256(&[]),
            Some(last) => roots.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Source: the reference tree of the Certificate Transparency project (transparency-dev/merkle, testonly/tree_test).
    const LEAVES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn roots_equal_the_published_ones() {
        let mut frontier = Frontier::default();
        assert_eq!(hex::encode(frontier.root()), ROOTS[0]);

        for (leaf, root) in LEAVES.iter().zip(&ROOTS[1..]) {
            frontier.append(leaf_hash(&hex::decode(leaf).unwrap()));
            assert_eq!(&hex::encode(frontier.root()), root);
        }
    }

    #[test]
    fn a_frontier_of_another_size_is_refused() {
        assert!(Frontier::from_bytes(3, &[0; 32]).is_err());
        assert!(Frontier::from_bytes(1, &[0; 31]).is_err());
    }

    fn root_by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => sha256(&[]),
            [leaf] => *leaf,
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node_hash(&root_by_definition(&leaves[..split]), &root_by_definition(&leaves[split..]))
            }
        }
    }

    proptest! {
        #[test]
        fn a_stored_frontier_continues_as_the_definition_says(count in 0usize..200, more in 0usize..20) {
            let leaves: Vec<Hash> = (0..count + more).map(|i| leaf_hash(&i.to_be_bytes())).collect();
            let mut frontier = Frontier::default();
            leaves[..count].iter().for_each(|leaf| frontier.append(*leaf));
            let mut frontier = Frontier::from_bytes(u64::try_from(count).unwrap(), &frontier.to_bytes()).unwrap();
            leaves[count..].iter().for_each(|leaf| frontier.append(*leaf));
            prop_assert_eq!(frontier.root(), root_by_definition(&leaves));
        }
    }
}
