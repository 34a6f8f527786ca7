//! The rulebook: dated versions of each jurisdiction's Travel Rule.
