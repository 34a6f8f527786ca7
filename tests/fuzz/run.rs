//! Runs one target: what was found before, the examples, then changed examples, until there were enough executions or the
//! time is over. Stops at the first input at which something does not hold, and keeps it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use vasp_clock::Stopwatch;

use crate::mutate::Mutator;
use crate::target::{Outcome, Target};

/// How long a run goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    /// Executions at most.
    pub executions: u64,
    /// Longest that one input may take; none if the machine is busy with other work.
    pub one_input_micros: Option<u64>,
    /// What the changes follow from.
    pub seed: u64,
}

/// What came out.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub executions: u64,
    pub accepted: u64,
    /// Kinds of outcomes, and how often.
    pub outcomes: BTreeMap<Outcome, u64>,
    pub slowest_micros: u64,
    pub micros: u64,
    /// What does not hold, and the file in which the input lies.
    pub failure: Option<String>,
}

thread_local!(static PANIC: RefCell<Option<String>> = const { RefCell::new(None) });

/// Has panics kept for the report instead of shown: a handler's panic is caught by the server and never seen here.
pub(crate) fn keep_panics() {
    std::panic::set_hook(Box::new(|panic| PANIC.with(|kept| *kept.borrow_mut() = Some(panic.to_string()))));
}

/// Runs a target; `kept` are files that did not hold once.
pub(crate) fn run(target: &Target, kept: &[PathBuf], budget: Budget) -> Report {
    let watch = Stopwatch::start();
    let mut report = Report::default();
    let examples = (target.examples)();
    let known: Vec<Vec<u8>> = kept.iter().map(|path| std::fs::read(path).expect("a kept input can be read")).collect();
    for input in examples.iter().chain(&known) {
        if !execute(target, input, budget, &mut report) {
            break;
        }
    }
    let mut mutator = Mutator::new(budget.seed, [examples, known].concat());
    while report.failure.is_none() && report.executions < budget.executions {
        let input = mutator.next_input();
        let kinds = report.outcomes.len();
        execute(target, &input, budget, &mut report);
        if report.outcomes.len() > kinds {
            mutator.learn(&input);
        }
    }
    report.micros = watch.elapsed_micros();
    report
}

/// Runs one input; tells whether all held.
fn execute(target: &Target, input: &[u8], budget: Budget, report: &mut Report) -> bool {
    PANIC.with(|kept| kept.borrow_mut().take());
    let watch = Stopwatch::start();
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    let micros = watch.elapsed_micros();
    report.executions += 1;
    report.slowest_micros = report.slowest_micros.max(micros);
    // A panic inside a handler is answered with 500 and would pass for an answer.
    let panicked = PANIC.with(|kept| kept.borrow_mut().take());
    let failure = match outcome {
        Ok(outcome) => {
            report.accepted += u64::from(matches!(outcome, Outcome::Accepted(_)));
            *report.outcomes.entry(outcome).or_default() += 1;
            let slow = budget.one_input_micros.filter(|limit| micros > *limit);
            panicked.or(slow.map(|_| format!("one input took {micros} µs")))
        }
        Err(_) => Some(panicked.unwrap_or_default()),
    };
    report.failure = failure.map(|what| format!("{what}\n  input: {}", keep(target, input).display()));
    report.failure.is_none()
}

/// Writes an input where the next run finds it.
fn keep(target: &Target, input: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    let digest: u64 =
        input.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let path = folder.join(format!("{}-{digest:016x}", file_name(target)));
    std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, input)).expect("an input can be written");
    path
}

/// The target's name as it stands in the names of files.
pub(crate) fn file_name(target: &Target) -> String {
    let words = target.name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}
