//! A repository of git in a temporary folder, in which tests run the project's scripts.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

pub(super) struct Repository(TempDir);

impl Repository {
    /// A folder that is no repository.
    pub(super) fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A repository with one commit; `None` if a program is missing, which is said, and which fails where everything must run.
    pub(super) fn begun() -> Option<Self> {
        for program in ["git", "python3"] {
            if Command::new(program).arg("--version").output().is_err() {
                writeln!(std::io::stderr(), "NOT RUN  scripts on a repository: no {program}").unwrap();
                assert!(std::env::var_os("CI").is_none(), "no {program}");
                return None;
            }
        }
        let repository = Self::empty();
        repository.git(&["init", "--quiet"]);
        repository.commit("scripts/rename", 1, "scripts: rename what has two names", "");
        Some(repository)
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs a program here, without the caller's settings and repository of git.
    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let settings = std::env::vars_os().filter(|(name, _)| !name.to_string_lossy().starts_with("GIT_"));
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.path()).env_clear().envs(settings).env("LC_ALL", "C");
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CEILING_DIRECTORIES", self.path().parent().unwrap());
        command.output().unwrap()
    }

    pub(super) fn git(&self, arguments: &[&str]) {
        let mut words = vec!["-c", "user.name=Ada Example", "-c", "user.email=ada@example.org"];
        words.extend_from_slice(arguments);
        let output = self.run("git", &words);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    pub(super) fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Commits a file of comments, and whatever else was written.
    pub(super) fn commit(&self, file: &str, lines: usize, subject: &str, body: &str) {
        self.write(file, &format!("// {file}\n").repeat(lines));
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", subject, "-m", body]);
    }

    /// What a script of the project ends with and says.
    pub(super) fn run_script(&self, name: &str, arguments: &[&str]) -> (Option<i32>, String) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name);
        said(self.run(script.to_str().unwrap(), arguments))
    }

    /// What git ends with and says.
    pub(super) fn run_git(&self, arguments: &[&str]) -> (Option<i32>, String) {
        said(self.run("git", arguments))
    }
}

fn said(output: Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}
