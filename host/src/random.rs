use wasmtime_wasi::{Deterministic, WasiCtxBuilder};

/// Gives every run the same random numbers. For tests only: nothing drawn from these is secret.
pub(crate) fn repeat(wasi: &mut WasiCtxBuilder) {
    wasi.secure_random(Deterministic::new(sequence()))
        .insecure_random(Deterministic::new(sequence()))
        .insecure_random_seed(0);
}

/// Long enough not to come round in the draws of one signature: those are repeated until a number
/// fits, for ever if the few same numbers came back. The constants are Knuth's for MMIX.
fn sequence() -> Vec<u8> {
    let mut state: u64 = 1;
    let draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The upper bits of such a generator are the good ones.
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(draw).take(64 * 1024).collect()
}
