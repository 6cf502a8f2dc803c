mod negotiating;
mod patching;
