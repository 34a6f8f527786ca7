//! Keeps what `ARCHITECTURE.md` says of the sources and Cargo cannot: that capabilities do not import each other in a circle, that only
//! `clock` reads the clock, that HTTP stays in its files, that files stay short and say what they are for. Between crates Cargo keeps the
//! arrows. Beside them stands the test of the script that keeps the history readable.

#[cfg(test)]
#[path = "architecture/budget.rs"]
mod budget;
#[cfg(test)]
#[path = "architecture/citations.rs"]
mod citations;
#[cfg(test)]
#[path = "architecture/commits.rs"]
mod commits;
#[cfg(test)]
#[path = "architecture/repository.rs"]
mod repository;
#[cfg(test)]
#[path = "architecture/schema_names.rs"]
mod schema_names;
#[cfg(test)]
#[path = "architecture/source.rs"]
mod source;

#[cfg(test)]
mod rule {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::{Path, PathBuf};

    use super::schema_names;
    use super::source::Source;

    /// What every capability may use, and what uses none of them.
    const BASE: &[&str] = &["acts", "config", "directory", "http", "ledger", "node", "proposals", "telemetry"];
    /// What puts the capabilities together, and what none of them may use.
    const TOP: &[&str] = &["assemble", "cli", "console", "lib", "serve"];
    /// What the console may use: the base, and the picture of an app's key. What capabilities do it asks of the API.
    const CONSOLE_IMPORTS: &[&str] = &["acts", "console", "http", "node", "sign_in"];
    /// Types and functions that read the clock or the system's randomness.
    const CLOCKS: &[&str] =
        &["SystemTime", "Instant", "Timestamp::now", "Zoned::now", "OsRng", "from_os_rng", "thread_rng", "getrandom"];
    /// What puts a test's servers in the place of the Internet; a production build must not be able to.
    const LABORATORY: &[&str] = &["Laboratory", "laboratory"];
    /// What compiles a query's own loader, and where that may be: the store's edge, and what goes around it because it is hot.
    const LOADERS: [&str; 2] = ["RunQueryDsl", "diesel::prelude"];
    const COMPILE_LOADERS: [&str; 4] = ["store/edge.rs", "store/prepared_once.rs", "store/claim_scan.rs", "store/claim_walk.rs"];
    const LONGEST_FILE: usize = 400;

    /// Returns every breach of the rule in one source file; `path` is relative to `src/`.
    pub(super) fn breaches(path: &Path, text: &str) -> Vec<String> {
        let module = module_of(path);
        let room = module.first().map_or("lib", String::as_str);
        let in_app = is_app(path);
        let source = Source::read(text, &module);
        let mut found = Vec::new();
        if !text.starts_with("//! ") {
            found.push("does not open with `//!`".to_owned());
        }
        if source.lines_without_tests > LONGEST_FILE {
            found.push(format!("has {} lines without tests, more than {LONGEST_FILE}", source.lines_without_tests));
        }
        found.extend(source.imports.iter().filter(|_| in_app).filter_map(|import| import_breach(room, import)));
        let is_http = room == "serve" || room == "console" || module.iter().any(|part| part == "http");
        if in_app && !is_http && source.mentions("actix_web") {
            found.push("uses `actix_web`, which lives in the files and folders `http`".to_owned());
        }
        if in_app && is_http && source.mentions("vasp_store") {
            found.push("uses `vasp_store`: a handler calls its capability".to_owned());
        }
        if room == "console" {
            let others = source.imports.iter().filter(|import| !CONSOLE_IMPORTS.contains(&import.as_str()));
            found.extend(others.map(|import| format!("`console` imports `{import}`: a page asks the API, as everybody does")));
        }
        for name in CLOCKS {
            if room != "clock" && source.mentions(name) {
                found.push(format!("uses `{name}`: time and randomness are parameters, only the crate `clock` reads them"));
            }
        }
        for name in LOADERS {
            if room == "store" && !COMPILE_LOADERS.iter().any(|file| path == Path::new(file)) && source.mentions(name) {
                found.push(format!("uses `{name}`: queries are loaded and run by `edge`"));
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
        let allowed = room == import
            || TOP.contains(&room)
            || (BASE.contains(&room) && BASE.contains(&import))
            || (!BASE.contains(&room) && !TOP.contains(&import));
        (!allowed).then(|| format!("`{room}` imports `{import}`"))
    }

    /// Whether a file is the app's; the others are crates of their own.
    fn is_app(path: &Path) -> bool {
        path.starts_with("registry") || path == Path::new("main.rs")
    }

    /// `registry/http/error.rs` is the module `http::error`; `registry/http/mod.rs` is `http`; `registry/lib.rs` is the root.
    fn module_of(path: &Path) -> Vec<String> {
        let parts = path.strip_prefix("registry").unwrap_or(path).with_extension("");
        let parts = parts.iter().map(|part| part.to_string_lossy().into_owned());
        parts.filter(|part| part != "mod" && part != "lib" && part != "main").collect()
    }

    /// What each folder of the app imports of the others.
    type Imports = BTreeMap<String, BTreeSet<String>>;

    /// Finds folders that import each other in a circle, by way of others or not.
    fn circle(imports: &Imports) -> Option<Vec<String>> {
        fn walk(imports: &Imports, done: &mut BTreeSet<String>, way: &mut Vec<String>, at: &str) -> Option<Vec<String>> {
            if let Some(start) = way.iter().position(|passed| passed == at) {
                return Some(way[start..].to_vec());
            }
            if done.contains(at) {
                return None;
            }
            way.push(at.to_owned());
            let next = imports.get(at).into_iter().flatten();
            let found = next.into_iter().find_map(|next| walk(imports, done, way, next));
            way.pop();
            done.insert(at.to_owned());
            found
        }
        let mut done = BTreeSet::new();
        imports.keys().find_map(|at| walk(imports, &mut done, &mut Vec::new(), at))
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

        let (mut found, mut imports) = (Vec::new(), Imports::new());
        for (path, text) in &files {
            let module = module_of(path);
            if let Some(room) = module.first().filter(|_| is_app(path) && !tests.iter().any(|test| module.starts_with(test))) {
                let others = Source::read(text, &module).imports.into_iter().filter(|other| other != room);
                imports.entry(room.clone()).or_default().extend(others);
            }
            let is_test = tests.iter().any(|test| module_of(path).starts_with(test));
            let breaches = breaches(path, text).into_iter().filter(|breach| !is_test || breach.contains("//!"));
            found.extend(breaches.map(|breach| format!("src/{}: {breach}", path.display())));
        }

        assert!(imports.len() > 30, "{imports:?}");
        found.extend(circle(&imports).map(|way| format!("these import each other in a circle: {}", way.join(", "))));
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
    fn imports_of_the_base_by_capabilities_and_of_these_by_the_top_pass() {
        for (path, code) in [
            ("store/claims.rs", "use crate::anything;"),
            ("registry/resolve/answer.rs", "use crate::{directory::Generation, config::Settings};\nuse super::ResolveAnswer;"),
            ("registry/precheck/http/view.rs", "use crate::resolve::http::View;\nuse actix_web::web;"),
            ("registry/node/tail.rs", "use crate::telemetry::seconds;"),
            ("registry/cli/serve.rs", "use crate::{serve, watch::Watcher};\nuse vasp_store::Store;"),
            ("main.rs", "fn main() { vasp_registry::cli::run() }"),
            ("registry/lib.rs", "pub mod resolve;"),
        ] {
            assert_breaches(path, code, &[]);
        }
    }

    #[test]
    fn imports_of_a_capability_by_the_base_and_of_the_top_are_found() {
        for (path, code, breach) in [
            ("registry/node/registry.rs", "use crate::sign_in::SignIn;", "`node` imports `sign_in`"),
            ("registry/http/state.rs", "use crate::claims::ClaimTerms;", "`http` imports `claims`"),
            ("registry/directory/records.rs", "fn f() { super::super::vasps::find() }", "`directory` imports `vasps`"),
            ("registry/watch/mod.rs", "use super::{directory::lei, cli};", "`watch` imports `cli`"),
            ("registry/watch/job.rs", "use crate::{directory::{self, lei}, serve::{Bound, bind}};", "`watch` imports `serve`"),
            ("registry/vasps/a.rs", "mod inner { use super::super::super::assemble; }", "`vasps` imports `assemble`"),
            ("registry/ledger/a.rs", "macro_rules! m { () => { $crate::claims::run() } }", "`ledger` imports `claims`"),
            ("registry/watch/b.rs", "use crate::console::Api;", "`watch` imports `console`"),
            (
                "registry/console/pages/a.rs",
                "use crate::cases::open;",
                "`console` imports `cases`: a page asks the API, as everybody does",
            ),
        ] {
            assert_breaches(path, code, &[breach]);
        }
    }

    #[test]
    fn a_circle_is_found_however_long_it_is() {
        let imports = |pairs: &[(&str, &[&str])]| -> Imports {
            let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            pairs.iter().map(|(from, to)| ((*from).to_owned(), set(to))).collect()
        };
        assert_eq!(circle(&imports(&[("watch", &["alerts", "precheck"]), ("precheck", &["alerts", "resolve"])])), None);
        let found = circle(&imports(&[("a", &["b"]), ("b", &["c", "d"]), ("c", &[]), ("d", &["b"])]));
        assert_eq!(found, Some(vec!["b".to_owned(), "d".to_owned()]));
    }

    #[test]
    fn handlers_and_what_they_call_are_kept_apart() {
        assert_breaches("registry/claims/plan.rs", "use vasp_store::Store;", &[]);
        assert_breaches(
            "registry/claims/http/view.rs",
            "use vasp_store::Store;",
            &["uses `vasp_store`: a handler calls its capability"],
        );
        assert_breaches("registry/health/http.rs", "use actix_web::web;", &[]);
        assert_breaches(
            "registry/claims/plan.rs",
            "use actix_web::web;",
            &["uses `actix_web`, which lives in the files and folders `http`"],
        );
    }

    #[test]
    fn reading_the_clock_elsewhere_is_found() {
        let says = |name: &str| format!("uses `{name}`: time and randomness are parameters, only the crate `clock` reads them");

        assert_breaches("clock/lib.rs", "fn f() { jiff::Timestamp::now(); std::time::Instant::now(); }", &[]);
        assert_breaches("words/time.rs", "fn f(t: jiff::Timestamp) {}", &[]);
        assert_breaches("registry/watch/a.rs", "fn f() { jiff::Timestamp::now() }", &[&says("Timestamp::now")]);
        assert_breaches("pki/a.rs", "use rand_core::OsRng;", &[&says("OsRng")]);
        assert_breaches("registry/watch/a.rs", "use std::time::Instant;", &[&says("Instant")]);
    }

    #[test]
    fn a_loader_for_one_query_is_found() {
        let says = |name: &str| format!("uses `{name}`: queries are loaded and run by `edge`");

        assert_breaches("store/edge.rs", "use diesel::RunQueryDsl;", &[]);
        assert_breaches("store/cases.rs", "use super::edge::*;", &[]);
        assert_breaches("store/cases.rs", "use diesel::{RunQueryDsl, select};", &[&says("RunQueryDsl")]);
        assert_breaches("store/sources/imports.rs", "use diesel::prelude::*;", &[&says("diesel::prelude")]);
    }

    #[test]
    fn putting_a_laboratory_in_the_place_of_the_internet_is_found() {
        let says = |name: &str| format!("uses `{name}`: only tests call other than public addresses");

        assert_breaches("outbound/mod.rs", "mod laboratory; use laboratory::Laboratory;", &[]);
        assert_breaches("registry/watch/a.rs", "use vasp_outbound::Outbound;", &[]);
        assert_breaches("registry/cli/a.rs", "fn f() { vasp_outbound::Laboratory { } }", &[&says("Laboratory")]);
        assert_breaches("registry/watch/a.rs", "use vasp_outbound::laboratory as other;", &[&says("laboratory")]);
    }

    #[test]
    fn comments_strings_and_tests_are_not_read() {
        let code = "// use crate::cli;\n/* crate::cli /* crate::cli */ */\nconst A: &str = \"crate::cli\\\"\";\nconst B: &str = r#\"\"crate::cli\"#;\n\
                    const C: (char, char) = ('\"', '\\'');\nfn f<'a>(x: &'a str) {}\n#[cfg(test)]\nmod tests { use crate::cli; fn g() {} }\n";
        assert_breaches("registry/directory/a.rs", code, &[]);
        assert_breaches("registry/directory/a.rs", &format!("{code}use crate::vasps;"), &["`directory` imports `vasps`"]);
    }

    #[test]
    fn long_files_are_found_and_tests_not_counted() {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "fn f() {}\n".repeat(500));

        assert_breaches("registry/watch/a.rs", &format!("{}{tests}", "\n".repeat(399)), &[]);
        assert_breaches(
            "registry/watch/a.rs",
            &format!("{}{tests}", "\n".repeat(400)),
            &["has 401 lines without tests, more than 400"],
        );
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
        assert_eq!(breaches(Path::new("registry/watch/a.rs"), "fn f() {}"), ["does not open with `//!`"]);
    }
}
