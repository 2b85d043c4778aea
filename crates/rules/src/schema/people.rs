//! Skills, languages, regions, seats, their telephones, customers.

use super::menus::KNOWN;
use super::{
    CONTACT, EXTENSION, Form, Grammar, Key, LANGUAGE, NEED, NEW_NAME, QUEUE, REGION, ROLE, SEAT, Section, Span, UP_TO_1_H, USER_PART,
    WORDS, key, text,
};

const AREA_CODE: Form = text("^[0-9]{1,12}$", "区号：`021`", "an area code: `021`", "0577");
const SKILLS: Form = Form::Map(Grammar { pattern: "", en: "a skill", zh: "技能", sample: "zh" }, &Form::Whole(1, 10));
const DISTANCES: Form = Form::Map(
    Grammar { pattern: "", en: "a region", zh: "地区", sample: "华东" },
    &Form::Map(Grammar { pattern: "", en: "a region", zh: "地区", sample: "华北" }, &Form::Whole(0, 1_000_000)),
);
const PIN: Form = text("^[0-9]{4,12}$", "4 至 12 位数字", "4 to 12 digits", "739251");
const MD5: Form = text("^[0-9A-Fa-f]{32}$", "32 位十六进制", "32 hexadecimal figures", "0123456789abcdef0123456789abcdef");
const SHA256: Form = text(
    "^[0-9A-Fa-f]{64}$",
    "64 位十六进制",
    "64 hexadecimal figures",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
);
const RANGE: Form = text(
    "^.*[0-9]-.*[0-9]$",
    "一段坐席号：`a0001-a0500`，两头一样长",
    "a range of names: `a0001-a0500`, both ends of one length",
    "n001-n003",
);
const SHEET_PATH: &str = r"^[^/\\:.][^\\:]*\.[Cc][Ss][Vv]$";
const CUSTOMER_SHEET: Form = text(SHEET_PATH, "CSV 文件名：`customers.csv`", "the name of a CSV file: `customers.csv`", "customers.csv");
const REGION_SHEET: Form = text(SHEET_PATH, "CSV 文件名：`regions.csv`", "the name of a CSV file: `regions.csv`", "regions.csv");
const LOOKUP_SHEET: Form = text(SHEET_PATH, "CSV 文件名：`contracts.csv`", "the name of a CSV file: `contracts.csv`", "contracts.csv");
const COLLECTED: Form = text("", "菜单收集的号码的名字", "the name of a value that a menu collects", "account");
const DATABASE: Form = text("", "文件名：`crm.db`", "the name of a file: `crm.db`", "crm.db");
const QUERY: Form = text(
    "[?]",
    "SQL：`SELECT customer_type, agent FROM customers WHERE number = ?1`",
    "SQL: `SELECT customer_type, agent FROM customers WHERE number = ?1`",
    "SELECT agent FROM customers WHERE number = ?1",
);
const URL: Form = text(
    "^http://[^@#\\s]+$",
    "地址：`http://crm.local/callers/{number}`",
    "an address: `http://crm.local/callers/{number}`",
    "http://127.0.0.1:8080/callers",
);
const TYPES: Form = Form::Word(&["ordinary", "vip", "special"]);
const CALLED: Form = text("^[0-9+ ().-]{3,40}$", "来电号码：3 至 15 位数字", "a caller's number: 3 to 15 digits", "13900139000");

pub(super) const TABLES: &[Key] = &[
    key("skill", Form::List(&Form::Table(&SKILLS_OF), 250), "技能。", "Skills."),
    key("language", Form::List(&Form::Table(&LANGUAGES), 50), "语言，第一个是默认语言。", "Languages; the first is the default.")
        .rules(&["R12"]),
    key("region", Form::List(&Form::Table(&REGIONS), 500), "地区。", "Regions of callers and seats.").rules(&["R39"]),
    key(
        "distance",
        DISTANCES,
        "地区间的距离，写一个方向即可，单位与 `assign.near` 相同；没写的算最远。",
        "Distances between regions, one direction is enough, in the unit of `assign.near`; pairs left out are farthest.",
    )
    .rules(&["R39"]),
    key("seat", Form::List(&Form::Table(&SEATS), 0), "坐席，共最多 50000 个。", "Seats, at most 50,000 in all."),
    key("seats", Form::List(&Form::Table(&MANY_SEATS), 0), "一批相同的坐席。", "Many seats alike."),
    key("phone", Form::List(&Form::Table(&PHONES), 50_000), "公用话机。", "Telephones of nobody, at which any seat with a PIN signs in."),
    key("customer", Form::List(&Form::Table(&CUSTOMERS), 100_000), "按号码认出的客户。", "Customers who are known by their numbers.")
        .rules(&["R36"]),
    key("customers", Form::List(&Form::Table(&CUSTOMER_LISTS), 0), "客户表（CSV 文件）。", "Lists of customers, as CSV files.")
        .rules(&["R36"]),
    key(
        "lookup",
        Form::Map(super::NEW, &Form::Table(&LOOKUPS)),
        "来电时查询客户资料的来源，最多 4 个。",
        "Sources outside that are asked about each caller, at most 4.",
    )
    .rules(&["R36"]),
    key(
        "regions",
        Form::List(&Form::Table(&REGION_LISTS), 0),
        "号段归属表（CSV 文件）。",
        "Lists of number ranges by region, as CSV files.",
    )
    .rules(&["R39"]),
];

const SKILLS_OF: Section = Section {
    path: "skill",
    header: "[[skill]]",
    en: "A skill, which seats master from 1 to 10.",
    zh: "一项技能，坐席的熟练度从 1 到 10。",
    keys: &[&[key("name", NEW_NAME, "名字，以字母或汉字开头。", "Its name, beginning with a letter.").required().rules(&["R40"])]],
    example: "[[skill]]\nname = \"zh\"\n[[skill]]\nname = \"enquiry\"\n",
};

const LANGUAGES: Section = Section {
    path: "language",
    header: "[[language]]",
    en: "A language spoken with callers; without any, `zh-CN` and `en`.",
    zh: "与来电者用的语言；一个也不写时为 `zh-CN` 和 `en`。",
    keys: &[&[
        key("code", NEW_NAME, "代码，也是提示音文件夹的名字。", "Its code, which is also the folder of its prompts.")
            .required()
            .rules(&["R12"]),
        key(
            "requires",
            NEED,
            "坐席须有的技能，用这种语言的来电一律加上。",
            "What a seat must master; asked for on top of what queues ask.",
        )
        .rules(&["R12"]),
    ]],
    example: "[[language]]\ncode = \"zh-CN\"\nrequires = \"zh >= 3\"\n[[language]]\ncode = \"en\"\n",
};

const REGIONS: Section = Section {
    path: "region",
    header: "[[region]]",
    en: "A region of callers and seats.",
    zh: "来电者和坐席所在的地区。",
    keys: &[&[
        key("name", NEW_NAME, "名字。", "Its name.").required(),
        key(
            "area_codes",
            Form::List(&AREA_CODE, 0),
            "来电号码的区号，最长的为准。",
            "How its callers' numbers begin; the longest code wins.",
        )
        .default("[]")
        .rules(&["R39"]),
    ]],
    example: "[[region]]\nname = \"华东\"\narea_codes = [\"021\", \"0571\"]\n[[region]]\nname = \"华北\"\narea_codes = [\"010\"]\n\n[distance]\n\"华东\" = { \"华北\" = 1200 }\n",
};

const SEAT_FACTS: &[Key] = &[
    key("agent", WORDS, "坐席人员的姓名或工号；`{name}` 代表坐席号。", "The agent's name or number; `{name}` stands for the seat's name.")
        .default("\"{name}\""),
    key("region", REGION, "所在地区。", "Where it stands.").rules(&["R39", "R42"]),
    key("origin", Form::Word(&["internal", "external"]), "自有还是外部（合作、外包）。", "Our own staff, or a partner's.")
        .default("\"internal\"")
        .rules(&["R37"]),
    key("skills", SKILLS, "每项技能的熟练度，1 到 10；没写的没有。", "Its proficiency in each skill, 1 to 10; none in those left out.")
        .default("{}")
        .rules(&["R40"]),
    key(
        "contact",
        CONTACT,
        "固定话机的地址，不注册；`{name}` 代表坐席号。",
        "The address of a fixed telephone that does not register; `{name}` stands for the seat's name.",
    ),
    key(
        "ping",
        Form::Flag,
        "是否定时询问固定话机还在不在（OPTIONS）。",
        "Whether a fixed telephone is asked now and then if it lives (OPTIONS).",
    )
    .default("false"),
    key(
        "password",
        WORDS,
        "话机注册用的密码；`{name}` 代表坐席号。",
        "The password with which its telephone registers; `{name}` stands for the seat's name.",
    ),
    key("ha1", Form::Table(&HA1), "代替密码的哈希。", "Hashes instead of the password."),
    key("sha256", Form::Flag, "注册用 SHA-256，不用 MD5。", "Registers by SHA-256 instead of MD5.").default("false"),
    key("cleared", Form::Flag, "可接敏感来电。", "May take sensitive calls.").default("false").rules(&["R68"]),
    key(
        "customer_types",
        Form::List(&TYPES, 0),
        "专门接待的客户类型；`keys` 里要有 `customer-type`。",
        "The customers whom it is for, where `keys` have `customer-type`.",
    )
    .default("[]")
    .rules(&["R42"]),
    key("wrap_up", UP_TO_1_H, "自己的话后时间，代替排队的。", "Its own after-call work instead of the queue's."),
    key(
        "sign_in",
        Form::Flag,
        "`true`：话机在线即可接；`false`：须先签入，写了 `[access]` 时这是默认值，否则默认为 `true`。",
        "`true`: ready as soon as its telephone is there; `false`: the agent must sign in first, which is the default where `[access]` says who may work.",
    )
    .rules(&["R41", "R138"]),
    key(
        "queues",
        Form::Either(&[
            Form::List(&QUEUE, 64),
            Form::Map(Grammar { pattern: "", en: "a queue", zh: "排队", sample: "service" }, &Form::Table(&SERVES)),
        ]),
        "只接这些排队，最多 64 个；不写为全部。",
        "The queues that it serves, at most 64; all if left out.",
    ),
    key("pin", PIN, "签入用的密码（`*10`）。", "The PIN for signing in (`*10`)."),
    key("pin_hash", SHA256, "`坐席号:密码` 的 SHA-256，代替 `pin`。", "The SHA-256 of `seat:pin`, instead of `pin`."),
    key(
        "auto_answer",
        Form::Flag,
        "请话机自动接听；同时写 `sign_in = false`。",
        "Asks the telephone to answer by itself; best with `sign_in = false`.",
    )
    .default("false"),
    key("dial", Form::List(&ROLE, 20), "可以外拨的号码组。", "The groups of numbers that it may dial.").default("[]"),
    key(
        "dial_limit",
        Form::Whole(1, 100),
        "同时外拨几路；不写按 `outbound.seat_limit`。",
        "Calls outside at a time; that of `outbound.seat_limit` if left out.",
    ),
    key("extension", EXTENSION, "话机上代替名字拨的短号。", "Digits that a telephone dials instead of the name."),
];

const SEATS: Section = Section {
    path: "seat",
    header: "[[seat]]",
    en: "A seat: an agent with a telephone.",
    zh: "一个坐席：人和话机。",
    keys: &[
        &[key("name", USER_PART, "坐席号，也是话机注册的用户名。", "Its name, with which its telephone registers.").required()],
        SEAT_FACTS,
    ],
    example: "[[seat]]\nname = \"1001\"\nagent = \"张敏\"\nregion = \"华东\"\norigin = \"internal\"\nskills = { zh = 9, enquiry = 7 }\nha1 = { md5 = \"0123456789abcdef0123456789abcdef\" }\nqueues = { service = { priority = 1, delay = \"5s\" } }\n[[seat]]\nname = \"1002\"\nskills = { zh = 8, enquiry = 5 }\npassword = \"another-for-each\"\npin = \"739251\"\nsign_in = false\n",
};

const MANY_SEATS: Section = Section {
    path: "seats",
    header: "[[seats]]",
    en: "Seats that differ only by their numbers; their keys are those of `[[seat]]`.",
    zh: "只有号码不同的坐席；其余与 `[[seat]]` 相同。",
    keys: &[&[key("range", RANGE, "从哪个到哪个，最多 50000 个。", "From which to which, at most 50,000.").required()], SEAT_FACTS],
    example: "[[seats]]\nrange = \"b001-b020\"\nagent = \"{name}\"\nskills = { zh = 5, enquiry = 3 }\ncontact = \"sip:{name}@192.0.2.7:5060\"\n",
};

const HA1: Section = Section {
    path: "seat.ha1",
    header: "ha1 = { ... }",
    en: "The hash of `user:realm:password`, so that no password stands in the files.",
    zh: "`用户:域:密码` 的哈希，文件里就不必写密码。",
    keys: &[&[key("md5", MD5, "MD5。", "By MD5."), key("sha256", SHA256, "SHA-256。", "By SHA-256.")]],
    example: "",
};

const SERVES: Section = Section {
    path: "seat.queues.QUEUE",
    header: "queues = { service = { ... } }",
    en: "How gladly a seat serves a queue.",
    zh: "坐席怎样接这个排队。",
    keys: &[&[
        key("priority", Form::Whole(1, 9), "1 最先，9 最后。", "1 is first, 9 is last.").default("1"),
        key(
            "delay",
            Form::Duration(Span { least: "0s", most: "30s", code: "HL048", of: Some("timers.answer"), zero: false, lifted: false }),
            "来电等满这么久才派给它。",
            "Calls are offered to it only after they have waited so long.",
        )
        .default("\"0s\"")
        .rules(&["R5"]),
    ]],
    example: "",
};

const PHONES: Section = Section {
    path: "phone",
    header: "[[phone]]",
    en: "A telephone of nobody, at which any seat with a PIN signs in.",
    zh: "公用话机，任何有 `pin` 的坐席都能在上面签入。",
    keys: &[&[
        key("name", USER_PART, "名字，也是注册的用户名。", "Its name, with which it registers.").required(),
        key("password", WORDS, "注册用的密码；与 `ha1` 写一个。", "The password with which it registers, unless it has `ha1`."),
        key("ha1", Form::Table(&HA1), "代替密码的哈希。", "Hashes instead of the password."),
        key("sha256", Form::Flag, "注册用 SHA-256，不用 MD5。", "Registers by SHA-256 instead of MD5.").default("false"),
    ]],
    example: "[[phone]]\nname = \"desk-1\"\npassword = \"one-of-its-own\"\n",
};

const CUSTOMERS: Section = Section {
    path: "customer",
    header: "[[customer]]",
    en: "A customer who is known by the number; further keys are those of `set`.",
    zh: "按来电号码认出的客户；可写的还有 `set` 里的部分键。",
    keys: &[
        &[
            key("name", NEW_NAME, "名字。", "The name.").required(),
            key("numbers", Form::List(&CALLED, 1_000), "来电号码，前面的 +86 不计。", "The numbers; a +86 before them does not count.")
                .required()
                .rules(&["R36"]),
            key("agent", SEAT, "专属坐席，优先派给。", "The dedicated agent, who is offered the calls first.").rules(&["R45", "R46"]),
            key(
                "preferred",
                SEAT,
                "客户偏好的坐席；`keys` 里要有 `preference`。",
                "The agent whom the customer prefers, where `keys` have `preference`.",
            )
            .rules(&["R43"]),
            key("language", LANGUAGE, "语言。", "The language.").rules(&["R12"]),
        ],
        KNOWN,
    ],
    example: "[[customer]]\nname = \"华东贸易\"\nnumbers = [\"13800138000\", \"02161234567\"]\ncustomer_level = \"high_value\"\nagent = \"1002\"\n",
};

const CUSTOMER_LISTS: Section = Section {
    path: "customers",
    header: "[[customers]]",
    en: "A CSV file (UTF-8) with a customer in each row, at most 500,000. The first line names the columns, in any order: `number` (several with `;` between them), and of `name`, `customer_type`, `customer_level`, `language`, `priority`, `skills` (`zh >= 3; billing >= 2`), `agent`, `preferred`, `sensitive` (`true`, `false`) those that are wanted; they mean what they mean in `[[customer]]`, and an empty cell says nothing.",
    zh: "CSV 文件（UTF-8），每行一个客户，最多 500000 行。第一行是列名，顺序不限：`number`（多个号码用 `;` 隔开），以及需要的 `name`、`customer_type`、`customer_level`、`language`、`priority`、`skills`（`zh >= 3; billing >= 2`）、`agent`、`preferred`、`sensitive`（`true`、`false`）；含义与 `[[customer]]` 相同，空格表示不写。",
    keys: &[&[
        key("file", CUSTOMER_SHEET, "文件名，与本文件在同一文件夹或其下。", "The file, in the folder of this one or below it.").required()
    ]],
    example: "[[customers]]\nfile = \"customers.csv\"\n",
};

const REGION_LISTS: Section = Section {
    path: "regions",
    header: "[[regions]]",
    en: "A CSV file (UTF-8) that tells of which region numbers are by their first 1 to 12 figures, at most 500,000 rows; columns `prefix` and `region` (the name of a `[[region]]`). The longest prefix or area code wins.",
    zh: "CSV 文件（UTF-8），按号码开头的 1 至 12 位数字说明归属地区，最多 500000 行；两列：`prefix` 与 `region`（`[[region]]` 的名字）。号段与区号中最长的为准。",
    keys: &[&[
        key("file", REGION_SHEET, "文件名，与本文件在同一文件夹或其下。", "The file, in the folder of this one or below it.").required()
    ]],
    example: "[[regions]]\nfile = \"regions.csv\"\n",
};

const LOOKUPS: Section = Section {
    path: "lookup.NAME",
    header: "[lookup.NAME]",
    en: "A source that is asked about each caller who has a number, as the call is picked up, or with `by` about what a caller keys, as soon as a menu has collected it: a SQLite database, a webhook, or a CSV file of the rules (the last with `by` only). Nothing waits for it but the entry into a queue, or with `by` the way out of that menu, and that no longer than `limit`. The answer names columns of `[[customers]]` with their values (SQL columns, or a JSON object); no row, 404, 204 or `null`: the number is not known. Of two sources that say the same the later counts, and a menu before both; a value that is wrong is left out.",
    zh: "查询客户资料的来源：SQLite 数据库、webhook，或规则里的 CSV 文件（只能配合 `by`）。接起来电时按来电号码查（只查有号码的来电）；写了 `by` 则在菜单收完该号码时按它查。除进入排队（有 `by` 时为离开该菜单）外一切照常进行，最多等到 `limit`。答复给出 `[[customers]]` 的列和值（SQL 的列，或一个 JSON 对象）；没有行、404、204 或 `null` 表示不认识该号码。两个来源说法不同时以后一个为准，菜单的选择优先于二者；错误的值不采用。",
    keys: &[&[
        key(
            "by",
            COLLECTED,
            "按菜单收集的这个号码查，代替来电号码；查询里的 `?1`、`{number}` 就是它，只有数字；它不进日志和记录。",
            "Asked with this value, which a menu collects, instead of the caller's number: `?1` and `{number}` are its digits; it stands in no log and no record.",
        )
        .rules(&["R36", "R141"]),
        key(
            "file",
            LOOKUP_SHEET,
            "代替 `sqlite`，须写 `by`：CSV 文件，一列与 `by` 同名，其余列同 `[[customers]]`；当场得到答复。",
            "Instead of `sqlite`, with `by`: a CSV file with a column of the name in `by` and columns of `[[customers]]`; it answers at once.",
        ),
        key(
            "sqlite",
            DATABASE,
            "数据库文件，只读；相对路径从本文件所在的文件夹算起。",
            "The database, which is only read; a relative path begins at the folder of this file.",
        ),
        key(
            "query",
            QUERY,
            "查询语句，一个 `SELECT`；`?1` 是号码（完整号码，如 `+8613800138000`），第一行为答复。",
            "The query, one `SELECT`; `?1` is the number in full (`+8613800138000`), the first row the answer.",
        ),
        key(
            "url",
            URL,
            "代替 `sqlite`：webhook 的地址；含 `{number}` 时用 GET，否则以 POST 发送 `{\"number\": \"...\"}`；不跟随重定向，答复最多 64 KiB。",
            "Instead of `sqlite`: a webhook; GET if `{number}` is in it, else POST of `{\"number\": \"...\"}`; no redirect is followed, an answer has 64 KiB at most.",
        ),
        key(
            "limit",
            super::within("1ms", "300ms", "HL167"),
            "从接起（有 `by` 时从收完号码）算起，最多等多久。",
            "How long an answer may take, from the pick-up on, or with `by` from the last digit on.",
        )
        .default("\"300ms\""),
        key(
            "fallback",
            Form::Table(&FALLBACK),
            "没有及时得到答复时客户按什么处理。",
            "What holds if no answer comes in time, or none that can be read.",
        )
        .default("{}"),
    ]],
    example: "[lookup.crm]\nurl = \"http://127.0.0.1:8080/callers/{number}\"\nlimit = \"250ms\"\nfallback = { priority = \"important\" }\n\n[lookup.contracts]\nsqlite = \"contracts.db\"\nquery = \"SELECT customer_type, agent FROM customers WHERE number = ?1\"\n\n[lookup.holders]\nby = \"account\"\nurl = \"http://127.0.0.1:8080/accounts/{number}\"\n",
};

const FALLBACK: Section = Section {
    path: "lookup.NAME.fallback",
    header: "fallback = { ... }",
    en: "What is taken to be known of a caller without an answer; keys of `[[customer]]`.",
    zh: "没有答复时对客户的假定；键与 `[[customer]]` 相同。",
    keys: &[
        &[
            key("agent", SEAT, "专属坐席，优先派给。", "The dedicated agent, who is offered the calls first.").rules(&["R45", "R46"]),
            key("preferred", SEAT, "客户偏好的坐席。", "The agent whom the customer prefers.").rules(&["R43"]),
            key("language", LANGUAGE, "语言。", "The language.").rules(&["R12"]),
        ],
        KNOWN,
    ],
    example: "",
};
