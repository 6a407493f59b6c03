//! A machine with Azure Arc: the endpoint asks for a file that only some users of the machine can read.

use std::fs;

use super::answer::{Token, read};
use super::selector::Selector;
use crate::explain::Explanation;
use crate::http::{Endpoint, Request, Response, retry};
use crate::identity::Exchange;
use crate::identity::app::unreachable;
use crate::secret::Secret;

/// Where the agent puts its challenge files on Linux
const LINUX_FOLDER: &str = "/var/opt/azcmagent/tokens";

/// The same below `%ProgramData%` on Windows
const WINDOWS_FOLDER: &str = r"\AzureConnectedMachineAgent\Tokens";

/// A challenge file is a short secret; anything larger is something else.
const SIZE_LIMIT: u64 = 4096;

/// Azure Arc's agent on this machine
pub struct Arc {
    endpoint: Endpoint,
    folder: String,
}

impl Arc {
    /// `program_data` is Windows' variable of that name.
    pub fn new(endpoint: Endpoint, program_data: Option<&str>) -> Self {
        let folder = match program_data {
            Some(program_data) => format!("{}{WINDOWS_FOLDER}", program_data.trim_end_matches('\\')),
            None => LINUX_FOLDER.to_owned(),
        };
        Self { endpoint, folder }
    }

    /// Asks for a token, in the agent's two steps.
    ///
    /// # Errors
    /// An [`Explanation`] of why there is none.
    pub fn token(
        &self,
        exchange: &Exchange<'_>,
        resource: &str,
        selector: Option<&Selector>,
    ) -> Result<Token, Explanation> {
        let mut request = Request::get(self.endpoint.clone())
            .query("api-version", "2020-06-01")
            .query("resource", resource)
            .header("metadata", "true");
        if let Some(selector) = selector {
            request = request.query(selector.metadata_parameter(), selector.id());
        }
        let send = |request: Request| {
            retry::IMDS
                .send(exchange.transport, request, exchange.now)
                .map_err(|error| unreachable(&self.endpoint, &error))
        };
        // 1. Without a key the agent names the file that holds one.
        let challenge = send(request.clone())?;
        if challenge.status != 401 {
            return read(&self.endpoint, &challenge, selector, true, exchange.now);
        }
        // 2. The key shows that this process may read that file.
        let key = self.key(&challenge)?;
        let answer = send(request.header("authorization", format!("Basic {}", key.expose())))?;
        read(&self.endpoint, &answer, selector, true, exchange.now)
    }

    /// The content of the file that a challenge names, if it is one that the agent makes: whoever answers at the
    /// endpoint must not be able to have just any file sent.
    fn key(&self, challenge: &Response) -> Result<Secret, Explanation> {
        let header = challenge.header("www-authenticate").unwrap_or_default();
        let path = header.split_once("realm=").map_or("", |(_, realm)| realm.trim().trim_matches('"'));
        let refuse = |problem: &str| {
            Explanation::new(format!("Azure Arc's challenge isn't followed: {problem}"))
                .fact("challenge", header)
                .advise(
                    "see who answers at the endpoint (`IDENTITY_ENDPOINT`), and repair the Azure Arc agent",
                )
        };
        let separator = if self.folder.contains('\\') { '\\' } else { '/' };
        let name = path
            .strip_prefix(&self.folder)
            .and_then(|rest| rest.strip_prefix(separator))
            .filter(|name| !name.contains(['/', '\\']))
            .ok_or_else(|| refuse(&format!("it names no file in {}", self.folder)))?;
        if !name.ends_with(".key") {
            return Err(refuse("the file that it names doesn't end in .key"));
        }
        let unreadable = |error: std::io::Error| {
            Explanation::new("Azure Arc's challenge file can't be read")
                .fact("file", path)
                .fact("because", error.kind().to_string())
                .advise(format!(
                    "run as a member of the group `himds`; a sandboxed run needs the folder: `--dir {}`",
                    self.folder
                ))
        };
        if fs::metadata(path).map_err(unreadable)?.len() > SIZE_LIMIT {
            return Err(refuse(&format!("the file that it names has more than {SIZE_LIMIT} bytes")));
        }
        let key = fs::read(path).map_err(unreadable)?;
        // The header takes the file's content as it is; what isn't plain text can't stand in one.
        String::from_utf8(key)
            .ok()
            .filter(|key| key.trim().bytes().all(|byte| byte.is_ascii_graphic()))
            .map(|key| key.trim().into())
            .ok_or_else(|| refuse("the file that it names isn't text"))
    }
}
