# The account `pitagora`, simulated, on screen.
demo:
    cargo run -- demo

test:
    cargo test

# Everything that must hold before a change lands.
ci:
    .ci/run

# Half an hour of the storm at twenty times its speed: what it takes of memory and CPU, and whether that grows.
soak:
    cargo build --release
    benches/soak/run "${CARGO_TARGET_DIR:-target}/release/pitagora" 1800
