//! Keeps what `ARCHITECTURE.md` says of the sources and Cargo cannot: who may import whom inside the app, that only `clock` reads the
//! clock, that HTTP stays in its rooms, that files stay short and say what they are for. Between crates Cargo keeps the arrows.

#[cfg(test)]
#[path = "architecture/schema_names.rs"]
mod schema_names;
#[cfg(test)]
#[path = "architecture/source.rs"]
mod source;

#[cfg(test)]
mod rule {
    use std::path::{Path, PathBuf};

    use super::schema_names;
    use super::source::Source;

    /// Rooms of the app by step; imports point to lower steps only, and never to a neighbour on the same step.
    const STEPS: &[(&str, u8)] =
        &[("directory", 2), ("service", 3), ("api", 4), ("console", 4), ("jobs", 4), ("cli", 5), ("main", 6), ("lib", 6)];
    /// Rooms that import nothing of the app but each other, and that every room may import.
    const LEAVES: &[&str] = &["config", "domain", "telemetry"];
    /// Crates and the only rooms of the app that may use them.
    const CRATES: &[(&str, &[&str])] =
        &[("actix_web", &["api", "console"]), ("vasp_store", &["directory", "service", "jobs", "cli", "config", "telemetry"])];
    /// Types and functions that read the clock or the system's randomness.
    const CLOCKS: &[&str] =
        &["SystemTime", "Instant", "Timestamp::now", "Zoned::now", "OsRng", "from_os_rng", "thread_rng", "getrandom"];
    /// What puts a test's servers in the place of the Internet; a production build must not be able to.
    const LABORATORY: &[&str] = &["Laboratory", "laboratory"];
    const LONGEST_FILE: usize = 400;

    /// Crates of their own beside the app, by the folder under `src/` that each has.
    fn members() -> Vec<String> {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let folders = std::fs::read_dir(sources).unwrap().map(|entry| entry.unwrap());
        let members = folders.filter(|entry| entry.path().join("Cargo.toml").exists());
        members.map(|entry| entry.file_name().into_string().unwrap()).collect()
    }

    /// Returns every breach of the rule in one source file; `path` is relative to `src/`.
    pub(super) fn breaches(path: &Path, text: &str) -> Vec<String> {
        let module = module_of(path);
        let room = module.first().map_or("lib", String::as_str);
        let in_app = !members().iter().any(|member| member == room);
        let source = Source::read(text, &module);
        let mut found = Vec::new();
        if !text.starts_with("//! ") {
            found.push("does not open with `//!`".to_owned());
        }
        if source.lines_without_tests > LONGEST_FILE {
            found.push(format!("has {} lines without tests, more than {LONGEST_FILE}", source.lines_without_tests));
        }
        found.extend(source.imports.iter().filter(|_| in_app).filter_map(|import| import_breach(room, import)));
        for (name, rooms) in CRATES {
            if in_app && source.mentions(name) && !rooms.contains(&room) {
                found.push(format!("uses `{name}`, which lives in {}", rooms.join(" and ")));
            }
        }
        for name in CLOCKS {
            if room != "clock" && source.mentions(name) {
                found.push(format!("uses `{name}`: time and randomness are parameters, only the crate `clock` reads them"));
            }
        }
        for name in LABORATORY {
            if room != "outbound" && source.mentions(name) {
                found.push(format!("uses `{name}`: only tests call other than public addresses"));
            }
        }
        found
    }

    fn import_breach(room: &str, import: &str) -> Option<String> {
        let step = |room: &str| STEPS.iter().find(|(name, _)| *name == room).map(|(_, step)| *step);
        if room == import || room == "lib" {
            return None;
        }
        let allowed = match (step(room), step(import)) {
            _ if LEAVES.contains(&import) => true,
            (Some(room), Some(import)) => import < room,
            _ => false,
        };
        (!allowed).then(|| format!("`{room}` imports `{import}`"))
    }

    /// `api/error.rs` is the module `api::error`; `api/mod.rs` is `api`; `lib.rs` is the root.
    fn module_of(path: &Path) -> Vec<String> {
        let parts = path.with_extension("");
        let parts = parts.iter().map(|part| part.to_string_lossy().into_owned());
        parts.filter(|part| part != "mod" && part != "lib").collect()
    }

    fn rust_files(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries
            .flat_map(|path| match path.is_dir() {
                true => rust_files(&path),
                false => path.extension().filter(|ext| *ext == "rs").map(|_| path.clone()).into_iter().collect(),
            })
            .collect()
    }

    #[test]
    fn sources_keep_the_rule() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let files = rust_files(&sources);
        assert!(files.len() > 10, "{files:?}");

        let read = |file: &PathBuf| (file.strip_prefix(&sources).unwrap().to_path_buf(), std::fs::read_to_string(file).unwrap());
        let files: Vec<_> = files.iter().map(read).collect();
        let declared = |(path, text): &(PathBuf, String)| Source::read(text, &module_of(path)).test_modules;
        let tests: Vec<_> = files.iter().flat_map(declared).collect();

        let mut found = Vec::new();
        for (path, text) in &files {
            let is_test = tests.iter().any(|test| module_of(path).starts_with(test));
            let breaches = breaches(path, text).into_iter().filter(|breach| !is_test || breach.contains("//!"));
            found.extend(breaches.map(|breach| format!("src/{}: {breach}", path.display())));
        }

        found.extend(schema_names::shared(files.iter().map(|(path, text)| (path.display().to_string(), text.as_str()))));
        assert!(found.is_empty(), "\n{}", found.join("\n"));
    }

    #[test]
    fn tests_and_benches_open_with_a_description() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folders = ["tests", "benches"].map(|name| root.join(name));
        for file in folders.iter().filter(|folder| folder.exists()).flat_map(|folder| rust_files(folder)) {
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(text.starts_with("//! "), "{}", file.display());
        }
    }

    #[track_caller]
    fn assert_breaches(path: &str, code: &str, expected: &[&str]) {
        let found = breaches(Path::new(path), &format!("//! Sample.\n{code}"));
        assert_eq!(found, expected, "{path}: {code}");
    }

    #[test]
    fn imports_to_the_left_pass() {
        for (path, code) in [
            ("store/claims.rs", "use crate::anything;"),
            ("service/resolve.rs", "use crate::{directory::Generation, config::Settings};\nuse super::ServiceError;"),
            ("api/mod.rs", "use super::service;\nuse vasp_clock::Clock;"),
            ("main.rs", "fn main() { vasp_registry::cli::run() }"),
            ("telemetry.rs", "use crate::config::LogSettings;"),
            ("lib.rs", "pub mod api;"),
        ] {
            assert_breaches(path, code, &[]);
        }
    }

    #[test]
    fn imports_to_the_right_to_neighbours_and_to_unknown_rooms_are_found() {
        for (path, code, breach) in [
            ("directory/records.rs", "use crate::service::X;", "`directory` imports `service`"),
            ("api/v1/vasps.rs", "fn f() { super::super::super::console::page() }", "`api` imports `console`"),
            ("jobs/mod.rs", "use super::{directory::lei, cli};", "`jobs` imports `cli`"),
            ("service/mod.rs", "use crate::{directory::{self, lei}, api::{Json, Query}};", "`service` imports `api`"),
            ("config/mod.rs", "use crate::service::X;", "`config` imports `service`"),
            ("service/a.rs", "use crate::helpers::x;", "`service` imports `helpers`"),
            ("service/a.rs", "mod inner { use super::super::super::api; }", "`service` imports `api`"),
            ("directory/a.rs", "macro_rules! m { () => { $crate::service::run() } }", "`directory` imports `service`"),
        ] {
            assert_breaches(path, code, &[breach]);
        }
    }

    #[test]
    fn crates_outside_their_room_are_found() {
        assert_breaches("service/a.rs", "use vasp_store::Store;", &[]);
        let rooms = "directory and service and jobs and cli and config and telemetry";
        assert_breaches("api/error.rs", "use vasp_store::Store;", &[&format!("uses `vasp_store`, which lives in {rooms}")]);
        assert_breaches("cli/mod.rs", "use actix_web::web;", &["uses `actix_web`, which lives in api and console"]);
    }

    #[test]
    fn reading_the_clock_elsewhere_is_found() {
        let says = |name: &str| format!("uses `{name}`: time and randomness are parameters, only the crate `clock` reads them");

        assert_breaches("clock/lib.rs", "fn f() { jiff::Timestamp::now(); std::time::Instant::now(); }", &[]);
        assert_breaches("words/time.rs", "fn f(t: jiff::Timestamp) {}", &[]);
        assert_breaches("api/a.rs", "fn f() { jiff::Timestamp::now() }", &[&says("Timestamp::now")]);
        assert_breaches("pki/a.rs", "use rand_core::OsRng;", &[&says("OsRng")]);
        assert_breaches("jobs/a.rs", "use std::time::Instant;", &[&says("Instant")]);
    }

    #[test]
    fn putting_a_laboratory_in_the_place_of_the_internet_is_found() {
        let says = |name: &str| format!("uses `{name}`: only tests call other than public addresses");

        assert_breaches("outbound/mod.rs", "mod laboratory; use laboratory::Laboratory;", &[]);
        assert_breaches("service/a.rs", "use vasp_outbound::Outbound;", &[]);
        assert_breaches("cli/a.rs", "fn f() { vasp_outbound::Laboratory { } }", &[&says("Laboratory")]);
        assert_breaches("service/a.rs", "use vasp_outbound::laboratory as other;", &[&says("laboratory")]);
    }

    #[test]
    fn comments_strings_and_tests_are_not_read() {
        let code = "// use crate::api;\n/* crate::api /* crate::cli */ */\nconst A: &str = \"crate::api\\\"\";\nconst B: &str = r#\"\"crate::api\"#;\n\
                    const C: (char, char) = ('\"', '\\'');\nfn f<'a>(x: &'a str) {}\n#[cfg(test)]\nmod tests { use crate::api; fn g() {} }\n";
        assert_breaches("directory/a.rs", code, &[]);
        assert_breaches("directory/a.rs", &format!("{code}use crate::service;"), &["`directory` imports `service`"]);
    }

    #[test]
    fn long_files_are_found_and_tests_not_counted() {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "fn f() {}\n".repeat(500));

        assert_breaches("domain/a.rs", &format!("{}{tests}", "\n".repeat(399)), &[]);
        assert_breaches("domain/a.rs", &format!("{}{tests}", "\n".repeat(400)), &["has 401 lines without tests, more than 400"]);
    }

    #[test]
    fn modules_declared_for_tests_are_known() {
        let module = ["domain".to_owned(), "precheck".to_owned()];
        let source = Source::read("#[cfg(test)]\nmod situations;\nmod checks;\n#[cfg(test)]\nmod tests { fn f() {} }", &module);

        let declared: Vec<_> = source.test_modules.iter().map(|path| path.join("::")).collect();
        assert_eq!(declared, ["domain::precheck::situations"]);
    }

    #[test]
    fn missing_description_is_found() {
        assert_eq!(breaches(Path::new("domain/a.rs"), "fn f() {}"), ["does not open with `//!`"]);
    }
}
