mod error;
mod multistatus;
mod propfind;
