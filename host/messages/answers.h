// What classifiers answered about a stored message, brought together with what its row says now.
#pragma once

#include "messages/messages_store.h"
#include "pipeline/batch.h"

namespace hearback::messages {

// The row may have changed since the item was read: others may have asked other classifiers. Only
// what was answered for this item is its own to say, and a new route only where the answer was
// late. Makes the item what the row is to become; may be run again with the result. Throws
// storage::StorageFailure where the row cannot be read.
void takeOver(pipeline::Item& item, const MessageRow& known);

} // namespace hearback::messages
