//! What both sides of a transfer owe by their rules.
