use crate::{crates, files, files_with, read, root, toml};
use std::collections::BTreeSet;
use std::path::Path;

const LINES_AT_MOST: usize = 800;

#[test]
fn no_source_file_is_longer_than_800_lines() {
    let long: Vec<String> = files_with("rs")
        .iter()
        .map(|path| (path.display().to_string(), read(path).lines().count()))
        .filter(|(_, lines)| *lines > LINES_AT_MOST)
        .map(|(path, lines)| format!("{path}: {lines}"))
        .collect();
    assert!(long.is_empty(), "files to cut:\n{}", long.join("\n"));
}

#[test]
fn the_map_names_every_crate() {
    let map = read("crates/README.md");
    for name in crates() {
        assert!(map.contains(&format!("**{name}**")), "crates/README.md does not describe **{name}**");
    }
}

#[test]
fn every_crate_begins_with_what_it_is_for() {
    for name in crates() {
        let home = format!("crates/{name}/src");
        let first = ["lib.rs", "main.rs"].iter().map(|file| format!("{home}/{file}")).find(|path| root().join(path).exists()).unwrap();
        assert!(read(&first).starts_with("//! "), "{first} does not begin with //! what it is for and what it does not know");
    }
}

/// Prompts as (language, name) out of a path `fixtures/prompts/LANGUAGE/NAME.wav`.
fn prompt_of(path: &str) -> Option<(String, String)> {
    let (language, file) = path.strip_prefix("fixtures/prompts/")?.split_once('/')?;
    Some((language.to_owned(), file.strip_suffix(".wav")?.to_owned()))
}

fn prompts_on_disk() -> BTreeSet<(String, String)> {
    files_with("wav").iter().filter_map(|path| prompt_of(&path.to_string_lossy())).collect()
}

#[test]
fn the_prompts_in_the_binary_are_those_in_the_tree() {
    let table = read("src/embedded_prompts.rs");
    let mut listed = BTreeSet::new();
    for line in table.lines().filter(|line| line.contains("include_bytes!")) {
        let quoted: Vec<&str> = line.split('"').collect();
        let (language, name, path) = (quoted[1].to_owned(), quoted[3].to_owned(), quoted[5]);
        assert_eq!(prompt_of(path.trim_start_matches("../")), Some((language.clone(), name.clone())), "{line}");
        listed.insert((language, name));
    }
    assert_eq!(listed, prompts_on_disk(), "src/embedded_prompts.rs is not current: cargo xtask prompts");
}

#[test]
fn every_text_is_spoken_and_nothing_else() {
    let texts = toml("fixtures/prompts/texts.toml");
    let table = |name: &str| texts.get(name).and_then(toml::Value::as_table).unwrap().clone();
    let mut wanted = BTreeSet::new();
    for language in table("voices").keys() {
        wanted.extend(table("fixed").keys().map(|name| (language.clone(), name.clone())));
    }
    for (name, spoken) in table("prompts") {
        wanted.extend(spoken.as_table().unwrap().keys().map(|language| (language.clone(), name.clone())));
    }
    assert_eq!(wanted, prompts_on_disk(), "fixtures/prompts/texts.toml and the WAV files differ: cargo xtask prompts");
}

#[test]
fn every_sentence_is_there_in_both_languages() {
    let pieces_of_one_language =
        |name: &str| name.starts_with("number-") || ["half", "oclock", "oclock-half", "am", "pm", "noon", "midnight"].contains(&name);
    let all = prompts_on_disk();
    for (language, name) in all.iter().filter(|(_, name)| !pieces_of_one_language(name)) {
        let other = if language == "en" { "zh-CN" } else { "en" };
        assert!(all.contains(&(other.to_owned(), name.clone())), "{name} is not there in {other}");
    }
}

#[test]
fn every_committed_wav_is_for_the_telephone_and_not_clipped() {
    for path in files_with("wav") {
        let shown = path.display();
        let mut reader = hound::WavReader::open(root().join(&path)).unwrap();
        let spec = reader.spec();
        assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (1, 8_000, 16), "{shown} is not 8 kHz, mono, 16 bit");
        let samples: Vec<i16> = reader.samples::<i16>().collect::<Result<_, _>>().unwrap();
        let peak = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0);
        assert!(peak <= 23_197, "{shown} peaks above -3 dBFS ({peak})");
        assert!(peak >= 3_277, "{shown} is quieter than -20 dBFS at its peak ({peak})");
        assert!(samples.len() >= 800, "{shown} is shorter than 100 ms");
    }
}

#[test]
fn no_file_names_a_place_on_a_developers_machine() {
    let home = [["/wo", "rk/"].concat(), ["/ro", "ot/"].concat(), ["/ho", "me/"].concat()];
    let mut wrong = Vec::new();
    for path in files() {
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else { continue };
        for (number, line) in text.lines().enumerate() {
            if home.iter().any(|place| line.contains(place.as_str())) {
                wrong.push(format!("{}:{}: {line}", path.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "paths of one machine:\n{}", wrong.join("\n"));
}

#[test]
fn every_golden_file_is_used() {
    let sources: String = files_with("rs").iter().map(read).collect();
    for path in files().iter().filter(|path| path.starts_with("fixtures/golden")) {
        let name = path.file_name().unwrap().to_string_lossy();
        let stem = Path::new(name.as_ref()).file_stem().unwrap().to_string_lossy();
        assert!(sources.contains(name.as_ref()) || sources.contains(stem.as_ref()), "no test reads {}", path.display());
    }
}

#[test]
fn every_scenario_says_what_it_shows() {
    for path in files_with("xml").iter().filter(|path| path.starts_with("fixtures/sipp")) {
        let head: String = read(path).chars().take(400).collect();
        assert!(head.contains("<!--"), "{} has no comment at its head", path.display());
    }
}
