//! An error and its causes in one line, for the log and the command line, never for API answers.

use std::error::Error;

/// Returns an error and its sources in one line, outermost first.
#[must_use]
pub fn error_chain(error: &(dyn Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| (*error).source());
    chain.map(|error| error.to_string().trim_end().replace('\n', " ")).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer\nmost")]
    struct Outer(#[source] std::fmt::Error);

    #[test]
    fn chain_names_every_source_once_and_stays_one_line() {
        assert_eq!(error_chain(&Outer(std::fmt::Error)), format!("outer most: {}", std::fmt::Error));
    }
}
