//! libFuzzer target for [`pst_fuzz::input_mbox()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::input_mbox(data));
