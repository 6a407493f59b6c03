//! How a component ends, told as exit codes.
#![expect(clippy::unwrap_used, reason = "clippy.toml allows it in tests, but not in their helpers")]

use lifeguard_host::{Component, Outcome, Run};

#[test]
fn success_is_0_and_failure_is_1() {
    assert_eq!(run("(i32.const 0)").exit_code, 0);
    assert_eq!(run("(i32.const 1)").exit_code, 1);
}

#[test]
fn an_exit_code_is_passed_on() {
    let outcome = run("(call $exit (i32.const 3)) unreachable");
    assert_eq!(outcome.exit_code, 3);
    assert_eq!(outcome.stderr, b"");
}

#[test]
fn a_trap_is_134_and_says_why() {
    let outcome = run("unreachable");
    assert_eq!(outcome.exit_code, 134);
    let stderr = String::from_utf8(outcome.stderr).unwrap();
    assert!(stderr.starts_with("lifeguard-host: the component trapped: "), "{stderr}");
    assert!(stderr.contains("`unreachable` instruction executed"), "{stderr}");
}

#[test]
fn what_is_not_a_component_is_an_error_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text.wasm");
    std::fs::write(&path, "text").unwrap();
    let error = Component::load(&path).err().unwrap();
    assert!(error.to_string().contains("text.wasm"), "{error:#}");
}

/// Runs a command of WASI 0.2 whose core function has this body.
fn run(body: &str) -> Outcome {
    let component = wat::parse_str(format!(
        r#"(component
            (import "wasi:cli/exit@0.2.12" (instance $exit
                (export "exit-with-code" (func (param "status-code" u8)))
            ))
            (core func $exit (canon lower (func $exit "exit-with-code")))
            (core module $module
                (import "wasi" "exit" (func $exit (param i32)))
                (func (export "run") (result i32) {body})
            )
            (core instance $core (instantiate $module
                (with "wasi" (instance (export "exit" (func $exit))))
            ))
            (func $run (result (result)) (canon lift (core func $core "run")))
            (instance $command (export "run" (func $run)))
            (export "wasi:cli/run@0.2.12" (instance $command))
        )"#
    ));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("component.wasm");
    std::fs::write(&path, component.unwrap()).unwrap();
    Component::load(&path).unwrap().run(&Run::default()).unwrap()
}
