//! Integration tests: one binary, because each more links the SDK again.

mod agree;
mod bench;
mod demo;
mod desk;
mod dlq;
mod fifo;
mod fold;
mod letters;
mod live;
mod predictions;
mod profile;
mod pty;
mod section6;
mod served;
mod since;
mod streams;
mod subscriptions;
mod tail;
mod walls;
