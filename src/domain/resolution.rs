//! Merging the claims of one key into an answer.
