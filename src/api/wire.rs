//! What hyper says by itself, before a request is one, said like everything else the API says: as a problem (RFC 9457).

use crate::api::problem::{Problem, Tongue};
use axum::http::StatusCode;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Longest body of these problems, in bytes.
const BODY: usize = 4 << 10;

/// The answers to what is no request, as bytes with their heads. Nobody knows what `Accept-Language` said: they are in English.
#[derive(Debug)]
pub struct Answers(Vec<(Vec<u8>, Vec<u8>)>);

impl Answers {
    /// Writes them once.
    pub async fn new() -> Self {
        let mut all = Vec::new();
        for problem in [
            Problem::malformed("this is no HTTP/1.1 request"),
            Problem::new(StatusCode::URI_TOO_LONG, "path_too_long", "the path is longer than 64 KiB", "请求路径超过 64 KiB"),
            Problem::new(
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "head_too_large",
                "the request's head is longer than 16 KiB, or has more than 100 fields",
                "请求头超过 16 KiB，或多于 100 个字段",
            ),
        ] {
            let start = format!("HTTP/1.1 {} ", problem.status.as_str());
            all.push((start.into_bytes(), bytes(&problem).await));
        }
        Self(all)
    }

    /// What is to be said instead of these bytes; `None` if an answer of ours stands in them, which always has a body.
    fn instead_of(&self, bytes: &[u8]) -> Option<&[u8]> {
        let (_, instead) = self.0.iter().find(|(start, _)| bytes.starts_with(start))?;
        let is_bare = bytes.windows(BARE.len()).any(|window| window == BARE);
        is_bare.then_some(instead)
    }
}

const BARE: &[u8] = b"\r\ncontent-length: 0\r\n";

async fn bytes(problem: &Problem) -> Vec<u8> {
    let (parts, body) = problem.answer(Tongue::En).into_parts();
    let body = axum::body::to_bytes(body, BODY).await.expect("a problem of ours is short and in memory");
    let (status, reason) = (parts.status.as_str(), parts.status.canonical_reason().unwrap_or_default());
    let mut bytes = format!("HTTP/1.1 {status} {reason}\r\n").into_bytes();
    for (name, value) in &parts.headers {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    let rest = format!(
        "x-content-type-options: nosniff\r\ncache-control: no-store\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    bytes.extend_from_slice(rest.as_bytes());
    bytes.extend_from_slice(&body);
    bytes
}

/// A connection on which hyper's own words are replaced.
#[derive(Debug)]
pub struct Wire<S> {
    stream: S,
    answers: Arc<Answers>,
    /// What is said instead, and how much of it is written.
    instead: Option<(Vec<u8>, usize)>,
}

impl<S> Wire<S> {
    /// Around a connection.
    pub fn new(stream: S, answers: Arc<Answers>) -> Self {
        Self { stream, answers, instead: None }
    }
}

impl<S: AsyncWrite + Unpin> Wire<S> {
    fn write_instead(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some((bytes, written)) = &mut self.instead else { return Poll::Ready(Ok(())) };
        while *written < bytes.len() {
            match ready!(Pin::new(&mut self.stream).poll_write(context, &bytes[*written..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                more => *written += more,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let wire = &mut *self;
        if wire.instead.is_none() {
            let Some(instead) = wire.answers.instead_of(bytes) else { return Pin::new(&mut wire.stream).poll_write(context, bytes) };
            wire.instead = Some((instead.to_vec(), 0));
        }
        ready!(wire.write_instead(context))?;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.write_instead(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.write_instead(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
