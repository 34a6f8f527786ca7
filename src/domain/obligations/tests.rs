//! Tests of obligations.
