//! Screening lists and exact matching.
