//! The pre-check: a pure function from facts to a recommendation.
