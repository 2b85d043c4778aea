//! What `hotline rules explain` says of departments.

use super::explained_with;

const DEPARTMENTS: &str = r#"
[[department]]
name = "network"
label = { zh = "网络部", en = "Network" }
seats = ["1002", "1001"]
[[department]]
name = "billing"
label = { zh = "账务部", en = "Billing" }
queue = "line"
[[person]]
name = "zhang"
label = { zh = "张敏", en = "Zhang Min" }
seat = "1001"
[[number]]
name = "desk"
menu = "desk"
[menu.desk]
say = ["main-menu"]
[menu.desk.keys]
1 = { department = "network", otherwise = { queue = "line" } }
2 = { department = "billing" }
3 = { person = "zhang", otherwise = { queue = "line" } }
0 = { queue = "line" }
"#;

#[test]
fn a_way_to_a_department_or_a_person_is_told_with_its_name_and_its_seats_in_the_order_in_which_they_are_tried_r54() {
    let told = |key: char, lang: &str| {
        let line = format!("--from|13900000001|--to|desk|--at|2026-11-18T10:00|--keys|{key}|--lang|{lang}");
        explained_with(DEPARTMENTS, &line)
    };
    for (key, en, zh) in [
        (
            '1',
            "key 1 of menu desk (rules/more.toml:20): to department network (rules/more.toml:3): the first that is ready of seats 1002, 1001, then queue line\n",
            "菜单 desk 按 1 (rules/more.toml:20): 转部门 network (rules/more.toml:3)：先坐席 1002、1001 中第一个空闲的，再 line 排队\n",
        ),
        ('2', "to department billing (rules/more.toml:7): queue line\n", "转部门 billing (rules/more.toml:7)：进入 line 排队\n"),
        (
            '3',
            "to person zhang (rules/more.toml:11): seat 1001, then queue line\n",
            "转责任人 zhang (rules/more.toml:11)：先坐席 1001，再 line 排队\n",
        ),
    ] {
        let text = told(key, "en");
        assert!(text.contains(en) && !text.contains("sets seat"), "{text}");
        let text = told(key, "zh");
        assert!(text.contains(zh), "{text}");
    }
}
