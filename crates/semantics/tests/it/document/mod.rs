mod error;
mod lockdiscovery;
mod lockinfo;
mod multistatus;
mod propertyupdate;
mod propfind;
mod sync_collection;
