//! What the API says when it says no: RFC 9457 problem details, with a word for machines and a sentence for people.

use crate::api::nouns::Diagnosed;
use crate::cli::words::desk;
use crate::past_rules::NotNamed;
use crate::rehearse::before_load::{FailedTest, FailedTests};
use axum::body::Body;
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use hotline_model::history::WhyNot;
use hotline_model::{DeskRefusal, Lang};
use hotline_rules::Said;
use serde::Serialize;
use std::borrow::Cow;
use utoipa::ToSchema;

/// The languages of sentences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tongue {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

impl Tongue {
    /// The first of the two that `Accept-Language` names with a weight above 0; the heavier one goes first (RFC 9110 12.5.4).
    pub fn of(headers: &HeaderMap) -> Self {
        let Some(text) = headers.get(axum::http::header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()) else { return Self::En };
        let mut best = (0.0, Self::En);
        for part in text.split(',').take(16) {
            let (tag, weight) = part.split_once(";q=").map_or((part, Some(1.0)), |(tag, weight)| (tag, weight.trim().parse().ok()));
            let tongue = match tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
                "zh" => Self::Zh,
                "en" => Self::En,
                _ => continue,
            };
            let weight: f32 = weight.unwrap_or(0.0);
            if weight > best.0 {
                best = (weight, tongue);
            }
        }
        best.1
    }
}

impl From<Tongue> for Lang {
    fn from(tongue: Tongue) -> Self {
        match tongue {
            Tongue::En => Self::En,
            Tongue::Zh => Self::Zh,
        }
    }
}

/// A refusal on its way to whoever asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The word for machines.
    pub code: &'static str,
    en: Cow<'static, str>,
    zh: Cow<'static, str>,
    retry_after: Option<u32>,
    rules: Option<Box<WrongRules>>,
}

/// What is wrong with refused rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct WrongRules {
    diagnostics: Vec<Diagnosed>,
    failed_tests: Vec<FailedTest>,
}

/// The body of every answer that is no success (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemDetails<'a> {
    /// `urn:hotline:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// A word for machines; of a refused order that of `DeskRefusal` or `WhyNot`.
    code: &'a str,
    /// A sentence for people, in the language of `Accept-Language` (en or zh).
    detail: &'a str,
    /// What is wrong with the rules, if they are what was refused.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false)]
    diagnostics: &'a [Diagnosed],
    /// Which of their tests failed, if that is why.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false)]
    failed_tests: &'a [FailedTest],
}

impl Problem {
    /// A problem in both languages.
    pub fn new(status: StatusCode, code: &'static str, en: impl Into<Cow<'static, str>>, zh: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, en: en.into(), zh: zh.into(), retry_after: None, rules: None }
    }

    /// When it may be tried again, in seconds.
    pub fn after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// 400.
    pub fn malformed(what: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", format!("not understood: {what}"), format!("无法理解：{what}"))
    }

    /// 422: it can be read, and says something that cannot be.
    pub fn unfit(what: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unfit", format!("this can't be: {what}"), format!("内容不符合要求：{what}"))
    }

    /// 401 without a token.
    pub fn no_token() -> Self {
        let (en, zh) = ("send your token: Authorization: Bearer hl_...", "请出示令牌：Authorization: Bearer hl_...");
        Self::new(StatusCode::UNAUTHORIZED, "no_token", en, zh)
    }

    /// 401 with a token that is not, or no longer, anybody's.
    pub fn wrong_token() -> Self {
        let en = "the token is nobody's, or no longer valid; `hotline people renew` makes a new one";
        Self::new(StatusCode::UNAUTHORIZED, "wrong_token", en, "令牌无效或已过期；可用 `hotline people renew` 重新生成")
    }

    /// 403: not with these roles, or not of others.
    pub fn denied() -> Self {
        let en = "your roles do not allow this, or not for another's seat or call";
        Self::new(StatusCode::FORBIDDEN, "not_allowed_to_you", en, "您的角色无权执行此操作，或无权操作他人的坐席或来电")
    }

    /// 404: no such path.
    pub fn no_path() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no_such_path",
            "there is nothing here; see /api/openapi.json",
            "此处无内容；参见 /api/openapi.json",
        )
    }

    /// No announcement of the rules has that name.
    pub fn no_announcement() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no_such_announcement", "The rules have no such announcement.", "规则中没有这个公告。")
    }

    /// 409: the call left no message, or it is gone.
    pub fn no_message() -> Self {
        Self::new(StatusCode::CONFLICT, "no_message", "there is no message of this call, or it is done with", "该来电没有留言，或已处理完")
    }

    /// 404: there is a message, and its recording is gone.
    pub fn no_recording() -> Self {
        let (en, zh) = ("the recording of this message is missing; the log says why", "这条留言的录音已缺失；原因见日志");
        Self::new(StatusCode::NOT_FOUND, "no_recording", en, zh)
    }

    /// 409: somebody else has the message.
    pub fn message_taken(by: &str) -> Self {
        let en = format!("{by} has this message; `take-over` takes it from there");
        Self::new(StatusCode::CONFLICT, "taken", en, format!("{by} 已认领这条留言；确需接手请用 `take-over`"))
    }

    /// 409: nobody has taken the message, so nobody can be done with it.
    pub fn message_not_taken() -> Self {
        let (en, zh) = ("nobody has taken this message: `take` it first", "这条留言尚无人认领：请先用 `take` 认领");
        Self::new(StatusCode::CONFLICT, "not_taken", en, zh)
    }

    /// 500: the recording can't be deleted (R129).
    pub fn recording_stays(error: &std::io::Error) -> Self {
        let en = format!("the recording can't be deleted ({error}); the message still waits: try again when the disk is mended");
        let zh = format!("录音无法删除（{error}）；留言仍待处理：请修复磁盘后重试");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "recording_stays", en, zh)
    }

    /// 404: no such seat.
    pub fn no_seat() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no_such_seat", "the rules have no such seat", "规则里没有这个坐席")
    }

    /// 404: no such call.
    pub fn no_call() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no_such_call", "there is no such call", "没有这个来电")
    }

    /// 405.
    pub fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "no_such_method", "this path takes another method", "此路径不支持该方法")
    }

    /// 408: the body did not come.
    pub fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "the request did not come in time", "请求未在时限内到达")
    }

    /// 410: the events asked for are no longer kept.
    pub fn gone() -> Self {
        let en = "events after that id are no longer kept: look at /api/v1/calls and /api/v1/seats, then begin without Last-Event-ID";
        Self::new(
            StatusCode::GONE,
            "gap",
            en,
            "该编号之后的事件已不再保留：请先读取 /api/v1/calls 与 /api/v1/seats，再不带 Last-Event-ID 重新订阅",
        )
    }

    /// 413.
    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is longer than 64 KiB", "请求体超过 64 KiB")
    }

    /// 415.
    pub fn media_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", "send application/json", "请发送 application/json")
    }

    /// 429: this address sent too many wrong tokens.
    pub fn too_many_wrong_tokens(seconds: u32) -> Self {
        let (en, zh) = ("too many wrong tokens from this address", "该地址多次使用错误令牌");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_wrong_tokens", en, zh).after(seconds)
    }

    /// 503: more is asked than is answered at a time.
    pub fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "too much is asked at the moment", "当前请求过多").after(1)
    }

    /// 503: the engine is gone, or hopelessly late.
    pub fn silent() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "silent", "the engine does not answer", "引擎没有应答").after(1)
    }

    /// 503: takes no calls any more.
    pub fn draining() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "draining", "it takes no new calls", "已停止接受新来电").after(30)
    }

    /// 503: what must be in the audit log can't be written there.
    pub fn no_audit() -> Self {
        let en = "the audit log can't be written, and this can wait until it can";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "no_audit", en, "审计日志暂不可写，此操作须等待其恢复").after(30)
    }

    /// 503: records can't be read.
    pub fn no_records(why: impl std::fmt::Display) -> Self {
        tracing::warn!("API: records can't be read: {why}");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "no_records", "the records can't be read now", "暂时无法读取记录").after(5)
    }

    /// 409: an order of a person at a seat.
    pub fn refused(why: DeskRefusal) -> Self {
        let (code, en, zh) = desk(why);
        Self::new(StatusCode::CONFLICT, code, en, zh)
    }

    /// The same with other sentences, in English and Chinese, if there are any.
    pub fn in_words(self, words: Option<Said>) -> Self {
        match words {
            Some(Said { en, zh }) => Self { en, zh, ..self },
            None => self,
        }
    }

    /// 409: the rules on the disk have errors.
    pub fn rules(diagnostics: Vec<Diagnosed>) -> Self {
        let (en, zh) = ("the rules have errors; the running ones stay", "规则有错误；仍使用当前规则");
        let rules = Some(Box::new(WrongRules { diagnostics, failed_tests: Vec::new() }));
        Self { rules, ..Self::new(StatusCode::CONFLICT, "rules_refused", en, zh) }
    }

    /// 409: the rules on the disk can't be read.
    pub fn rules_unreadable(why: &Said) -> Self {
        let (en, zh) = (format!("{}; the running rules stay", why.en), format!("{}；仍使用当前规则", why.zh));
        Self::new(StatusCode::CONFLICT, "rules_unreadable", en, zh)
    }

    /// 409: tests of the rules on the disk fail.
    pub fn rules_tests(tests: &FailedTests, diagnostics: Vec<Diagnosed>, lang: Lang) -> Self {
        let (en, zh) = (tests.summary(Lang::En), tests.summary(Lang::Zh));
        let (en, zh) =
            (format!("tests of the rules fail ({en}); the running ones stay"), format!("规则测试未通过（{zh}）；仍使用当前规则"));
        let rules = Some(Box::new(WrongRules { diagnostics, failed_tests: tests.told(lang).to_vec() }));
        Self { rules, ..Self::new(StatusCode::CONFLICT, "rules_tests_failed", en, zh) }
    }

    /// The same of files that were saved while those that were ordered to be loaded were tested.
    pub fn of_newer_files(self, instead_of: Option<hotline_model::Revision>) -> Self {
        let Some(old) = instead_of else { return self };
        let en = format!("the files were saved anew while {old} was tested, and this is said of the newer ones: {}", self.en);
        let zh = format!("{old} 测试期间文件又有保存，以下针对较新的文件：{}", self.zh);
        Self { en: en.into(), zh: zh.into(), ..self }
    }

    /// 503: it takes longer than is waited for here.
    pub fn rules_are_loading() -> Self {
        let en = "the rules are still being tested, and the load goes on: see `hotline rules log` and the log";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "rules_are_loading", en, "规则仍在测试，加载继续进行：结果见 `hotline rules log` 与日志")
            .after(30)
    }

    /// 404 or 409: a revision that is not kept, or of which it is not known which is meant.
    pub fn revision(no: &NotNamed, name: &str) -> Self {
        let Said { en, zh } = no.in_words(name);
        match no {
            NotNamed::None => Self::new(StatusCode::NOT_FOUND, "no_such_revision", en, zh),
            NotNamed::Several(_) => Self::new(StatusCode::CONFLICT, "several_revisions", en, zh),
        }
    }

    /// 409: nothing is to be restored.
    pub fn revision_runs(revision: hotline_model::Revision) -> Self {
        let (en, zh) = (format!("{revision} runs, and the files are its"), format!("{revision} 正在使用，文件与之一致"));
        Self::new(StatusCode::CONFLICT, "revision_runs", en, zh)
    }

    /// 409: the folder of rules can't be written.
    pub fn rules_not_written(why: Said) -> Self {
        Self::new(StatusCode::CONFLICT, "rules_not_written", why.en, why.zh)
    }

    /// 409: an order by hand.
    pub fn not_by_hand(why: WhyNot) -> Self {
        let (code, en, zh) = hand(why);
        Self::new(StatusCode::CONFLICT, code, en, zh)
    }

    /// The sentence.
    pub fn says(&self, tongue: Tongue) -> &str {
        match tongue {
            Tongue::En => &self.en,
            Tongue::Zh => &self.zh,
        }
    }

    /// As an answer.
    pub fn answer(&self, tongue: Tongue) -> Response<Body> {
        let title = self.status.canonical_reason().unwrap_or("Problem");
        let (kind, status) = (format!("urn:hotline:problem:{}", self.code), self.status.as_u16());
        let (diagnostics, failed_tests): (&[_], &[_]) =
            self.rules.as_ref().map_or((&[], &[]), |rules| (&rules.diagnostics, &rules.failed_tests));
        let details = ProblemDetails { kind, title, status, code: self.code, detail: self.says(tongue), diagnostics, failed_tests };
        let body = serde_json::to_vec(&details).expect("texts and numbers can always be written");
        let mut answer = Response::new(Body::from(body));
        *answer.status_mut() = self.status;
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(if tongue == Tongue::Zh { "zh" } else { "en" }));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"hotline\""));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        answer
    }
}

/// The word of a refused order by hand, and its sentence in English and Chinese.
pub fn hand(why: WhyNot) -> (&'static str, &'static str, &'static str) {
    match why {
        WhyNot::NotWaiting => ("not_waiting", "the call waited for nobody", "该来电不在等待"),
        WhyNot::NoSuchSeat => ("no_such_seat", "the rules have no such seat", "规则里没有这个坐席"),
        WhyNot::NotCleared => ("not_cleared", "the call is sensitive and the seat is not cleared (R68)", "来电敏感，该坐席未获授权（R68）"),
        WhyNot::NotReady => ("not_ready", "the seat was not ready", "该坐席未就绪"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_carries_the_models_own_word() {
        for why in
            [DeskRefusal::NoReason, DeskRefusal::AttendedOnly, DeskRefusal::NobodyToGoBackTo, DeskRefusal::NotNow, DeskRefusal::NoCall]
        {
            assert_eq!(serde_json::to_value(why).unwrap(), desk(why).0);
        }
    }

    #[test]
    fn the_language_is_the_heaviest_of_the_two_that_we_speak() {
        let of =
            |text: &'static str| Tongue::of(&HeaderMap::from_iter([(axum::http::header::ACCEPT_LANGUAGE, HeaderValue::from_static(text))]));
        for (text, tongue) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Tongue::Zh),
            ("en-GB, zh;q=0.5", Tongue::En),
            ("fr, zh;q=0.1", Tongue::Zh),
            ("zh;q=0, en;q=0.1", Tongue::En),
            ("zh;q=nonsense", Tongue::En),
            ("*", Tongue::En),
        ] {
            assert_eq!(of(text), tongue, "{text}");
        }
        assert_eq!(Tongue::of(&HeaderMap::new()), Tongue::En);
    }
}
