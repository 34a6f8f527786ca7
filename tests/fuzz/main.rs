//! Throws nearly right input at every parser of outside text. `cargo test` runs what was found once (`found/`), the
//! examples and a thousand changed inputs each; `--executions N` runs N of them instead. The same seed (`--seed N`) and number
//! run the same inputs on every machine. `scripts/long fuzz` runs millions, and fails on an input that takes longer than
//! `--slowest-ms N`. `--list`, `--replay FILE` and the name of a target.
//!
//! An input at which something does not hold is written to the folder that the report names. Mend the parser, and keep the
//! input as `tests/fuzz/found/<target>-<what it was>`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    clippy::print_stdout,
    reason = "a test with a main of its own, which clippy does not take for one"
)]

mod addresses;
mod answers;
mod authority;
mod certificates;
mod files;
mod handed_in;
mod keys;
mod mutate;
mod names;
mod people;
mod probes;
mod proofs;
mod relationships;
mod requests;
mod run;
mod target;
mod trust;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

use run::{Budget, Report};
use target::Target;

/// What was asked on the command line; what the test runner understands besides is left alone.
#[derive(Default)]
struct Asked {
    executions: Option<u64>,
    seed: Option<u64>,
    slowest_ms: Option<u64>,
    replay: Option<String>,
    list: bool,
    name: Option<String>,
}

impl Asked {
    fn read(mut words: impl Iterator<Item = String>) -> Self {
        let mut asked = Self::default();
        while let Some(word) = words.next() {
            let mut number = || words.next().and_then(|word| word.parse().ok()).expect("a number follows");
            match word.as_str() {
                "--executions" => asked.executions = Some(number()),
                "--seed" => asked.seed = Some(number()),
                "--slowest-ms" => asked.slowest_ms = Some(number()),
                "--replay" => asked.replay = words.next(),
                "--list" => asked.list = true,
                _ if word.starts_with('-') => (),
                _ => asked.name = Some(word),
            }
        }
        asked
    }
}

fn targets() -> Vec<Target> {
    [
        names::ROUND_TRIPS,
        names::NAMES,
        addresses::TARGETS,
        answers::TARGETS,
        authority::TARGETS,
        certificates::TARGETS,
        files::TARGETS,
        handed_in::TARGETS,
        keys::TARGETS,
        people::TARGETS,
        probes::TARGETS,
        proofs::TARGETS,
        relationships::TARGETS,
        requests::TARGETS,
        trust::TARGETS,
    ]
    .concat()
}

/// The target of this name; where none has it, those whose names contain it.
fn wanted(name: Option<&str>) -> Vec<Target> {
    let (all, name) = (targets(), name.unwrap_or_default());
    match all.iter().find(|target| target.name == name) {
        Some(target) => vec![*target],
        None => all.into_iter().filter(|target| target.name.contains(name)).collect(),
    }
}

fn main() -> ExitCode {
    let asked = Asked::read(std::env::args().skip(1));
    let targets = wanted(asked.name.as_deref());
    if asked.list {
        targets.iter().for_each(|target| println!("{}", target.name));
        return ExitCode::SUCCESS;
    }
    #[cfg(fuzzing_libfuzzer)]
    guided(&targets);
    if let Some(file) = &asked.replay {
        let input = std::fs::read(file).expect("the input can be read");
        targets.iter().for_each(|target| println!("{}: {:?}", target.name, (target.run)(&input)));
        return ExitCode::SUCCESS;
    }
    run::keep_panics();
    let reports = run_all(&targets, &asked);
    requests::clean_up();
    let failed = reports.iter().filter(|(_, report)| report.failure.is_some()).count();
    print(&reports);
    println!(
        "test result: {}. {} passed; {failed} failed; 0 ignored",
        if failed == 0 { "ok" } else { "FAILED" },
        reports.len() - failed
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the targets on all processors, in the order of the list.
fn run_all(targets: &[Target], asked: &Asked) -> Vec<(Target, Report)> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let budget = Budget {
        executions: asked.executions.unwrap_or(1_000),
        one_input_micros: asked.slowest_ms.map(|millis| millis * 1_000),
        seed: asked.seed.unwrap_or(1),
    };
    let (waiting, done) = (Mutex::new(targets.iter().enumerate()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let Some((place, target)) = waiting.lock().unwrap().next() else { break };
                    let report = run::run(target, &found(target), budget);
                    done.lock().unwrap().push((place, *target, report));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(place, ..)| *place);
    done.into_iter().map(|(_, target, report)| (target, report)).collect()
}

/// Inputs of a target that did not hold once.
fn found(target: &Target) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/found");
    let start = format!("{}-", run::file_name(target));
    let files = std::fs::read_dir(folder).expect("the folder is there").map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start))).collect();
    files.sort();
    files
}

fn print(reports: &[(Target, Report)]) {
    println!("{:<28} {:>12} {:>9} {:>7} {:>9} {:>12}", "target", "executions", "accepted", "kinds", "a second", "slowest, µs");
    for (target, report) in reports {
        let share = 100.0 * report.accepted as f64 / report.executions.max(1) as f64;
        let speed = report.executions * 1_000_000 / report.micros.max(1);
        println!(
            "{:<28} {:>12} {share:>7.1} % {:>7} {speed:>9} {:>12}",
            target.name,
            report.executions,
            report.outcomes.len(),
            report.slowest_micros
        );
        if let Some(failure) = &report.failure {
            println!("  FAILED: {failure}");
        }
    }
}

/// Has libFuzzer choose the inputs by what code they reach: `scripts/long fuzz --guided`.
#[cfg(fuzzing_libfuzzer)]
fn guided(targets: &[Target]) {
    let [target] = targets else { panic!("name one target") };
    let folder = PathBuf::from(std::env::var("FUZZ_CORPUS").expect("FUZZ_CORPUS names the folder of inputs"));
    for (place, example) in (target.examples)().iter().enumerate() {
        std::fs::write(folder.join(format!("example-{place}")), example).expect("an example can be written");
    }
    let run = target.run;
    bolero::check!().for_each(|input: &[u8]| drop(run(input)));
}
