//! libFuzzer target for [`pst_fuzz::to_mail()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::to_mail(data));
