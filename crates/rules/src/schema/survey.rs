//! What callers are asked once the agent has gone.

use super::menus::SAY;
use super::outside::OUR_NUMBER;
use super::{ANY, Form, Key, QUEUE, Section, key, within};

pub(super) const TABLES: &[Key] =
    &[key("survey", Form::Table(&SURVEY), "满意度调查。", "Surveys.").rules(&["R72", "R99", "R105", "R106", "R109"])];

const SURVEY: Section = Section {
    path: "survey",
    header: "[survey]",
    en: "What callers are asked once the agent has hung up and they have not (R72): each question takes one key, `1` to `9`, and `0` is 10; `1` and `0` soon after it is 10 too. `*` says it again, `#` passes it over. Without `queues` and `questions` nobody is asked. Sensitive and urgent callers are spared (R68), and who never reached an agent. A low score is told to supervisors, and to be followed up within `[deadlines] follow_up` (R105).",
    zh: "坐席挂机而客户还在线时问什么（R72）：每题按一个键，`1` 至 `9`，`0` 为 10 分（先按 `1` 紧接着按 `0` 也是 10 分）；按 `*` 重听，按 `#` 跳过。没有 `queues` 和 `questions` 就不问。敏感、紧急的来电不问（R68），没接通坐席的也不问。低分会提示主管，并须在 `[deadlines] follow_up` 之内回访（R105）。",
    keys: &[&[
        key("scale", Form::Whole(2, 10), "最高分，最低为 1。", "The best score; the worst is 1.").default("10").rules(&["R72"]),
        key("low", Form::Whole(1, 10), "低分到几分为止。", "Up to this a score is low.").default("4").rules(&["R105"]),
        key("satisfied", Form::Whole(1, 10), "满意从几分起。", "From this on a customer is satisfied.").default("7").rules(&["R109"]),
        key("queues", Form::List(&QUEUE, 0), "问哪些排队的客户。", "Whose callers are asked.").default("[]").rules(&["R72"]),
        key(
            "numbers",
            Form::List(&OUR_NUMBER, 0),
            "只问拨打这些号码的；不写为全部。",
            "Only those who dialled these numbers; all if left out.",
        )
        .default("[]"),
        key("intro", SAY, "先说什么。", "Said first.").default("[]"),
        key(
            "questions",
            Form::List(&Form::Table(&QUESTION), 5),
            "依次问的问题，每个维度至多一个。",
            "The questions, in this order; of each dimension one at most.",
        )
        .default("[]")
        .rules(&["R106"]),
        key("no_input", SAY, "没按键时说，然后再问一次。", "Said after a missing key, before the question again.").default("[]"),
        key("invalid", SAY, "按错时说，然后再问一次。", "Said after a wrong key, before the question again.").default("[]"),
        key("thanks", SAY, "最后说，至少答了一题才说。", "Said last, if anything was answered.").default("[]"),
        key("wait", within("1s", "30s", "HL007"), "等按键多久。", "How long a key is awaited.").default("\"5s\""),
        key(
            "attempts",
            Form::Whole(1, 5),
            "一题没按或按错几次就不再问。",
            "Wrong or missing keys at a question, after which no more is asked.",
        )
        .default("2"),
        key(
            "share",
            Form::Fraction,
            "问多少客户（抽样）；投诉的总要问（R99）。",
            "How many of the callers are asked; who complained always is (R99).",
        )
        .default("1")
        .rules(&["R99"]),
        key(
            "not_again_within",
            ANY,
            "同一号码在这段时间内不再问；投诉的总要问（R99）。`0s` 为每次都问。",
            "A number is not asked again for so long, each time with `0s`; who complained always is (R99).",
        )
        .default("\"24h\"")
        .rules(&["R99"]),
    ]],
    example: "[survey]\nqueues = [\"service\"]\nintro = [\"survey-intro\"]\nquestions = [\n  { dimension = \"attitude\", say = [\"survey-attitude\"] },\n  { dimension = \"quality\", say = [\"survey-quality\"] },\n]\nno_input = [\"no-input\"]\ninvalid = [\"invalid-key\"]\nthanks = [\"survey-thanks\"]\nshare = 0.5\n",
};

const QUESTION: Section = Section {
    path: "survey.questions",
    header: "questions = [{ ... }]",
    en: "A question of the survey.",
    zh: "一个问题。",
    keys: &[&[
        key(
            "dimension",
            Form::Word(&["attitude", "efficiency", "quality", "content", "after_service"]),
            "问什么：态度、效率、质量、内容、售后。",
            "What it asks about.",
        )
        .required()
        .rules(&["R106"]),
        key("say", SAY, "怎样问。", "How it is asked.").required(),
    ]],
    example: "",
};
