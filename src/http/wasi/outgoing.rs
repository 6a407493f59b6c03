//! A request as wasi:http wants it.

use wasip2::http::types::{Fields, Method as WasiMethod, OutgoingRequest, Scheme};
use wasip2::io::streams::OutputStream;

use super::error::unusable;
use crate::http::{Method, Request, TransportError};

/// Writes what the host takes now; `None` when all is written, or nothing more can be.
pub(in crate::http) fn write_some(stream: &OutputStream, body: &[u8], mut sent: usize) -> Option<usize> {
    while sent < body.len() {
        let room = usize::try_from(stream.check_write().ok()?).unwrap_or(usize::MAX);
        if room == 0 {
            return Some(sent);
        }
        let end = body.len().min(sent.saturating_add(room));
        stream.write(&body[sent..end]).ok()?;
        sent = end;
    }
    let _ = stream.flush();
    None
}

/// The request but for its body
pub(super) fn outgoing_request(request: &Request) -> Result<OutgoingRequest, TransportError> {
    let mut headers: Vec<(String, Vec<u8>)> = request
        .headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.expose().as_bytes().to_vec()))
        .collect();
    // Without it the host sends the body in chunks, which not every server takes.
    headers.push(("content-length".into(), request.body.expose().len().to_string().into_bytes()));
    let headers = Fields::from_list(&headers).map_err(|_| unusable("header"))?;

    let outgoing = OutgoingRequest::new(headers);
    let (method, scheme) = (
        match request.method {
            Method::Delete => WasiMethod::Delete,
            Method::Get => WasiMethod::Get,
            Method::Post => WasiMethod::Post,
            Method::Put => WasiMethod::Put,
        },
        if request.endpoint.is_https() { Scheme::Https } else { Scheme::Http },
    );
    let mut path = request.endpoint.path().to_owned();
    if path.is_empty() {
        path.push('/');
    }
    if !request.query.is_empty() {
        path.push('?');
        path.push_str(&request.query);
    }
    outgoing.set_method(&method).map_err(|()| unusable("method"))?;
    outgoing.set_scheme(Some(&scheme)).map_err(|()| unusable("scheme"))?;
    outgoing.set_authority(Some(request.endpoint.authority())).map_err(|()| unusable("host"))?;
    outgoing.set_path_with_query(Some(&path)).map_err(|()| unusable("path"))?;
    Ok(outgoing)
}

/// Header names in lower case, and their values
pub(super) fn text_of(headers: &Fields) -> Vec<(String, String)> {
    headers
        .entries()
        .into_iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), String::from_utf8_lossy(&value).into_owned()))
        .collect()
}
