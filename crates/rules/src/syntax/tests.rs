use super::*;
use proptest::prelude::*;

/// Line, message and label of each cause.
fn told(text: &str) -> Vec<(usize, String, String)> {
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    slips(text, 0).into_iter().map(|slip| (line(slip.span.start), slip.message.en.into(), slip.label.en.into())).collect()
}

fn only(text: &str) -> (usize, String, String) {
    let all = told(text);
    assert_eq!(all.len(), 1, "{text}\n{all:?}");
    all.into_iter().next().unwrap()
}

/// The text after the fixes of its causes, and whether all are safe.
fn fixed(text: &str) -> Option<(String, bool)> {
    let slip = slips(text, 0).into_iter().next()?;
    let fix = slip.fix?;
    let mut mended = text.to_owned();
    fix.edits.iter().rev().for_each(|edit| mended.replace_range(edit.span.clone(), &edit.text));
    Some((mended, fix.safe))
}

#[test]
fn a_quote_or_bracket_that_is_not_closed_is_told_once_where_it_was_opened() {
    let menu = |line: &str| {
        format!(
            "[menu.main.keys]\n{line}\n2 = {{ queue = \"b\" }}\n3 = {{ queue = \"c\", set = {{ topic = \"security\" }} }}\n[menu.b]\nsay = [\"x\"]\n"
        )
    };
    for (line, sign) in [
        ("1 = { menu = \"fault }", "the closing quote is missing"),
        ("1 = { set = { topic = \"x }, menu = \"fault\" }", "the closing quote is missing"),
        ("1 = { say = [\"a, \"b\"], menu = \"fault\" }", "the closing quote is missing"),
        ("1 = { menu = \"fault\"", "`{` without its `}`"),
        ("1 = { set = { topic = \"x\" }, menu = \"fault\"", "`{` without its `}`"),
        ("1 = { set = [\"x\", menu = \"fault\" }", "`[` without its `]`"),
    ] {
        assert_eq!(only(&menu(line)), (2, sign.into(), "opened here".into()), "{line}");
    }
    let list = "[[seat]]\nskills = [\n  \"a\",\n  \"b\",\n\n# more\nagent = \"x\"\n[[seat]]\nname = \"2\"\n";
    assert_eq!(only(list), (2, "`[` without its `]`".into(), "opened here".into()));
    assert_eq!(only("[[seat]\nname = \"1\"\n[[seat]]\nname = \"2\"\n").0, 1);
    assert_eq!(only("a = \"\"\"x\ny = 1\nz = 2\n"), (1, "the closing quote is missing".into(), "opened here".into()));
    assert_eq!(told("a = \"x\nb = 'y\nc = 1\n").iter().map(|one| one.0).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_comma_that_is_missing_in_a_row_of_values_is_told_as_such() {
    let missing = |key: &str| (2, format!("a comma is missing before `{key}`"), "begins here".to_owned());
    assert_eq!(only("[[seat]]\nskills = { zh = 9 en = 3, vip = 1 }\n"), missing("en"));
    assert_eq!(only("[[seat]]\nskills = { zh = 9, en = 3  vip= 1 }\n"), missing("vip"));
}

#[test]
fn what_stands_over_several_lines_as_it_may_is_not_taken_for_open() {
    let text = "a = [\n  { b = 1,\n    c = \"x]\" }, # ]\n  [1, 2],\n]\nd = \"\"\"\n[x]\ny = \"\n\"\"\"\ne = tru\n";
    assert_eq!(only(text).0, 10);
}

#[test]
fn a_text_without_quotes_and_words_for_true_and_false_are_named() {
    for (text, message, meant) in [
        ("queue = technical\n", "text needs quotes: `technical`", Some(("queue = \"technical\"\n", true))),
        ("wait = 30s # x\n", "text needs quotes: `30s`", Some(("wait = \"30s\" # x\n", true))),
        ("say = please wait\n", "text needs quotes: `please wait`", Some(("say = \"please wait\"\n", false))),
        ("1 = { menu = fault\" }\n", "text needs quotes: `fault\"`", Some(("1 = { menu = \"fault\" }\n", true))),
        ("1 = { queue = service }\n", "text needs quotes: `service`", Some(("1 = { queue = \"service\" }\n", true))),
        ("a = [\"x\", y]\n", "text needs quotes: `y`", Some(("a = [\"x\", \"y\"]\n", true))),
        ("cleared = True\n", "`True` is neither `true` nor `false`", Some(("cleared = true\n", true))),
        ("cleared = yes\n", "`yes` is neither `true` nor `false`", Some(("cleared = true\n", false))),
        ("a = null\n", "`null` is no value", None),
        ("password = k7Twq2\n", "text needs quotes: `…`", Some(("password = \"k7Twq2\"\n", true))),
    ] {
        assert_eq!(only(text).1, message, "{text}");
        assert_eq!(fixed(text), meant.map(|(text, safe)| (text.to_owned(), safe)), "{text}");
    }
    let help = &slips("password = k7Twq2", 0)[0].help;
    assert!(!help.en.contains("k7T") && !help.zh.contains("k7T"), "a password is not said again");
}

#[test]
fn signs_of_an_input_method_are_named() {
    for (text, message, label, meant) in [
        ("answer ＝ \"30s\"\n", "`＝` is a full-width sign", "`=` is wanted", Some("answer = \"30s\"\n")),
        ("answer = “30s”\n", "`“` is a full-width sign", "`\"` is wanted", Some("answer = \"30s\"\n")),
        ("answer = \"30s”\n", "`”` is a full-width sign", "`\"` is wanted", Some("answer = \"30s\"\n")),
        ("attempts：3\n", "`：` is a full-width sign", "`=` is wanted", Some("attempts:3\n")),
        ("a = [1， 2]\n", "`，` is a full-width sign", "`,` is wanted", Some("a = [1, 2]\n")),
        ("answer\u{a0}= \"30s\"\n", "a space that is none of TOML: U+00A0", "it looks like a space", Some("answer = \"30s\"\n")),
        ("answer\u{200b} = \"30s\"\n", "a character that is not seen: U+200B", "here", Some("answer = \"30s\"\n")),
    ] {
        assert_eq!(only(text), (1, message.into(), label.into()), "{text}");
        assert_eq!(fixed(text).map(|(text, _)| text).as_deref(), meant, "{text}");
    }
}

#[test]
fn what_other_languages_write_is_named() {
    for (text, message, meant) in [
        ("attempts: 3\n", "`:` where `=` belongs", Some("attempts = 3\n")),
        ("a = { b: 3 }\n", "`:` where `=` belongs", Some("a = { b = 3 }\n")),
        ("// comment\n", "`//` begins no comment", Some("# comment\n")),
        ("a = 3 // comment\n", "`//` begins no comment", Some("a = 3 # comment\n")),
        ("a = \"x\" // comment\n", "`//` begins no comment", Some("a = \"x\" # comment\n")),
        ("/* comment */\n", "`/*` begins no comment", None),
        ("; comment\n", "`;` begins no comment", Some("# comment\n")),
    ] {
        assert_eq!(only(text).1, message, "{text}");
        assert_eq!(fixed(text).map(|(text, _)| text).as_deref(), meant, "{text}");
    }
    let merge = "a = 1\n<<<<<<< HEAD\nb = 2\n=======\nb = 3\n>>>>>>> theirs\nc = 1\n";
    assert_eq!(only(merge).0, 2);
    assert!(only(merge).1.starts_with("a merge that was not finished"));
    assert_eq!(only("a = 1\rb = 2\rc = 3\r").1, "a line ends with CR alone, which ends no line in TOML");
    assert_eq!(fixed("a = 1\rb = 2\r\n"), Some(("a = 1\nb = 2\n".into(), true)));
}

#[test]
fn what_stands_behind_the_name_of_a_table_belongs_on_the_next_line() {
    for (text, label, meant) in [
        ("[timers] answer = \"30s\"\n", "belongs on the next line", Some("[timers]\nanswer = \"30s\"\n")),
        ("a = 1\n[[seat]]name = \"1\"\n", "belongs on the next line", Some("a = 1\n[[seat]]\nname = \"1\"\n")),
        ("[timers] 30\n", "belongs on the next line", None),
        ("[timers]]\nanswer = \"30s\"\n", "a bracket too many", None),
    ] {
        assert_eq!(only(text).2, label, "{text}");
        assert_eq!(fixed(text).map(|(text, _)| text).as_deref(), meant, "{text}");
    }
}

#[test]
fn a_second_table_or_key_is_told_with_the_first() {
    for (text, line, message, label, meant) in [
        (
            "[[seat]]\nname = \"1\"\n[seat]\nname = \"2\"\n[[seat]]\nname = \"3\"\n",
            3,
            "`[seat]` among `[[seat]]`",
            "the first is in line 1",
            Some("[[seat]]\nname = \"1\"\n[[seat]]\nname = \"2\"\n[[seat]]\nname = \"3\"\n"),
        ),
        (
            "[queue]\nname = \"1\"\n[queue]\nname = \"2\"\n",
            3,
            "a second `queue`",
            "the first is in line 1",
            Some("[[queue]]\nname = \"1\"\n[[queue]]\nname = \"2\"\n"),
        ),
        (
            "[queue]\nname = \"1\"\n[[queue]]\nname = \"2\"\n",
            3,
            "a second `queue`",
            "the first is in line 1",
            Some("[[queue]]\nname = \"1\"\n[[queue]]\nname = \"2\"\n"),
        ),
        ("[timers]\na = 1\n[survey]\n[timers]\na = 2\nb = 3\n", 4, "a second `timers`", "the first is in line 1", None),
        ("[timers]\nanswer = 1\nx = 2\nanswer = 3\n", 4, "`answer` is set twice in one table", "the first is in line 2", None),
        ("a = { b = 1, c = 2, b = 3 }\n", 1, "`b` is set twice in one table", "the first is in line 1", None),
    ] {
        assert_eq!(only(text), (line, message.into(), label.into()), "{text}");
        assert_eq!(fixed(text).map(|(text, _)| text).as_deref(), meant, "{text}");
    }
}

#[test]
fn other_slips_have_a_way_out_too() {
    for text in [
        "a = \n",
        "a\n",
        "a = 1 b = 2\n",
        "a = \"\\q\"\n",
        "a = 021\n",
        "a == 1\n",
        "a = [1 2]\n",
        "a = 2026-13-01\n",
        "账单 = 3\n",
        "周一-周五 = \"8\"\n",
        "]\n",
    ] {
        let (line, message, _) = only(text);
        assert!(line == 1 && !message.is_empty(), "{text}");
        let slip = slips(text, 0).remove(0);
        assert!(!slip.help.en.is_empty() && slip.help.en != slip.help.zh, "{text}");
    }
    assert!(told(&"what is this\n".repeat(500)).len() <= MOST);
}

#[test]
fn a_file_in_another_language_is_told_as_such_and_not_mended_line_by_line() {
    for (text, name, line) in [
        ("seat:\n  name: 1001\n  skills: { zh: 3 }\n", "YAML", 1),
        ("# seats\n---\nseat:\n- name: \"1001\"\n  agent: Li\n", "YAML", 2),
        ("timers:\n    answer: 20s\nqueue:\n    - name: q\n", "YAML", 1),
        ("- name: q\n  limit: 3\n", "YAML", 1),
        ("{\"seat\": [{\"name\": \"1050\"}]}", "JSON", 1),
        ("\n{\n  \"timers\": {}\n}\n", "JSON", 2),
        ("[\n  { \"name\": \"1050\" }\n]\n", "JSON", 1),
    ] {
        let (at, message, _) = only(text);
        assert_eq!((at, message), (line, format!("this is {name}, and files of rules are TOML")), "{text}");
        assert_eq!(fixed(text), None);
    }
    for text in ["answer: \"20s\"\n", "[timers]\nanswer: 20s\n", "a: 1\nb: 2\n", "timers:\nanswer = 1\n", "{\n"] {
        assert!(told(text).iter().all(|(_, message, _)| !message.contains("YAML") && !message.contains("JSON")), "{text}");
    }
}

#[test]
fn quotes_that_are_doubled_are_told_as_such_and_made_one() {
    for (text, meant) in [
        ("a = \"\"30s\"\"\n", "a = \"30s\"\n"),
        ("a = ''30s''\n", "a = '30s'\n"),
        ("a = \"\"账单\"\n", "a = \"账单\"\n"),
        ("a = [\"\", \"\"b c\"\", \"d\"]\n", "a = [\"\", \"b c\", \"d\"]\n"),
    ] {
        assert!(only(text).1.starts_with("the quotes are doubled"), "{text}");
        assert_eq!(fixed(text), Some((meant.to_owned(), true)));
    }
    for text in ["a = \"\"30s\n", "a = \"\"30s # say \"so\"\n"] {
        assert!(!only(text).1.starts_with("the quotes are doubled"), "{text}");
    }
}

#[test]
fn what_is_nested_too_deep_is_told_once_and_where_it_stands() {
    let (key, brackets) = (["a"; 200].join("."), "[".repeat(200) + &"]".repeat(200));
    for text in [
        format!("# a comment\n[b]\n{key} = 1\nc = 2\n"),
        format!("# a comment\nb = 1\n[{key}]\nc = 2\n"),
        format!("b = \"c\"\n\nc = {brackets}\n[d]\n"),
        format!("b = 1\n\nc = {{ {key} = 1 }}\n[d]\n"),
    ] {
        let (line, message, _) = only(&text);
        assert_eq!((line, message.as_str()), (3, "nested deeper than can be read"), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_that_is_no_toml_has_a_cause_within_it(text in "[a-c\\[\\]{}=\"'#,:/\\\\ \n\r1“”＝：，\u{a0}账]{0,60}") {
        let is_toml = DeTable::parse_recoverable(&text).1.is_empty();
        prop_assume!(!is_toml);
        let found = slips(&text, 0);
        prop_assert!(!found.is_empty());
        for slip in found {
            prop_assert!(text.get(slip.span.clone()).is_some(), "{:?}", slip.span);
            let edits = slip.fix.into_iter().flat_map(|fix| fix.edits);
            edits.for_each(|edit| assert!(text.get(edit.span.clone()).is_some()));
        }
    }
}
