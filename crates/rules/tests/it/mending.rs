//! What fixes make of files: the known mistakes, and any.

use crate::support::{findings, folder};
use hotline_rules::{Diagnostic, Mended, Options, Severity, Source, load, mend, unified_diff};
use proptest::prelude::*;

fn base_and(text: &str) -> Vec<Source> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/base.toml");
    let source = |path: &str, text: String| Source { path: path.into(), text };
    vec![source("base.toml", std::fs::read_to_string(path).unwrap()), source("mine.toml", text.into())]
}

fn errors(found: &[Diagnostic]) -> usize {
    found.iter().filter(|one| one.severity == Severity::Error).count()
}

#[test]
fn what_can_only_be_meant_in_one_way_is_mended() {
    for (written, meant) in [
        ("[timers]\nanwser = \"20s\"\n", "[timers]\nanswer = \"20s\"\n"),
        ("[timers]\nanswer = \"20 秒\"\n", "[timers]\nanswer = \"20s\"\n"),
        ("[timers]\nanswer = “20s”\n", "[timers]\nanswer = \"20s\"\n"),
        ("[timer]\nanwser = '20s'\n", "[timers]\nanswer = '20s'\n"),
        ("[timers]\nanswer = \"\"20s\"\" # \"\"\n", "[timers]\nanswer = \"20s\" # \"\"\n"),
        ("[timers]\nanswer = ''20s'\n", "[timers]\nanswer = '20s'\n"),
        ("[[number]]\nname = 7000\nqueue = \"sevrice\"\n", "[[number]]\nname = \"7000\"\nqueue = \"service\"\n"),
        (
            "number = [{ name = \"7\", queue = \"q\" }]\n[queue]\nname = \"q\"\nlimit = \"100\"\ndirect = \"true\"\n",
            "number = [{ name = \"7\", queue = \"q\" }]\n[[queue]]\nname = \"q\"\nlimit = 100\ndirect = true\n",
        ),
        (
            "number = [{ name = \"7\", queue = \"service\", aliases = \"8\" }]",
            "number = [{ name = \"7\", queue = \"service\", aliases = [\"8\"] }]",
        ),
        (
            "seat = [{ name = \"2\", password = \"x\", skills = { ZH = 1, \"ＥＮ\" = 3 } }]",
            "seat = [{ name = \"2\", password = \"x\", skills = { zh = 1, \"en\" = 3 } }]",
        ),
        (
            "number = [{ name = \"7\", queue = \"q\" }]\nqueue = [{ name = \"q\", overflow = \"service\", step = [{ requires = \"账单 >= 3 | bliling >= 2\" }] }]",
            "number = [{ name = \"7\", queue = \"q\" }]\nqueue = [{ name = \"q\", overflow = \"service\", step = [{ requires = \"账单 >= 3 | billing >= 2\" }] }]",
        ),
        (
            "number = [{ name = \"7\", queue = \"q\", aliases = [\"９５０００\"], gate = [{ when = \"！open(daily) ＆ waiting(service) ＝＝ 3\", queue = \"q\" }] }]\nqueue = [{ name = \"q\", overflow = \"service\", step = [{ requires = \"zh≥6 ｜ （账单 >= 3）\" }, { after = \"10s\", requires = \"Anyone\" }] }]",
            "number = [{ name = \"7\", queue = \"q\", aliases = [\"95000\"], gate = [{ when = \"!open(daily) & waiting(service) == 3\", queue = \"q\" }] }]\nqueue = [{ name = \"q\", overflow = \"service\", step = [{ requires = \"zh>=6 | (账单 >= 3)\" }, { after = \"10s\", requires = \"anyone\" }] }]",
        ),
        (
            "[calendar.shop] # noqa: HL122\nzone = \"Asia/Shanghai\"\nhours = { Mon-Fri = \"08：00—20：00\", \"周六\" = \"09:00～12:00\" }\n",
            "[calendar.shop] # noqa: HL122\nzone = \"Asia/Shanghai\"\nhours = { mon-fri = \"08:00-20:00\", \"sat\" = \"09:00-12:00\" }\n",
        ),
        (
            "seat = [{ name = \"2\", password = \"x\", skills = { zh = 3 } }]\nqueue = [{ name = \"q\", overflow = \"service\" }]\nnumber = [{ name = \"7\", queue = \"q\" }]\n[timers]\nanswer = \"20s\";\n",
            "seat = [{ name = \"2\", password = \"x\", skills = { zh = 3 } }]\nqueue = [{ name = \"q\", overflow = \"service\" }]\nnumber = [{ name = \"7\", queue = \"q\" }]\n[timers]\nanswer = \"20s\"\n",
        ),
        (
            "[timers]\nanswer = \"30s\" # noqa: HL084\nring_per_offer = \"10s\" # 短 # noqa: HL031, HL122\n",
            "[timers]\nanswer = \"30s\"\nring_per_offer = \"10s\" # 短\n",
        ),
        (
            "[calendar.shop] # noqa: HL031, HL122, HL124 spare\nzone = \"Asia/Shanghai\"\nhours = { mon-fri = \"08:00-20:00\" }\n",
            "[calendar.shop] # noqa: HL122 spare\nzone = \"Asia/Shanghai\"\nhours = { mon-fri = \"08:00-20:00\" }\n",
        ),
        (
            "[timers]\nanswer = \"30s\" # noqa: HL031, HL122 - since May\nring_per_offer = \"10s\" # noqa: HL031 # 短\n",
            "[timers]\nanswer = \"30s\" # since May\nring_per_offer = \"10s\" # 短\n",
        ),
        (
            "[calendar.one] # noqa：hl122，HL031 备用\nzone = \"Asia/Shanghai\"\nhours = { mon-fri = \"08:00-20:00\" }\n",
            "[calendar.one] # noqa: HL122 备用\nzone = \"Asia/Shanghai\"\nhours = { mon-fri = \"08:00-20:00\" }\n",
        ),
    ] {
        let Mended { sources, left, fixes, .. } = mend(&base_and(written), &Options::default(), false);
        assert_eq!(sources[1].text, meant, "{left:?}");
        assert!(left.is_empty() && fixes > 0, "{meant}: {left:?}");
    }
}

#[test]
fn a_number_that_a_spreadsheet_kept_as_text_is_mended_to_the_number_alone() {
    let mut sources = base_and("[[customers]]\nfile = \"of.csv\"\n");
    let kept = "number,name\n'13800138000,Wang\n =\"13900139000\" ,Li\n\"=\"\"+8613700137000\"\"\",Zhao\n";
    sources.push(Source { path: "of.csv".into(), text: kept.into() });
    let Mended { sources, left, fixes, .. } = mend(&sources, &Options::default(), false);
    assert_eq!(sources[2].text, "number,name\n13800138000,Wang\n 13900139000 ,Li\n\"+8613700137000\",Zhao\n");
    assert!(left.is_empty() && fixes == 3, "{left:?}");
}

#[test]
fn a_region_of_a_list_that_is_not_declared_does_not_become_another() {
    let regions = "[[region]]\nname = \"华北\"\nprefixes = [\"010\"]\n[[regions]]\nfile = \"regions.csv\"\n";
    let mut sources = base_and(regions);
    sources.push(Source { path: "regions.csv".into(), text: "prefix,region\n1380013,东北\n".into() });
    let Mended { sources: after, left, fixes, .. } = mend(&sources, &Options::default(), false);
    assert_eq!((after, fixes), (sources, 0));
    assert!(left.iter().any(|one| one.severity == Severity::Error && one.message.en.contains("东北")), "{left:?}");
}

#[test]
fn what_is_not_certain_is_left_unless_it_is_asked_for() {
    for (written, probably) in [
        ("[timers]\nanswer = 20\n", "[timers]\nanswer = \"20s\"\n"),
        ("[timers]\nanswer = \"20\"\n", "[timers]\nanswer = \"20s\"\n"),
        ("person = [{ name = \"b\", seat = \"1011\" }]", "person = [{ name = \"b\", seat = \"1001\" }]"),
        (
            "[[region]]\nname = \"华北\"\nprefixes = [\"010\"]\n[[seat]]\nname = \"2\"\npassword = \"k7T-wq2\"\nregion = \"东北\"\nskills = { zh = 3 }\n",
            "[[region]]\nname = \"华北\"\nprefixes = [\"010\"]\n[[seat]]\nname = \"2\"\npassword = \"k7T-wq2\"\nregion = \"华北\"\nskills = { zh = 3 }\n",
        ),
        (
            "seat = [{ name = \"2\", password = \"k7T-wq2\", skills = { zh = 1, es = 3 } }]",
            "seat = [{ name = \"2\", password = \"k7T-wq2\", skills = { zh = 1, en = 3 } }]",
        ),
        (
            "[menu.m]\nsay = [{ prompt = \"welcome\", language = \"es\" }]\nkeys = { 0 = { queue = \"service\" } }\n[[number]]\nname = \"7\"\nmenu = \"m\"\n",
            "[menu.m]\nsay = [{ prompt = \"welcome\", language = \"en\" }]\nkeys = { 0 = { queue = \"service\" } }\n[[number]]\nname = \"7\"\nmenu = \"m\"\n",
        ),
        ("[[number]]\nname = \"7\"\nqueue = \"servise\"\n", "[[number]]\nname = \"7\"\nqueue = \"service\"\n"),
    ] {
        let safe = mend(&base_and(written), &Options::default(), false);
        assert_eq!((safe.sources[1].text.as_str(), safe.fixes), (written, 0));
        assert_eq!(mend(&base_and(written), &Options::default(), true).sources[1].text, probably);
    }
}

#[test]
fn a_word_that_is_like_two_others_is_left() {
    let written = "seat = [{ name = \"2\", password = \"x\", skills = { zn = 3 } }]";
    let mended = mend(&base_and(written), &Options::default(), true);
    assert_eq!((mended.fixes, mended.sources[1].text.as_str()), (0, written), "zh and en are both near");
}

#[test]
fn a_fix_that_would_repeat_a_key_is_not_made() {
    let written = "[timers]\nanswer = \"20s\"\nanwser = \"20s\"\n";
    let mended = mend(&base_and(written), &Options::default(), true);
    assert_eq!(mended.sources[1].text, written);
}

#[test]
fn a_misspelling_in_the_shipped_rules_is_mended_back() {
    let shipped = folder("routing-rules");
    let mut broken = shipped.clone();
    for source in &mut broken {
        source.text = source.text.replace("overflow = \"service\"", "overflow = \"sevrice\"").replace("attempts =", "attemps =");
    }
    assert!(load(&broken, None).is_err());
    let options = Options { today: Some("2026-06-01".parse().unwrap()), ..Options::default() };
    let mended = mend(&broken, &options, false);
    assert_eq!((mended.sources, mended.left), (shipped, Vec::new()));
}

#[test]
fn a_file_that_its_fixes_would_leave_unreadable_is_left_as_it_was() {
    for (written, left_alone) in
        [("[timers]\nanswer:\n", true), ("seat:\n  name: 1001\n", false), ("{\"seat\": [{\"name\": \"1050\"}]}\n", false)]
    {
        let mended = mend(&base_and(written), &Options::default(), true);
        assert_eq!((mended.fixes, mended.sources[1].text.as_str()), (0, written), "{:?}", mended.left);
        assert_eq!(mended.left_alone, if left_alone { vec![1] } else { vec![] }, "{written}");
    }
    let beside = mend(&base_and("[timers]\nanswer: \"20s\"\n[queue\n"), &Options::default(), false);
    assert_eq!((beside.fixes, beside.left_alone), (1, vec![]), "what has no fix is another matter: {:?}", beside.left);
}

#[test]
fn a_noqa_in_a_text_is_none_and_stays() {
    let written = "[[seat]]\nname = \"1002\"\nagent = \"王 # noqa: HL031\"\npassword = \"k7T-wq2\"\nskills = { zh = 3 }\n";
    let mended = mend(&base_and(written), &Options::default(), true);
    assert_eq!((mended.fixes, mended.sources[1].text.as_str(), mended.left), (0, written, Vec::new()));
}

const PIECES: [&str; 18] = ["", "\"", "[", "]", "= ", "\n", "0", "true", "“", "，", "账", "'", "name", "servce", " ", "{", "30", "＝"];

fn mutate(text: &str, at: usize, length: usize, with: &str) -> String {
    let floor = |at: usize| text.floor_char_boundary(at.min(text.len()));
    let (from, to) = (floor(at), floor(at + length));
    format!("{}{with}{}", &text[..from], &text[to..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Errors that keep a file from being read hide all others; mending them may show what was hidden, nothing else may.
    #[test]
    fn fixes_of_mutated_rules_make_no_errors_and_come_to_an_end(
        file in 0usize..9,
        changes in proptest::collection::vec((any::<u16>(), 0usize..6, 0usize..PIECES.len()), 1..5),
        unsafe_too: bool,
    ) {
        let mut sources = folder("routing-rules");
        let place = file % sources.len();
        for (at, length, piece) in changes {
            let text = &sources[place].text;
            sources[place].text = mutate(text, usize::from(at) % (text.len() + 1), length, PIECES[piece]);
        }
        let before = findings(&sources, &Options::default());
        let mended = mend(&sources, &Options::default(), unsafe_too);
        let unread = before.iter().any(|one| one.code == "HL001");
        prop_assert!(unread || errors(&mended.left) <= errors(&before), "{:?} became {:?}", before, mended.left);
        prop_assert_eq!(&mended.left, &findings(&mended.sources, &Options::default()));
        prop_assert_eq!(mended.fixes == 0, mended.sources == sources);
        prop_assert_eq!(unified_diff(&sources, &mended.sources).is_empty(), mended.sources == sources);
        let again = mend(&mended.sources, &Options::default(), unsafe_too);
        prop_assert_eq!(again.fixes, 0, "nothing is left to mend: {:?}", again.left);
    }
}

#[test]
fn revisions_are_compared_file_by_file_and_no_password_is_shown() {
    let file = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let before = [file("a.toml", "name = \"1001\"\npassword = \"old-one\"\n"), file("gone.toml", "x = 1\n"), file("same.toml", "y = 1\n")];
    let after =
        [file("a.toml", "name = \"1001\"\npassword = \"newer-one\"\n"), file("new.toml", "pin = \"4711\"\n"), file("same.toml", "y = 1\n")];
    let told = hotline_rules::revision_diff(&before, &after);
    let expected = "--- a.toml\n+++ a.toml\n@@ -1,2 +1,2 @@\n name = \"1001\"\n-password = \"***\"\n+password = \"***\"\n\
                    --- gone.toml\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-x = 1\n--- /dev/null\n+++ new.toml\n@@ -0,0 +1,1 @@\n+pin = \"***\"\n";
    assert_eq!(told, expected);
    assert_eq!(hotline_rules::revision_diff(&before, &before), "");
}

#[test]
fn of_a_table_of_cells_only_the_number_of_rows_is_shown() {
    let of = |text: &str| Source { path: "customers.csv".into(), text: text.into() };
    let (before, after) = (of("number\n13800138000\n"), of("number\n13800138000\n13900139000\n"));
    let told = hotline_rules::revision_diff(std::slice::from_ref(&before), std::slice::from_ref(&after));
    assert_eq!(told, "--- customers.csv\n+++ customers.csv\n@@ 1 rows before, 2 after: not shown @@\n");
    assert_eq!(hotline_rules::redacted_source(&after), "# 2 rows, not shown\n");
}
