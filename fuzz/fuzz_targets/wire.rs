#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pitagora::fuzzing::wire(data));
