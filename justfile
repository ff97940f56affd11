# What is done often. `just` lists it.

_default:
    @just --list

# The simulated account on screen: `just demo poison`.
demo *args:
    cargo run -- demo {{args}}

# All tests, or those whose name has a word in it.
test *args:
    cargo test {{args}}

# Everything that must hold before a change lands.
ci:
    .ci/run

# Draw screenshots/ from the demo; names draw only those.
shots *names:
    cargo run --features screenshots --example screenshots -- {{names}}

# The finished program against emulators that nobody here wrote; takes pytest's arguments.
accept *args:
    tests/acceptance/run {{args}}

# Kill a redrive at so many random moments, and count what that hit.
kills times="200":
    PITAGORA_KILLS={{times}} tests/acceptance/run test_redrive.py -n 0 -s

# Time the graph, the store, the logs, the drawing.
bench *args:
    cargo bench {{args}}

# Which lines no test of the core reaches (needs cargo-llvm-cov).
cov *args:
    cargo llvm-cov --package pitagora-core --package pitagora-sim {{args}}

# Half an hour of the storm at twenty times its speed: memory and CPU, and whether they grow.
soak seconds="1800":
    cargo build --release
    benches/soak/run "${CARGO_TARGET_DIR:-target}/release/pitagora" {{seconds}}

# A reader of files against random bytes (needs cargo-fuzz and a nightly toolchain): `just fuzz log_line`.
fuzz target *args:
    cargo +nightly fuzz run {{target}} {{args}}
