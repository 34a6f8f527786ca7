//! The root of a claim batch: a Merkle tree over salted rows. The row salts come from one seed through a binary tree (GGM). So no salt is
//! stored per row, and one row's salt can be shown without the seed. A row can be erased while every other proof stays valid. Who owns
//! which address is not public: only the root enters the log.

use super::tree::{Frontier, FrontierError, leaf_hash, sha256};

/// Depth of the seed tree: positions are 32-bit numbers.
const DEPTH: u32 = 32;

/// The secret seed of a batch's row salts.
#[derive(Clone)]
pub struct BatchSeed(pub [u8; 32]);

/// The data that a batch commits to for one row, as canonical bytes.
#[derive(Clone, Copy, Debug)]
pub struct RowCommitment<'a> {
    /// Number of the claim.
    pub number: i64,
    /// Number of the network.
    pub network: i32,
    /// Key of the account.
    pub account_key: &'a [u8],
    /// Memo; empty if there is none.
    pub memo: &'a str,
    /// Number of the claimed owner.
    pub vasp: i64,
    /// Code of the role.
    pub role: i16,
    /// Confidence from 0 to 100; `None` if the source gives none.
    pub confidence: Option<i16>,
    /// When the source asserted it, in microseconds since the epoch; `None` if it gives no date.
    pub asserted_at: Option<i64>,
    /// When it expires, in microseconds since the epoch; `None` if never.
    pub expires_at: Option<i64>,
}

/// Walks the seed tree from the root. Neighbouring positions share most of their path, so the path is kept.
struct SaltWalk {
    path: Vec<[u8; 32]>,
    position: u32,
}

impl SaltWalk {
    fn new(seed: &BatchSeed) -> Self {
        let mut walk = Self { path: vec![seed.0], position: 0 };
        walk.descend();
        walk
    }

    fn descend(&mut self) {
        while let (Ok(depth), Some(parent)) = (u32::try_from(self.path.len()), self.path.last()) {
            if depth > DEPTH {
                return;
            }
            let bit = (self.position >> (DEPTH - depth)) & 1;
            let child = sha256(&[if bit == 0 { b"L" } else { b"R" }, parent]);
            self.path.push(child);
        }
    }

    fn salt(&mut self, position: u32) -> [u8; 32] {
        let differing = self.position ^ position;
        if differing != 0 {
            let shared = usize::try_from(differing.leading_zeros()).unwrap_or(0);
            self.path.truncate(shared + 1);
            self.position = position;
            self.descend();
        }
        self.path.last().copied().unwrap_or_default()
    }
}

/// Builds the root of a batch row by row: the RFC 6962 root over leaves (salt ‖ row), in order of position.
pub struct BatchTree {
    walk: SaltWalk,
    frontier: Frontier,
    position: u32,
    /// The entry of the current row; a reused buffer, so that no row allocates memory.
    entry: Vec<u8>,
}

impl BatchTree {
    /// Starts an empty batch.
    #[must_use]
    pub fn new(seed: &BatchSeed) -> Self {
        Self { walk: SaltWalk::new(seed), frontier: Frontier::default(), position: 0, entry: Vec::new() }
    }

    /// Continues a batch that already has `position` rows, from the stored frontier.
    ///
    /// # Errors
    /// `FrontierError` if the frontier does not belong to that many rows.
    pub fn resume(seed: &BatchSeed, position: u32, frontier: &[u8]) -> Result<Self, FrontierError> {
        let frontier = Frontier::from_bytes(position.into(), frontier)?;
        Ok(Self { walk: SaltWalk::new(seed), frontier, position, entry: Vec::new() })
    }

    /// Returns the frontier of the rows so far, to store it and continue later.
    #[must_use]
    pub fn frontier_bytes(&self) -> Vec<u8> {
        self.frontier.to_bytes()
    }

    /// Adds the next row.
    pub fn push(&mut self, row: &RowCommitment<'_>) {
        let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes();
        let salt = self.walk.salt(self.position);
        let entry = &mut self.entry;
        entry.clear();
        entry.extend_from_slice(&salt);
        entry.extend_from_slice(&row.number.to_be_bytes());
        entry.extend_from_slice(&row.network.to_be_bytes());
        entry.extend_from_slice(&length(row.account_key));
        entry.extend_from_slice(row.account_key);
        entry.extend_from_slice(&length(row.memo.as_bytes()));
        entry.extend_from_slice(row.memo.as_bytes());
        entry.extend_from_slice(&row.vasp.to_be_bytes());
        entry.extend_from_slice(&row.role.to_be_bytes());
        for optional in [row.confidence.map(i64::from), row.asserted_at, row.expires_at] {
            // A flag before the value, because an absent value differs from zero.
            entry.push(u8::from(optional.is_some()));
            entry.extend_from_slice(&optional.unwrap_or(0).to_be_bytes());
        }
        self.frontier.append(leaf_hash(entry));
        self.position = self.position.wrapping_add(1);
    }

    /// Returns the root over the rows so far.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        self.frontier.root()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The salt by its definition, without the cached path.
    fn salt_by_definition(seed: &BatchSeed, position: u32) -> [u8; 32] {
        (0..DEPTH).rev().fold(seed.0, |node, bit| {
            let side: &[u8] = if (position >> bit) & 1 == 0 { b"L" } else { b"R" };
            sha256(&[side, &node])
        })
    }

    #[test]
    fn salts_follow_the_seed_tree_in_any_order_of_asking() {
        let seed = BatchSeed([7; 32]);
        let mut walk = SaltWalk::new(&seed);

        for position in [0, 1, 2, 3, 1000, 5, u32::MAX, 0, 1 << 31] {
            assert_eq!(walk.salt(position), salt_by_definition(&seed, position), "{position}");
        }
    }

    #[test]
    fn a_batch_that_was_put_aside_at_any_row_comes_to_the_same_root() {
        let seed = BatchSeed([7; 32]);
        let row = |number| RowCommitment {
            number,
            network: 2,
            account_key: b"abc",
            memo: "",
            vasp: 3,
            role: 0,
            confidence: None,
            asserted_at: None,
            expires_at: None,
        };
        let fill = |tree: &mut BatchTree, rows: std::ops::Range<i64>| rows.for_each(|number| tree.push(&row(number)));
        let mut undisturbed = BatchTree::new(&seed);
        fill(&mut undisturbed, 0..37);

        for aside in 0..37u32 {
            let mut tree = BatchTree::new(&seed);
            fill(&mut tree, 0..i64::from(aside));
            let mut again = BatchTree::resume(&seed, aside, &tree.frontier_bytes()).unwrap();
            fill(&mut again, i64::from(aside)..37);
            assert_eq!(again.root(), undisturbed.root(), "{aside}");
        }
        assert!(BatchTree::resume(&seed, 3, &[0; 32]).is_err());
    }

    #[test]
    fn any_changed_row_changes_the_root() {
        let seed = BatchSeed([7; 32]);
        let row = RowCommitment {
            number: 1,
            network: 2,
            account_key: b"abc",
            memo: "",
            vasp: 3,
            role: 0,
            confidence: None,
            asserted_at: None,
            expires_at: None,
        };
        let root_under = |seed: &BatchSeed, row: RowCommitment<'_>| {
            let mut tree = BatchTree::new(seed);
            tree.push(&row);
            tree.push(&row);
            tree.root()
        };
        let root = |row: RowCommitment<'_>| root_under(&seed, row);

        let base = root(row);
        for other in [
            RowCommitment { number: 2, ..row },
            RowCommitment { network: 3, ..row },
            RowCommitment { account_key: b"ab", memo: "c", ..row },
            RowCommitment { memo: "1", ..row },
            RowCommitment { vasp: 4, ..row },
            RowCommitment { role: 1, ..row },
            RowCommitment { confidence: Some(0), ..row },
            RowCommitment { asserted_at: Some(0), ..row },
            RowCommitment { expires_at: Some(0), ..row },
        ] {
            assert_ne!(root(other), base);
        }
        assert_ne!(root_under(&BatchSeed([8; 32]), row), base);
    }
}
