//! What every store must keep, as tests: one clause a function, run for each store by
//! [`store_contract!`](crate::store_contract).
//!
//! ```
//! # use methodical_store::contract::{Fixture, Setup};
//! # use methodical_store::{memory::{MemoryOptions, MemoryStore}, testing::ticking};
//! fn open(setup: &Setup) -> Fixture {
//!     let (hidden, mac_junk) = (setup.hidden, setup.mac_junk);
//!     let options = MemoryOptions { hidden, mac_junk, ..MemoryOptions::default() };
//!     Fixture::new(MemoryStore::new(options, ticking(0)))
//! }
//! methodical_store::store_contract!(open);
//! ```

#![expect(clippy::unwrap_used, reason = "a clause that does not hold must panic")]

mod collections;
mod facts;
mod identity;
mod locks;
mod moving;
mod naming;
mod ordering;
mod placing;
mod properties;
mod reading;
mod removing;
mod staging;
mod synchronizing;
mod together;
mod tombstones;
mod writers;

use std::{any::Any, ops::Deref};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::Path,
};

use crate::{
    resource::Resource,
    store::{Changes, Committed, Placement, Store},
    testing,
};

/// The demands of a clause on the store that it is tried on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// True if names that begin with a dot are shown.
    pub hidden: bool,
    /// True if names that a Mac leaves everywhere are shown.
    pub mac_junk: bool,
    /// The most deletions that are remembered.
    pub tombstones_max: usize,
}

/// An empty store for one clause, with what must live as long.
pub struct Fixture {
    // Dropped in this order: a store may still need the ground that it stands on.
    store: Box<dyn Store>,
    _ground: Box<dyn Any + Send + Sync>,
}

/// Makes an empty store.
pub type Open<'o> = &'o dyn Fn(&Setup) -> Fixture;

impl Fixture {
    /// A store that needs nothing else.
    pub fn new(store: impl Store + 'static) -> Self {
        Self::on(store, ())
    }

    /// A store on a ground that must outlive it, as a temporary folder.
    pub fn on(store: impl Store + 'static, ground: impl Any + Send + Sync) -> Self {
        Self { store: Box::new(store), _ground: Box::new(ground) }
    }
}

impl Deref for Fixture {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}

impl std::fmt::Debug for Fixture {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.store.fmt(out)
    }
}

/// Runs one clause by its name.
///
/// # Panics
/// When the store does not keep it.
pub fn run(name: &str, open: Open<'_>) {
    let (_, clause) = CLAUSES.iter().find(|(listed, _)| *listed == name).unwrap();
    clause(open);
}

macro_rules! clauses {
    ($dollar:tt $($room:ident { $($clause:ident)+ })+) => {
        /// Every clause by its name.
        const CLAUSES: &[(&str, fn(Open<'_>))] =
            &[$($((stringify!($clause), $room::$clause)),+),+];

        /// A test for every clause of the [contract]($crate::contract) that tries it on the stores
        /// that the given function opens.
        #[macro_export]
        macro_rules! store_contract {
            ($dollar open:expr) => {
                $($(
                    #[test]
                    fn $clause() {
                        $crate::contract::run(stringify!($clause), &$dollar open);
                    }
                )+)+
            };
        }
    };
}

clauses! { $
    reading {
        the_root_is_a_collection_that_is_always_there
        find_open_and_members_agree
        what_is_not_there_is_not_found
        only_collections_have_members
        a_walk_gives_what_members_give
        a_walk_outlives_its_snapshot_and_goes_everywhere
        content_that_was_opened_stays_as_it_was
    }
    staging {
        staged_content_is_not_seen
        staging_takes_content_in_pieces
        staging_takes_a_part_of_an_open_file
        staging_fails_when_the_open_file_ends_before
        content_of_another_kind_of_store_is_no_content
    }
    placing {
        place_makes_a_file
        place_replaces_a_file
        place_needs_a_collection_to_hold_it
        place_does_not_replace_a_collection
        every_change_of_bytes_changes_the_etag
        the_etag_of_a_commit_is_that_of_the_file
        the_modification_time_that_was_given_is_kept
        the_media_type_that_was_given_is_remembered
        replacing_without_a_media_type_forgets_it
        a_new_file_does_not_inherit_a_media_type
    }
    collections {
        make_collection_makes_an_empty_one
        make_collection_needs_a_collection_to_hold_it
        make_collection_makes_none_where_something_is
        collections_hold_collections_deep_down
    }
    removing {
        remove_takes_a_file
        remove_takes_a_collection_with_all_below
        remove_leaves_what_is_named_alike
        remove_refuses_what_is_not_there
        remove_refuses_the_root
    }
    tombstones {
        a_tombstone_is_remembered_and_nothing_else
        all_that_went_with_a_collection_is_remembered
        a_tombstone_ends_when_something_is_made_there
        a_tombstone_ends_when_a_tree_comes_there
        rename_leaves_no_tombstone
        the_oldest_tombstones_are_forgotten_first
        no_tombstone_is_kept_where_none_may_be
    }
    locks {
        a_lock_is_broken_whoever_holds_it
        a_lock_is_held_until_it_ends
        a_lock_is_replaced_by_one_of_the_same_token
        a_lock_needs_something_to_lock
        a_lock_ends_with_its_resource
        a_lock_stays_behind_when_its_resource_moves
        a_copy_takes_no_lock_along
        a_lock_may_be_kept_on_what_takes_the_place
        a_lock_is_made_together_with_its_file
        locks_that_were_not_committed_are_none
        there_are_so_many_locks_and_no_more
        nobody_takes_all_locks
        of_locks_made_at_one_time_there_are_no_more
        the_sweep_ends_locks_that_have_expired
    }
    moving {
        copy_makes_another_file
        copies_do_not_share_their_content
        copy_takes_all_below_a_collection_or_nothing
        copy_into_itself_has_an_end
        copy_refuses_what_does_not_fit
        rename_takes_a_file_with_all_that_is_known_of_it
        rename_takes_all_below_a_collection
        rename_refuses_what_does_not_fit
        rename_refuses_itself_and_below
        rename_brings_another_etag_than_was_there
    }
    properties {
        properties_are_kept_as_they_were_given
        properties_survive_other_content
        properties_go_with_a_resource_that_moves
        properties_are_copied
        properties_of_what_was_removed_are_forgotten
        properties_can_be_read_after_the_snapshot
        properties_are_set_together_with_other_changes
        properties_need_a_resource
        a_resource_holds_so_much
        the_modification_time_can_be_set
    }
    facts {
        every_fact_has_a_name_of_its_own
        facts_are_kept_as_they_were_given
        facts_survive_other_content
        facts_that_are_told_are_part_of_the_entity_tag
        facts_go_or_stay_or_end_when_a_resource_moves
        what_stays_is_of_whatever_stands_there
        facts_are_copied_or_left
        facts_of_what_was_removed_are_forgotten
        facts_are_set_together_with_other_changes
        facts_are_undone_with_other_changes
        facts_can_be_read_after_the_snapshot
        facts_need_a_resource
        a_fact_has_so_many_bytes
    }
    ordering {
        the_nearest_of_values_that_are_sorted_is_found
        members_come_in_the_order_that_is_kept
        an_order_goes_with_its_collection_and_ends_with_its_number
    }
    together {
        several_changes_are_committed_as_one
        one_refused_change_undoes_all
        dropped_changes_change_nothing
        changes_show_the_state_before
        a_place_may_be_emptied_and_taken_at_once
        a_collection_may_be_made_and_filled_at_once
        changes_build_on_changes
    }
    identity {
        every_resource_has_an_id_of_its_own
        an_id_stays_whatever_the_content
        an_id_goes_with_a_resource_that_moves
        a_copy_has_another_id_and_what_it_updates_keeps_its_own
    }
    naming {
        hidden_names_are_neither_shown_nor_written
        hidden_names_are_names_where_they_are_shown
        names_that_are_hidden_from_who_copies_are_left_out
        reserved_names_are_neither_shown_nor_written
        what_a_mac_leaves_is_shown_by_a_choice_of_its_own
        a_name_is_found_in_every_unicode_form
        an_exact_name_comes_before_its_other_forms
        names_hold_every_byte_that_a_path_holds
        names_are_up_to_255_bytes_long
        names_that_look_like_something_else_are_names
        paths_too_long_for_a_disk_are_refused
    }
    synchronizing {
        a_token_stays_while_nothing_changes
        a_token_is_of_one_collection
        what_changed_is_told_once
        what_is_made_again_is_another
        what_came_and_went_is_told_as_gone
        what_went_with_its_collection_is_not_told
        a_moved_tree_is_gone_here_and_new_there
        an_answer_that_is_cut_goes_on
        changes_in_between_are_told_at_the_end
        a_token_that_was_not_given_is_refused
    }
    writers {
        writers_on_different_paths_do_not_wait
        writers_of_members_do_not_wait
        writers_on_one_path_take_turns
        writers_on_a_tree_and_below_take_turns
        no_update_is_lost
        readers_do_not_wait
        the_guard_ends_with_the_changes
        a_write_outside_the_footprint_is_a_failure
    }
}

impl Setup {
    /// Hidden names hidden, deletions remembered.
    const USUAL: Self = Self { hidden: false, mac_junk: false, tombstones_max: 100 };
}

/// An empty store with the usual setup.
fn usual(open: Open<'_>) -> Fixture {
    open(&Setup::USUAL)
}

/// Returns what is at a path, if anything.
fn find(store: &dyn Store, at: &str) -> Option<Resource> {
    store.snapshot().find(&testing::path(at)).unwrap()
}

/// The text of the file at a path, if there is one.
fn text(store: &dyn Store, at: &str) -> Option<String> {
    let (resource, content) = store.snapshot().open(&testing::path(at)).unwrap()?;
    let bytes = testing::bytes(content);
    assert_eq!(resource.length, bytes.len() as u64);
    Some(String::from_utf8(bytes).unwrap())
}

/// Returns whether a deletion is remembered at a path.
fn was_deleted(store: &dyn Store, at: &str) -> bool {
    store.snapshot().deleted_at(&testing::path(at)).unwrap().is_some()
}

/// The names of a collection's members, in order.
fn names(store: &dyn Store, of: &str) -> Vec<Vec<u8>> {
    let snapshot = store.snapshot();
    let members = snapshot.members(&testing::path(of)).unwrap();
    let mut names: Vec<_> = members.map(|member| member.unwrap().path.name().to_vec()).collect();
    names.sort();
    names
}

/// Gives a file this text.
fn put(store: &dyn Store, at: &str, text: &str) -> Result<Committed> {
    put_as(store, at, text, Placement::default())
}

/// Gives a file this text and what is to be known of it.
fn put_as(store: &dyn Store, at: &str, text: &str, as_: Placement) -> Result<Committed> {
    let at = testing::path(at);
    let content = testing::staged(store, &at, text.as_bytes())?;
    testing::change(store, &at, |changes| changes.place(&at, content, as_))
}

/// Makes changes anywhere and commits them.
fn change(
    store: &dyn Store,
    make: impl FnOnce(&mut dyn Changes) -> Result<()>,
) -> Result<Committed> {
    testing::change(store, &Path::root(), make)
}

/// The condition that changes are refused by, early or by the commit; nothing was changed then.
fn refusal(store: &dyn Store, make: impl FnOnce(&mut dyn Changes) -> Result<()>) -> Condition {
    let before = testing::dump_with_validators(store);
    let condition = match change(store, make) {
        Err(Error::Refused(refusal)) => Some(refusal.condition),
        Ok(_) | Err(Error::Members(_) | Error::Failed(_)) => None,
    };
    assert_eq!(testing::dump_with_validators(store), before, "a refused change changed something");
    condition.unwrap()
}
