//! Questions of several kinds, in flight together.

use super::client::Client;
use super::refusal::Refusal;
use crate::http::{Request, Response, TransportError};

/// A question whose answer is read as `T`
pub struct Question<T> {
    pub(super) request: Request,
    pub(super) what: &'static str,
    pub(super) read: fn(&Response) -> Result<T, serde_json::Error>,
}

/// Questions that are sent together
#[derive(Debug, Default)]
pub struct Batch {
    requests: Vec<Request>,
}

/// The place of a question in its batch
pub struct Ticket<T> {
    place: usize,
    what: &'static str,
    read: fn(&Response) -> Result<T, serde_json::Error>,
}

/// The answers to a batch
pub struct Answers<'a> {
    client: &'a Client<'a>,
    answers: Vec<Option<Result<Response, TransportError>>>,
}

impl Batch {
    pub(super) fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// Adds a question.
    pub fn add<T>(&mut self, question: Question<T>) -> Ticket<T> {
        self.requests.push(question.request);
        Ticket { place: self.requests.len() - 1, what: question.what, read: question.read }
    }
}

impl<'a> Answers<'a> {
    pub(super) fn new(client: &'a Client<'a>, answers: Vec<Result<Response, TransportError>>) -> Self {
        Self { client, answers: answers.into_iter().map(Some).collect() }
    }

    /// The answer to a question; its text is given up, so that not all of them are kept at once.
    ///
    /// # Errors
    /// A [`Refusal`].
    pub fn take<T>(&mut self, ticket: &Ticket<T>) -> Result<T, Refusal> {
        let answer = self.answers.get_mut(ticket.place).and_then(Option::take);
        self.client.read(answer, ticket.what, ticket.read)
    }
}
