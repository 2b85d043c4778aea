use crate::support::{findings, findings_in_tests};
use hotline_model::Lang;
use hotline_rules::{
    Diagnostic, FileFault, FileKind, LookupFault, Options, RecordingFault, Said, Source, Style, failed_lookup, failed_test, load, render,
    summary, tests_gone, text, unfinished_tests,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

/// Of more findings only the last is in the golden file.
const MOST_SHOWN: usize = 50;

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_default()
}

fn options() -> Options {
    let prompts = BTreeSet::from(["welcome", "please-wait", "main-menu", "old-recording"].map(str::to_owned));
    let prompts = BTreeMap::from([("zh-CN".to_owned(), prompts.clone()), ("en".to_owned(), prompts)]);
    let known = BTreeMap::from([("welcome".to_owned(), Duration::from_secs(18))]);
    let recordings = Some(BTreeMap::from([("zh-CN".to_owned(), known)]));
    Options { prompts: Some(prompts), today: Some("2026-06-01".parse().unwrap()), recordings, ..Options::default() }
}

/// What is found in a bad input: beside the good rules, or as a file of tests of them (`tests-of-*.toml`).
fn found(name: &str) -> (Vec<Diagnostic>, Vec<Source>) {
    let source = |name: &str| Source { path: name.into(), text: read(name) };
    let (rules, other) = (source("base.toml"), source(name));
    if name.starts_with("tests-of-") {
        let tests = vec![other];
        return (findings_in_tests(&[rules], &tests, &options()), tests);
    }
    let beside = source(&name.replace(".toml", ".csv"));
    let sources: Vec<Source> = [rules, other].into_iter().chain(Some(beside).filter(|beside| !beside.text.is_empty())).collect();
    (findings(&sources, &options()), sources)
}

fn told(name: &str) -> [(String, String); 2] {
    let (found, sources) = found(name);
    assert!(!found.is_empty(), "{name} has findings");
    for one in &found {
        let text = &sources[one.file].text;
        assert!(one.span.start <= one.span.end && text.get(one.span.clone()).is_some(), "{name}: {one:?} has a place");
    }
    let shown = if found.len() > MOST_SHOWN { &found[found.len() - 1..] } else { &found };
    let golden = |ending: &str| name.replace(".toml", ending);
    let told = |lang| format!("{}\n{}\n", render(shown, &sources, Style::Plain, lang), summary(&found, &sources, lang));
    [(golden(".txt"), told(Lang::En)), (golden(".zh.txt"), told(Lang::Zh))]
}

/// With HOTLINE_BLESS set, writes what is said now, to be read before it is committed.
#[test]
fn every_bad_input_is_answered_with_exactly_its_message() {
    let names = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml") && name != "base.toml").collect();
    names.sort();
    assert!(names.len() >= 40);
    let bless = std::env::var_os("HOTLINE_BLESS").is_some();
    let mut differing = Vec::new();
    for name in &names {
        for (file, told) in told(name) {
            if bless {
                std::fs::write(folder().join(&file), &told).unwrap();
            } else if told != read(&file) {
                differing.push(format!("{file}:\n{told}"));
            }
        }
    }
    assert!(differing.is_empty(), "{} of {} differ\n{}", differing.len(), names.len(), differing.join("\n"));
}

#[test]
fn what_can_not_be_read_and_tests_that_fail_are_told_like_findings() {
    let file = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let test = "[[test]]\nname = \"一般咨询\"\nqueue = \"service\"\n";
    let mut sources = vec![file("rules/50-seats.toml", ""), file("rules/tests/20-menus.toml", test)];
    let faults = [
        FileFault::Unreadable("Permission denied (os error 13)".into()),
        FileFault::Missing,
        FileFault::NoRules,
        FileFault::NotAFile(FileKind::Directory),
        FileFault::NotAFile(FileKind::Pipe),
        FileFault::TooLarge,
        FileFault::RecordingTooLarge,
        FileFault::NoSound(RecordingFault::Rate(44_100)),
        FileFault::NoSound(RecordingFault::Channels(2)),
        FileFault::NoSound(RecordingFault::Bits(24)),
        FileFault::NoSound(RecordingFault::Encoding(6)),
        FileFault::NoSound(RecordingFault::Encoding(0x161)),
        FileFault::NoSound(RecordingFault::Empty),
        FileFault::NoSound(RecordingFault::TooLong),
        FileFault::NoSound(RecordingFault::Cut),
        FileFault::NoSound(RecordingFault::NotWav),
        FileFault::TooMany,
        FileFault::TooMuch,
        FileFault::LeadsOut("/etc/passwd".into()),
        FileFault::LeadsNowhere("nowhere.toml".into()),
        FileFault::ReadAnyway(".".into()),
        FileFault::Changing,
        FileFault::OtherEnding,
        FileFault::TooDeep,
    ];
    let mut found: Vec<Diagnostic> = faults.iter().map(|fault| fault.finding(0)).collect();
    let sixteen: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("[[seat]]\nname = \"1001\"\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let damaged = "# 早班\n[[seat]]\nname = \"1001\" # 客服".as_bytes();
    for bytes in [
        b"[[skill]]\nname = \"\xbf\xcd\xb7\xfe\"\n".to_vec(),
        sixteen,
        damaged[..damaged.len() - 1].to_vec(),
        b"# \xe5\xae\xa2\xe6\xff\n".to_vec(),
    ] {
        let fault = text(bytes).unwrap_err();
        found.push(fault.finding(sources.len()));
        sources.push(fault.source("rules/40-skills.toml"));
    }
    let (expected, got) = (Said::alike("service"), Said { en: "none".into(), zh: "无".into() });
    found.push(failed_test(1, 31..48, "一般咨询", "queue", &expected, &got));
    found.push(unfinished_tests(1, 9..30, &Said { en: "they took longer than 20 s".into(), zh: "超过 20 秒".into() }));
    found.push(tests_gone(0, 64));
    let lookup = "[lookup.crm]\nsqlite = \"客户.db\"\nquery = \"SELECT kind FROM c WHERE number = ?1\"\n";
    let plan = load(&[file("base.toml", &read("base.toml")), file("rules/70-crm.toml", lookup)], None).unwrap().plan;
    sources.push(file("rules/70-crm.toml", lookup));
    let column = Said { en: "it gives a column `kind`".into(), zh: "结果中有未知的列 `kind`".into() };
    for fault in [LookupFault::NotOpened("No such file or directory (os error 2)".into()), LookupFault::Query(column)] {
        found.push(Diagnostic { file: sources.len() - 1, ..failed_lookup(&plan.lookups[0], &fault) });
    }
    for (name, lang) in [("files.txt", Lang::En), ("files.zh.txt", Lang::Zh)] {
        let told = render(&found, &sources, Style::Plain, lang);
        if std::env::var_os("HOTLINE_BLESS").is_some() {
            std::fs::write(folder().join(name), &told).unwrap();
        }
        assert_eq!(told, read(name), "{name}");
    }
}

#[test]
fn recordings_that_nobody_hears_are_told_with_the_near_name() {
    let sources = [Source { path: "base.toml".into(), text: read("base.toml") }];
    let heard = ["zh-CN/welcome.wav", "en/welcome.wav", "zh-CN/README.md", "notes.txt"];
    let unheard = [
        "en/my prompt.wav",
        "zh-CN/welcom.wav",
        "zh/welcome.wav",
        "zh-CN/Welcome.wav",
        "en/welcome.WAV",
        "en/welcome.mp3",
        "welcome.wav",
        "en/x/welcome.wav",
    ];
    let own = |paths: &[&str]| Options { own_recordings: paths.iter().map(|path| (*path).to_owned()).collect(), ..options() };
    assert_eq!(findings(&sources, &own(&heard)), []);
    let found = findings(&sources, &own(&unheard));
    assert_eq!(found.len(), unheard.len());
    for (name, lang) in [("recordings-unheard.txt", Lang::En), ("recordings-unheard.zh.txt", Lang::Zh)] {
        let told = render(&found, &sources, Style::Plain, lang);
        if std::env::var_os("HOTLINE_BLESS").is_some() {
            std::fs::write(folder().join(name), &told).unwrap();
        }
        assert_eq!(told, read(name), "{name}");
    }
}

/// The crate's sources that make findings.
pub fn sources() -> Vec<String> {
    let folders = ["src", "src/analysis", "src/trial"].map(|folder| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder));
    let files = folders.into_iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    files.filter_map(|entry| std::fs::read_to_string(entry.unwrap().path()).ok()).collect()
}

/// The codes in the crate's sources.
pub fn codes() -> BTreeSet<String> {
    let code =
        |part: &str| (part.len() == 5 && part.starts_with("HL") && part[2..].bytes().all(|b| b.is_ascii_digit())).then(|| part.into());
    sources().iter().flat_map(|text| text.split('"').filter_map(code).collect::<Vec<String>>()).collect()
}

#[test]
fn every_code_has_a_golden_file_in_both_languages() {
    let (codes, mut told) = (codes(), [String::new(), String::new()]);
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".txt") {
            told[usize::from(name.ends_with(".zh.txt"))] += &read(&name);
        }
    }
    assert!(codes.len() >= 80, "{codes:?}");
    for told in told {
        let missing: Vec<&String> = codes.iter().filter(|code| !told.contains(&format!("[{code}]"))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}

/// Names and words of the files stand in backquotes or quotes; the rest of a Chinese message is Chinese.
#[test]
fn no_chinese_message_is_an_english_one() {
    let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    for name in std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
        let found = if name.ends_with(".toml") { found(&name).0 } else { Vec::new() };
        for said in found.iter().flat_map(|one| [Some(&one.message), Some(&one.label), one.help.as_ref()]).flatten() {
            let words = said.zh.split('`').step_by(2).any(|words| words.contains(chinese));
            assert!(words || said.en.starts_with('`') && said.en.ends_with('`'), "{name}: {said:?}");
            assert!(!said.en.split('`').step_by(2).any(|words| words.contains(chinese)), "{name}: {said:?}");
        }
    }
}

#[test]
fn the_input_beside_the_bad_ones_is_good() {
    let sources = [Source { path: "base.toml".into(), text: read("base.toml") }];
    assert_eq!(findings(&sources, &options()), []);
}

#[test]
fn menus_are_counted_where_no_recording_is_known() {
    let source = |name: &str| Source { path: name.into(), text: read(name) };
    let found = findings(&[source("base.toml"), source("deep-menus.toml")], &Options::default());
    let told: Vec<&str> = found.iter().map(|one| one.message.of(Lang::En)).collect();
    assert_eq!(told, ["menu `five` is the 5th in a row"]);
}
