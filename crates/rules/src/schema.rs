//! What every key of the files means: the one description behind `hotline rules schema`, the reference and the completion of editors.

mod deadlines;
mod desk;
mod hours;
mod json;
mod menus;
mod outside;
mod people;
mod policy;
mod queues;
mod reference;
mod settings;
mod survey;
mod voicemail;

pub use json::json_schema;
pub use reference::reference;

/// A table of the files.
#[derive(Debug)]
pub struct Section {
    /// Where it stands: `queue.step`; a part in capitals is a name of one's own (`menu.NAME.gate`). Empty for the file itself.
    pub path: &'static str,
    /// How it is written: `[[queue.step]]`, or `step = { ... }` for one that stands inside a line.
    pub header: &'static str,
    /// What it is, in English.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
    /// Its keys; further lists are shared with other tables.
    pub keys: &'static [&'static [Key]],
    /// TOML that is taken as it is, together with those of the other tables; empty if that of an outer table shows it.
    pub example: &'static str,
}

impl Section {
    /// Its keys, in order.
    pub fn all(&self) -> impl Iterator<Item = &'static Key> {
        self.keys.iter().copied().flatten()
    }
}

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What may stand behind it.
    pub form: Form,
    /// Whether its table is refused without it.
    pub required: bool,
    /// The value that holds without it, as TOML.
    pub default: Option<&'static str>,
    /// Rules of the manual on which it bears.
    pub rules: &'static [&'static str],
    /// One sentence in English.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
}

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// A text whose grammar is told in words.
    Text(Grammar),
    /// The name of something that the files declare.
    Name(Noun),
    /// `true` or `false`.
    Flag,
    /// A whole number, both ends allowed.
    Whole(u32, u32),
    /// A number from 0 to 1.
    Fraction,
    /// A duration.
    Duration(Span),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list with at most so many values; 0 for no limit of its own.
    List(&'static Form, usize),
    /// Any of these.
    Either(&'static [Form]),
    /// A table with known keys.
    Table(&'static Section),
    /// A table with keys of one's own, each with a value of the same form.
    Map(Grammar, &'static Form),
}

/// What the name of a value refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noun {
    /// The table that declares it.
    pub table: &'static str,
    /// In Chinese.
    pub zh: &'static str,
}

/// How a text must be written.
#[derive(Clone, Copy, Debug)]
pub struct Grammar {
    /// A regular expression that every good text matches.
    pub pattern: &'static str,
    /// In English.
    pub en: &'static str,
    /// In Chinese.
    pub zh: &'static str,
    /// A good text.
    pub sample: &'static str,
}

/// The durations that are allowed, both ends included, as the files write them.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The shortest.
    pub least: &'static str,
    /// The longest; where it follows from other settings, what follows from their defaults.
    pub most: &'static str,
    /// The code of the finding for a duration outside.
    pub code: &'static str,
    /// From what `most` follows, e.g. `answer - 2 x ring_per_offer`.
    pub of: Option<&'static str>,
    /// Whether `0s` is allowed below `least`.
    pub zero: bool,
    /// Whether `manual_override` lifts `most`.
    pub lifted: bool,
}

const fn within(least: &'static str, most: &'static str, code: &'static str) -> Form {
    Form::Duration(Span { least, most, code, of: None, zero: false, lifted: false })
}

const fn or_zero(least: &'static str, most: &'static str, code: &'static str) -> Form {
    Form::Duration(Span { least, most, code, of: None, zero: true, lifted: false })
}

const fn up_to(least: &'static str, most: &'static str, code: &'static str, of: &'static str) -> Form {
    Form::Duration(Span { least, most, code, of: Some(of), zero: false, lifted: false })
}

const fn key(name: &'static str, form: Form, zh: &'static str, en: &'static str) -> Key {
    Key { name, form, required: false, default: None, rules: &[], en, zh }
}

impl Key {
    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    const fn default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    const fn rules(self, rules: &'static [&'static str]) -> Self {
        Self { rules, ..self }
    }
}

const fn noun(table: &'static str, zh: &'static str) -> Form {
    Form::Name(Noun { table, zh })
}

const LANGUAGE: Form = noun("language", "语言");
const REGION: Form = noun("region", "地区");
const CALENDAR: Form = noun("calendar", "日历");
const HOLIDAYS: Form = noun("holidays", "节假日");
const MENU: Form = noun("menu", "菜单");
const QUEUE: Form = noun("queue", "排队");
const VOICEMAIL: Form = noun("voicemail", "留言");
const SEAT: Form = noun("seat", "坐席");
const TRUNK: Form = noun("trunk", "中继");
/// One trunk, or several.
const TRUNKS: Form = Form::Either(&[TRUNK, Form::List(&TRUNK, 8)]);
const PARTNER: Form = noun("partner", "合作方");
const ROLE: Form = noun("outbound.role", "外拨号码组");
const DEPARTMENT: Form = noun("department", "部门");
const PERSON: Form = noun("person", "责任人");

const fn text(pattern: &'static str, zh: &'static str, en: &'static str, sample: &'static str) -> Form {
    Form::Text(Grammar { pattern, en, zh, sample })
}

const NEW: Grammar = Grammar {
    pattern: r##"^[^\s!"#$%&'()*,/:;<=>?@\[\\\]^`{|}~]{1,64}$"##,
    en: "a new name: letters (Chinese too), figures, `-` `_` `.` `+`, at most 64",
    zh: "新名字：字母、汉字、数字、`-` `_` `.` `+`，最多 64 个",
    sample: "new-name",
};
const NEW_NAME: Form = Form::Text(NEW);
const USER_PART: Form = text(
    r"^[A-Za-z0-9_.+*#-]{1,64}$",
    "可拨的名字：a-z、A-Z、0-9、`-` `_` `.` `+` `*` `#`，最多 64 个",
    "a name that can be dialled: a-z, A-Z, 0-9, `-` `_` `.` `+` `*` `#`, at most 64",
    "95001",
);
const WORDS: Form = text("", "任意文字", "any text", "some text");
const EXPRESSION: Form = text(
    ">=|anyone",
    "技能条件：`billing >= 2 & (zh >= 3 | en >= 4)`，或 `anyone`",
    "a condition on skills: `billing >= 2 & (zh >= 3 | en >= 4)`, or `anyone`",
    "anyone",
);
const NEED: Form = text(">=|anyone", "一项技能：`en >= 4`", "one skill: `en >= 4`", "zh >= 2");
const PROMPT: Form =
    text("^[a-z0-9-]{1,64}$", "提示音的名字：小写字母、数字、`-`", "a prompt's name: small letters, figures, `-`", "please-wait");
const NUMBER: Form = text(
    r"^[+＋]?[0-9０-９ ()./-]{3,40}$",
    "电话号码：3 至 20 位数字，前面可有 `+`",
    "a telephone number: 3 to 20 digits, a `+` before them at most",
    "13800138000",
);
const PATTERN: Form = text(
    r"^[0-9x\[\]{},-]+$",
    "号码样式：`1[3-9]x{9}`，`x` 是任一数字",
    "a pattern of numbers: `1[3-9]x{9}`, where `x` is any digit",
    "1[3-9]x{9}",
);
const CONTACT: Form =
    text("^sip:", "SIP 地址：`sip:1001@192.0.2.7:5060`", "a SIP address: `sip:1001@192.0.2.7:5060`", "sip:192.0.2.7:5060");
const CONDITION: Form = text(
    "",
    "条件：`customer_type == vip & open(office)`；`&` 且，`|` 或，`!` 非，可加括号；可判断 `class`、`nature`、`kind`、`category`、`topic`、`scope`、`priority`、`customer_type`、`customer_level`、`language`、`region`（用 `==`、`!=`；未知写 `none`，但 `priority`、`customer_type`、`customer_level`、`language` 总有值）、`impact`（还可用 `>=`、`>`、`<=`、`<`）、`dialled == 95000`（拨的是热线的这个号码：名字、别名或任何写法）、`sensitive`、`anonymous`、`known`（号码在客户名单中）、`caller starts 021`、`open(日历)`、`time in 08:00-12:00`、`day in mon-fri`（时区取自日历，可写 `time(日历)`）、`waiting(排队)`、`signed_in(排队)`（与个数比较）、`longest(排队)`（与时长比较）、`collected(名字)`（可接 `matches 10 digits`、`starts 12`）",
    "a condition: `customer_type == vip & open(office)`, with `&`, `|`, `!` and brackets; asked can be `class`, `nature`, `kind`, `category`, `topic`, `scope`, `priority`, `customer_type`, `customer_level`, `language`, `region` (by `==` and `!=`; `none` is unknown, which `priority`, `customer_type`, `customer_level` and `language` never are), `impact` (by `>=`, `>`, `<=`, `<` too), `dialled == 95000` (this number of ours: by its name, an alias, or however it is written), `sensitive`, `anonymous`, `known` (the number is a customer's), `caller starts 021`, `open(CALENDAR)`, `time in 08:00-12:00`, `day in mon-fri` (in the calendars' zone; else `time(CALENDAR)`), `waiting(QUEUE)` and `signed_in(QUEUE)` (compared with a count), `longest(QUEUE)` (with a duration), `collected(NAME)`, alone or with `matches 10 digits` or `starts 12`",
    "anonymous",
);
const DIGIT: Grammar = Grammar { pattern: "^[0-9]$", en: "a digit", zh: "一位数字", sample: "7" };
const TELEPHONE_KEY: Grammar =
    Grammar { pattern: "^[0-9*#]$", en: "a key: 0-9, `*`, `#`", zh: "一个按键：0-9、`*`、`#`", sample: "7" };
const EXTENSION: Form = text("^[0-9]{2,8}$", "2 至 8 位数字", "2 to 8 digits", "8700");
/// Any duration that can be written.
const ANY: Form = within("0s", "30d", "HL005");
const UP_TO_1_H: Form = within("0s", "1h", "HL007");

/// The file itself.
pub static ROOT: Section = Section {
    path: "",
    header: "",
    en: "A file of routing rules; all files are merged, and a table may stand in any of them.",
    zh: "路由规则文件；各文件合并，任何一段写在哪个文件都可以。",
    keys: &[
        hours::TABLES,
        people::TABLES,
        menus::TABLES,
        voicemail::TABLES,
        queues::TABLES,
        policy::TABLES,
        deadlines::TABLES,
        settings::TABLES,
        survey::TABLES,
        outside::TABLES,
        desk::TABLES,
    ],
    example: "",
};

/// All tables in the order of the reference, each once, the file itself first.
pub fn sections() -> Vec<&'static Section> {
    let mut all: Vec<&'static Section> = Vec::new();
    collect(&ROOT, &mut all);
    all
}

fn collect(section: &'static Section, all: &mut Vec<&'static Section>) {
    if !all.iter().any(|known| known.path == section.path) {
        all.push(section);
        section.all().for_each(|key| inside(&key.form, all));
    }
}

fn inside(form: &'static Form, all: &mut Vec<&'static Section>) {
    match form {
        Form::Table(section) => collect(section, all),
        Form::List(form, _) | Form::Map(_, form) => inside(form, all),
        Form::Either(forms) => forms.iter().for_each(|form| inside(form, all)),
        Form::Text(_) | Form::Name(_) | Form::Flag | Form::Whole(..) | Form::Fraction | Form::Duration(_) | Form::Word(_) => {}
    }
}

/// A value written as in the files, as JSON; dates are texts there.
pub fn toml_value(text: &str) -> Option<serde_json::Value> {
    let table: toml::Table = format!("value = {text}").parse().ok()?;
    table.get("value").map(to_json)
}

fn to_json(value: &toml::Value) -> serde_json::Value {
    match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(flag) => (*flag).into(),
        toml::Value::Datetime(when) => when.to_string().into(),
        toml::Value::Array(values) => values.iter().map(to_json).collect(),
        toml::Value::Table(entries) => {
            entries.iter().map(|(key, value)| (key.clone(), to_json(value))).collect::<serde_json::Map<_, _>>().into()
        }
    }
}
