//! Integration tests: one binary, because each more links the SDK again.

mod agree;
mod bench;
mod dead_letter_origins;
mod demo;
mod dlq;
mod dlq_state;
mod endless;
mod fifo;
mod fold;
mod imports;
mod in_words;
mod letters;
mod live;
mod near;
mod pages;
mod predictions;
mod private;
mod production;
mod profile;
mod pty;
mod schemas;
mod served;
mod since;
mod streams;
mod subscriptions;
mod tail;
