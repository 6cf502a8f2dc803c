//! Transactions: all of them or nothing, beside other programs and on a full disk.

mod full;
mod intent;
mod judging;
mod moving;
mod others;
