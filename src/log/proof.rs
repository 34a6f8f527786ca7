//! Inclusion and consistency proofs: which hashes a proof consists of, and how a reader checks it. The hashes are read one by one from
//! wherever they are stored. A proof of a log of n entries reads O(log n) hashes.

use super::tree::{Hash, node_hash};

/// Returns the hash of a perfect subtree by height and index: over the 2^`height` leaves from `index << height` on.
pub trait ReadSubtree<E>: FnMut(u32, u64) -> Result<[u8; 32], E> {}

impl<E, F: FnMut(u32, u64) -> Result<[u8; 32], E>> ReadSubtree<E> for F {}

/// Returns the largest power of two below `count`; `count` is at least 2.
fn split(count: u64) -> u64 {
    1 << (u64::BITS - 1 - count.saturating_sub(1).leading_zeros())
}

/// Returns the root over the `count` leaves (at least 1) from `first` on. `first` must be a multiple of the power of two at or above
/// `count`; this is true for every subtree.
fn subtree<E>(first: u64, count: u64, read: &mut impl ReadSubtree<E>) -> Result<Hash, E> {
    if count.is_power_of_two() {
        let height = count.trailing_zeros();
        return read(height, first >> height);
    }
    let left = split(count);
    Ok(node_hash(&subtree(first, left, read)?, &subtree(first + left, count - left, read)?))
}

/// Returns the root over the first `size` leaves, of which there is at least 1.
///
/// Source: RFC 6962 section 2.1.
pub fn root_of<E>(size: u64, read: &mut impl ReadSubtree<E>) -> Result<[u8; 32], E> {
    subtree(0, size, read)
}

/// Returns the proof that the leaf `index` is in the tree over the first `size` leaves; `index` must be below `size`.
///
/// Source: RFC 6962 section 2.1.1.
pub fn inclusion_proof<E>(index: u64, size: u64, read: &mut impl ReadSubtree<E>) -> Result<Vec<[u8; 32]>, E> {
    let (mut first, mut count, mut path) = (0, size, Vec::new());
    while count > 1 {
        let left = split(count);
        if index - first < left {
            path.push(subtree(first + left, count - left, read)?);
            count = left;
        } else {
            path.push(subtree(first, left, read)?);
            (first, count) = (first + left, count - left);
        }
    }
    path.reverse();
    Ok(path)
}

/// Returns the proof that the tree over the first `to` leaves begins with the tree over the first `from`; `from` is from 1 to `to`.
///
/// Source: RFC 6962 section 2.1.2.
pub fn consistency_proof<E>(from: u64, to: u64, read: &mut impl ReadSubtree<E>) -> Result<Vec<[u8; 32]>, E> {
    let (mut first, mut count, mut path) = (0, to, Vec::new());
    while from - first < count {
        let left = split(count);
        if from - first <= left {
            path.push(subtree(first + left, count - left, read)?);
            count = left;
        } else {
            path.push(subtree(first, left, read)?);
            (first, count) = (first + left, count - left);
        }
    }
    // The root of the old tree; left out if nothing was split off on its left, because the reader then has it already.
    if first > 0 {
        path.push(subtree(first, count, read)?);
    }
    path.reverse();
    Ok(path)
}

/// Checks a proof that a leaf is in a tree.
///
/// Source: RFC 9162 section 2.1.3.2.
#[must_use]
pub fn verify_inclusion(leaf: &[u8; 32], index: u64, size: u64, proof: &[[u8; 32]], root: &[u8; 32]) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            while at.is_multiple_of(2) && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Checks a proof that a tree is the beginning of another one; takes size and root of both.
///
/// Source: RFC 9162 section 2.1.4.2.
#[must_use]
pub fn verify_consistency(old: (u64, &[u8; 32]), new: (u64, &[u8; 32]), proof: &[[u8; 32]]) -> bool {
    let ((from, old_root), (to, new_root)) = (old, new);
    if from == 0 || from > to {
        return false;
    }
    if from == to {
        return proof.is_empty() && old_root == new_root;
    }
    let (mut at, mut last) = (from - 1, to - 1);
    let shift = at.trailing_ones();
    (at, last) = (at >> shift, last >> shift);
    let (start, rest) = match proof.split_first() {
        // The old tree is one perfect subtree, so the reader already has its root.
        _ if from.is_power_of_two() && !proof.is_empty() => (old_root, proof),
        Some((start, rest)) => (start, rest),
        None => return false,
    };
    let (mut old_hash, mut new_hash) = (*start, *start);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            (old_hash, new_hash) = (node_hash(sibling, &old_hash), node_hash(sibling, &new_hash));
            while at.is_multiple_of(2) && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}

#[cfg(test)]
#[path = "proof_tests.rs"]
mod tests;
