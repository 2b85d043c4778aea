//! The layout of files: what is changed, what never is.

use crate::support::{folder, workspace};
use hotline_rules::{Plan, Source, format, load};
use proptest::prelude::*;
use toml_parser::lexer::TokenKind;

fn source(text: &str) -> Source {
    Source { path: "x.toml".into(), text: text.into() }
}

fn formatted(text: &str) -> String {
    format(&source(text)).unwrap_or_else(|found| panic!("{found:?}\n{text}"))
}

fn assert_layout(before: &str, after: &str) {
    assert_eq!(formatted(before), after);
    assert_eq!(formatted(after), after, "again");
}

#[test]
fn spaces_quotes_and_commas_are_made_alike() {
    assert_layout("a=1\n  b   =   'two'\n", "a = 1\nb = \"two\"\n");
    assert_layout("[ timers ]\n[[ queue . step ]]\n", "[timers]\n[[queue.step]]\n");
    assert_layout("a = [1 ,2,3,]", "a = [1, 2, 3]\n");
    assert_layout("a = {b=1,c  = { } , d=[ ]}", "a = { b = 1, c = {}, d = [] }\n");
    assert_layout("\"a-b\" . 'c d' = 1\n", "a-b.\"c d\" = 1\n");
    assert_layout("[menu.\"main\".keys]\n\"*\" = 1\n", "[menu.main.keys]\n\"*\" = 1\n");
    assert_layout("a = 0.8\nb = 2026-01-01  \nc = 2026-01-01 08:00:00\n", "a = 0.8\nb = 2026-01-01\nc = 2026-01-01 08:00:00\n");
    assert_layout("a = 1\r\nb = 2\r\n", "a = 1\nb = 2\n");
    assert_layout("\u{feff}a = 1", "a = 1\n");
    assert_layout("", "");
}

#[test]
fn quotes_stay_where_a_text_would_need_escapes_and_long_texts_stay_as_they_are() {
    assert_layout("a = 'say \"no\"'\nb = 'C:\\x'\n", "a = 'say \"no\"'\nb = 'C:\\x'\n");
    assert_layout("a = \"\"\"\n two  \n  lines\"\"\"\nb = '''\n x '''", "a = \"\"\"\n two  \n  lines\"\"\"\nb = '''\n x '''\n");
}

#[test]
fn comments_blank_lines_and_order_stay() {
    assert_layout("# 一\n\n\n\n\n#二\nz = 1#c\na = 2\n\n", "# 一\n\n\n#二\nz = 1 #c\na = 2\n");
    assert_layout("\n\na = 1\n", "a = 1\n");
    assert_layout("[b] # 乙\n[a] # 甲\n", "[b] # 乙\n[a] # 甲\n");
    assert_layout("   # one\n\t# two  \n", "# one\n# two\n");
}

#[test]
fn comments_in_a_row_keep_their_column_where_there_is_room() {
    assert_layout("a = \"1\"   # x\nbcd = '2' # y\n", "a = \"1\"   # x\nbcd = \"2\" # y\n");
    assert_layout("a=1     # x\nbcd = 2 # y\n", "a = 1   # x\nbcd = 2 # y\n");
    assert_layout("a=1#x\n", "a = 1 #x\n");
}

#[test]
fn a_list_over_several_lines_has_one_value_on_each_with_a_comma_and_its_comments() {
    let before = "a = [ # head\n  1, 2 # two\n  , 3,\n\n\n  # alone\n\n]\n";
    assert_layout(before, "a = [ # head\n    1,\n    2, # two\n    3,\n\n    # alone\n]\n");
    assert_layout(
        "a = [\n[1,\n2], { b = [\n3] }\n]\n",
        "a = [\n    [\n        1,\n        2,\n    ],\n    { b = [\n        3,\n    ] },\n]\n",
    );
}

#[test]
fn a_list_longer_than_a_line_is_broken_and_an_inline_table_is_not() {
    let long: Vec<String> = (0..30).map(|number| format!("\"{number:04}\"")).collect();
    let broken: String = long.iter().map(|one| format!("    {one},\n")).collect();
    assert_layout(&format!("a = [{}]", long.join(",")), &format!("a = [\n{broken}]\n"));
    let inline = format!("a = {{ b = [{}] }}\n", long.join(", "));
    assert_layout(&inline, &inline);
    let wide = "账".repeat(66);
    assert_layout(&format!("a = [\"{wide}\"]"), &format!("a = [\"{wide}\"]\n"));
    assert_layout(&format!("a = [\"{wide}账账\"]"), &format!("a = [\n    \"{wide}账账\",\n]\n"));
}

#[test]
fn what_is_not_toml_is_refused_with_the_findings_of_the_check() {
    for text in ["a = ", "a = [1", "[a\n", "a = 1\na = 2", "a = 'x", "= 1"] {
        let found = format(&source(text)).unwrap_err();
        assert!(!found.is_empty() && found.iter().all(|one| one.code == "HL001" && one.span.end <= text.len()), "{text}: {found:?}");
    }
}

fn shipped() -> Vec<Source> {
    ["routing-rules", "fixtures/load/rules"].into_iter().flat_map(folder).collect()
}

#[test]
fn the_shipped_files_are_laid_out_so() {
    let clients = std::fs::read_to_string(workspace().join("fixtures/clients/rules.toml")).ok();
    let clients = clients.map(|text| Source { path: "fixtures/clients/rules.toml".into(), text });
    for file in shipped().into_iter().chain(clients) {
        let text = format(&file).unwrap();
        assert!(text == file.text, "{} is not laid out: `hotline rules fmt`\n{text}", file.path);
    }
}

fn tokens(text: &str) -> Vec<(TokenKind, std::ops::Range<usize>)> {
    toml_parser::Source::new(text).lex().map(|token| (token.kind(), token.span().start()..token.span().end())).collect()
}

fn comments(text: &str) -> Vec<&str> {
    let comment = |(kind, span): (TokenKind, std::ops::Range<usize>)| (kind == TokenKind::Comment).then(|| text[span].trim_end());
    tokens(text).into_iter().filter_map(comment).collect()
}

fn table(text: &str) -> Option<toml::Table> {
    text.parse().ok()
}

fn said(plan: Plan) -> String {
    let text = format!("{:#?}", Plan { revision: Default::default(), places: Default::default(), ..plan });
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

const SPACES: [&str; 9] = [" ", "   ", "\t", "\n", "\r\n", "\n\n\n", " # 注 c\n", "#\n", ",\n"];

/// The text with spaces, lines and comments put in where they say nothing.
fn relaid(text: &str, changes: &[(usize, usize)]) -> String {
    let meant = table(text);
    let mut text = text.to_owned();
    for (place, space) in changes {
        let tokens = tokens(&text);
        let at = tokens[place % tokens.len()].1.start;
        let changed = format!("{}{}{}", &text[..at], SPACES[space % SPACES.len()], &text[at..]);
        if table(&changed) == meant {
            text = changed;
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_the_layout_was_the_rules_and_the_comments_stay_and_a_second_time_changes_nothing(
        file in any::<usize>(),
        changes in proptest::collection::vec((any::<usize>(), any::<usize>()), 1..40),
    ) {
        let files = shipped();
        let text = relaid(&files[file % files.len()].text, &changes);
        let after = formatted(&text);
        prop_assert_eq!(table(&after), table(&text));
        prop_assert_eq!(comments(&after), comments(&text));
        prop_assert_eq!(formatted(&after), after.clone());
        prop_assert!(!after.contains(" \n") && !after.contains('\r'), "{}", after);
    }

    #[test]
    fn any_toml_is_laid_out_or_refused(text in "([a-z\"'=\\[\\]{},.# \n0-9-]{0,40})|(a = \\[[0-9,\"a # \n]{0,30}\\])") {
        if let Ok(after) = format(&source(&text)) {
            prop_assert_eq!(table(&after), table(&text));
            prop_assert_eq!(comments(&after), comments(&text));
            prop_assert_eq!(formatted(&after), after);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn the_plan_is_the_same_before_and_after(changes in proptest::collection::vec((any::<usize>(), any::<usize>()), 8..16)) {
        let files = folder("routing-rules");
        let before: Vec<Source> = files.iter().map(|file| Source { text: relaid(&file.text, &changes), ..file.clone() }).collect();
        let after: Vec<Source> = before.iter().map(|file| Source { text: format(file).unwrap(), ..file.clone() }).collect();
        prop_assert_eq!(said(load(&before, None).unwrap().plan), said(load(&after, None).unwrap().plan));
    }
}
