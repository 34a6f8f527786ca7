//! Whom `ask` asks: a server by HTTP, or the database on this machine. Both answer in the API's format.

use serde_json::Value;

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Refused {
    /// The question was not understood: the problem document, with the members that are wrong.
    NotUnderstood(Value),
    /// Anything else, as a sentence.
    Failed(String),
}

/// A place that answers questions.
pub(super) trait Office {
    /// Says who owns a subject: `subject`, and `kind`, `network` and `memo` if they are known.
    fn resolve(&self, question: &Value) -> Result<Value, Refused>;

    /// Returns the firms with such a name, best first.
    fn firms(&self, name: &str) -> Result<Vec<Value>, Refused>;

    /// Checks a transfer. Returns the verdict with its evidence, as it was signed.
    fn precheck(&self, request: &Value) -> Result<String, Refused>;

    /// Returns the report of a recorded pre-check; `None` if nothing was recorded.
    fn report(&self, id: &str) -> Option<Result<String, Refused>>;

    /// Whether pre-checks are recorded and signed.
    fn records(&self) -> bool;

    /// Whether a verdict needs the asker's jurisdiction, because nobody knows who asks.
    fn needs_jurisdiction(&self) -> bool;
}
