mod error;
mod expand_property;
mod lockdiscovery;
mod lockinfo;
mod multistatus;
mod propertyupdate;
mod propfind;
mod sync_collection;
