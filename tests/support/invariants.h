// What is true of a database after every commit, whatever has happened before. For the end of every
// test in which something fails; works on either engine.
//
// - Every input that was acknowledged, or that lies before its source's checkpoint, is stored or is
//   a dead letter; nothing is stored that was not put in, and nothing twice.
// - The roll-ups are a recount of the messages.
// - Each sink has one row for each revision that it is to get: what the route says, and edits and
//   deletions of what it was told; no row names a revision that is not there.
// - Conversations and people are those of the messages, and count them.
// - Classifiers are asked again about messages for which answers are missing, and about no others.
#pragma once

#include "storage/database.h"
#include "support/put_in.h"

#include <string>

namespace hearback::testing {

// What is wrong, a line each; empty where nothing is.
std::string checkInvariants(storage::Database& database, const PutIn& put_in);
// Without the first one, where it is not known what was put in.
std::string checkInvariants(storage::Database& database);

} // namespace hearback::testing
