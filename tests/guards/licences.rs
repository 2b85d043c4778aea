use crate::root;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

/// Licences whose conditions we keep by shipping their texts.
const ALLOWED: [&str; 12] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "Unlicense",
    "Unicode-3.0",
    "CC0-1.0",
];

/// Packages that name no licence but carry its text, which was read: both are MIT.
const READ: [(&str, &str); 2] = [("rsip", "0.4.0"), ("rsip-derives", "0.4.0")];

/// Given up by their authors, or with faults that we know of.
const FORBIDDEN: [&str; 3] = ["serde_yaml", "evalexpr", "cel-interpreter"];

/// The packages of this platform: those that were needed to build this test, so that no network is needed.
fn packages() -> Vec<Value> {
    let version = Command::new("rustc").arg("-vV").output().expect("rustc can be started");
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc -vV names its host");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let out = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host])
        .current_dir(root())
        .output()
        .expect("cargo metadata can be started");
    assert!(out.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&out.stderr));
    let metadata: Value = serde_json::from_slice(&out.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn text<'a>(package: &'a Value, key: &str) -> &'a str {
    package[key].as_str().unwrap_or_default()
}

/// Whether an SPDX expression can be fulfilled with allowed licences: `OR` needs one side, `AND` needs both.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.trim().replace('/', " OR ");
    if let Some((left, right)) = split(&expression, " OR ") {
        return is_allowed(&left) || is_allowed(&right);
    }
    if let Some((left, right)) = split(&expression, " AND ") {
        return is_allowed(&left) && is_allowed(&right);
    }
    match expression.trim().strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => is_allowed(inner),
        None => ALLOWED.contains(&expression.trim()),
    }
}

/// Splits at the first operator outside parentheses.
fn split(expression: &str, operator: &str) -> Option<(String, String)> {
    let mut depth = 0;
    for (at, character) in expression.char_indices() {
        depth += i32::from(character == '(') - i32::from(character == ')');
        if depth == 0 && expression[at..].starts_with(operator) {
            return Some((expression[..at].to_owned(), expression[at + operator.len()..].to_owned()));
        }
    }
    None
}

#[test]
fn spdx_expressions_are_read_right() {
    for good in ["MIT", "MIT OR GPL-3.0", "MIT/Apache-2.0", "(MIT OR GPL-2.0) AND ISC", "Apache-2.0 WITH LLVM-exception OR GPL-2.0"] {
        assert!(is_allowed(good), "{good}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "(GPL-2.0 OR AGPL-3.0) AND MIT", ""] {
        assert!(!is_allowed(bad), "{bad}");
    }
}

#[test]
fn every_dependency_has_a_licence_we_can_keep() {
    let wrong: Vec<String> = packages()
        .iter()
        .filter(|package| !READ.contains(&(text(package, "name"), text(package, "version"))))
        .filter(|package| !is_allowed(text(package, "license")))
        .map(|package| format!("{} {}: {:?}", text(package, "name"), text(package, "version"), text(package, "license")))
        .collect();
    assert!(wrong.is_empty(), "licences not in the list:\n{}", wrong.join("\n"));
}

#[test]
fn no_dependency_is_a_forbidden_one() {
    for package in packages() {
        let (name, version) = (text(&package, "name"), text(&package, "version"));
        assert!(!FORBIDDEN.contains(&name), "{name} {version} is forbidden");
        if name == "crossbeam-channel" {
            let numbers: Vec<u32> = version.split('.').map(|number| number.parse().unwrap_or(0)).collect();
            assert!(numbers >= vec![0, 5, 15], "crossbeam-channel {version} frees memory twice; 0.5.15 does not");
        }
    }
}

#[test]
fn there_is_one_tokio() {
    let majors: BTreeSet<String> = packages()
        .iter()
        .filter(|package| text(package, "name") == "tokio")
        .map(|package| text(package, "version").split('.').next().unwrap_or_default().to_owned())
        .collect();
    assert!(majors.len() <= 1, "two runtimes: tokio {majors:?}");
}
