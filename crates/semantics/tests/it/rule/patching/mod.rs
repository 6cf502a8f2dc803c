mod byterange;
mod diff;
mod json;
mod json_limits;
mod merge;
mod model;
mod partial_update;
