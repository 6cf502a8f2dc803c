mod json;
mod merge;
mod model;
