//! Addresses: decoding, checking, canonical form, candidates.
