mod error;
mod multistatus;
mod propertyupdate;
mod propfind;
