mod address;
mod caching;
mod locking;
mod negotiating;
mod patching;
mod privilege;
mod reference;
mod tunnelling;
