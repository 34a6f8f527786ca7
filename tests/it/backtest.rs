//! `backtest` with files that people have: refused in words before anything is loaded. What it answers is tried in `ask`.

use std::process::Output;

use crate::support::{assert_refused, command};

/// Tries a file, in a folder without a demo.
fn tried(bytes: &[u8]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("w.csv"), bytes).unwrap();
    let mut command = command(&["backtest", "w.csv", "--from", "DE"]);
    command.env_remove("VASP_REGISTRY_DATABASE").current_dir(folder.path()).output().unwrap()
}

#[test]
fn a_file_that_is_no_table_of_transfers_is_refused_before_anything_is_loaded() {
    for (bytes, says) in [
        (&b""[..], "w.csv: it is empty; write a line of headings"),
        (b"address,network\n", "it has headings and no transfers; write a line for each transfer"),
        (b"address;network;amount\n1NDy;bitcoin;1,5\n", "separated by semicolons; separate them by commas"),
        (b"address,amount\r\n1NDy,1,5\r\n", "line 2: it has 3 values, and the headings name 2 columns: write an amount as 1.5"),
        (b"address,memo\n1NDy,M\xfcller\n", "line 2 has a character that is not in UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0", "it is a picture (PNG); export the transfers as a CSV file"),
    ] {
        assert_refused(&tried(bytes), says);
    }
}

#[test]
fn help_names_the_exit_codes() {
    for name in ["backtest", "init"] {
        let help = command(&[name, "--help"]).output().unwrap();
        let words = String::from_utf8(help.stdout).unwrap();
        assert!(words.contains("Exit codes: 0 ") && words.contains("2 refused, failed, or not understood"), "{words}");
    }
}
