//! libFuzzer target for [`pst_fuzz::rtf_text()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::rtf_text(data));
