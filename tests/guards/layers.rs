use crate::{crates, read, toml};

/// Crate, level, and whether it is pure: told the time, with no socket, thread, file or clock of its own.
/// A crate may see only crates of lower levels, so none of its own level either.
const LEVELS: [(&str, u8, bool); 13] = [
    ("model", 0, true),
    ("sdp", 1, true),
    ("rules", 1, true),
    ("sip", 1, true),
    ("media", 1, true),
    ("webrtc", 1, false),
    ("archive", 1, false),
    ("ivr", 2, true),
    ("router", 2, true),
    ("case", 2, true),
    ("engine", 3, true),
    ("sim", 4, true),
    ("xtask", 5, false),
];

/// Levels alone would allow these to the engine, the design does not: live calls never wait for what outlives them.
const UNSEEN_BY_ENGINE: [&str; 3] = ["archive", "case", "webrtc"];

/// What a pure crate must not stand on, whatever for.
const FORBIDDEN_IN_PURE: [&str; 9] = ["tokio", "sqlx", "rustix", "mio", "axum", "notify", "socket2", "anyhow", "tracing-subscriber"];

fn level(name: &str) -> u8 {
    let found = LEVELS.iter().find(|(known, _, _)| *known == name);
    found.unwrap_or_else(|| panic!("crates/{name} has no level: put it into LEVELS and into crates/README.md")).1
}

fn is_pure(name: &str) -> bool {
    LEVELS.iter().any(|(known, _, pure)| *known == name && *pure)
}

/// The names in these tables of a manifest, those under `[target.*]` too.
fn dependencies(name: &str, tables: &[&str]) -> Vec<String> {
    let manifest = toml(format!("crates/{name}/Cargo.toml"));
    let targets = manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(|targets| targets.values());
    let places = std::iter::once(&manifest).chain(targets.filter_map(toml::Value::as_table));
    let listed = places.flat_map(|place| tables.iter().filter_map(|table| place.get(*table).and_then(toml::Value::as_table)));
    listed.flat_map(|table| table.keys().cloned()).collect()
}

fn ours(dependency: &str) -> Option<&str> {
    dependency.strip_prefix("hotline-").or_else(|| (dependency == "xtask").then_some(dependency))
}

#[test]
fn every_arrow_points_down() {
    let mut wrong = Vec::new();
    for name in crates() {
        for dependency in dependencies(&name, &["dependencies", "build-dependencies", "dev-dependencies"]) {
            assert_ne!(dependency, "hotline", "crates/{name} depends on the binary");
            let Some(below) = ours(&dependency) else { continue };
            if level(below) >= level(&name) {
                wrong.push(format!("{name} (level {}) -> {below} (level {})", level(&name), level(below)));
            }
        }
    }
    assert!(wrong.is_empty(), "upward or sideways arrows:\n{}", wrong.join("\n"));
}

#[test]
fn the_engine_does_not_see_what_outlives_a_call() {
    let seen = dependencies("engine", &["dependencies", "dev-dependencies"]);
    let wrong: Vec<&str> = seen.iter().filter_map(|seen| ours(seen)).filter(|seen| UNSEEN_BY_ENGINE.contains(seen)).collect();
    assert!(wrong.is_empty(), "crates/engine sees {wrong:?}");
}

#[test]
fn nothing_but_the_tools_stands_beside_the_shell() {
    for name in crates().iter().filter(|name| *name != "xtask") {
        assert!(!dependencies(name, &["dependencies", "dev-dependencies"]).contains(&"xtask".to_owned()), "crates/{name} sees xtask");
    }
    let root = toml("Cargo.toml");
    let shell = root.get("dependencies").and_then(toml::Value::as_table).unwrap();
    assert!(!shell.contains_key("xtask"), "the shell sees xtask");
}

#[test]
fn pure_crates_stand_on_no_runtime_and_no_database() {
    let mut wrong = Vec::new();
    for name in crates().into_iter().filter(|name| is_pure(name)) {
        for dependency in dependencies(&name, &["dependencies", "build-dependencies"]) {
            if FORBIDDEN_IN_PURE.contains(&dependency.as_str()) {
                wrong.push(format!("{name} -> {dependency}"));
            }
        }
    }
    assert!(wrong.is_empty(), "pure crates with a dependency of the shell:\n{}", wrong.join("\n"));
}

#[test]
fn pure_crates_forbid_the_same_types_and_methods() {
    let first = read("crates/model/clippy.toml");
    let forbidden = ["std::time::Instant::now", "std::time::SystemTime::now", "std::thread::spawn", "std::fs::File", "std::net::UdpSocket"];
    for path in forbidden.into_iter().chain(["std::collections::HashMap", "std::collections::HashSet"]) {
        assert!(first.contains(path), "crates/model/clippy.toml does not forbid {path}");
    }
    for name in crates().into_iter().filter(|name| is_pure(name)) {
        assert_eq!(read(format!("crates/{name}/clippy.toml")), first, "crates/{name}/clippy.toml differs from crates/model/clippy.toml");
    }
}

#[test]
fn every_crate_obeys_the_lints_of_the_workspace() {
    for name in crates() {
        let manifest = toml(format!("crates/{name}/Cargo.toml"));
        let obeys = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        assert_eq!(obeys, Some(true), "crates/{name}/Cargo.toml lacks [lints] workspace = true");
    }
}
