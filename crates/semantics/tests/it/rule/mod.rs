mod address;
mod locking;
mod negotiating;
mod patching;
mod privilege;
mod tunnelling;
