//! Policy: versioned data that turns check outcomes into a recommendation.
