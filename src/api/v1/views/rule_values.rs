//! The closed lists of values of rules and obligations, worst first where they decide something.
