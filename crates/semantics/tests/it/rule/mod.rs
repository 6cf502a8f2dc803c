mod locking;
mod negotiating;
mod patching;
