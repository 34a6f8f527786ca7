//! Dated jurisdiction lists (FATF, EU).
