//! What the vault refuses, attack by attack, and what it must open for ever.
//!
//! Each attack has one test of its name, and a patch in `fixtures/defences` that takes its defence away;
//! `cargo xtask defences` applies each patch to a copy and wants that test to fail.
//!
//! | attack | test |
//! |---|---|
//! | swap between clinics | `attacks::swap_between_clinics` |
//! | swap between patients | `attacks::swap_between_patients` |
//! | swap between fields | `attacks::swap_between_fields` |
//! | swap between tables | `attacks::swap_between_tables` |
//! | swap between records | `attacks::swap_between_records` |
//! | swap between classes | `attacks::swap_between_classes` |
//! | swap between slots | `attacks::swap_between_slots` |
//! | edit of a clear column | `attacks::edit_of_the_flag_that_it_is_genetic` |
//! | replay of an older version | `attacks::replay_of_an_older_version` |
//! | row rollback | `attacks::row_rollback` |
//! | truncation at every length | `attacks::truncation_at_every_length` |
//! | every single bit flipped | `attacks::every_single_bit_flipped` |
//! | chunk reorder | `attachments::chunk_reorder` |
//! | chunk duplicate | `attachments::chunk_duplicate` |
//! | chunk drop last | `attachments::chunk_drop_last` |
//! | a crash between every two shred steps | `lifecycle::shred::crash_between_every_two_shred_steps` |
//! | a false recovery share | `lifecycle::recovery::a_false_share_is_found_also_beside_enough_true_ones` |
//! | an older key version brought back | `lifecycle::versions::content_below_the_minimum_version_is_refused_although_its_key_is_there` |
//! | attachment: every single bit flipped | `attachments::attachment_every_single_bit_flipped` |
//! | attachment: suite, flag and version downgrade | `attachments::attachment_suite_flag_and_version_downgrade` |
//! | attachment: swap between places | `attachments::attachment_swap_between_places` |
//! | attachment: truncation at every length | `attachments::attachment_truncation_at_every_length` |
//! | canaries in errors and debug texts | `leaks::canaries_in_errors_and_debug_texts` |
//! | context-encoding collisions | `attacks::context_encoding_collisions` |
//! | destruction of a key that a survivor needs | `lifecycle::reseal::nothing_is_proved_while_a_survivor_waits` |
//! | destruction of an epoch while recovery is unverified | `lifecycle::epochs::an_epoch_ends_only_once_all_four_conditions_hold` |
//! | flag downgrade | `attacks::flag_downgrade` |
//! | forged wrapped DEK | `forged_keys::forged_wrapped_dek` |
//! | length leakage | `leaks::length_leakage` |
//! | resurrecting a shredded key | `lifecycle::shred::resurrecting_a_shredded_key` |
//! | shred under hold | `lifecycle::shred::shred_under_hold` |
//! | suite downgrade | `attacks::suite_downgrade` |
//! | two-key forgery | `two_keys::two_key_forgery` |
//! | version downgrade | `attacks::version_downgrade` |

#[cfg(test)]
mod attachment_fixtures;
#[cfg(test)]
mod attachment_reseal;
#[cfg(test)]
mod attachments;
#[cfg(test)]
mod attack_list;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod contexts;
#[cfg(test)]
mod copy_tag;
#[cfg(test)]
mod epoch_text;
#[cfg(test)]
mod fixture_data;
#[cfg(test)]
mod fixture_json;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod forged_keys;
#[cfg(test)]
mod index;
#[cfg(test)]
mod key_types;
#[cfg(test)]
mod leaks;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod places;
#[cfg(test)]
mod support;
#[cfg(test)]
mod two_keys;
#[cfg(test)]
mod wrapped_epoch;
