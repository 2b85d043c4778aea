use super::*;
use clap::Parser;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const BASE: &str = "skill = [{ name = \"zh\" }]
language = [{ code = \"zh-CN\", requires = \"zh >= 1\" }]
number = [{ name = \"hotline\", queue = \"service\" }]
seat = [{ name = \"1001\", password = \"x\", skills = { zh = 9 } }]
queue = [{ name = \"service\" }]
";
const MISSPELT: &str = "[timers]\nanwser = \"20s\" # 接听\n";

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: CheckArgs,
}

struct Answer {
    code: u8,
    out: String,
    log: String,
}

fn run_with(words: &[&str], input: &str) -> anyhow::Result<Answer> {
    let lang: &[&str] = if words.contains(&"--lang") { &[] } else { &["--lang", "en"] };
    let line = Line::try_parse_from(["check"].iter().chain(lang).chain(words))?;
    let (mut out, mut log) = (Vec::new(), Vec::new());
    let streams = Streams { input: &mut input.as_bytes(), out: &mut out, log: &mut log, style: Style::Plain };
    let code = check(&line.args, PathBuf::from("nowhere"), streams)?;
    Ok(Answer { code, out: String::from_utf8(out)?, log: String::from_utf8(log)? })
}

fn run(words: &[&str]) -> Answer {
    run_with(words, "").unwrap()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::create_dir_all(dir.path().join(name).parent().unwrap()).unwrap();
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn path(dir: &tempfile::TempDir) -> String {
    dir.path().display().to_string()
}

fn text(dir: &tempfile::TempDir, name: &str) -> String {
    std::fs::read_to_string(dir.path().join(name)).unwrap()
}

#[test]
fn findings_are_data_the_summary_is_not_and_errors_exit_1() {
    let dir = folder(&[("10.toml", BASE), ("20.toml", MISSPELT)]);
    let answer = run(&[&path(&dir), "--output-format", "concise"]);
    assert_eq!(answer.out, format!("{}/20.toml:2:1: error[HL002] unknown key `anwser` in `[timers]`\n", path(&dir)));
    assert_eq!((answer.code, answer.log.as_str()), (1, "1 error in 2 files.\n1 can be mended by --fix.\n"));
    assert_eq!(run(&[&path(&dir), "--exit-zero"]).code, 0);
    assert!(run(&[&path(&dir)]).out.contains("did you mean `answer`?"));
}

#[test]
fn rules_without_findings_exit_0_and_say_nothing() {
    let dir = folder(&[("10.toml", BASE)]);
    let answer = run(&[&path(&dir)]);
    assert_eq!((answer.code, answer.out.as_str(), answer.log.as_str()), (0, "", "No findings in 1 file.\n"));
}

#[test]
fn every_format_for_machines_is_whole_and_empty_without_findings() {
    let (good, bad) = (folder(&[("10.toml", BASE)]), folder(&[("10.toml", BASE), ("20.toml", MISSPELT)]));
    let json = |dir: &tempfile::TempDir, format: &str| {
        serde_json::from_str::<serde_json::Value>(&run(&[&path(dir), "--output-format", format]).out).unwrap()
    };
    assert_eq!(json(&good, "json"), serde_json::json!([]));
    assert_eq!(json(&bad, "json")[0]["fix"]["edits"][0]["text"], "answer");
    assert_eq!(json(&good, "sarif")["runs"][0]["results"], serde_json::json!([]));
    assert_eq!(json(&bad, "sarif")["runs"][0]["results"][0]["ruleId"], "HL002");
    assert!(run(&[&path(&bad), "--output-format", "github"]).out.starts_with("::error file="));
}

#[test]
fn what_cannot_be_read_is_an_error_of_use() {
    let dir = folder(&[("10.toml", BASE)]);
    assert!(run_with(&["-", "-"], "").is_err());
    assert!(run_with(&[&path(&dir), "--output-format", "xml"], "").is_err());
    assert!(run_with(&[&path(&dir), "--fix", "--diff"], "").is_err());
}

#[test]
fn a_file_from_standard_input_stands_for_that_file_of_the_folder() {
    let dir = folder(&[("10.toml", BASE), ("20.toml", MISSPELT)]);
    let name = format!("{}/20.toml", path(&dir));
    let answer = run_with(&[&path(&dir), "-", "--stdin-filename", &name], "[timers]\nanswer = \"20s\"\n").unwrap();
    assert_eq!((answer.code, answer.log.as_str()), (0, "No findings in 2 files.\n"));
    let in_the_folder = run_with(&[&path(&dir), "-", "--stdin-filename", "20.toml"], "[timers]\nanswer = \"20s\"\n").unwrap();
    assert_eq!((in_the_folder.code, in_the_folder.log.as_str()), (0, "No findings in 2 files.\n"));
    let dotted = format!("{}/./20.toml", path(&dir));
    let dotted = run_with(&[&path(&dir), "-", "--stdin-filename", &dotted], "[timers]\nanswer = \"20s\"\n").unwrap();
    assert_eq!((dotted.code, dotted.log.as_str()), (0, "No findings in 2 files.\n"));
    let alone = run_with(&["-", "--output-format", "concise"], "x = 1\n").unwrap();
    assert!(alone.out.starts_with("<stdin>:1:1: error[HL"), "{}", alone.out);
}

#[test]
fn fixes_are_written_the_mode_is_kept_and_nothing_is_left_beside() {
    let dir = folder(&[("10.toml", BASE), ("20.toml", MISSPELT)]);
    let file = dir.path().join("20.toml");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let answer = run(&[&path(&dir), "--fix"]);
    assert_eq!((answer.code, answer.log.as_str()), (0, "1 finding mended in 1 file.\nNo findings in 2 files.\n"));
    assert_eq!(text(&dir, "20.toml"), "[timers]\nanswer = \"20s\" # 接听\n");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn a_difference_is_shown_and_nothing_is_written() {
    let dir = folder(&[("10.toml", BASE), ("20.toml", MISSPELT)]);
    let answer = run(&[&path(&dir), "--diff"]);
    assert!(answer.out.contains("\n-anwser = \"20s\" # 接听\n+answer = \"20s\" # 接听\n"), "{}", answer.out);
    assert_eq!((answer.code, text(&dir, "20.toml").as_str()), (1, MISSPELT));
}

#[test]
fn what_was_only_probably_meant_is_mended_on_demand() {
    let dir = folder(&[("10.toml", BASE), ("20.toml", "[timers]\nanswer = 20\n")]);
    let answer = run(&[&path(&dir), "--fix"]);
    assert_eq!((answer.code, text(&dir, "20.toml").as_str()), (1, "[timers]\nanswer = 20\n"));
    assert!(answer.log.contains("0 can be mended by --fix, 1 with --unsafe-fixes."), "{}", answer.log);
    let answer = run(&[&path(&dir), "--fix", "--unsafe-fixes"]);
    assert_eq!((answer.code, text(&dir, "20.toml").as_str()), (0, "[timers]\nanswer = \"20s\"\n"));
}

#[test]
fn a_file_that_would_be_no_toml_after_its_fixes_is_left_as_it_was_and_that_is_said() {
    let dir = folder(&[("10.toml", BASE), ("20.toml", "[timers]\nanswer:\n")]);
    let left = format!("{}/20.toml is left as it was: mended, it could not be read either.\n", path(&dir));
    let answer = run(&[&path(&dir), "--fix"]);
    assert_eq!((answer.code, text(&dir, "20.toml").as_str()), (1, "[timers]\nanswer:\n"));
    assert!(answer.log.starts_with(&left) && !answer.log.contains("mended in"), "{}", answer.log);
    assert_eq!(run(&[&path(&dir), "--diff"]).log, format!("{left}0 would be mended.\n"));
}

#[test]
fn mended_standard_input_goes_to_standard_output() {
    let dir = folder(&[("10.toml", BASE)]);
    let answer = run_with(&[&path(&dir), "-", "--fix"], MISSPELT).unwrap();
    assert_eq!((answer.code, answer.out.as_str()), (0, "[timers]\nanswer = \"20s\" # 接听\n"));
}

#[test]
fn a_link_out_of_the_folder_is_not_written_through() {
    let (dir, other) = (folder(&[("10.toml", BASE)]), folder(&[("20.toml", MISSPELT)]));
    std::os::unix::fs::symlink(other.path().join("20.toml"), dir.path().join("20.toml")).unwrap();
    let answer = run(&[&path(&dir), "--fix"]);
    assert!(answer.code == 2 && answer.out.contains("error[HL194]: it is a link out of the folder"), "{}", answer.out);
    assert_eq!(text(&other, "20.toml"), MISSPELT);
}

#[test]
fn a_directory_named_like_a_file_is_told_and_holds_nothing_up() {
    let dir = folder(&[("10.toml", BASE)]);
    std::fs::create_dir_all(dir.path().join("20.toml/more")).unwrap();
    let fifo = dir.path().join("prompts/zh-CN/welcome.wav");
    std::fs::create_dir_all(fifo.parent().unwrap()).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let answer = run(&[&path(&dir), "--output-format", "concise"]);
    assert_eq!(answer.code, 0, "{}", answer.log);
    assert!(answer.out.contains("20.toml:1:1: warning[HL191] a directory is no file of rules"), "{}", answer.out);
}

#[test]
fn a_file_that_was_changed_meanwhile_is_left() {
    let dir = folder(&[("10.toml", "new")]);
    let error = replace_file(&dir.path().join("10.toml"), dir.path(), "old", "mended").unwrap_err().to_string();
    assert!(error.contains("changed meanwhile") && text(&dir, "10.toml") == "new", "{error}");
}

/// A WAV file of a second of silence.
fn wav(rate: u32) -> Vec<u8> {
    let data = vec![0; 2 * rate as usize];
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend([rate.to_le_bytes(), (2 * rate).to_le_bytes()].concat());
    file.extend(b"\x02\0\x10\0data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

fn put_wav(dir: &Path, rate: u32) {
    std::fs::create_dir_all(dir.join("prompts/zh-CN")).unwrap();
    std::fs::write(dir.join("prompts/zh-CN/hello.wav"), wav(rate)).unwrap();
}

#[test]
fn a_recording_at_the_wrong_rate_and_a_missing_one_are_found() {
    let rules = "[menu.main]\nsay = [\"hello\", \"nobody-said-this\"]\nkeys = { 0 = { queue = \"service\" } }\n";
    let dir = folder(&[("10.toml", &BASE.replace("queue = \"service\" }]\n", "menu = \"main\" }]\n")), ("20.toml", rules)]);
    put_wav(dir.path(), 44_100);
    let answer = run(&[&path(&dir), "--output-format", "concise"]);
    assert_eq!(answer.code, 1, "{}", answer.out);
    let said = "/prompts/zh-CN/hello.wav:1:1: error[HL144] the recording can't be played: it has 44100 Hz instead of 8000\n";
    assert!(answer.out.contains(said), "{}", answer.out);
    assert!(answer.out.contains("20.toml:2:17: warning[HL018]"), "{}", answer.out);
    put_wav(dir.path(), 8_000);
    assert!(!run(&[&path(&dir)]).out.contains("HL144"));
}

#[test]
fn a_file_that_is_no_text_is_shown_at_its_place_and_nothing_is_mended_beside_it() {
    let dir = folder(&[("10.toml", BASE), ("20.toml", MISSPELT)]);
    std::fs::write(dir.path().join("30.toml"), b"# \xe5\xae\xa2\nname = \"\xbf\xcd\xb7\xfe\"\n").unwrap();
    let place = format!("{}/30.toml:2:9: error[HL195] it is no UTF-8 text: the byte 0xBF can't be here\n", path(&dir));
    for words in [&["--output-format", "concise"][..], &["--output-format", "concise", "--fix"]] {
        let answer = run(&[&[&*path(&dir)], words].concat());
        let others = format!("{}/20.toml:2:1: error[HL002] unknown key `anwser` in `[timers]`\n{place}", path(&dir));
        assert_eq!((answer.code, answer.out), (1, others), "{}", answer.log);
    }
    assert_eq!(text(&dir, "20.toml"), MISSPELT);
    let one = format!("{}/30.toml", path(&dir));
    assert!(run(&[&one]).out.contains("2 | name = \"\u{fffd}"));
    let piped = run_with(&["-", "--output-format", "concise"], "").unwrap();
    assert_eq!(piped.code, 1, "nothing is no rules: {}", piped.out);
}

#[test]
fn recordings_and_files_that_are_not_read_as_they_were_meant_are_told() {
    let dir = folder(&[
        ("10.toml", BASE),
        ("20-hours.TOML", "x"),
        ("51-seats.toml.txt", "x"),
        ("prompts/zh-CN/welcom.wav", ""),
        ("prompts/welcome.mp3", ""),
    ]);
    let answer = run(&[&path(&dir), "--output-format", "concise"]);
    let codes: Vec<&str> = answer.out.lines().filter_map(|line| line.split_once("warning[")?.1.get(..5)).collect();
    assert_eq!(codes.iter().filter(|code| **code == "HL251").count(), 2, "{}", answer.out);
    assert_eq!(codes.iter().filter(|code| **code == "HL254").count(), 2, "{}", answer.out);
    assert_eq!(answer.code, 0, "{}", answer.out);
}

/// The findings of the JSON format: code, line and column, message.
fn as_data(words: &[&str]) -> (u8, Vec<(String, String, u64, u64)>) {
    let answer = run(&[words, &["--output-format", "json"]].concat());
    let found: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
    let text = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap().to_owned();
    let found = found.as_array().unwrap().iter();
    let found = found.map(|one| (text(one, "code"), text(one, "file"), one["line"].as_u64().unwrap(), one["column"].as_u64().unwrap()));
    (answer.code, found.collect())
}

#[test]
fn what_can_not_be_read_is_a_finding_in_every_format_and_language_beside_those_of_the_other_files() {
    let dir = folder(&[("10.toml", BASE), ("20.toml", MISSPELT)]);
    let at = |name: &str| format!("{}/{name}", path(&dir));
    std::os::unix::fs::symlink("/etc/hostname", at("30.toml")).unwrap();
    std::os::unix::fs::symlink("40.toml", at("40.toml")).unwrap();
    std::fs::File::create(at("50.toml")).unwrap().set_len(9 << 20).unwrap();
    let expected = [("HL002", "20.toml", 2), ("HL190", "40.toml", 1), ("HL192", "50.toml", 1), ("HL194", "30.toml", 1)];
    let expected: Vec<_> = expected.into_iter().map(|(code, name, line)| (code.to_owned(), at(name), line, 1)).collect();
    let (code, mut found) = as_data(&[&path(&dir)]);
    found.sort();
    assert_eq!((code, found), (2, expected));
    let formats = ["human", "concise", "json", "github", "sarif"];
    for (format, lang, says) in
        formats.into_iter().flat_map(|format| [(format, "en", "larger than 8 MiB"), (format, "zh", "文件超过 8 MiB")])
    {
        let answer = run(&[&path(&dir), "--output-format", format, "--lang", lang]);
        assert!(answer.code == 2 && answer.out.contains("HL192") && answer.out.contains(says), "{format}: {}", answer.out);
    }
}

#[test]
fn a_name_that_is_not_there_and_a_folder_without_rules_are_findings() {
    let empty = folder(&[("a.csv", "number\n")]);
    for (name, code) in [("/nowhere/at/all".to_owned(), "HL190"), ("/nowhere/at/all.toml".to_owned(), "HL190"), (path(&empty), "HL243")] {
        let (exit, found) = as_data(&[&name]);
        let found: Vec<_> = found.iter().filter(|one| one.1 == name).collect();
        assert_eq!((exit, found), (2, vec![&(code.to_owned(), name.clone(), 1, 1)]));
    }
    assert!(run(&["/nowhere/at/all", "--lang", "zh"]).out.contains("没有这个文件或文件夹"));
    assert!(run(&["/nowhere/at/all"]).out.contains("rules.dir"));
}

#[test]
fn a_recording_that_is_too_large_is_a_finding_beside_the_others_and_says_how_recordings_are_made_smaller() {
    let dir = folder(&[("10.toml", BASE), ("20.toml", MISSPELT), ("prompts/zh-CN/welcome.wav", "")]);
    let sound = format!("{}/prompts/zh-CN/welcome.wav", path(&dir));
    std::fs::File::create(&sound).unwrap().set_len(9 << 20).unwrap();
    let (code, found) = as_data(&[&path(&dir)]);
    assert_eq!((code, found.len(), &*found[0].0, &found[1].1), (2, 2, "HL002", &sound));
    assert!(run(&[&path(&dir)]).out.contains("save it with 8000 Hz"));
}

#[test]
fn the_tests_of_the_rules_are_checked_with_them_and_none_is_run() {
    let test = "[[test]]\nname = \"t\"\ngiven = { at = 2026-11-18T10:00:00 }\nexpect = { queue = \"service\", answered = false }\n";
    let wrong = test.replace("service", "servce");
    let dir = folder(&[("10.toml", BASE), ("tests/good.toml", test)]);
    let at = format!("{}/tests/zz.toml", path(&dir));
    assert_eq!(as_data(&[&path(&dir)]), (0, vec![]), "one that fails is for `rules test`");
    for (text, code, line, column) in [(&*wrong, "HL130", 4, 20), ("[[test", "HL001", 1, 2), ("[[tset]]\n", "HL002", 1, 3)] {
        std::fs::write(&at, text).unwrap();
        assert_eq!(as_data(&[&path(&dir)]), (1, vec![(code.to_owned(), at.clone(), line, column)]), "{text}");
    }
    std::fs::write(&at, b"name = \"\xbf\xcd\"").unwrap();
    assert_eq!(as_data(&[&path(&dir)]), (1, vec![("HL195".to_owned(), at.clone(), 1, 9)]));
    std::fs::write(&at, "[[test").unwrap();
    std::fs::write(dir.path().join("20.toml"), MISSPELT).unwrap();
    let (code, found) = as_data(&[&path(&dir)]);
    assert_eq!((code, &*found[0].0, &*found[1].0, found.len()), (1, "HL002", "HL001", 2), "beside rules with errors");
}

#[test]
fn a_database_that_is_not_there_is_a_finding_at_the_line_that_names_it() {
    let rules = "[lookup.crm]\nsqlite = \"crm.db\"\nquery = \"SELECT agent FROM c WHERE number = ?1\"\n";
    let dir = folder(&[("10.toml", BASE), ("20.toml", rules)]);
    assert_eq!(as_data(&[&path(&dir)]), (1, vec![("HL241".to_owned(), format!("{}/20.toml", path(&dir)), 2, 10)]));
    let answer = run(&[&path(&dir), "--lang", "zh"]);
    assert!(answer.out.contains("错误[HL241]") && answer.out.contains("20.toml:2:10"), "{}", answer.out);
}
