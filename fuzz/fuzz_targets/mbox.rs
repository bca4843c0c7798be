//! libFuzzer target for [`pst_fuzz::mbox()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::mbox(data));
