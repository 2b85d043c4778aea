//! Trunks, partners, and what may leave the house.

use super::menus::SAY;
use super::{CONTACT, Form, Key, NEW_NAME, NUMBER, PATTERN, QUEUE, Section, TRUNK, WORDS, key, text, within};

const PATTERNS: Form = Form::List(&PATTERN, 200);
const URI: Form = text(
    "^sip:[A-Za-z][A-Za-z0-9_.-]*@",
    "SIP 地址，@ 前以字母开头：`sip:line7@partner.example`",
    "a SIP address whose user begins with a letter: `sip:line7@partner.example`",
    "sip:line7@partner.example",
);

pub(super) const TABLES: &[Key] = &[
    key("trunk", Form::List(&Form::Table(&TRUNKS), 50), "中继。", "Ways to the telephone network."),
    key("partner", Form::List(&Form::Table(&PARTNERS), 500), "合作方。", "Partners outside.").rules(&["R13"]),
    key("outbound", Form::Table(&OUTBOUND), "什么可以外呼。", "What may leave the house."),
    key("block", Form::List(&Form::Table(&BLOCKS), 1_000), "黑名单。", "Callers who are turned away."),
    key("announcement", Form::List(&Form::Table(&ANNOUNCEMENTS), 200), "可开关的公告。", "What can be switched on to be said.")
        .rules(&["R151"]),
    key("numbers", Form::Table(&NUMBERING), "本地的号码怎样写。", "How numbers are written where the house stands."),
];

const CALLER: Form =
    text("^[0-9+＋０-９ ().-]{3,40}$", "来电号码，怎样写都可以", "a caller's number, however it is written", "13900139009");
const MOMENT: Form = text(
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}",
    "日期和时间：`2026-11-18T20:00:00`，第一个日历的时区",
    "a date and time in the zone of the first calendar: `2026-11-18T20:00:00`",
    "2026-11-18T20:00:00",
);

const SHOWN_NUMBER: Form =
    text(r"^\+?[0-9]{1,63}$", "号码：数字，前面最多一个 `+`", "a number: figures, one `+` before them at most", "02161230000");
pub(super) const OUR_NUMBER: Form = super::noun("number", "号码");

const BLOCKS: Section = Section {
    path: "block",
    header: "[[block]]",
    en: "Callers who are turned away as they arrive: at least one of `numbers`, `pattern` and `anonymous`. Emergency services that call back never are, nor anybody for 30 minutes after a seat has called one.",
    zh: "来电即拒接的号码：`numbers`、`pattern`、`anonymous` 至少写一个。报警、急救回电从不拦截；坐席拨打报警电话后 30 分钟内一个也不拦截。",
    keys: &[&[
        key("numbers", Form::List(&CALLER, 10_000), "这些号码，怎样写都可以。", "These numbers, however they are written.").default("[]"),
        key(
            "pattern",
            Form::Either(&[PATTERN, Form::List(&PATTERN, 200)]),
            "符合这些样式的号码，按国内拨法比较：`1705x{7}`、`00x{6,15}`。",
            "Numbers that fit these, compared as they are dialled in the country: `1705x{7}`, `00x{6,15}`.",
        )
        .default("[]"),
        key("anonymous", Form::Flag, "隐藏号码的来电。", "Those who withhold their number.").default("false"),
        key(
            "answer",
            Form::Word(&["603", "486", "announcement"]),
            "怎样拒接：603 拒绝、486 忙，或接通后播放 `say` 再挂断。",
            "How: 603 declined, 486 busy, or picked up, told `say`, and hung up.",
        )
        .default("\"603\""),
        key("say", SAY, "播放什么，只用于 `announcement`。", "What they are told, with `announcement` only."),
        key("note", WORDS, "为什么；`hotline why` 会显示。", "Why; `hotline why` shows it."),
    ]],
    example: "[[block]]\nnumbers = [\"13900139001\"]\npattern = \"1705x{7}\"\nanswer = \"603\"\nnote = \"threats, case 2026-117\"\n[[block]]\nanonymous = true\nanswer = \"announcement\"\nsay = \"welcome\"\n",
};

const ANNOUNCEMENTS: Section = Section {
    path: "announcement",
    header: "[[announcement]]",
    en: "What is said before the menu while it is switched on (`hotline announce on NAME`), or between `from` and `until`; before the menus of all numbers, or of those named, or before the queues named.",
    zh: "开启期间（`hotline announce on 名字`）或 `from` 至 `until` 之间，在菜单之前播放；所有号码，或写明的号码，或写明的排队之前。",
    keys: &[&[
        key("name", NEW_NAME, "名字，开关时用。", "Its name, by which it is switched.").required().rules(&["R151"]),
        key("say", SAY, "播放什么。", "What is said.").required().rules(&["R151"]),
        key("numbers", Form::List(&OUR_NUMBER, 0), "只在这些号码的菜单之前。", "Before the menus of these numbers only.").default("[]"),
        key("queues", Form::List(&QUEUE, 0), "只在这些排队之前。", "Before these queues only.").default("[]"),
        key("from", MOMENT, "到这时自动开启。", "From when it is on by itself."),
        key("until", MOMENT, "到这时自动关闭。", "Until when."),
    ]],
    example: "[[announcement]]\nname = \"network-fault\"\nsay = \"welcome\"\nqueues = [\"service\"]\nfrom = 2026-11-17T20:00:00\nuntil = 2026-11-19T06:00:00\n",
};

const NUMBERING: Section = Section {
    path: "numbers",
    header: "[numbers]",
    en: "How numbers are written where the house stands. Whatever a caller's number looks like (`013800138000`, `0086…`, `tel:+86-138…`), it is compared and kept as E.164 (`+8613800138000`); short ones (`95588`, `12345`) stay.",
    zh: "本地的号码怎样写。主叫号码无论写成什么样（`013800138000`、`0086…`、`tel:+86-138…`），都按 E.164（`+8613800138000`）比较和保存；短号码（`95588`、`12345`）不变。",
    keys: &[&[
        key("country", text("^[1-9][0-9]{0,2}$", "国家代码：`86`", "a country code: `86`", "86"), "国家代码。", "The country code.")
            .default("\"86\""),
        key(
            "area",
            text("^0?[1-9][0-9]{0,4}$", "区号：`021`", "an area code: `021`", "021"),
            "本地区号，用于不带区号的本地号码；不写则这些号码保持原样。",
            "The area code for local numbers that come without one; if left out, such numbers stay as they come.",
        ),
    ]],
    example: "[numbers]\ncountry = \"86\"\narea = \"021\"\n",
};

const TRUNKS: Section = Section {
    path: "trunk",
    header: "[[trunk]]",
    en: "A way to the telephone network.",
    zh: "一条通往电话网的中继。",
    keys: &[&[
        key("name", NEW_NAME, "名字。", "Its name.").required(),
        key("contact", CONTACT, "地址，没有 @ 前的部分。", "Its address, without a user part.").required(),
        key(
            "from",
            SHOWN_NUMBER,
            "用它外呼时显示的号码，也算热线自己的。",
            "The number shown to those who are called over it; it counts as our own.",
        )
        .required(),
        key("limit", Form::Whole(1, 10_000), "最多几路。", "Most calls at a time.").default("30"),
        key("ping", Form::Flag, "是否定时询问它还在不在（OPTIONS）。", "Whether it is asked now and then if it lives (OPTIONS).")
            .default("false"),
        key(
            "did_from",
            Form::Word(&["request-uri", "to", "p-called-party-id", "diversion", "history-info"]),
            "来电拨的是哪个号码，从哪里看：请求行、To、P-Called-Party-ID（RFC 7315）、最早的 Diversion（RFC 5806）或第一条 History-Info（RFC 7044）；没有那个头时看请求行。",
            "Where its calls say which number was dialled: the request line, To, P-Called-Party-ID (RFC 7315), the oldest Diversion (RFC 5806), or the first History-Info (RFC 7044); the request line where that header is missing.",
        )
        .default("\"request-uri\""),
        key(
            "asserted",
            Form::Flag,
            "是否相信它的 P-Asserted-Identity（RFC 3325）是主叫号码；不是来自中继的一律不信。",
            "Whether its P-Asserted-Identity (RFC 3325) is believed to be the caller's number; that of anybody else never is.",
        )
        .default("true"),
    ]],
    example: "[[trunk]]\nname = \"carrier\"\ncontact = \"sip:gw.example:5060\"\nfrom = \"02112345678\"\nlimit = 30\n",
};

const PARTNERS: Section = Section {
    path: "partner",
    header: "[[partner]]",
    en: "Somebody outside into whom queues overflow: `number` or `uri`.",
    zh: "排队可以溢出到的外部：`number` 或 `uri` 写一个。",
    keys: &[&[
        key("name", NEW_NAME, "名字。", "Its name.").required(),
        key("number", NUMBER, "号码，须是 `outbound.allow` 允许的。", "A number that `outbound.allow` opens."),
        key("uri", URI, "或 SIP 地址。", "Or a SIP address."),
        key(
            "trunk",
            Form::Either(&[TRUNK, Form::List(&TRUNK, 8)]),
            "依次用哪些中继，最多 8 条；不写为全部。",
            "The trunks that are tried, in order, at most 8; all if left out.",
        ),
    ]],
    example: "[[partner]]\nname = \"night-desk\"\nuri = \"sip:line7@partner.example\"\ntrunk = \"carrier\"\n",
};

const OUTBOUND: Section = Section {
    path: "outbound",
    header: "[outbound]",
    en: "What may leave the house; nothing by default. Emergency numbers are never dialled by the hotline itself.",
    zh: "什么可以外呼，默认一个也没有；热线自己永不拨报警号码。",
    keys: &[&[
        key(
            "allow",
            PATTERNS,
            "回拨、溢出、责任人可用的号码；国际号码须以 `00` 开头写明。",
            "Numbers for call-backs, overflow and persons; those abroad need a pattern that begins with `00`.",
        )
        .default("[]"),
        key("ring", within("5s", "2min", "HL007"), "外呼振铃最长。", "The longest ring outside.").default("\"30s\""),
        key("role", Form::List(&Form::Table(&ROLES), 50), "坐席可以外拨的号码组。", "Groups of numbers that seats may dial."),
        key("seat_limit", Form::Whole(1, 100), "每个坐席同时几路。", "Calls outside of one seat at a time.").default("2"),
        key("limit", Form::Whole(1, 10_000), "全部坐席同时几路。", "Calls outside of all seats at a time.").default("30"),
    ]],
    example: "[outbound]\nallow = [\"1[3-9]x{9}\", \"021x{8}\"]\nring = \"30s\"\n[[outbound.role]]\nname = \"city\"\nallow = [\"021x{8}\"]\n",
};

const ROLES: Section = Section {
    path: "outbound.role",
    header: "[[outbound.role]]",
    en: "A group of numbers that seats may dial; it opens nothing to call-backs and overflow.",
    zh: "坐席可以外拨的一组号码；不给回拨和溢出用。",
    keys: &[&[
        key("name", NEW_NAME, "名字。", "Its name.").required(),
        key("allow", PATTERNS, "号码样式，至少一个。", "Patterns of numbers, at least one.").required(),
    ]],
    example: "",
};
