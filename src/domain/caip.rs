//! Chain-agnostic identifiers: CAIP-2, CAIP-10, CAIP-19.
