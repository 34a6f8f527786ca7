//! Redeeming a link. Filled in below.
