//! How requests to a component end, and how long its instances live.
#![expect(clippy::unwrap_used, reason = "clippy.toml allows it in tests, but not in their helpers")]

use http::Request;
use lifeguard_host::{Component, Instances, Run, Server};

/// Answers with the count of the instance's requests, 201 for the first, and traps at the third.
const COUNT: &str = "
    (if (i32.eq (global.get $count) (i32.const 3)) (then unreachable))
    (call $answer (local.get $out) (i32.add (i32.const 200) (global.get $count)))";

#[test]
fn an_instance_answers_one_request() {
    let mut server = serve(COUNT, Instances::Fresh);
    assert_eq!(status(&mut server), Ok(201));
    assert_eq!(status(&mut server), Ok(201));
}

#[test]
fn an_instance_is_kept_until_it_traps() {
    let mut server = serve(COUNT, Instances::Kept);
    assert_eq!(status(&mut server), Ok(201));
    assert_eq!(status(&mut server), Ok(202));
    let trap = status(&mut server).unwrap_err();
    assert!(trap.starts_with("the component trapped: "), "{trap}");
    assert!(trap.contains("`unreachable` instruction executed"), "{trap}");
    assert_eq!(status(&mut server), Ok(201));
}

#[test]
fn no_response_is_told() {
    let mut server = serve("(call $drop (local.get $out))", Instances::Kept);
    assert_eq!(status(&mut server), Err("the component set no response".to_owned()));
}

#[test]
fn a_response_that_never_comes_is_not_waited_for() {
    let mut server = serve("", Instances::Kept);
    assert_eq!(status(&mut server), Err("the component didn't finish its response".to_owned()));
}

#[test]
fn the_other_door_is_missed_when_it_is_wanted() {
    let error = component("").run(&Run::default()).unwrap_err();
    assert_eq!(error.to_string(), "the component doesn't export wasi:cli/run");
}

fn status(server: &mut Server) -> Result<u16, String> {
    let served = server.send(Request::get("/").body(Vec::new()).unwrap()).unwrap();
    served.response.map(|response| response.status().as_u16())
}

fn serve(handle: &str, instances: Instances) -> Server {
    component(handle).serve(&Run::default(), instances).unwrap()
}

/// A component whose handler does this with `$request`, `$out` and `$count`.
fn component(handle: &str) -> Component {
    let component = wat::parse_str(include_str!("serve.wat").replace("HANDLE", handle));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("component.wasm");
    std::fs::write(&path, component.unwrap()).unwrap();
    Component::load(&path).unwrap()
}
