//! Messages that callers leave.

use super::menus::SAY;
use super::queues::SAY_AND_WAYS;
use super::{Form, Key, NEW, QUEUE, Section, key, within};

pub(super) const TABLES: &[Key] = &[key(
    "voicemail",
    Form::Map(NEW, &Form::Table(&VOICEMAILS)),
    "留言，最多 200 个；分支写 `voicemail = \"名字\"` 转来。",
    "Messages that callers may leave, at most 200; a branch leads there by `voicemail = \"NAME\"`.",
)
.rules(&["R19"])];

const VOICEMAILS: Section = Section {
    path: "voicemail.NAME",
    header: "[voicemail.NAME]",
    en: "A caller hears `say` and a tone and leaves a message; `#`, silence, the longest time or hanging up ends it. It is to be answered within `timers.deferred_response` (K8); who does is told by `hotline messages`.",
    zh: "来电者听完 `say` 和提示音后留言；按 `#`、静默、到最长时间或挂机结束。须在 `timers.deferred_response` 内处理（K8）；用 `hotline messages` 查看和处理。",
    keys: &[&[
        key("queue", QUEUE, "由这个排队的人员处理。", "Its people answer the messages.").required().rules(&["R19"]),
        key("say", SAY, "提示音之前说。", "Said before the tone.").default("\"voicemail-leave\""),
        key("then", SAY, "留言之后说。", "Said after the message.").default("\"voicemail-thanks\""),
        key("longest", within("10s", "10min", "HL007"), "一条留言最长多久。", "The longest message.").default("\"2min\""),
        key("shortest", within("500ms", "10s", "HL007"), "说话不足这么久不算留言。", "Who speaks for less has left no message.")
            .default("\"1s\""),
        key("silence", within("2s", "30s", "HL007"), "静默这么久即结束。", "So much silence ends it.").default("\"6s\""),
        key(
            "limit",
            Form::Whole(1, 1_000),
            "最多存多少条无人认领的留言，再多走 `full`。",
            "Most messages that nobody has taken; with more, `full` is taken.",
        )
        .default("50"),
        key(
            "full",
            Form::Table(&FULL),
            "留言已满时做什么；不写则播放 `voicemail-full` 并道别。",
            "What is done when it is full; without it, `voicemail-full` is said, and goodbye.",
        ),
    ]],
    example: "[voicemail.after-hours]\nqueue = \"service\"\nsay = \"welcome\"\nlongest = \"3min\"\nlimit = 100\nfull = { goodbye = true }\n",
};

const FULL: Section = Section {
    path: "voicemail.NAME.full",
    header: "full = { ... }",
    en: "What a caller does whose message has no room: exactly one of `menu`, `queue`, `goodbye`.",
    zh: "留言已满时来电者做什么：`menu`、`queue`、`goodbye` 写且只写一个。",
    keys: &[SAY_AND_WAYS],
    example: "",
};
