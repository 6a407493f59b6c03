//! Each fault, seen from the other side of the wire.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use lifeguard_emulator::{Effect, Fault};

use crate::client::{Client, start};

/// Needs no credential and has a small body.
const PATH: &str = "/contoso/_apis/connectionData";

#[test]
fn another_answer_for_the_first_ones_after() {
    let answer = Effect::Answer {
        status: 429,
        headers: BTreeMap::from([("Retry-After".to_owned(), "2".to_owned())]),
        body: "slow down".to_owned(),
    };
    let client = with(Fault::new("*/CONNECTIONDATA", answer).method("GET").after(1).times(2));
    let statuses: Vec<_> = (0..4).map(|_| client.get(PATH, &[]).status).collect();
    assert_eq!(statuses, [200, 429, 429, 200]);
    let noted: Vec<_> = client.emulator.requests().iter().map(|request| request.status).collect();
    assert_eq!(noted, [Some(200), Some(429), Some(429), Some(200)]);
}

#[test]
fn delay() {
    let client = with(Fault::new(PATH, Effect::Delay(150)));
    let before = Instant::now();
    assert_eq!(client.get(PATH, &[]).status, 200);
    assert!(before.elapsed() >= Duration::from_millis(150));
}

#[test]
fn drip() {
    let client = with(Fault::new(PATH, Effect::Drip(5)));
    let mut stream = raw(&client);
    let mut start = [0; 4096];
    let mut seen = 0;
    // The body comes in many small reads.
    let mut reads = 0;
    while reads < 5 {
        let read = stream.read(&mut start[seen..]).unwrap();
        assert!(read > 0);
        seen += read;
        reads += 1;
    }
    assert!(String::from_utf8_lossy(&start[..seen]).contains("200 OK"));
}

#[test]
fn cut() {
    let client = with(Fault::new(PATH, Effect::Cut(10)));
    let mut text = String::new();
    raw(&client).read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.len(), 10);
    let length: usize = head
        .lines()
        .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok())
        .unwrap();
    assert!(length > 100);
    assert!(client.try_send("GET", PATH, &[], "").is_err());
}

#[test]
fn endless() {
    let client = with(Fault::new(PATH, Effect::Endless));
    let mut some = vec![0; 200_000];
    raw(&client).read_exact(&mut some).unwrap();
}

#[test]
fn hang() {
    let client = with(Fault::new(PATH, Effect::Hang).times(1));
    let mut stream = raw(&client);
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let kind = stream.read(&mut [0; 10]).unwrap_err().kind();
    assert!(matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut));
    assert_eq!(client.get(PATH, &[]).status, 200, "others aren't held up");
    assert_eq!(client.emulator.requests()[0].status, None);
}

#[test]
fn reset() {
    let client = with(Fault::new(PATH, Effect::Reset));
    let error = raw(&client).read(&mut [0; 10]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

fn with(fault: Fault) -> Client {
    start(|scenario| scenario.faults.push(fault))
}

/// A connection that has just sent a request.
fn raw(client: &Client) -> TcpStream {
    let address = client.emulator.http_url().replace("http://", "");
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    write!(stream, "GET {PATH} HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
    stream
}
